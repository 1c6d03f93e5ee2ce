"""The decider as a whole: it has an answer to everything, and no answer leads where the tables do not go."""

import math
from itertools import product

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mailup_oauth.domain import commands as c
from mailup_oauth.domain import effects as f
from mailup_oauth.domain import events as e
from mailup_oauth.domain import states as s
from mailup_oauth.domain.decide import decide
from mailup_oauth.domain.evolve import fold
from mailup_oauth.domain.policy import PRODUCTION
from mailup_oauth.domain.react import react
from mailup_oauth.domain.redact import credentials
from mailup_oauth.domain.refusals import Refusal
from mailup_oauth.domain.wire.callback import Returned
from mailup_oauth.testing.shapes import COMMANDS, SHAPES, commands, connections, is_well_formed, providers

any_shape = st.sampled_from(SHAPES).flatmap(lambda shape: connections(*shape))
few = settings(max_examples=12, suppress_health_check=[HealthCheck.too_slow])
many = settings(max_examples=80, suppress_health_check=[HealthCheck.too_slow])


@st.composite
def decisions(draw, kind, connection=any_shape):
    """Draw a connection, a command for it, and what it decides: (before, command, provider, decided)."""
    before = draw(connection)
    command, provider = draw(commands(kind, before)), draw(providers)
    return before, command, provider, decide(before, command, PRODUCTION, provider)


def kinds(decided):
    """Return what kinds of events were decided; none for a refusal."""
    return {type(event) for event in decided} if isinstance(decided, tuple) else set()


def after(before, decided):
    """Return the state after a decision."""
    return fold(before, decided) if isinstance(decided, tuple) else before


@pytest.mark.parametrize(("shape", "kind"), list(product(SHAPES, COMMANDS)))
@few
@given(data=st.data())
def test_every_command_is_answered_and_leads_from_order_to_order(shape, kind, data):
    """Every command in every shape of connection gives events or a refusal, and what they lead to is in order too."""
    before, _, _, decided = data.draw(decisions(kind, connections(*shape)))

    assert isinstance(decided, tuple | Refusal)
    assert is_well_formed(before)
    assert is_well_formed(after(before, decided))


@pytest.mark.parametrize("kind", COMMANDS)
@many
@given(data=st.data())
def test_deciding_twice_changes_nothing(kind, data):
    """The same command again leaves the connection as it is; refusals that are counted and users to ask for excepted."""
    before, command, provider, first = data.draw(decisions(kind))
    once = after(before, first)
    again = decide(once, command, PRODUCTION, provider)
    counted = {e.CallbackRefused} == kinds(again)
    goes_on = isinstance(command, c.AskIdentity) or (e.GrantDied in kinds(first) and {e.IdentityAsked} == kinds(again))

    assert counted or goes_on or after(once, again) == once


@pytest.mark.parametrize("kind", COMMANDS)
@many
@given(data=st.data())
def test_deciding_twice_orders_nothing_twice(kind, data):
    """What one decision has ordered, no second decision of the same command orders again."""
    before, command, provider, first = data.draw(decisions(kind))
    again = decide(after(before, first), command, PRODUCTION, provider)

    assert [] == [effect for effect in ordered(again) if effect in ordered(first)]


@many
@given(data=st.data())
def test_asking_for_users_comes_to_an_end(data):
    """``AskIdentity`` goes on to the next unknown user, and when each was asked for once, nothing is left to ask."""
    state, command, provider, _ = data.draw(decisions(c.AskIdentity))
    for _ in range(PRODUCTION.attempts_kept + 1):
        state = after(state, decide(state, command, PRODUCTION, provider))

    assert () == decide(state, command, PRODUCTION, provider)


@many
@given(data=st.data())
def test_a_flood_of_refused_callbacks_is_listed_only_so_far(data):
    """The same bad callback, however often it comes, is told to the journal at most ``refusals_listed`` times more."""
    state, command, provider, _ = data.draw(decisions(c.AcceptCallback))
    listed = 0
    for _ in range(PRODUCTION.refusals_listed + 3):
        decided = decide(state, command, PRODUCTION, provider)
        listed += sum(isinstance(event, e.CallbackRefused) for event in decided) if isinstance(decided, tuple) else 0
        state = after(state, decided)

    assert listed <= max(PRODUCTION.refusals_listed, 1)


@pytest.mark.parametrize("kind", COMMANDS)
@many
@given(data=st.data())
def test_no_decision_orders_two_things(kind, data):
    """At most one effect comes of one decision."""
    *_, decided = data.draw(decisions(kind))

    assert len(ordered(decided)) <= 1


@pytest.mark.parametrize("kind", COMMANDS)
@many
@given(data=st.data())
def test_epoch_and_generation_never_fall(kind, data):
    """No decision leads back to an earlier authorization, or to an earlier generation of the same one."""
    before, *_, decided = data.draw(decisions(kind))

    assert standing(before) <= standing(after(before, decided))


@pytest.mark.parametrize("kind", COMMANDS)
@many
@given(data=st.data())
def test_sec_21_a_code_is_in_no_state_and_in_one_kind_of_event(kind, data):
    """Only the event that accepts a callback holds the code, so that nothing later could send it again."""
    before, command, _, decided = data.draw(decisions(kind))
    codes = brought(command)
    events = decided if isinstance(decided, tuple) else ()
    told = {type(event) for event in events if held(codes, event)}

    assert told <= {e.CallbackAccepted}
    assert set() == held(codes, after(before, decided))


def ordered(decided):
    """Return what the events of a decision order."""
    effects = [react(event) for event in decided] if isinstance(decided, tuple) else []
    return [effect for effect in effects if not isinstance(effect, f.Nothing)]


def standing(state):
    """Return the epoch, and the generation within it; where nothing is held, all generations of the epoch are over."""
    return state.epoch, state.grant.generation if isinstance(state, s.Holding) else math.inf


def brought(command):
    """Return the marks of the codes that a command brings."""
    is_code = isinstance(command, c.AcceptCallback) and isinstance(command.callback, Returned)
    return {str(command.callback.code.mark)} if is_code else set()


def held(codes, value):
    """Return those of the codes whose secret *value* holds."""
    return codes & set(credentials(value))
