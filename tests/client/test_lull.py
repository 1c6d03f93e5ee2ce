"""When MailUp says that there are too many requests, the other connections of the client hear of it too."""

from concurrent.futures import wait
from datetime import timedelta

import pytest

from mailup_oauth import MailUpOAuth, ReauthorizationRequired, TemporarilyUnavailable
from mailup_oauth.adapters.storage.memory import MemoryStore
from mailup_oauth.client.lull import LONGEST, Lull
from mailup_oauth.domain import work as w
from mailup_oauth.domain.instants import NO_TIME, Wait
from mailup_oauth.engine import FLIGHTS
from mailup_oauth.sandbox.events import TokensRotated
from mailup_oauth.sandbox.faults import Throttle
from mailup_oauth.sandbox.switches import Told
from mailup_oauth.testing import scenario as scene
from mailup_oauth.testing.scenario import HOUR, NOW
from mailup_oauth.testing.stage import Stage

SECOND = timedelta(seconds=1)


@pytest.fixture
def pair():
    """Set a stage with a connection of each of two users."""
    stage = Stage(store=MemoryStore())
    stage.connect("one", username="m1")
    stage.connect("other", username="m2")
    return stage


def refused(oauth, connection):
    """Return why there is no token, and for how long."""
    with pytest.raises(TemporarilyUnavailable) as caught:
        oauth.access_token(connection)
    return caught.value.cause, caught.value.retry_after


def heard(stage):
    """Return how many requests came to MailUp."""
    return len(stage.sandbox.sight.heard)


def test_fault_N15_one_refusal_is_heard_by_all(pair):
    """After one 429 nobody else sends before the wait is over, and whoever comes then is served."""
    pair.expire()
    pair.plan(Throttle(wait=Told(10 * SECOND)))
    cause, told = refused(pair.oauth, "one")
    before = heard(pair)
    others = refused(pair.oauth, "other")
    unheard = heard(pair) - before
    pair.clock.move(told)

    assert (("rate-limited", told), 0) == (others, unheard)
    assert (cause, 10 * SECOND <= told) == ("rate-limited", True)
    assert pair.oauth.access_token("other").expires_at > pair.clock.now()


def test_fault_N15_a_token_that_still_works_is_used_and_not_renewed_meanwhile(pair):
    """A renewal in advance has time; it is begun when the lull is over."""
    pair.clock.move(timedelta(minutes=50))
    token = pair.oauth.access_token("other")
    wait(FLIGHTS.aloft(pair.store.identity))
    pair.clock.move(timedelta(minutes=50))
    pair.plan(Throttle(wait=Told(30 * SECOND)))
    refused(pair.oauth, "one")
    again = pair.oauth.access_token("other")
    wait(FLIGHTS.aloft(pair.store.identity))
    before = pair.happened(TokensRotated)
    pair.clock.move(timedelta(minutes=1))
    pair.oauth.access_token("other")
    wait(FLIGHTS.aloft(pair.store.identity))

    assert (token.mark != again.mark, 1, 2) == (True, before, pair.happened(TokensRotated))


def test_fault_N15_nobody_waits_for_long_for_what_another_was_told(pair):
    """A wait of an hour, which may have been meant for one user alone, keeps the others for a minute."""
    pair.expire()
    pair.plan(Throttle(wait=Told(HOUR)))
    one, other = refused(pair.oauth, "one"), refused(pair.oauth, "other")
    pair.clock.move(LONGEST)

    assert (True, LONGEST) == (one[1] >= HOUR, other[1])
    assert pair.oauth.access_token("other").value.reveal()


def test_what_waiting_does_not_cure_is_said_at_once(pair):
    """A lull hides nothing that only the user can help with."""
    pair.expire()
    pair.revoke(username="m2")
    with pytest.raises(ReauthorizationRequired):
        pair.oauth.access_token("other")
    pair.plan(Throttle())
    refused(pair.oauth, "one")
    with pytest.raises(ReauthorizationRequired):
        pair.oauth.access_token("other")


def test_another_client_hears_nothing(pair):
    """A lull is a client's own, and forgotten with it: another one finds out by a request of its own."""
    pair.expire()
    pair.plan(Throttle())
    refused(pair.oauth, "one")

    assert pair.client(MailUpOAuth).access_token("other").value.reveal()


def deferred(kind, *, since=NOW, span=10 * SECOND):
    """Return a connection that waits."""
    setbacks = (w.Setback(w.SetbackKind.RATE_LIMITED, NOW), w.Setback(kind, NOW))
    return scene.authorized(work=w.Deferred(setbacks=setbacks, wait=Wait(since=since, span=span), number=2, detail=""))


@pytest.mark.parametrize("kind", [kind for kind in w.SetbackKind if kind is not w.SetbackKind.RATE_LIMITED])
def test_no_other_setback_begins_a_lull(kind):
    """Only the latest setback counts, and only if it was a refusal for the number of requests."""
    lull = Lull()
    for state in (deferred(kind), scene.authorized(), scene.awaiting_code()):
        lull.hear(state)

    assert NO_TIME == lull.remaining(NOW)


def test_a_lull_lasts_as_long_as_the_latest_refusal_says():
    """An older or shorter wait, heard later, does not end it earlier."""
    lull = Lull()
    for since, span in ((NOW, 10 * SECOND), (NOW, 5 * SECOND), (NOW - HOUR, 20 * SECOND), (NOW, 12 * SECOND)):
        lull.hear(deferred(w.SetbackKind.RATE_LIMITED, since=since, span=span))

    assert (12 * SECOND, NO_TIME) == (lull.remaining(NOW), lull.remaining(NOW + 12 * SECOND))
