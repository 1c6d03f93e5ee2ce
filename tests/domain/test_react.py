"""What a new event orders: three of them one thing each, all others nothing, and never before the intent is there."""

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailup_oauth.domain import attempts as a
from mailup_oauth.domain import effects as f
from mailup_oauth.domain import events as e
from mailup_oauth.domain.decide.callback import named
from mailup_oauth.domain.evolve import evolve
from mailup_oauth.domain.react import react
from mailup_oauth.domain.transitions import EVENTS, STATE_TABLE, STATES, Impossible
from mailup_oauth.testing.strategies import meetings, values

ORDERS = {
    e.CallbackAccepted: f.ExchangeCode,
    e.RefreshStarted: f.RefreshTokens,
    e.IdentityAsked: f.IdentifyUser,
}
CAN_MEET = [(before, met) for before in STATES for met in ORDERS if STATE_TABLE[before][met] is not Impossible]


@pytest.mark.parametrize("met", EVENTS)
@settings(max_examples=5)
@given(data=st.data())
def test_every_event_orders_its_effect_and_no_other(met, data):
    """A code, a refresh token and a question for the user's name are sent; every other event is a fact and no more."""
    assert ORDERS.get(met, f.Nothing) is type(react(data.draw(values(met))))


@pytest.mark.parametrize("met", ORDERS)
@settings(max_examples=20)
@given(data=st.data())
def test_an_effect_says_what_its_event_says(met, data):
    """Nothing is made up and nothing is looked up: each member of the order is the event's own."""
    event = data.draw(values(met))
    effect = react(event)
    told = {part.name: getattr(effect, part.name) for part in attrs.fields(type(effect))}

    assert {name: getattr(event, name) for name in told} == told


def is_known(event, state):
    """Say whether a state tells that what *event* orders is under way, and since when."""
    match event:
        case e.CallbackAccepted():
            attempt = named(state.attempts, event.attempt)
            return isinstance(attempt, a.Exchanging) and (event.code.mark, event.sent) == (attempt.code, attempt.sent)
        case e.RefreshStarted():
            return event.intent == state.work.intent
        case e.IdentityAsked(subject=e.Current()):
            return event.again == state.grant.user.again
        case e.IdentityAsked(subject=name):
            inquiry = named(state.attempts, name).inquiry
            return isinstance(inquiry, a.BeingAsked) and event.again == inquiry.again


@pytest.mark.parametrize(("before", "met"), CAN_MEET)
@settings(max_examples=8)
@given(data=st.data())
def test_the_intent_is_in_the_state_before_anything_is_sent(before, met, data):
    """Whoever finds the state that is stored first knows what may have been sent, or when it may be asked again."""
    state, event = data.draw(meetings(before, met))

    assert is_known(event, evolve(state, event))
