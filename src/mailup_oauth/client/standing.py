"""A connection's status, read off its state: what is true, what is owed, and what to do about it."""

from datetime import datetime, timedelta
from typing import assert_never

from ..domain import states as s
from ..domain import work as w
from ..domain.errors import TRUST_FAULTS, ServerNotTrusted
from ..domain.whose import until_user_is_known
from ..domain.wire.outcomes import User
from .values import Status

UNKNOWN_USER = "user-not-identified"
"""Tokens are held, and MailUp does not tell whose they are; it is asked again (ADR 0015)."""

_ALL_WELL = "Nothing to do."
_BEGIN = "Send the user through begin()."
_WAIT_FOR_USER = "Wait for the user to come back from MailUp, or begin() again."
_GOES_ON = "Nothing to do: the next access_token() goes on by itself."
_FIX_KEYS = "Correct client_id and client_secret."
_SIGN = "Ask the user to accept the terms in the MailUp console."


def status_of(connection: str, state: s.State, now: datetime) -> Status:
    """Return the status of *state* at *now*."""
    name = type(state).__name__
    match state:
        case s.Unregistered(reason=reason):
            return Status(connection=connection, state=name, connected=False, reason=reason.value, advice=_BEGIN)
        case s.AwaitingCode():
            return Status(connection=connection, state=name, connected=False, owed="callback", advice=_WAIT_FOR_USER)
        case s.Authorized() | s.Expired() | s.Refreshed():
            return _holding(connection, state, now)
        case _ as never:
            assert_never(never)


def _holding(connection: str, state: s.Holding, now: datetime) -> Status:
    """Return the status of a connection that holds an authorization."""
    owed, reason, wait, advice = _owed(state, now)
    user = state.grant.user
    return Status(
        connection=connection,
        state=type(state).__name__,
        connected=not isinstance(state.work, w.Dead),
        user=user.username if isinstance(user, User) else "",
        generation=state.grant.generation,
        authorized_at=state.grant.authorized_at,
        expires_at=None if isinstance(state, s.Expired) else state.access.expires_at,
        refresh_at=None if isinstance(state, s.Expired) else state.access.refresh_at,
        owed=owed,
        reason=reason or (state.cause.value if isinstance(state, s.Expired) else ""),
        retry_after=wait,
        advice=advice if owed != "nothing" or not isinstance(state, s.Expired) else _GOES_ON,
    )


def _owed(state: s.Holding, now: datetime) -> tuple[str, str, timedelta, str]:
    """Return what is owed, why, for how long, and what to do."""
    wait = until_user_is_known(state, now)
    if isinstance(wait, timedelta):
        return "identification", UNKNOWN_USER, wait, _GOES_ON
    return _owed_by(state.work, now)


def _owed_by(work: w.Work, now: datetime) -> tuple[str, str, timedelta, str]:
    """Return what refresh work owes."""
    match work:
        case w.Idle():
            return "nothing", "", timedelta(), _ALL_WELL
        case w.InFlight() | w.Retrying():
            return "refresh-in-flight", "", timedelta(), _GOES_ON
        case w.Unknown(wait=wait):
            return "refresh-unanswered", work.setbacks[-1].kind.value, wait.remaining(now), _GOES_ON
        case w.Deferred(wait=wait, setbacks=setbacks):
            kind = setbacks[-1].kind
            advice = ServerNotTrusted.remedy if work.detail in TRUST_FAULTS else _DEFERRED_ADVICE.get(kind, _GOES_ON)
            return "refresh-deferred", kind.value, wait.remaining(now), advice
        case w.Dead(cause=cause):
            return "reauthorization", cause.value, timedelta(), _BEGIN
        case _ as never:
            assert_never(never)


_DEFERRED_ADVICE = {w.SetbackKind.CLIENT_REFUSED: _FIX_KEYS, w.SetbackKind.CONTRACT_UNSIGNED: _SIGN}
