"""What is done without a guard: beginning, reading a callback, and judging one; nothing of it sends anything."""

import attrs
import pytest

from mailup_oauth import (
    PRODUCTION,
    CallbackFault,
    CallbackRefused,
    Secret,
    TemporarilyUnavailable,
)
from mailup_oauth.domain import refusals as r
from mailup_oauth.domain.attempts import AccountRule
from mailup_oauth.domain.wire.callback import Absent, Returned
from mailup_oauth.engine import Arrival, NeedsFlight, arrive, begin, binding_digest, judge
from mailup_oauth.engine import steps as t
from mailup_oauth.journal import Context
from mailup_oauth.testing import scenario as scene
from mailup_oauth.testing.stage import CONNECTION

RULE = AccountRule.SAME_USER


def begun(parts, hands):
    """Begin an attempt."""
    return hands.play(begin(parts.setting, CONNECTION, RULE, Context()))


def test_beginning_draws_three_secrets_and_stores_their_marks(parts):
    """Nonce, verifier and binding are drawn, the attempt is stored, and only then is the URL known."""
    hands = parts.hands()
    start = begun(parts, hands)
    awaited = parts.state().attempts[0]

    assert "DrawToken DrawToken DrawToken Load Now Save Tell" == hands.taken()
    assert binding_digest(start.binding) == awaited.browser.binding
    assert awaited.verifier.value.reveal() not in start.url.reveal()


def test_beginning_while_every_attempt_is_busy_comes_later(parts):
    """When all attempts that are remembered are being exchanged, nothing is stored, and it is said when to come again."""
    busy = [scene.exchanging(number) for number in range(PRODUCTION.attempts_kept)]
    parts.put(scene.awaiting_code(*busy))
    hands = parts.hands()
    with pytest.raises(TemporarilyUnavailable) as caught:
        begun(parts, hands)

    assert ("too-many-attempts", PRODUCTION.request_deadline) == (caught.value.cause, caught.value.retry_after)
    assert [] == hands.of(t.Save)


@pytest.fixture
def journey(parts):
    """Begin, and let a browser come back."""
    start = parts.stage.oauth.begin(CONNECTION)
    return Secret(parts.stage.visit(start)), start.binding


@pytest.mark.parametrize(
    ("query", "fault"),
    [
        ("?code=canary-code&state=canary-nonce", CallbackFault.NONCE_UNKNOWN),
        ("?code=canary-code", CallbackFault.NONCE_MISSING),
        ("?state=canary&state=canary", CallbackFault.REPEATED_PARAMETER),
    ],
)
def test_a_callback_of_nobody_is_counted_and_refused(parts, query, fault):
    """A callback that belongs to no connection is told to the observer, by its fault alone, and nothing is stored."""
    hands = parts.hands()
    with pytest.raises(CallbackRefused) as caught:
        hands.play(arrive(parts.setting, Secret(f"https://app.example/mailup/callback{query}"), Secret("canary")))

    assert fault is caught.value.reason
    assert [("", f"callback:{fault.value}")] == [
        (notice.connection, notice.what) for step in hands.of(t.Tell) for notice in step.notices
    ]
    assert () == parts.ports.store.connections()


def test_a_callback_leads_to_its_connection(parts, journey):
    """A callback that can be read is looked up by its nonce once, and brings its browser's digest along."""
    hands = parts.hands()
    arrival = hands.play(arrive(parts.setting, *journey))

    assert "Find" == hands.taken()
    assert (CONNECTION, binding_digest(journey[1])) == (arrival.connection, arrival.binding)
    assert parts.state().attempts[0].browser.id == arrival.attempt


CALLBACK = Arrival(
    connection=CONNECTION,
    attempt=scene.attempt_id(1),
    callback=Returned(nonces=(scene.nonce(1),), issuer=Absent(), code=scene.credential("code")),
    binding=scene.binding(1),
)
STRANGER = attrs.evolve(CALLBACK, binding=scene.binding(2))


@pytest.mark.parametrize(
    "state",
    [
        scene.awaiting_code(scene.awaiting(1)),
        scene.awaiting_code(scene.exchanging(1)),
        scene.authorized(scene.identifying(1)),
    ],
    ids=["awaited", "being exchanged", "being identified"],
)
def test_what_needs_the_guard_is_not_judged_without_it(parts, state):
    """A callback that leads to a request, or waits for the end of one, needs a flight; judging it stores nothing."""
    parts.stage.clock.move(scene.NOW - parts.stage.clock.now())
    parts.put(state)
    hands = parts.hands()

    assert NeedsFlight() == hands.play(judge(parts.setting, CALLBACK, Context()))
    assert "Load Now" == hands.taken()


@pytest.mark.parametrize("attempt", [scene.awaiting(1), scene.exchanging(1), scene.finished(1)])
def test_a_stranger_waits_for_no_guard(parts, attempt):
    """A callback from another browser is refused at once, however busy the attempt is, and harms nothing."""
    parts.stage.clock.move(scene.NOW - parts.stage.clock.now())
    parts.put(scene.awaiting_code(attempt))
    hands = parts.hands()
    outcome = hands.play(judge(parts.setting, STRANGER, Context()))

    assert ["CallbackRefused"] == hands.stored()
    assert [type(attempt)] == [type(kept) for kept in outcome.held.state.attempts]
    assert [] == hands.of(t.Send)


def test_a_flood_of_strangers_is_counted_and_not_listed(parts):
    """When an attempt has been refused often enough, a further refusal is told to the observer and not stored."""
    parts.put(scene.awaiting_code(scene.awaiting(1, refusals=PRODUCTION.refusals_listed)))
    hands = parts.hands()
    outcome = hands.play(judge(parts.setting, STRANGER, Context()))

    assert r.CallbackUnacceptable(fault=CallbackFault.ANOTHER_BROWSER) == outcome.decided
    assert [] == hands.of(t.Save)
    assert [(CONNECTION, "callback:another-browser")] == [
        (notice.connection, notice.what) for step in hands.of(t.Tell) for notice in step.notices
    ]


def test_a_reload_needs_no_guard_either(parts):
    """The browser that began is told how its attempt ended, and nothing is stored."""
    parts.put(scene.authorized(scene.finished(1)))
    hands = parts.hands()
    outcome = hands.play(judge(parts.setting, CALLBACK, Context()))

    assert () == outcome.decided
    assert [] == hands.of(t.Save)
