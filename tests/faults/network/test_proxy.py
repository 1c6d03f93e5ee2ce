"""The proxy does what it is told and sees what passes, and the referee that reads its book can find fault."""

import sqlite3
import threading
from contextlib import closing
from datetime import timedelta

import httpx
import pytest

from mailup_oauth.adapters.cipher.marker import HmacMarker
from mailup_oauth.domain.secret import Secret
from mailup_oauth.sandbox.events import CodeReplayed, ReuseDetected
from mailup_oauth.sandbox.router import TOKEN_PATH
from mailup_oauth.testing.canary import CANARY
from mailup_oauth.testing.clock import EPOCH, FakeClock
from mailup_oauth.testing.proxy import (
    Broken,
    Done,
    Doubled,
    Dripped,
    End,
    FaultProxy,
    Flooded,
    Held,
    Replaced,
    Sighting,
    Station,
    Torn,
    overlaps,
)
from mailup_oauth.testing.stage import KEYS, Stage

CONNECTION = "acme"
ENOUGH = timedelta(seconds=10)
FORM = {"grant_type": "refresh_token", "refresh_token": f"{CANARY}-refresh"}
THROUGH = (Station.ARRIVED, Station.FORWARDED, Station.COMMITTED, Station.RELEASED, Station.DELIVERED, Station.ENDED)


@pytest.fixture
def stage(switchboard):
    """Put a MailUp with a connected user behind the switchboard."""
    play = Stage()
    switchboard[0].service = play.sandbox
    return play


@pytest.fixture
def proxy(switchboard, stage):
    """Stand before it, with marks that the test can make itself."""
    with FaultProxy(switchboard[1], now=FakeClock().now, marker=HmacMarker(KEYS)) as one:
        yield one


def post(proxy, **form):
    """Send a token request, and return the answer, or the exception of a break."""
    try:
        return httpx.post(proxy.url + TOKEN_PATH, data=FORM | form, trust_env=False, timeout=10)
    except httpx.TransportError as error:
        return error


def stations(proxy):
    """Return where requests were seen."""
    return tuple(one.station for one in proxy.logbook.sightings)


def test_what_meets_no_fault_passes_unchanged(switchboard, proxy):
    """Status, headers and body are those of the server; every station is seen once, in order."""
    direct = httpx.post(switchboard[1] + TOKEN_PATH, data=FORM, trust_env=False)
    passed = post(proxy)

    assert (direct.status_code, direct.content) == (passed.status_code, passed.content)
    assert {*direct.headers} <= {*passed.headers}
    assert proxy.logbook.wait_for(Station.ENDED, 1, ENOUGH)
    assert THROUGH == stations(proxy)


def test_other_requests_pass_and_meet_nothing(proxy):
    """A GET, or another path, is neither spoilt nor written down."""
    meeting = proxy.meet(Broken(done=Done.NOTHING, end=End.RESET))
    answer = httpx.get(f"{proxy.url}/nowhere", trust_env=False)

    assert (404, False, ()) == (answer.status_code, meeting.met.is_set(), proxy.logbook.sightings)
    assert (meeting.fault,) == proxy.unmet


def test_marks_stand_for_what_was_sent_and_what_was_brought(proxy, stage):
    """The book has the marks of the token that went in and of the one that came out, and no secret."""
    stage.connect()
    (refresh,) = stage.sandbox.world.refreshes.values()
    application = next(iter(stage.sandbox.world.applications.values()))
    answer = post(
        proxy,
        refresh_token=refresh.value.reveal(),
        client_id=application.client_id,
        client_secret=application.client_secret.reveal(),
    )
    (seen,) = proxy.logbook.at(Station.COMMITTED)
    marker = HmacMarker(KEYS)

    assert ("refresh_token", 200, EPOCH) == (seen.grant, seen.status, seen.at)
    assert str(marker.mark(refresh.value)) == seen.sent
    assert str(marker.mark(Secret(answer.json()["refresh_token"]))) == seen.brought
    assert {seen.sent: 1} == proxy.logbook.forwarded()
    assert answer.json()["refresh_token"] not in repr(proxy.logbook.sightings)


def test_the_listener_hears_of_a_commit_before_the_client_gets_a_byte(switchboard, stage):
    """While the listener holds a commit, no client has heard of it: the moment to kill one in."""
    got, seen = [], []

    def listen(sighting):
        if sighting.station is Station.COMMITTED:
            seen.append(list(got))

    with FaultProxy(switchboard[1], listener=listen) as proxy:
        got.append(post(proxy).status_code)

    assert ([[]], [400]) == (seen, got)


FAULTS = {
    "torn": (Torn(after=5), (Station.ARRIVED, Station.RELEASED, Station.ENDED)),
    "broken": (Broken(done=Done.NOTHING, end=End.CLOSED), (Station.ARRIVED, Station.RELEASED, Station.ENDED)),
    "obeyed": (
        Broken(done=Done.COMMITTED, end=End.RESET),
        (Station.ARRIVED, Station.FORWARDED, Station.COMMITTED, Station.RELEASED, Station.ENDED),
    ),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_break_tells_how_far_it_came(proxy, name):
    """A request that is broken is seen at the stations that it came to, and the client sees a break."""
    fault, expected = FAULTS[name]
    meeting = proxy.meet(fault)

    assert isinstance(post(proxy), httpx.TransportError)
    assert proxy.logbook.wait_for(Station.ENDED, 1, ENOUGH)
    assert expected == stations(proxy)
    assert {type(fault).__name__} == {one.fault for one in proxy.logbook.sightings}
    assert (True, ()) == (meeting.met.is_set(), proxy.unmet)


def test_a_fault_that_stands_is_met_until_it_falls(proxy):
    """Inside the ``with`` every request meets it; one that was planned goes first; behind it none does."""
    proxy.meet(Replaced(words=b"HTTP/1.1 201 One\r\nContent-Length: 0\r\n\r\n", done=Done.NOTHING))
    with proxy.meeting(Replaced(words=b"HTTP/1.1 202 All\r\nContent-Length: 0\r\n\r\n", done=Done.NOTHING)):
        met = [post(proxy).status_code for _ in range(3)]

    assert [201, 202, 202, 400] == [*met, post(proxy).status_code]


def test_a_port_that_refuses_opens_again(proxy):
    """While it refuses nobody connects, and afterwards the same address answers."""
    with proxy.refusing():
        refused = post(proxy)

    assert isinstance(refused, httpx.ConnectError)
    assert 400 == post(proxy).status_code


@pytest.mark.parametrize(
    "fault",
    [
        Held(done=Done.NOTHING),
        Held(done=Done.COMMITTED),
        Dripped(pause=ENOUGH),
        Flooded(words=b"HTTP/1.1 200 OK\r\n\r\n", piece=b"a", done=Done.NOTHING),
    ],
    ids=lambda fault: type(fault).__name__,
)
def test_a_proxy_that_ends_keeps_nobody(switchboard, stage, fault):
    """Whatever a request is in the middle of, closing the proxy ends it and waits for its thread."""
    with FaultProxy(switchboard[1]) as proxy:
        meeting = proxy.meet(fault)
        client = threading.Thread(target=post, args=(proxy,))
        client.start()

        assert meeting.met.wait(ENOUGH.total_seconds())
    client.join()

    assert [] == [thread for thread in threading.enumerate() if thread.name == "fault-proxy"]


def sighting(number, station, sent="a"):
    """Return a sighting."""
    return Sighting(request=number, station=station, at=EPOCH, grant="refresh_token", sent=sent)


def test_two_at_once_are_found_and_one_after_the_other_are_not():
    """The same token twice under way is found; another token, or the same one afterwards, is not."""
    one_after_the_other = [
        *(sighting(1, Station.ARRIVED), sighting(2, Station.ARRIVED, "b"), sighting(3, Station.ARRIVED, "")),
        *(sighting(4, Station.ARRIVED, ""), sighting(1, Station.RELEASED), sighting(5, Station.ARRIVED)),
    ]

    assert () == overlaps(one_after_the_other)
    assert ((5, 6),) == overlaps([*one_after_the_other, sighting(6, Station.ARRIVED)])


# -- the referee: each thing that it is there to find, planted ------------------------------------------------------------


def reused(site):
    """Let MailUp get a refresh token twice."""
    site.expire()
    site.proxy.meet(Doubled())
    site.token()
    assert 1 == site.stage.happened(ReuseDetected)


def replayed(site):
    """Let MailUp get a code twice."""
    site.proxy.meet(Doubled())
    site.connect("umbrella")
    assert 1 == site.stage.happened(CodeReplayed)


def overlapped(site):
    """Write down two requests at once."""
    for number in (98, 99):
        site.proxy.logbook.write(sighting(number, Station.ARRIVED))


def tampered(site):
    """Take a line out of the journal."""
    with closing(sqlite3.connect(site.folder / "mailup.db")) as database:
        taken = database.execute("DELETE FROM journal WHERE sequence = 2").rowcount
        database.commit()

    assert 1 == taken


@pytest.mark.parametrize("plant", [reused, replayed, overlapped, tampered])
def test_the_referee_finds_what_was_planted(strict, plant):
    """A token or a code that came twice, two requests at once, and a journal with a gap are found."""
    strict.connect()
    strict.audit()
    plant(strict)
    strict.is_sound = False
    with pytest.raises(AssertionError):
        strict.audit()


def test_the_referee_finds_a_fault_that_nobody_met(strict):
    """A test whose fault was never met has proved nothing, and is told so."""
    strict.connect()
    strict.proxy.meet(Held(done=Done.NOTHING))
    strict.is_sound = False
    with pytest.raises(AssertionError):
        strict.audit()
