"""How long a flight sits out a wait by itself, and when it lets its callers go."""

from datetime import timedelta

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailup_oauth.domain import states as s
from mailup_oauth.domain import work as w
from mailup_oauth.domain.errors import DeathCause
from mailup_oauth.domain.instants import Wait
from mailup_oauth.domain.patience import Enough, until_next_try
from mailup_oauth.domain.policy import PRODUCTION
from mailup_oauth.domain.work import SetbackKind as Kind
from mailup_oauth.testing import scenario as scene
from mailup_oauth.testing.scenario import NOW
from mailup_oauth.testing.shapes import SHAPES, connections, moments

BUILDS = pytest.mark.parametrize("build", [scene.authorized, scene.refreshed, scene.expired])
WITH_ACCESS = pytest.mark.parametrize("build", [scene.authorized, scene.refreshed])
GRACE, LONGEST = PRODUCTION.probable_grace, PRODUCTION.inline_wait
MOMENT = timedelta.resolution
OVER = NOW + scene.HOUR


def doubt(span=timedelta(seconds=2), *, since=NOW, left=NOW):
    """Return a doubt about a request that left at *left*."""
    return w.Unknown(setbacks=(w.Setback(Kind.UNANSWERED, left),), wait=Wait(since=since, span=span), number=1)


def deferred(*kinds, span=timedelta(seconds=2)):
    """Return a wait after these setbacks."""
    setbacks = tuple(w.Setback(kind, NOW) for kind in kinds)
    return w.Deferred(setbacks=setbacks, wait=Wait(since=NOW, span=span), number=1, detail="")


@BUILDS
@pytest.mark.parametrize("work", [doubt, lambda span: deferred(Kind.NOT_SENT, Kind.REFUSED_WHILE_YOUNG, span=span)])
@given(span=st.timedeltas(timedelta(), timedelta(minutes=1)), waited=st.timedeltas(timedelta(), timedelta(minutes=1)))
def test_what_time_itself_cures_is_sat_out_while_it_is_short(build, work, span, waited):
    """A doubt that settles and a token that was refused while very young: up to 13 seconds, and no longer."""
    remaining = max(span - waited, timedelta())

    assert (remaining if remaining <= timedelta(seconds=13) else Enough()) == until_next_try(
        build(work=work(span)), NOW + waited, PRODUCTION
    )


@BUILDS
@pytest.mark.parametrize("kind", [kind for kind in Kind if kind is not Kind.REFUSED_WHILE_YOUNG])
def test_what_others_have_to_cure_is_the_callers_to_wait_for(build, kind):
    """A server out of reach, or that asks for patience, wrong keys and unsigned terms end the flight at once."""
    state = build(work=deferred(Kind.REFUSED_WHILE_YOUNG, kind))

    assert Enough() == until_next_try(state, NOW, PRODUCTION)


@BUILDS
@pytest.mark.parametrize(
    "work",
    [
        w.InFlight(intent=scene.intent()),
        w.Retrying(intent=scene.intent(), setbacks=doubt().setbacks),
        w.Dead(cause=DeathCause.REFRESH_TOKEN_REFUSED, at=NOW),
    ],
)
def test_what_is_on_its_way_or_dead_is_not_waited_for(build, work):
    """There is nothing that this flight could try."""
    assert Enough() == until_next_try(build(work=work), NOW, PRODUCTION)


@WITH_ACCESS
def test_a_flight_that_got_its_tokens_is_over(build):
    """Nothing is owed, so nothing is waited for."""
    assert Enough() == until_next_try(build(), NOW, PRODUCTION)


@given(now=moments)
def test_after_a_salvage_the_next_try_is_at_once(now):
    """Nothing stands in the way, and there is no access token to go on with."""
    salvaged = attrs.evolve(scene.expired(), cause=s.ExpiryCause.SALVAGED)

    assert timedelta() == until_next_try(salvaged, now, PRODUCTION)


@WITH_ACCESS
@pytest.mark.parametrize(
    ("state", "age", "pause"),
    [("works", GRACE, timedelta()), ("works", GRACE + MOMENT, Enough()), ("over", GRACE + MOMENT, timedelta())],
)
def test_an_old_doubt_is_not_tried_while_the_access_token_works(build, state, age, pause):
    """Older than any server's grace, it is left for the end of the access token (reliability.md 4.5)."""
    now = OVER if state == "over" else NOW + age

    assert pause == until_next_try(build(work=doubt(left=now - age)), now, PRODUCTION)


def test_without_an_access_token_an_old_doubt_is_tried():
    """There is nothing that a retry could cost."""
    state = scene.expired(work=doubt(left=NOW - scene.HOUR))

    assert timedelta(seconds=2) == until_next_try(state, NOW, PRODUCTION)


@pytest.mark.parametrize("state", [s.INITIAL, scene.awaiting_code(scene.awaiting())])
def test_where_nothing_is_held_nothing_is_waited_for(state):
    """No refresh token is there that could be tried."""
    assert Enough() == until_next_try(state, NOW, PRODUCTION)


@settings(max_examples=100)
@given(state=st.sampled_from(SHAPES).flatmap(lambda shape: connections(*shape)), now=moments)
def test_no_clock_makes_a_flight_sit_for_long(state, now):
    """Whatever the state and the clock, a pause is short, and never negative."""
    pause = until_next_try(state, now, PRODUCTION)

    assert Enough() == pause or timedelta() <= pause <= LONGEST
