"""Whole lives of a connection, from nothing, by any commands at any moments: what holds at every step of them."""

import math

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mailup_oauth.domain.decide import decide
from mailup_oauth.domain.evolve import fold
from mailup_oauth.domain.policy import PRODUCTION
from mailup_oauth.domain.provider import MAILUP
from mailup_oauth.domain.resume import NothingOwed, resume
from mailup_oauth.domain.states import INITIAL, Holding
from mailup_oauth.testing.shapes import COMMANDS, commands, is_well_formed, moments, providers

long = settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


@st.composite
def lives(draw):
    """Draw the states that a connection goes through, from the first on."""
    provider, states = draw(providers), [INITIAL]
    for kind in draw(st.lists(st.sampled_from(COMMANDS), max_size=25)):
        decided = decide(states[-1], draw(commands(kind, states[-1])), PRODUCTION, provider)
        states.append(fold(states[-1], decided) if isinstance(decided, tuple) else states[-1])
    return states


@long
@given(lives())
def test_every_life_stays_in_order(life):
    """Whatever a connection is asked, in whatever order, it stays what its states promise."""

    assert [] == [state for state in life if not is_well_formed(state)]


@long
@given(lives())
def test_no_life_goes_back(life):
    """Epochs, and the generations within one, only rise; an authorization that is over never comes back."""
    standings = [(state.epoch, state.grant.generation if isinstance(state, Holding) else math.inf) for state in life]

    assert sorted(standings) == standings


@long
@given(lives(), moments)
def test_recovery_comes_to_an_end_wherever_a_process_dies(life, now):
    """From every state of every life, doing what it owes leads in a few steps to one that owes nothing."""
    state, steps = life[-1], 0
    while not isinstance(owed := resume(state, now), NothingOwed):
        state = fold(state, decide(state, owed, PRODUCTION, MAILUP))
        steps += 1

    assert steps <= PRODUCTION.attempts_kept + 1
