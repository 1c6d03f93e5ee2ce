"""From states to what a caller sees: a token, a status, or the exception that says what to do."""

from datetime import datetime, timedelta
from typing import assert_never

from ..domain import attempts as a
from ..domain import events as e
from ..domain import refusals as r
from ..domain import states as s
from ..domain import work as w
from ..domain.decide.callback import named
from ..domain.errors import (
    TRUST_FAULTS,
    AccountMismatch,
    CallbackFault,
    CallbackRefused,
    ClientRejected,
    ContractNotSigned,
    DeathCause,
    MailUpOAuthError,
    NotConnected,
    ReauthorizationRequired,
    ServerNotTrusted,
    TemporarilyUnavailable,
)
from ..domain.secret import Secret
from ..domain.tokens import Access, AccessToken
from ..domain.whose import until_told, until_user_is_known
from ..engine import Arrival, Outcome
from .standing import UNKNOWN_USER

_A_MOMENT = timedelta(seconds=1)


def token_of(access: Access) -> AccessToken | None:
    """Return the token to hand out; nothing if the state was redacted."""
    value = access.credential.value
    if not isinstance(value, Secret):
        return None
    return AccessToken(value=value, expires_at=access.expires_at, mark=access.credential.mark)


def usable_token(state: s.State, now: datetime) -> AccessToken | None:
    """Return the token that may be used at *now*, if there is one."""
    if isinstance(state, s.Authorized | s.Refreshed) and state.access.is_usable(now):
        return token_of(state.access)
    return None


def why_no_token(state: s.State, now: datetime) -> MailUpOAuthError:
    """Return the exception for a caller who wants a token and gets none."""
    match state:
        case s.Unregistered(reason=reason):
            return NotConnected(DeathCause(reason.value))
        case s.AwaitingCode():
            return NotConnected(DeathCause.NEVER_CONNECTED)
        case s.Authorized() | s.Expired() | s.Refreshed():
            wait = until_user_is_known(state, now)
            if isinstance(wait, timedelta):
                return TemporarilyUnavailable(UNKNOWN_USER, max(wait, _A_MOMENT))
            return _why_not_refreshed(state.work, now)
        case _ as never:
            assert_never(never)


def _why_not_refreshed(work: w.Work, now: datetime) -> MailUpOAuthError:
    """Return the exception for refresh work that has not led to tokens."""
    match work:
        case w.Dead(cause=cause):
            return ReauthorizationRequired(cause)
        case w.Unknown(wait=wait):
            return TemporarilyUnavailable("unanswered", wait.remaining(now))
        case w.Deferred():
            return _why_deferred(work, now)
        case w.InFlight() | w.Retrying():
            return TemporarilyUnavailable("in-progress", _A_MOMENT)
        case w.Idle():
            return TemporarilyUnavailable("born-expired", _A_MOMENT)
        case _ as never:
            assert_never(never)


def _why_deferred(work: w.Deferred, now: datetime) -> MailUpOAuthError:
    """Return the exception for a wait, by what it waits for."""
    kind = work.setbacks[-1].kind
    if kind is w.SetbackKind.CLIENT_REFUSED:
        return ClientRejected(work.detail)
    if kind is w.SetbackKind.CONTRACT_UNSIGNED:
        return ContractNotSigned()
    if kind is w.SetbackKind.NOT_SENT:
        return _why_not_sent(work.detail, work.detail, work.wait.remaining(now))
    return TemporarilyUnavailable(kind.value, work.wait.remaining(now))


def _why_not_sent(fault: str, cause: str, wait: timedelta) -> MailUpOAuthError:
    """Return the exception for a request that never left: one to mend, or one to wait for, which is called *cause*."""
    if fault in TRUST_FAULTS:
        return ServerNotTrusted(TRUST_FAULTS[fault], wait)
    return TemporarilyUnavailable(cause, wait)


def why_not_completed(outcome: Outcome, arrival: Arrival, now: datetime) -> MailUpOAuthError | None:
    """Return the exception for a callback that did not lead to a connection; nothing if it did."""
    if isinstance(outcome.decided, r.CallbackUnacceptable):
        return CallbackRefused(outcome.decided.fault)
    for event in outcome.events:
        if isinstance(event, e.CallbackRefused | e.AuthorizationDenied):
            return CallbackRefused(event.fault)
        if isinstance(event, e.ExchangeNotSent):
            return _why_not_sent(event.fault, "code-not-sent", _A_MOMENT)
    state = outcome.held.state
    match named(state.attempts, arrival.attempt):
        case a.Finished(end=end, detail=detail):
            return _why_ended(end, detail)
        case a.Identifying() as attempt:
            return _why_held(state, attempt, now)
        case a.AwaitingCallback() | a.Exchanging():
            return TemporarilyUnavailable("code-not-sent", _A_MOMENT)
        case None:
            return CallbackRefused(CallbackFault.NONCE_UNKNOWN)
        case _ as never:
            assert_never(never)


def _why_held(state: s.State, attempt: a.Identifying, now: datetime) -> MailUpOAuthError | None:
    """Return the exception for tokens whose user is not known, if the present authorization does not tell it better."""
    if isinstance(state, s.Holding) and isinstance(state.work, w.Dead):
        return why_no_token(state, now)
    wait = until_told(attempt, now)
    if not isinstance(wait, timedelta):
        return _why_ended(a.AttemptEnd.EXCHANGE_OUTCOME_LOST, "")
    return TemporarilyUnavailable(UNKNOWN_USER, max(wait, _A_MOMENT))


def _why_ended(end: a.AttemptEnd, detail: str) -> MailUpOAuthError | None:
    """Return the exception for an attempt that is over; nothing if it ended well."""
    match end:
        case a.AttemptEnd.CONNECTED:
            return None
        case a.AttemptEnd.DENIED:
            return CallbackRefused(CallbackFault(detail))
        case a.AttemptEnd.EXCHANGE_REFUSED:
            return ReauthorizationRequired(DeathCause.EXCHANGE_REFUSED)
        case a.AttemptEnd.EXCHANGE_OUTCOME_LOST:
            return ReauthorizationRequired(DeathCause.EXCHANGE_OUTCOME_LOST)
        case a.AttemptEnd.CLIENT_REFUSED:
            return ClientRejected(detail)
        case a.AttemptEnd.CONTRACT_UNSIGNED:
            return ContractNotSigned()
        case a.AttemptEnd.ANOTHER_ACCOUNT:
            return AccountMismatch()
        case _ as never:
            assert_never(never)
