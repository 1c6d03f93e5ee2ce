"""The years that trouble clocks, other zones, and lives that no token should have: right or typed, and nothing spins."""

import json
import os
import time
from datetime import UTC, datetime, timedelta

import attrs
import pytest

from mailup_oauth import MailUpOAuth, TemporarilyUnavailable
from mailup_oauth.adapters.clock.system import SystemClock
from mailup_oauth.adapters.storage.sqlite import SqliteStore
from mailup_oauth.domain.wire.headers import retry_after
from mailup_oauth.domain.wire.http import HttpResponse
from mailup_oauth.journal.canonical import parsed
from mailup_oauth.sandbox.events import TokensRotated
from mailup_oauth.testing.clock import FakeClock
from mailup_oauth.testing.stage import Stage

YEARS = {
    "year-1": datetime(1, 1, 1, tzinfo=UTC),
    "1900": datetime(1900, 2, 28, 23, 59, 59, 999999, tzinfo=UTC),
    "before-1970": datetime(1969, 12, 31, 23, 30, tzinfo=UTC),
    "1970": datetime(1970, 1, 1, tzinfo=UTC),
    "2038": datetime(2038, 1, 19, 3, 0, tzinfo=UTC),
    "2106": datetime(2106, 2, 7, 6, 0, tzinfo=UTC),
    "9999": datetime(9999, 12, 31, 12, 0, tzinfo=UTC),
    "the-last-minutes": datetime(9999, 12, 31, 23, 50, tzinfo=UTC),
}


@pytest.mark.parametrize("year", YEARS)
def test_fault_C04_a_whole_life_goes_well_in_any_year(world, year):
    """From the first click to the disconnection everything works as today, and the journal proves it."""
    host = world.host(clock=FakeClock(YEARS[year]))
    status = world.connect(host)
    first = host.oauth.access_token("acme")
    world.pass_(timedelta(minutes=5))
    again = host.oauth.access_token("acme")
    forced = host.oauth.refresh("acme")
    instead = host.oauth.report_rejected("acme", forced)
    anew = world.connect(host)
    farewell = host.oauth.disconnect("acme")
    told = [record.at for record in host.oauth.journal("acme")]

    assert ("Authorized", "Authorized", True) == (status.state, anew.state, farewell.was_connected)
    assert (first.mark, 3) == (again.mark, len({first.mark, forced.mark, instead.mark}))
    assert sorted(told) == told
    assert (YEARS[year], YEARS[year] + timedelta(minutes=5)) == (told[0], told[-1])


def test_fault_C04_a_token_that_outlives_time_itself_is_used_till_the_end(world):
    """Where an hour from now is later than the last moment there is, a token lasts as long as there are moments."""
    host = world.host(clock=FakeClock(YEARS["the-last-minutes"]))
    world.connect(host)
    token = host.oauth.access_token("acme")
    host.clock.move(timedelta(minutes=9, seconds=59))

    assert token.mark == host.oauth.access_token("acme").mark
    assert 0 == world.rotations


ZONES = ["UTC0", "EST5EDT,M3.2.0,M11.1.0", "IST-5:30", "LINT-14", "CET-1CEST,M3.5.0,M10.5.0/3"]


@pytest.fixture
def zone(monkeypatch):
    """Let the machine stand in another time zone, from one moment to the next."""

    def move(name):
        monkeypatch.setenv("TZ", name)
        time.tzset()

    yield move
    monkeypatch.undo()
    time.tzset()


def test_fault_C07_another_zone_makes_no_difference(zone, tmp_path):
    """By the system's own clock, in zones that come and go while it runs: the same token, the same moments, no request."""
    stage, clock = Stage(), SystemClock()
    stage.clock.move(clock.now() - stage.clock.now())
    store = SqliteStore(tmp_path / "mailup.db")
    oauth = MailUpOAuth(stage.registration, store=store, **(stage.ports | {"clock": clock}))
    zone(ZONES[0])
    start = oauth.begin("acme")
    oauth.complete(stage.visit(start), binding=start.binding)
    seen = set()
    for name in ZONES:
        zone(name)
        status = oauth.status("acme")
        seen.add((oauth.access_token("acme").mark, status.expires_at, status.expires_at.isoformat()))
        again = MailUpOAuth(stage.registration, store=SqliteStore(tmp_path / "mailup.db"), **stage.ports)
        seen.add((again.access_token("acme").mark, status.expires_at, status.expires_at.isoformat()))
    for name in ZONES:
        zone(name)
        oauth.refresh("acme")
    told = [parsed(line)["at"] for line in store.records("acme")]
    oauth.close()

    assert (1, len(ZONES)) == (len(seen), stage.happened(TokensRotated))
    assert sorted(told) == told
    assert {"Z"} == {moment[-1] for moment in told}
    assert os.environ["TZ"] == ZONES[-1]


@pytest.mark.parametrize("step", [timedelta(hours=-1), timedelta(hours=1)], ids=["autumn", "spring"])
def test_fault_C07_an_hour_by_the_law_is_none_by_the_clock(world, zone, step):
    """When summer time begins or ends, the moments go on evenly: only the zone changes, and nothing is renewed."""
    host = world.host()
    world.connect(host)
    token = host.oauth.access_token("acme")
    zone(f"XXX{2 - int(step / timedelta(hours=1))}")
    world.pass_(timedelta(minutes=20))

    assert (token.mark, 0) == (host.oauth.access_token("acme").mark, world.rotations)


def test_fault_C07_a_leap_second_makes_no_difference(world):
    """A second that comes twice renews nothing; a 60th second in ``Retry-After`` is no number to wait for, and no harm."""
    host = world.host()
    world.connect(host)
    marks = set()
    for step in (0.5, 0.4, -1.0, 0.6, 0.5):
        host.clock.move(timedelta(seconds=step))
        marks.add(host.oauth.access_token("acme").mark)
    leap = (("retry-after", "Sat, 31 Dec 2016 23:59:60 GMT"), ("date", "Sat, 31 Dec 2016 23:59:30 GMT"))

    assert (1, 0) == (len(marks), world.rotations)
    assert timedelta() == retry_after(leap)


def saying(expires_in):
    """Return what changes ``expires_in`` in an answer; nothing takes it away."""

    def changed(exchange):
        assert isinstance(exchange, HttpResponse)
        members = json.loads(exchange.body)
        if "expires_in" in members:
            del members["expires_in"]
            members |= {} if expires_in is None else {"expires_in": expires_in}
        return attrs.evolve(exchange, body=json.dumps(members).encode())

    return changed


LIVES = {
    "none": (None, timedelta(hours=1)),
    "one": (1, timedelta(seconds=1)),
    "huge": (10**9, timedelta(days=366)),
    "immense": (10**15, timedelta(days=366)),
}


@pytest.mark.parametrize("life", LIVES)
def test_fault_C06_whatever_life_is_told_is_bounded_and_does_not_spin(world, life):
    """A token lives no longer than it is told, nor longer than the provider's longest; asking ten times sends nothing."""
    told, most = LIVES[life]
    world.wire.changed = saying(told)
    host = world.host()
    world.connect(host)
    asked_at, sent = host.clock.now(), world.wire.sent
    tokens = [host.oauth.access_token("acme") for _ in range(10)]

    assert (1, sent) == (len({token.mark for token in tokens}), world.wire.sent)
    assert timedelta() < tokens[0].expires_at - asked_at <= most


@pytest.mark.parametrize("told", [0, -5, "0"])
def test_fault_C06_a_token_that_is_born_expired_is_never_handed_out(world, told):
    """Each who asks is told to come again in a second, each costs one request at most, and with a true life T follows."""
    host = world.host()
    world.connect(host)
    world.pass_(timedelta(hours=2))
    world.wire.changed = saying(told)
    sent, errors = world.wire.sent, []
    for _ in range(5):
        with pytest.raises(TemporarilyUnavailable) as caught:
            host.oauth.access_token("acme")
        errors.append((caught.value.cause, caught.value.retry_after))
        world.pass_(caught.value.retry_after)
    spent = world.wire.sent - sent
    world.wire.changed = lambda exchange: exchange

    assert ([("born-expired", timedelta(seconds=1))] * 5, 5) == (errors, spent)
    assert host.oauth.access_token("acme").expires_at > host.clock.now()
