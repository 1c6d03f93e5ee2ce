"""When a refused refresh token is believed (ADR 0011): definite, doubtful and unreadable refusals apart."""

from datetime import timedelta

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailup_oauth.domain import commands as c
from mailup_oauth.domain import events as e
from mailup_oauth.domain import refusals as r
from mailup_oauth.domain import work as w
from mailup_oauth.domain.errors import DeathCause
from mailup_oauth.domain.instants import Wait
from mailup_oauth.domain.policy import PRODUCTION
from mailup_oauth.domain.redact import credentials
from mailup_oauth.domain.wire import outcomes as o
from mailup_oauth.domain.work import SetbackKind as Kind
from mailup_oauth.testing import scenario as scene
from mailup_oauth.testing.scenario import NOW
from mailup_oauth.testing.shapes import moments

INTENT = scene.intent()
REFUSED = o.GrantRefused(error="invalid_grant")
YOUNG = timedelta(minutes=1)
AGE = timedelta.resolution
STRIKES = timedelta(minutes=10)


def reported(before, answer, now):
    """Tell a scene what became of the refresh token that it has out."""
    return before.when(c.ReportRefresh(now=now, chance=0.0, intent=before.state.work.intent, answer=answer))


def flying(*setbacks, born_at=NOW):
    """Set a scene in which a refresh token is out whose standing is certain."""
    work = w.InFlight(intent=INTENT, setbacks=setbacks)
    return scene.given(scene.expired(work=work, grant=scene.grant(born_at=born_at)))


def died(cause, now, detail="invalid_grant"):
    """Return the event that only the user can help."""
    return e.GrantDied(cause=cause, at=now, detail=detail)


@given(age=st.timedeltas(YOUNG, timedelta(days=3650)))
def test_fault_N26_a_refused_token_in_good_standing_is_dead(age):
    """From a minute on, a definite refusal of a token that was never in doubt is believed at once."""
    now = NOW + age

    assert (died(DeathCause.REFRESH_TOKEN_REFUSED, now),) == reported(flying(), REFUSED, now).decided


@given(age=st.timedeltas(timedelta(), YOUNG - AGE))
def test_fault_N27_a_very_young_token_is_confirmed_once(age):
    """A lagging replica may not know it yet: it is tried again after five seconds, and then believed."""
    now = NOW + age
    first = reported(flying(), REFUSED, now)
    early = first.when(c.RefreshNow(now=now))
    later, wait = now + timedelta(seconds=5), Wait(since=now, span=timedelta(seconds=5))
    second = reported(first.when(c.RefreshNow(now=later)), REFUSED, later)

    assert (e.RefreshDeferred(kind=Kind.REFUSED_WHILE_YOUNG, detail="invalid_grant", wait=wait),) == first.decided
    assert r.MustWait(remaining=timedelta(seconds=5)) == early.decided
    assert (died(DeathCause.REFRESH_TOKEN_REFUSED, later),) == second.decided


def test_other_setbacks_do_not_use_up_the_confirmation():
    """That a young token could not be sent, or was throttled, says nothing about what the server knows."""
    others = [w.Setback(kind, NOW) for kind in Kind if kind not in {Kind.REFUSED_WHILE_YOUNG, Kind.UNANSWERED}]

    assert [e.RefreshDeferred] == [type(event) for event in reported(flying(*others), REFUSED, NOW).decided]


def test_a_birth_that_lies_ahead_makes_no_token_young():
    """After a clock that was wrong, a token that seems to be born in the future is not confirmed."""
    before = flying(born_at=NOW + AGE)

    assert (died(DeathCause.REFRESH_TOKEN_REFUSED, NOW),) == reported(before, REFUSED, NOW).decided


@given(now=moments, born_at=moments)
def test_fault_N07_a_refusal_after_a_doubt_has_its_own_name(now, born_at):
    """After an unanswered try the token was probably spent by it: dead at once, however young, and told apart."""
    work = w.Retrying(intent=INTENT, setbacks=(w.Setback(Kind.UNANSWERED, NOW),))
    before = scene.given(scene.expired(work=work, grant=scene.grant(born_at=born_at)))

    assert (died(DeathCause.ROTATION_OUTCOME_LOST, now),) == reported(before, REFUSED, now).decided


def test_a_dead_refresh_token_is_kept_and_never_sent():
    """It stays in quarantine with the reason, and no wish for a refresh sends it."""
    dead = reported(flying(), REFUSED, NOW + YOUNG)
    wish = dead.when(c.RefreshNow(now=NOW + timedelta(days=1)))

    assert w.Dead(cause=DeathCause.REFRESH_TOKEN_REFUSED, at=NOW + YOUNG, detail="invalid_grant") == dead.state.work
    assert scene.grant() == dead.state.grant
    assert r.GrantIsDead(cause=DeathCause.REFRESH_TOKEN_REFUSED) == wish.decided


def after_refusals(*moments, others=0):
    """Tell a connection of refusals that nobody understands, each after a new try, and return the last scene."""
    scenery = flying(*(w.Setback(Kind.NOT_SENT, NOW) for _ in range(others)))
    for place, now in enumerate(moments):
        again = scenery.when(c.RefreshNow(now=now)) if place else scenery
        scenery = reported(again, o.NotUnderstood(status=418), now)
    return scenery


@pytest.mark.parametrize(
    "ages",
    [
        [timedelta()],
        [timedelta(), STRIKES],
        [timedelta(), scene.HOUR],
        [timedelta(), timedelta(minutes=5), STRIKES - AGE],
        [timedelta(seconds=2**doubled - 1) for doubled in range(10)],
    ],
)
def test_fault_N29_few_refusals_that_nobody_understands_cost_nothing(ages):
    """Once or twice, or often within ten minutes: the token is kept and waits."""
    after = after_refusals(*(NOW + age for age in ages))

    assert [(e.RefreshDeferred, Kind.NOT_UNDERSTOOD, "status-418")] == [
        (type(event), event.kind, event.detail) for event in after.decided
    ]
    assert (w.Deferred, scene.grant()) == (type(after.state.work), after.state.grant)


@pytest.mark.parametrize("ages", [[timedelta(), timedelta(minutes=5), STRIKES], [timedelta(), STRIKES, scene.HOUR]])
@pytest.mark.parametrize("others", [0, 5])
def test_fault_N29_three_over_ten_minutes_call_for_the_user(ages, others):
    """The third, ten minutes after the first or later, ends it; what was only in the way is not counted."""
    moments = [NOW + age for age in ages]
    after = after_refusals(*moments, others=others)

    assert (died(DeathCause.ANSWERS_NOT_UNDERSTOOD, moments[-1], "status-418"),) == after.decided
    assert credentials(scene.grant()) == credentials(after.state.grant)


@pytest.mark.parametrize(("times", "seconds"), [(0, 1), (1, 2), (2, 4), (9, 512), (10, 900), (12, 900)])
def test_fault_N30_what_is_not_understood_waits_twice_as_long_each_time(times, seconds):
    """From one second, doubling with every setback, up to a quarter of an hour."""
    before = flying(*(w.Setback(Kind.RATE_LIMITED, NOW) for _ in range(times)))
    (event,) = reported(before, o.NotUnderstood(status=403), NOW).decided

    assert Wait(since=NOW, span=timedelta(seconds=seconds)) == event.wait


def test_fault_N29_tokens_forgive_every_strike():
    """After a refresh that worked, the counting begins anew."""
    moments = [NOW, NOW + timedelta(minutes=5)]
    granted = o.Granted(access=scene.credential("a"), refresh=o.KeepOld(), life=scene.HOUR)
    again = after_refusals(*moments).when(c.RefreshNow(now=NOW + STRIKES))
    renewed = reported(again, granted, NOW + STRIKES)
    after = reported(renewed.when(c.RefreshNow(now=NOW + STRIKES)), o.NotUnderstood(status=418), NOW + STRIKES)

    assert [timedelta(seconds=1)] == [event.wait.span for event in after.decided]


def test_where_one_strike_is_enough_the_first_refusal_nobody_understands_is_believed():
    """A policy that gives no second try counts its span from the refusal itself."""
    impatient = attrs.evolve(PRODUCTION, strikes=1, strikes_span=timedelta())
    before = attrs.evolve(flying(), policy=impatient)

    expected = (died(DeathCause.ANSWERS_NOT_UNDERSTOOD, NOW, detail="status-418"),)

    assert expected == reported(before, o.NotUnderstood(status=418), NOW).decided
