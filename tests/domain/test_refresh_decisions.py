"""Whether a refresh token is sent now: two windows, the waits that protect it, the dead, and the API's 401."""

from datetime import timedelta

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailup_oauth.domain import commands as c
from mailup_oauth.domain import events as e
from mailup_oauth.domain import refusals as r
from mailup_oauth.domain import states as s
from mailup_oauth.domain import work as w
from mailup_oauth.domain.errors import DeathCause
from mailup_oauth.domain.instants import Wait
from mailup_oauth.domain.policy import PRODUCTION
from mailup_oauth.domain.tokens import NoRefreshToken
from mailup_oauth.testing import scenario as scene
from mailup_oauth.testing.scenario import NOW
from mailup_oauth.testing.shapes import SHAPES, connections, moments, waits

DUE, OVER = NOW + timedelta(minutes=48), NOW + timedelta(minutes=59, seconds=50)
FRESH = DUE - timedelta.resolution
MARK = scene.access().credential.mark
ENDED, REJECTED = e.AccessTokenExpired(mark=MARK), e.AccessTokenRejected(mark=MARK)
HOLDING = [scene.authorized, scene.refreshed, scene.expired]
WITH_ACCESS = pytest.mark.parametrize("build", [scene.authorized, scene.refreshed], ids=["authorized", "refreshed"])
LOST = scene.authorized(grant=scene.grant(refresh=NoRefreshToken()))


def unknown(*, since=NOW, span=timedelta(), left=NOW, number=1):
    """Return a doubt about a request that left at *left*."""
    setbacks = (w.Setback(w.SetbackKind.UNANSWERED, left),)
    return w.Unknown(setbacks=setbacks, wait=Wait(since=since, span=span), number=number)


def deferred(*, since=NOW, span=timedelta(), number=1):
    """Return a reason not to send yet."""
    setbacks = (w.Setback(w.SetbackKind.NOT_SENT, NOW),)
    return w.Deferred(setbacks=setbacks, wait=Wait(since=since, span=span), number=number, detail="refused")


def started(state, now, number=1):
    """Return the event that the state's refresh token is about to be sent."""
    intent = w.Intent(
        epoch=state.epoch,
        generation=state.grant.generation,
        number=number,
        mark=state.grant.refresh.mark,
        sent=Wait(since=now, span=PRODUCTION.request_deadline),
    )
    return e.RefreshStarted(intent=intent, refresh=state.grant.refresh)


def using(before, now):
    """Decide how to see to a usable access token."""
    return scene.given(before).when(c.UseAccess(now=now)).decided


FLYING, TRIED_AGAIN = scene.intent(), w.Setback(w.SetbackKind.UNANSWERED, NOW)
STANDSTILL = [
    (w.InFlight(intent=FLYING), r.InProgress()),
    (w.Retrying(intent=FLYING, setbacks=(TRIED_AGAIN,)), r.InProgress()),
    (w.Dead(cause=DeathCause.REFRESH_TOKEN_REFUSED, at=NOW), r.GrantIsDead(cause=DeathCause.REFRESH_TOKEN_REFUSED)),
    (unknown(since=OVER, span=scene.HOUR, left=OVER), r.MustWait(remaining=scene.HOUR)),
    (deferred(since=OVER, span=scene.HOUR), r.MustWait(remaining=scene.HOUR)),
]
"""Refresh work that lets no refresh start when the access token is over, and the refusal that says so."""

ABLE = [(w.Idle(), 1), (unknown(since=DUE, left=DUE, number=3), 4), (deferred(number=5), 6)]
"""Refresh work that lets one start, and which try it is."""


@WITH_ACCESS
@pytest.mark.parametrize("work", [work for work, _ in (*STANDSTILL, *ABLE)])
def test_a_fresh_access_token_is_used_whatever_the_work(build, work):
    """Before the first window nothing is decided at all."""
    assert () == using(build(work=work), FRESH)


@WITH_ACCESS
@pytest.mark.parametrize(("work", "number"), ABLE)
def test_in_the_first_window_one_refresh_starts_and_the_token_goes_on(build, work, number):
    """From four fifths of its life on, an access token is renewed in advance and not yet over."""
    before = build(work=work)

    assert (started(before, DUE, number),) == using(before, DUE)


@WITH_ACCESS
@pytest.mark.parametrize("work", [work for work, _ in STANDSTILL])
def test_in_the_first_window_nothing_that_stands_still_disturbs_anybody(build, work):
    """Where no refresh can start in advance, the access token is used as it is."""
    assert () == using(build(work=work), DUE)


@WITH_ACCESS
@pytest.mark.parametrize(("work", "number"), ABLE)
def test_past_its_end_the_access_token_is_over_and_a_refresh_starts(build, work, number):
    """Ten seconds before its end it is no longer used, so that it does not end under way."""
    before = build(work=work)

    assert (ENDED, started(before, OVER, number)) == using(before, OVER)


@WITH_ACCESS
@pytest.mark.parametrize("work", [work for work, _ in STANDSTILL])
def test_past_its_end_the_access_token_is_over_even_if_no_refresh_can_start(build, work):
    """That it has ended is a fact, whatever can be done about it."""
    assert (ENDED,) == using(build(work=work), OVER)


@pytest.mark.parametrize("asking", [c.UseAccess, c.RefreshNow])
@pytest.mark.parametrize(("work", "refusal"), STANDSTILL)
def test_without_an_access_token_the_reason_is_told(asking, work, refusal):
    """Where nothing can be used and nothing sent, the answer says why, and for how long."""
    assert refusal == scene.given(scene.expired(work=work)).when(asking(now=OVER)).decided


@pytest.mark.parametrize("build", HOLDING)
@pytest.mark.parametrize(("work", "number"), ABLE)
def test_a_refresh_can_be_had_at_any_time(build, work, number):
    """``RefreshNow`` does not look at the access token."""
    before = build(work=work)

    assert (started(before, DUE, number),) == scene.given(before).when(c.RefreshNow(now=DUE)).decided


@pytest.mark.parametrize("build", HOLDING)
@pytest.mark.parametrize("waiting", [unknown, deferred])
@given(wait=waits, now=moments)
def test_no_refresh_token_is_sent_while_a_wait_protects_it(build, waiting, wait, now):
    """Whatever the clock does, a refresh starts when the wait is over and not before; it never waits beyond its span."""
    before = build(work=waiting(since=wait.since, span=wait.span))
    decided = scene.given(before).when(c.RefreshNow(now=now)).decided

    assert (r.MustWait(remaining=wait.remaining(now)) if wait.remaining(now) else (started(before, now, 2),)) == decided
    assert wait.remaining(now) <= wait.span


@WITH_ACCESS
@pytest.mark.parametrize(("age", "is_tried"), [(60, True), (61, False)])
def test_an_old_doubt_is_left_alone_while_the_access_token_works(build, age, is_tried):
    """Older than any server's grace, a retry can only cost the rest of the access token (reliability.md 4.5)."""
    before = build(work=unknown(left=DUE - timedelta(seconds=age)))

    assert ((started(before, DUE, 2),) if is_tried else ()) == using(before, DUE)
    assert (ENDED, started(before, OVER, 2)) == using(before, OVER)


@pytest.mark.parametrize(("before", "now", "facts"), [(LOST, DUE, ()), (LOST, OVER, (ENDED,))])
def test_without_a_refresh_token_only_the_user_can_help(before, now, facts):
    """When a refresh is due and there is nothing to send, that is the end of the authorization."""
    end = e.GrantDied(cause=DeathCause.NO_REFRESH_TOKEN, at=now, detail="")

    assert (*facts, end) == using(before, now)


@pytest.mark.parametrize("asking", [c.UseAccess, c.RefreshNow])
def test_where_nothing_is_held_the_reason_is_told(asking):
    """Never connected, being connected, denied, failed, lapsed and disconnected are told apart."""
    absent = [s.Unregistered(reason=reason) for reason in s.Absence]
    told = [
        scene.given(state).when(asking(now=NOW)).decided for state in (*absent, scene.awaiting_code(scene.awaiting()))
    ]

    assert [r.NothingConnected(reason=reason) for reason in (*s.Absence, s.Absence.NEVER_CONNECTED)] == told


def rejecting(before, mark=MARK, now=NOW):
    """Tell that the API refused the access token with this mark."""
    return scene.given(before).when(c.ReportRejected(now=now, mark=mark))


@WITH_ACCESS
def test_sec_41_and_fault_N34_a_rejected_access_token_leads_to_one_refresh(build):
    """The first caller who is told 401 starts a refresh; to the second, the same token is already known to be over."""
    before = build()
    first = rejecting(before)
    second = first.when(c.ReportRejected(now=NOW, mark=MARK))

    assert (REJECTED, started(before, NOW)) == first.decided
    assert (s.ExpiryCause.REJECTED, ()) == (first.state.cause, second.decided)


@WITH_ACCESS
@pytest.mark.parametrize("work", [work for work, _ in STANDSTILL])
def test_a_rejected_access_token_is_over_even_if_no_refresh_can_start(build, work):
    """A 401 is believed; it does not break the wait that protects the refresh token."""
    assert (REJECTED,) == rejecting(build(work=work), now=OVER).decided


@settings(max_examples=60)
@given(before=st.sampled_from(SHAPES).flatmap(lambda shape: connections(*shape)), now=moments)
def test_a_401_about_another_access_token_changes_nothing(before, now):
    """Only the token that is current can be rejected; the others have been replaced already."""
    other = rejecting(before, mark=scene.credential("an-older-access").mark, now=now)

    assert ((), before) == (other.decided, other.state)


def test_what_is_sent_is_the_newest_refresh_token_that_was_stored():
    """The intent names the epoch, the generation and the mark of what is held, and goes with that very token."""
    grant = scene.grant(generation=7, refresh=scene.credential("refresh-of-generation-7"))
    (event,) = scene.given(attrs.evolve(scene.expired(grant=grant), epoch=4)).when(c.UseAccess(now=NOW)).decided

    assert (4, 7, grant.refresh.mark) == (event.intent.epoch, event.intent.generation, event.intent.mark)
    assert grant.refresh == event.refresh
