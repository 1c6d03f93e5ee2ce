"""Every state, and every end of an attempt, leads to the one exception that says what to do."""

from datetime import timedelta
from typing import get_args

import pytest

from mailup_oauth import PRODUCTION
from mailup_oauth.client.standing import status_of
from mailup_oauth.client.verdicts import usable_token, why_no_token, why_not_completed
from mailup_oauth.domain import attempts as a
from mailup_oauth.domain import events as e
from mailup_oauth.domain import refusals as r
from mailup_oauth.domain import states as s
from mailup_oauth.domain import work as w
from mailup_oauth.domain.errors import (
    AccountMismatch,
    CallbackFault,
    CallbackRefused,
    ClientRejected,
    ContractNotSigned,
    DeathCause,
    NotConnected,
    ReauthorizationRequired,
    ServerNotTrusted,
    TemporarilyUnavailable,
    TrustFault,
)
from mailup_oauth.domain.instants import Wait
from mailup_oauth.domain.redact import redact
from mailup_oauth.domain.wire.callback import Absent, Returned
from mailup_oauth.engine import Arrival, Held, Outcome
from mailup_oauth.testing import scenario as scene

LATER = scene.NOW + timedelta(seconds=10)
MOMENT = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
REST = timedelta(seconds=50)
"""What is left of a wait of a minute, later."""

NEVER = timedelta()
PAUSE = PRODUCTION.identity_wait

SENT = w.Setback(w.SetbackKind.UNANSWERED, scene.NOW)


def deferred(kind, detail):
    """Return work that waits for a reason."""
    wait = Wait(since=scene.NOW, span=MINUTE)
    return w.Deferred(setbacks=(SENT, w.Setback(kind, scene.NOW)), wait=wait, number=1, detail=detail)


WORKS = [
    (w.Idle(), TemporarilyUnavailable("born-expired", MOMENT)),
    (w.InFlight(intent=scene.intent()), TemporarilyUnavailable("in-progress", MOMENT)),
    (w.Retrying(intent=scene.intent(), setbacks=(SENT,)), TemporarilyUnavailable("in-progress", MOMENT)),
    (
        w.Unknown(setbacks=(SENT,), wait=Wait(since=scene.NOW, span=MINUTE), number=1),
        TemporarilyUnavailable("unanswered", REST),
    ),
    *((w.Dead(cause=cause, at=scene.NOW), ReauthorizationRequired(cause)) for cause in DeathCause),
    (deferred(w.SetbackKind.CLIENT_REFUSED, "invalid_client"), ClientRejected("invalid_client")),
    (deferred(w.SetbackKind.CONTRACT_UNSIGNED, ""), ContractNotSigned()),
    (deferred(w.SetbackKind.NOT_SENT, "tls"), TemporarilyUnavailable("tls", REST)),
    *((deferred(w.SetbackKind.NOT_SENT, fault.value), ServerNotTrusted(fault, REST)) for fault in TrustFault),
    *(
        (deferred(kind, "detail"), TemporarilyUnavailable(kind.value, REST))
        for kind in (
            w.SetbackKind.UNANSWERED,
            w.SetbackKind.RATE_LIMITED,
            w.SetbackKind.REFUSED_WHILE_YOUNG,
            w.SetbackKind.NOT_UNDERSTOOD,
        )
    ),
]


def test_the_table_knows_all_work():
    """No kind of work and no kind of setback is left out of the table above."""

    assert set(get_args(w.Work)) == {type(work) for work, _ in WORKS}
    assert set(w.SetbackKind) == {work.setbacks[-1].kind for work, _ in WORKS if isinstance(work, w.Deferred)}


@pytest.mark.parametrize("holding", [scene.authorized, scene.refreshed, scene.expired])
@pytest.mark.parametrize(("work", "error"), WORKS)
def test_a_connection_that_gives_no_token(holding, work, error):
    """The refresh work says why there is no token, whatever state it is in."""

    assert repr(error) == repr(why_no_token(holding(work=work), LATER))


IN_VAIN = Wait(since=scene.NOW, span=PAUSE)
DEAD = w.Dead(cause=DeathCause.REFRESH_TOKEN_REFUSED, at=scene.NOW)
WAITING = TemporarilyUnavailable("user-not-identified", MOMENT)
GIVEN_UP = ReauthorizationRequired(DeathCause.REFRESH_TOKEN_REFUSED)
INQUIRIES = {
    "not asked": (scene.AT_ONCE, NEVER, WAITING),
    "being asked": (a.BeingAsked(number=1, again=IN_VAIN), MINUTE, WAITING),
    "asked": (a.ToBeAsked(number=1, again=IN_VAIN), MINUTE, TemporarilyUnavailable("user-not-identified", 4 * MINUTE)),
    "to be asked again": (a.ToBeAsked(number=1, again=IN_VAIN), PAUSE, WAITING),
    "being asked again": (a.BeingAsked(number=2, again=IN_VAIN), MINUTE, WAITING),
    "asked again": (a.ToBeAsked(number=2, again=IN_VAIN), MINUTE, GIVEN_UP),
    "being asked once more": (a.BeingAsked(number=3, again=IN_VAIN), PAUSE, WAITING),
    "nobody can ask any more": (a.ToBeAsked(number=1, again=IN_VAIN), scene.HOUR, GIVEN_UP),
    "not asked in their hour": (scene.AT_ONCE, scene.HOUR, WAITING),
    "being asked at their end": (a.BeingAsked(number=1, again=IN_VAIN), scene.HOUR, WAITING),
}
"""How far it has come to learn whose tokens are, how much later it is, and what callers of a dead connection are told."""


@pytest.mark.parametrize(("inquiry", "later", "error"), INQUIRIES.values(), ids=INQUIRIES)
def test_a_dead_connection_whose_user_has_come_back(inquiry, later, error):
    """
    Until MailUp was asked twice whose the new tokens are nobody is sent there; the wait is for its answer.

    The status and whoever brings the callback a second time are told the same.
    """
    state, now = scene.expired(scene.identifying(1, inquiry=inquiry), work=DEAD), scene.NOW + later
    status, again = status_of("acme", state, now), why_not_completed(outcome(state), ARRIVAL, now)
    owed = "reauthorization" if error is GIVEN_UP else "identification"

    assert repr(error) == repr(why_no_token(state, now)) == repr(again)
    assert owed == status.owed


@pytest.mark.parametrize(
    ("inquiry", "later", "error"),
    [
        (scene.AT_ONCE, NEVER, WAITING),
        (a.BeingAsked(number=1, again=IN_VAIN), MINUTE, WAITING),
        (a.ToBeAsked(number=9, again=IN_VAIN), MINUTE, TemporarilyUnavailable("user-not-identified", 4 * MINUTE)),
        (a.ToBeAsked(number=1, again=IN_VAIN), scene.HOUR, ReauthorizationRequired(DeathCause.EXCHANGE_OUTCOME_LOST)),
    ],
    ids=["not asked", "being asked", "asked many times", "nobody can ask any more"],
)
def test_a_living_connection_whose_user_has_come_back(inquiry, later, error):
    """Who brings the callback again hears when MailUp is asked next, until there is no token to ask with."""
    state = scene.authorized(scene.identifying(1, inquiry=inquiry))

    assert repr(error) == repr(why_not_completed(outcome(state), ARRIVAL, scene.NOW + later))


@pytest.mark.parametrize(
    ("state", "reason"),
    [
        *((s.Unregistered(reason=absence), DeathCause(absence.value)) for absence in s.Absence),
        (scene.awaiting_code(scene.awaiting()), DeathCause.NEVER_CONNECTED),
    ],
)
def test_a_connection_that_is_none(state, reason):
    """Where nothing is held, it is said why, under the same word."""

    assert repr(NotConnected(reason)) == repr(why_no_token(state, LATER))


@pytest.mark.parametrize(
    "state",
    [
        s.Unregistered(),
        scene.awaiting_code(scene.awaiting()),
        scene.expired(),
        redact(scene.authorized()),
        redact(scene.refreshed()),
    ],
)
def test_a_state_without_a_secret_token_gives_none(state):
    """No token is handed out of a state that has none, or that was redacted."""

    assert usable_token(state, LATER) is None


@pytest.mark.parametrize("state", [scene.authorized(), scene.refreshed()])
def test_a_token_is_handed_out_until_its_end(state):
    """A token in its time is given with its end and its mark, and not a moment longer."""
    token = usable_token(state, LATER)

    assert (scene.secret("access"), state.access.expires_at, state.access.credential.mark) == (
        token.value,
        token.expires_at,
        token.mark,
    )
    assert usable_token(state, token.expires_at) is None


ARRIVAL = Arrival(
    connection="acme",
    attempt=scene.attempt_id(1),
    callback=Returned(nonces=(scene.nonce(1),), issuer=Absent(), code=scene.credential("code")),
    binding=scene.binding(1),
)


def outcome(state, decided=()):
    """Return what became of a callback: what was decided, and the connection after it."""
    return Outcome(decided=decided, held=Held(connection="acme", state=state))


def verdict(decided, *attempts):
    """Return what a callback is told after it was decided so, and its attempt became this."""
    return why_not_completed(outcome(scene.awaiting_code(*attempts), decided), ARRIVAL, LATER)


ENDS = {
    a.AttemptEnd.DENIED: CallbackRefused(CallbackFault.SERVER_ERROR),
    a.AttemptEnd.EXCHANGE_REFUSED: ReauthorizationRequired(DeathCause.EXCHANGE_REFUSED),
    a.AttemptEnd.EXCHANGE_OUTCOME_LOST: ReauthorizationRequired(DeathCause.EXCHANGE_OUTCOME_LOST),
    a.AttemptEnd.CLIENT_REFUSED: ClientRejected("server-error"),
    a.AttemptEnd.CONTRACT_UNSIGNED: ContractNotSigned(),
    a.AttemptEnd.ANOTHER_ACCOUNT: AccountMismatch(),
}


@pytest.mark.parametrize("end", ENDS)
def test_an_attempt_that_ended_badly(end):
    """Each bad end of an attempt has its exception, now and at every reload."""
    over = a.Finished(browser=scene.browser(1), end=end, detail="server-error")

    assert repr(ENDS[end]) == repr(verdict((), scene.finished(2), over))


def test_an_attempt_that_ended_well():
    """The one good end raises nothing, and no end is left out of the table above."""

    assert verdict((), scene.finished(1)) is None
    assert set(a.AttemptEnd) == {*ENDS, a.AttemptEnd.CONNECTED}


@pytest.mark.parametrize(
    ("attempts", "error"),
    [
        ([scene.awaiting(1)], TemporarilyUnavailable("code-not-sent", MOMENT)),
        ([scene.exchanging(1)], TemporarilyUnavailable("code-not-sent", MOMENT)),
        ([scene.finished(2)], CallbackRefused(CallbackFault.NONCE_UNKNOWN)),
        ([], CallbackRefused(CallbackFault.NONCE_UNKNOWN)),
    ],
)
def test_an_attempt_that_did_not_end(attempts, error):
    """An attempt that goes on, or that is remembered no more, is told as such."""

    assert repr(error) == repr(verdict((), *attempts))


@pytest.mark.parametrize(
    "decided",
    [
        r.CallbackUnacceptable(fault=CallbackFault.ANOTHER_BROWSER),
        (e.CallbackRefused(attempt=scene.attempt_id(1), fault=CallbackFault.ANOTHER_BROWSER),),
        (
            e.AuthorizationDenied(
                attempt=scene.attempt_id(1), error="access_denied", fault=CallbackFault.ANOTHER_BROWSER
            ),
        ),
    ],
)
def test_a_callback_that_was_refused(decided):
    """A refusal is told before anything is looked at that belongs to the browser that began."""

    assert repr(CallbackRefused(CallbackFault.ANOTHER_BROWSER)) == repr(verdict(decided, scene.finished(1)))


@pytest.mark.parametrize("fault", [*TrustFault, "connection-refused"])
def test_fault_N04_a_code_that_was_not_sent(fault):
    """A server that cannot prove who it is must be looked into; any other that cannot be reached is waited for."""
    trust = isinstance(fault, TrustFault)
    event = e.ExchangeNotSent(attempt=scene.attempt_id(1), fault=fault.value if trust else fault)
    error = ServerNotTrusted(fault, MOMENT) if trust else TemporarilyUnavailable("code-not-sent", MOMENT)

    assert repr(error) == repr(verdict((event,), scene.awaiting(1)))
