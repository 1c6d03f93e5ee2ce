"""What is done under a connection's guard: exchanging a code and renewing tokens, in one order and within bounds."""

from datetime import timedelta

import attrs
import pytest

from mailup_oauth import PRODUCTION, Secret
from mailup_oauth.domain import commands as c
from mailup_oauth.domain import states as s
from mailup_oauth.domain import work as w
from mailup_oauth.domain.attempts import Exchanging
from mailup_oauth.engine import arrive, exchange, renew, run
from mailup_oauth.engine import steps as t
from mailup_oauth.journal import Context
from mailup_oauth.sandbox.faults import LOST_REQUEST, CutBody, Target
from mailup_oauth.testing.deeds import ALL_BUT_A_BRACE
from mailup_oauth.testing.stage import CONNECTION


def using(now):
    """Ask for a usable token."""
    return c.UseAccess(now=now)


def renewed(parts, hands, asking=using):
    """Renew the connection."""
    return hands.play(renew(parts.setting, CONNECTION, asking, Context()))


@pytest.fixture
def journey(parts):
    """Begin, and let a browser come back."""
    start = parts.stage.oauth.begin(CONNECTION)
    return Secret(parts.stage.visit(start)), start.binding


def arrived(parts, journey):
    """Read a callback."""
    return run(arrive(parts.setting, *journey), parts.ports)


def test_a_code_is_accepted_stored_sent_and_answered(parts, journey):
    """An exchange recovers, accepts, stores, sends, stores the tokens, and then learns whose they are."""
    arrival = arrived(parts, journey)
    hands = parts.hands()
    outcome = hands.play(exchange(parts.setting, arrival, Context()))

    assert ["CallbackAccepted", "TokensIssued", "IdentityAsked", "UserIdentified"] == hands.stored()
    assert 2 == len(hands.of(t.Send))
    assert "m1" == outcome.held.state.grant.user.username
    assert ["TokensIssued"] == [type(event).__name__ for event in outcome.events]


def test_a_code_that_may_have_left_is_never_sent_again(parts, journey):
    """An exchange that a dead process left is closed, and its code is not sent although the callback comes again."""
    arrival = arrived(parts, journey)
    killed = parts.hands()
    killed.plan(t.Send, dying)
    with pytest.raises(SystemExit):
        killed.play(exchange(parts.setting, arrival, Context()))
    left = parts.state().attempts[0]
    hands = parts.hands()
    hands.play(exchange(parts.setting, arrival, Context()))

    assert isinstance(left, Exchanging)
    assert ["ExchangeFailed", "ConnectionNotMade"] == hands.stored()
    assert [] == hands.of(t.Send)


def dying(step, ports):
    """End the process where a request would leave."""
    raise SystemExit


def test_a_fresh_token_is_not_renewed(parts):
    """Renewing where nothing is due reads, and sends nothing."""
    parts.stage.connect()
    hands = parts.hands()
    renewed(parts, hands)

    assert ([], []) == (hands.of(t.Save), hands.of(t.Send))


@pytest.mark.parametrize("lost", [0, 1, 2])
def test_what_goes_unanswered_is_tried_again_in_the_same_flight(parts, lost):
    """As long as the wait is short, a doubt is sat out and the same token sent again."""
    parts.stage.connect()
    parts.stage.expire()
    parts.stage.plan(*[LOST_REQUEST] * lost)
    hands = parts.hands()
    outcome = renewed(parts, hands)

    assert (lost + 1, lost) == (len(hands.of(t.Send)), len(hands.of(t.Pause)))
    assert isinstance(outcome.held.state, s.Refreshed)


def test_a_flight_gives_up_before_its_callers_wait_too_long(parts):
    """When the next wait is longer than ``inline_wait``, the flight ends and says what is owed."""
    parts.stage.connect()
    parts.stage.expire()
    parts.stage.plan(*[LOST_REQUEST] * 9)
    hands = parts.hands()
    outcome = renewed(parts, hands)

    assert (3, 2) == (len(hands.of(t.Send)), len(hands.of(t.Pause)))
    assert isinstance(outcome.held.state.work, w.Unknown)
    assert outcome.held.state.work.wait.remaining(parts.stage.clock.now()) > PRODUCTION.inline_wait


def test_a_flight_tries_no_more_often_than_there_are_waits(parts):
    """However short the waits are, one flight sends once, and once more for each wait of ``policy.settle``."""
    parts.stage.connect()
    parts.stage.expire()
    parts.stage.plan(*[LOST_REQUEST] * 9)
    short = attrs.evolve(PRODUCTION, settle=(timedelta(seconds=1),) * 4)
    hands = parts.hands()
    renewed(attrs.evolve(parts, setting=attrs.evolve(parts.setting, policy=short)), hands)

    assert 5 == len(hands.of(t.Send))


def test_a_salvaged_token_is_used_at_once(parts):
    """After an answer of which only the refresh token could be read, that one is sent in the same flight."""
    parts.stage.connect()
    parts.stage.expire()
    parts.stage.plan(CutBody(keep=ALL_BUT_A_BRACE))
    hands = parts.hands()
    outcome = renewed(parts, hands)

    assert ["AccessTokenExpired", "RefreshStarted", "RefreshTokenSalvaged", "RefreshStarted", "TokensRefreshed"] == (
        hands.stored()
    )
    assert 2 == outcome.held.state.grant.generation


def test_whose_tokens_they_are_is_found_out_by_the_next_flight(parts):
    """When MailUp did not say whose the tokens of an attempt are, a renewal asks again when it is time, and decides."""
    parts.stage.connect()
    start = parts.stage.oauth.begin(CONNECTION)
    arrival = arrived(parts, (Secret(parts.stage.visit(start, username="m2")), start.binding))
    parts.stage.plan(LOST_REQUEST, target=Target.RESOURCE)
    first, early, late = (parts.hands() for _ in range(3))
    first.play(exchange(parts.setting, arrival, Context()))
    renewed(parts, early)
    parts.stage.clock.move(PRODUCTION.identity_wait)
    renewed(parts, late)

    assert ["CallbackAccepted", "TokensHeld", "IdentityAsked", "IdentityUnavailable"] == first.stored()
    assert [] == early.stored()
    assert ["IdentityAsked", "AccountRefused"] == late.stored()
