"""Connections that break, stall or end: what was sent may have been obeyed, and nobody can say (N5 to N12)."""

from datetime import timedelta

import pytest

from mailup_oauth import StillRefreshing
from mailup_oauth.domain import events as e
from mailup_oauth.domain.secret import Secret
from mailup_oauth.domain.tokens import AccessToken
from mailup_oauth.domain.wire.http import Ending, Silence, Unanswered
from mailup_oauth.testing.canary import CANARY
from mailup_oauth.testing.proxy import Altered, Broken, Cut, Done, Dripped, End, Held, Station, Torn
from mailup_oauth.testing.stage import CLIENT_SECRET

CONNECTION, OTHER = "acme", "umbrella"
BIG = Secret(CANARY * 1_000_000)
"""A client secret that fills every buffer, so that the body is still being sent when the connection is reset."""

ALL_BUT_A_BRACE = -1
ENOUGH = timedelta(seconds=10)


def test_fault_N05_reset_while_the_body_is_sent(strict):
    """A body that was torn in the middle leaves open whether it was obeyed: it is waited, and then there is a token."""
    fault = Torn(after=65_536)
    torn = {Unanswered(Silence.RESET), Unanswered(Silence.CLOSED)}
    strict.connect()
    strict.expire()
    strict.client_secret = BIG
    strict.proxy.meet(fault)
    error = strict.token()

    assert strict.witness.came[-1] in torn
    assert "refresh-unanswered" == strict.status().owed
    strict.waits(error, "unanswered", 2)
    strict.client_secret = CLIENT_SECRET
    strict.goes_on()
    returned = strict.begun(OTHER)
    strict.client_secret = BIG
    strict.proxy.meet(fault)
    strict.complete(returned)

    assert strict.witness.came[-1] in torn
    assert ("Unregistered", "exchange-failed") == (strict.status(OTHER).state, strict.status(OTHER).reason)


def test_fault_N06_reset_before_the_server_read_it(site):
    """A request that was reset before MailUp had it may have been obeyed: it is waited, and then there is a token."""
    fault = Broken(done=Done.NOTHING, end=End.RESET)

    site.doubts(fault, Unanswered(Silence.RESET), committed=False)
    site.loses_a_code(fault, Unanswered(Silence.RESET))


def test_fault_N07_reset_after_the_server_obeyed(site):
    """An answer that was reset is lost: a grace gives it again, and a strict MailUp wants the user."""
    fault = Broken(done=Done.COMMITTED, end=End.RESET)

    site.doubts(fault, Unanswered(Silence.RESET), committed=True)
    site.loses_a_code(fault, Unanswered(Silence.RESET))


@pytest.mark.parametrize("done", Done, ids=lambda done: done.value)
def test_fault_N08_closed_without_an_answer(site, done):
    """An orderly end without an answer is no better than a reset."""
    fault = Broken(done=done, end=End.CLOSED)

    site.doubts(fault, Unanswered(Silence.CLOSED), committed=done is Done.COMMITTED)
    site.loses_a_code(fault, Unanswered(Silence.CLOSED))


@pytest.mark.parametrize("done", Done, ids=lambda done: done.value)
def test_fault_N09_no_answer_until_the_deadline(site, done):
    """It listens to the end of its deadline; MailUp may obey before or long after, and must be given time."""
    site.connect()
    site.expire()
    before = site.status()
    meeting = site.proxy.meet(Held(done=done))
    with site.hurried(2):
        error = site.token()
    after = site.status()
    meeting.let_go()  # a request that was held back reaches MailUp only now

    assert site.proxy.logbook.wait_for(Station.ENDED, 2, ENOUGH)
    assert Unanswered(Silence.TIMEOUT) == site.witness.came[-1]
    assert ("refresh-unanswered", before.generation) == (after.owed, after.generation)
    assert 1 == len(site.proxy.logbook.at(Station.ABANDONED))
    site.waits(error, "unanswered", 2)
    site.settles(committed=True)


def test_fault_N09_no_answer_to_a_code(strict):
    """A code whose answer never comes is not sent again."""
    returned = strict.begun(OTHER)
    meeting = strict.proxy.meet(Held(done=Done.COMMITTED))
    with strict.hurried(2):
        error = strict.complete(returned)
    meeting.let_go()

    assert Unanswered(Silence.TIMEOUT) == strict.witness.came[-1]
    assert "exchange-outcome-lost" == error.reason.value
    strict.connect(OTHER)


def test_fault_N10_an_answer_after_the_caller_s_deadline(strict):
    """Whoever leaves early ends nothing: the answer is stored when it comes, and the next caller has it."""
    strict.connect()
    strict.expire()
    meeting = strict.proxy.meet(Held(done=Done.COMMITTED))
    left = strict.token(timeout=timedelta(milliseconds=50))

    assert meeting.met.wait(ENOUGH.total_seconds())
    assert isinstance(left, StillRefreshing)
    assert "refresh-in-flight" == strict.status().owed
    meeting.let_go()
    token = strict.token()

    assert isinstance(token, AccessToken)
    assert ("Refreshed", 1) == (strict.status().state, strict.status().generation)
    assert 2 == len(strict.witness.came)


def test_fault_N10_tokens_for_a_code_after_the_caller_s_deadline(strict):
    """Whoever leaves early ends no exchange: the same callback, brought again, finds the connection made."""
    returned = strict.begun(OTHER)
    meeting = strict.proxy.meet(Held(done=Done.COMMITTED))
    left = strict.complete(returned, timeout=timedelta(milliseconds=50))

    assert meeting.met.wait(ENOUGH.total_seconds())
    assert isinstance(left, StillRefreshing)
    meeting.let_go()
    assert strict.complete(returned).connected
    assert 1 == len(strict.witness.came)


def test_fault_N11_an_answer_drop_by_drop_within_the_deadline(strict):
    """A slow answer is an answer."""
    fault = Dripped(pause=timedelta(milliseconds=1), piece=16)
    strict.connect()
    strict.expire()
    strict.proxy.meet(fault)
    strict.goes_on()
    returned = strict.begun(OTHER)
    strict.proxy.meet(fault)

    assert strict.complete(returned).connected


def test_fault_N11_an_answer_drop_by_drop_beyond_the_deadline(site):
    """Bytes that come one by one do not stretch the deadline; the outcome is unknown."""
    site.connect()
    site.expire()
    site.proxy.meet(Dripped(pause=timedelta(milliseconds=50)))
    with site.hurried(2):
        error = site.token()

    assert Unanswered(Silence.TIMEOUT) == site.witness.came[-1]
    site.waits(error, "unanswered", 2)
    site.settles(committed=True)


def shortened(keep):
    """Return what cuts a body and corrects its length: JSON that ends too early in a whole answer."""

    def change(answer):
        head, _, body = answer.partition(b"\r\n\r\n")
        lines = [line for line in head.split(b"\r\n") if not line.lower().startswith(b"content-length")]
        return b"\r\n".join((*lines, b"Content-Length: %d" % len(body[:keep]), b"", body[:keep]))

    return change


@pytest.mark.parametrize(
    ("fault", "ending"),
    [(Cut(keep=40), Ending.CUT), (Altered(shortened(40)), Ending.WHOLE)],
    ids=["length", "json"],
)
def test_fault_N12_cut_before_the_refresh_token(site, fault, ending):
    """Half of an answer is none: it is waited, and then there is a token or an end."""
    site.doubts(fault, (200, ending), committed=True)
    site.loses_a_code(fault, (200, ending))


@pytest.mark.parametrize("whole", [True, False], ids=["json", "length"])
def test_fault_N12_cut_behind_the_refresh_token(strict, whole):
    """A refresh token that came whole is stored before anything else and used at once: nobody waits, nobody is lost."""
    fault = Altered(shortened(ALL_BUT_A_BRACE) if whole else lambda answer: answer[:ALL_BUT_A_BRACE])
    strict.connect()
    strict.expire()
    strict.proxy.meet(fault)
    strict.goes_on(by=2)
    (salvaged,) = strict.events(e.RefreshTokenSalvaged)
    returned = strict.begun(OTHER)
    strict.proxy.meet(fault)
    status = strict.complete(returned)

    assert ("not-json" if whole else "body-cut") == salvaged.defect.value
    assert (True, "Expired") == (status.connected, status.state)
    strict.goes_on(OTHER)
