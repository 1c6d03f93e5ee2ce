"""What a new event orders is done once, after it is stored; what a dead process left is closed first."""

from datetime import timedelta

import attrs
import pytest
from tests.engine.mishaps import as_usual, away, made_after_all

from mailup_oauth import PRODUCTION, Secret, StoreUnavailable
from mailup_oauth.domain import commands as c
from mailup_oauth.domain import effects as f
from mailup_oauth.domain import states as s
from mailup_oauth.domain import work as w
from mailup_oauth.domain.attempts import AttemptEnd, Finished
from mailup_oauth.domain.events import CURRENT, IdentityUnavailable
from mailup_oauth.domain.instants import Wait
from mailup_oauth.domain.redact import redact
from mailup_oauth.domain.tokens import Unidentified
from mailup_oauth.engine import Held, Outcome, arrive, exchange, load, run
from mailup_oauth.engine import steps as t
from mailup_oauth.engine.carry import _carried_out, identify, pursue, recover, revealed
from mailup_oauth.journal import Context
from mailup_oauth.sandbox.events import CodeExchanged, TokensRotated
from mailup_oauth.testing import scenario as scene
from mailup_oauth.testing.canary import CANARY
from mailup_oauth.testing.stage import CLIENT_SECRET, CONNECTION

MINUTE = timedelta(minutes=1)
REFRESHED = "Load Now Save Tell ReadSecret Send Chance Now Load Now Save Tell"


NOTHING_SO_FAR = Outcome(decided=(), held=Held(connection=CONNECTION))


def forcing(now):
    """Ask for a refresh."""
    return c.RefreshNow(now=now)


def pursued(parts, hands, asking=forcing):
    """Pursue a command to the end of all that it orders."""
    return hands.play(pursue(parts.setting, CONNECTION, asking, Context()))


def test_the_intent_is_stored_before_the_request_leaves(parts):
    """A refresh stores its intent, tells it, reads the secret, sends once, and stores the answer before it is told."""
    parts.stage.connect()
    hands = parts.hands()
    pursued(parts, hands)

    assert REFRESHED == hands.taken()
    assert ["RefreshStarted", "TokensRefreshed"] == hands.stored()
    assert [PRODUCTION.request_deadline] == [sending.deadline for sending in hands.of(t.Send)]


def test_an_intent_that_cannot_be_stored_sends_nothing(parts):
    """When the store fails at the intent, the request is not sent, and the caller is told why."""
    parts.stage.connect()
    hands = parts.hands()
    hands.plan(t.Save, away)
    with pytest.raises(StoreUnavailable):
        pursued(parts, hands)

    assert "Load Now Save" == hands.taken()


def test_an_answer_that_cannot_be_stored_is_kept_until_it_can(parts):
    """When the store fails at the answer, the tokens wait for it; nothing is asked again."""
    parts.stage.connect()
    hands = parts.hands()
    hands.plan(t.Save, as_usual, away, away)
    outcome = pursued(parts, hands)

    assert (1, 2) == (len(hands.of(t.Send)), len(hands.of(t.Pause)))
    assert ("Refreshed", outcome.held.state) == (type(parts.state()).__name__, parts.state())


def test_an_answer_that_was_stored_after_all_is_not_stored_twice(parts):
    """When the store only seemed to fail at the answer, the tokens are there once, and nothing more is ordered."""
    parts.stage.connect()
    hands = parts.hands()
    hands.plan(t.Save, as_usual, made_after_all)
    outcome = pursued(parts, hands)
    names = [type(record.event).__name__ for record in parts.stage.oauth.journal(CONNECTION)]

    assert (1, 1) == (names.count("TokensRefreshed"), parts.stage.happened(TokensRotated))
    assert 1 == outcome.held.state.grant.generation


def test_loading_orders_nothing(parts):
    """A state that says that a request is on its way makes nobody send it."""
    parts.put(scene.authorized(scene.exchanging(1), work=w.InFlight(intent=scene.intent())))
    hands = parts.hands()
    hands.play(load(parts.setting, CONNECTION))

    assert "Load" == hands.taken()


ORDERS = {
    "refresh": f.RefreshTokens(intent=scene.intent(), refresh=scene.credential("refresh")),
    "exchange": f.ExchangeCode(
        attempt=scene.attempt_id(1),
        code=scene.credential("code"),
        verifier=scene.credential("verifier"),
        redirect_uri=scene.credential("redirect-uri"),
        sent=scene.intent().sent,
    ),
    "identify": f.IdentifyUser(subject=CURRENT, epoch=1, access=scene.credential("access")),
}


@pytest.mark.parametrize("order", ORDERS.values(), ids=ORDERS)
def test_a_redacted_order_is_never_carried_out(parts, order):
    """An order whose secrets were withheld, as the journal has it, stops before anything is sent."""
    hands = parts.hands()
    with pytest.raises(TypeError, match="must not be carried out"):
        hands.play(_carried_out(parts.setting, redact(order)))

    assert [] == hands.of(t.Send)


def test_a_credential_is_revealed_for_its_order():
    """The secret of a credential that was not redacted is what is sent."""

    assert scene.secret("refresh") == revealed(scene.credential("refresh"))


def fail():
    """Fail as a secret manager may, with the secret in its words."""
    problem = f"vault said {CANARY}-client-secret"
    raise LookupError(problem)


@pytest.fixture(params=[fail, lambda: f"{CANARY}-bare", lambda: None], ids=["raises", "text", "nothing"])
def keyless(request, parts):
    """Give the parts of an application that is not given its secret now."""
    registration = attrs.evolve(parts.setting.registration, client_secret=request.param)
    return attrs.evolve(parts, setting=attrs.evolve(parts.setting, registration=registration))


def everything(parts):
    """Return all that is stored in the clear."""
    store = parts.ports.store
    return b"".join((store.load(CONNECTION).clear, *store.records(CONNECTION))).decode()


def test_without_the_applications_secret_nothing_is_sent(parts, keyless):
    """A refresh without a client secret is put off, as one that never left; what the manager said stands nowhere."""
    parts.stage.connect()
    hands = keyless.hands()
    outcome = pursued(keyless, hands)

    assert REFRESHED.replace(" Send", "") == hands.taken()
    assert ["client-secret-unavailable"] == [outcome.held.state.work.detail]
    assert CANARY not in everything(parts) + repr(hands.steps) + repr(outcome)


def test_without_the_applications_secret_the_code_waits(parts, keyless):
    """A code that was not sent for want of the secret can still be sent when there is one."""
    start = parts.stage.oauth.begin(CONNECTION)
    address = Secret(parts.stage.visit(start))
    arrival = run(arrive(parts.setting, address, start.binding), parts.ports)
    hands = keyless.hands()
    hands.play(exchange(keyless.setting, arrival, Context()))

    assert ["CallbackAccepted", "ExchangeNotSent"] == hands.stored()
    assert "Authorized" == parts.stage.oauth.complete(address.reveal(), binding=start.binding).state
    assert 1 == parts.stage.happened(CodeExchanged)


def test_whose_it_is_is_asked_with_its_token(parts):
    """The question who the user is has an intent too, a shorter deadline, and no client secret."""
    parts.stage.clock.move(scene.NOW - parts.stage.clock.now())
    unknown = Unidentified(again=Wait(since=scene.NOW, span=timedelta()))
    parts.put(scene.authorized(grant=scene.grant(user=unknown)))
    hands = parts.hands()
    hands.play(identify(parts.setting, CONNECTION, NOTHING_SO_FAR, Context()))

    assert "Load Now Save Tell Send Now Load Now Save Tell" == hands.taken()
    assert [PRODUCTION.identity_deadline] == [sending.deadline for sending in hands.of(t.Send)]
    assert ["IdentityAsked", "IdentityUnavailable"] == hands.stored()


def test_after_a_question_in_vain_no_other_is_asked(parts):
    """What MailUp has just not told is asked in a later flight, and so is whatever would have been asked next."""
    parts.stage.clock.move(scene.NOW - parts.stage.clock.now())
    parts.put(scene.authorized(scene.identifying()))
    hands = parts.hands()
    in_vain = attrs.evolve(NOTHING_SO_FAR, decided=(IdentityUnavailable(subject=CURRENT, why="status-500"),))
    hands.play(identify(parts.setting, CONNECTION, in_vain, Context()))

    assert "" == hands.taken()


def test_nothing_owed_is_not_closed(parts):
    """Where no process died, recovery reads once and stores nothing."""
    parts.stage.connect()
    hands = parts.hands()
    held = hands.play(recover(parts.setting, CONNECTION, Context()))

    assert "FindSpill Load Now" == hands.taken()
    assert parts.state() == held.state


def test_all_that_a_dead_process_left_is_closed(parts):
    """A code and a refresh token that may have left are both closed, without a request: the code for good."""
    parts.put(scene.authorized(scene.exchanging(1), work=w.InFlight(intent=scene.intent())))
    hands = parts.hands()
    held = hands.play(recover(parts.setting, CONNECTION, Context()))

    assert "FindSpill Load Now Load Now Save Tell Load Now Load Now Save Tell Load Now" == hands.taken()
    assert ["ExchangeFailed", "RefreshOutcomeUnknown"] == hands.stored()
    assert isinstance(held.state.attempts[0], Finished)
    assert AttemptEnd.EXCHANGE_OUTCOME_LOST is held.state.attempts[0].end
    assert isinstance(held.state, s.Authorized)


def test_a_recovery_that_was_interrupted_is_finished_by_the_next(parts):
    """When the store fails in the middle of recovery, the next one closes the rest and repeats nothing."""
    parts.put(scene.authorized(scene.exchanging(1), work=w.InFlight(intent=scene.intent())))
    first, second = parts.hands(), parts.hands()
    first.plan(t.Save, made_after_all)
    with pytest.raises(StoreUnavailable):
        first.play(recover(parts.setting, CONNECTION, Context()))
    second.play(recover(parts.setting, CONNECTION, Context()))

    assert (["ExchangeFailed"], ["RefreshOutcomeUnknown"]) == (first.stored(), second.stored())


def test_sec_52_a_rotated_secret_is_used_without_a_restart(parts):
    """The secret is read for each request: one refusal, and the new one serves the next."""
    parts.stage.connect()
    secrets = [scene.secret("wrong"), CLIENT_SECRET]
    registration = attrs.evolve(parts.setting.registration, client_secret=lambda: secrets.pop(0))
    rotating = attrs.evolve(parts, setting=attrs.evolve(parts.setting, registration=registration))
    run(pursue(rotating.setting, CONNECTION, forcing, Context()), parts.ports)
    refused = parts.state().work
    parts.stage.clock.move(MINUTE)
    run(pursue(rotating.setting, CONNECTION, forcing, Context()), parts.ports)

    assert w.SetbackKind.CLIENT_REFUSED is refused.setbacks[-1].kind
    assert isinstance(parts.state(), s.Refreshed)
    assert [] == secrets
