"""Whether a refresh token is sent now: the two windows, the waits, and the dead whose user may have come back."""

from datetime import datetime
from typing import assert_never

from .. import commands as c
from .. import events as e
from .. import refusals as r
from .. import states as s
from .. import work as w
from ..errors import DeathCause
from ..instants import NO_TIME, Wait
from ..policy import Policy
from ..provider import Provider
from ..tokens import NoRefreshToken
from ..whose import is_being_asked
from .identity import whose_are_held


def use_access(
    state: s.State, command: c.UseAccess, policy: Policy, provider: Provider
) -> tuple[e.Event, ...] | r.Refusal:
    """See to a usable access token: nothing to do, renew in advance, or renew because there is none."""
    match state:
        case s.Unregistered(reason=reason):
            return r.NothingConnected(reason=reason)
        case s.AwaitingCode():
            return r.NothingConnected(reason=s.Absence.NEVER_CONNECTED)
        case s.Expired():
            return _started(state, command.now, policy)
        case s.Authorized() | s.Refreshed():
            return _renewed(state, command.now, policy)
        case _ as never:
            assert_never(never)


def _renewed(state: s.Authorized | s.Refreshed, now: datetime, policy: Policy) -> tuple[e.Event, ...]:
    """Renew in advance while the access token works, or because it has come to its end."""
    if not state.access.is_due(now):
        return ()
    if not state.access.is_usable(now):
        ended = e.AccessTokenExpired(mark=state.access.credential.mark)
        return (ended, *_if_started(state, now, policy))
    if isinstance(state.work, w.Unknown) and state.work.is_older_than(policy.probable_grace, now):
        return ()  # a retry can only cost what is left of this access token, so it waits for its end (reliability.md 4.5)
    return _if_started(state, now, policy)


def refresh_now(
    state: s.State, command: c.RefreshNow, policy: Policy, provider: Provider
) -> tuple[e.Event, ...] | r.Refusal:
    """Refresh whatever the clock says, but never while a wait protects the refresh token."""
    match state:
        case s.Unregistered(reason=reason):
            return r.NothingConnected(reason=reason)
        case s.AwaitingCode():
            return r.NothingConnected(reason=s.Absence.NEVER_CONNECTED)
        case _:
            return _started(state, command.now, policy)


def report_rejected(
    state: s.State, command: c.ReportRejected, policy: Policy, provider: Provider
) -> tuple[e.Event, ...] | r.Refusal:
    """Believe the API's 401 about the token that is current, and about no other."""
    if not isinstance(state, s.Authorized | s.Refreshed) or state.access.credential.mark != command.mark:
        return ()
    return (e.AccessTokenRejected(mark=command.mark), *_if_started(state, command.now, policy))


def _if_started(state: s.Holding, now: datetime, policy: Policy) -> tuple[e.Event, ...]:
    """Return the start of a refresh, or nothing where none can start now."""
    started = _started(state, now, policy)
    return started if isinstance(started, tuple) else ()


def _started(state: s.Holding, now: datetime, policy: Policy) -> tuple[e.Event, ...] | r.Refusal:
    """Return the start of a refresh, or why none can start now."""
    match state.work:
        case w.InFlight() | w.Retrying():
            return r.InProgress()
        case w.Dead(cause=cause):
            return _instead_of_dead(state, cause, now, policy)
        case w.Unknown(wait=wait, number=number) | w.Deferred(wait=wait, number=number):
            remaining = wait.remaining(now)
            return r.MustWait(remaining=remaining) if remaining > NO_TIME else _sent(state, number + 1, now, policy)
        case w.Idle():
            return _sent(state, 1, now, policy)
        case _ as never:
            assert_never(never)


def _instead_of_dead(
    state: s.Holding, cause: DeathCause, now: datetime, policy: Policy
) -> tuple[e.IdentityAsked] | r.InProgress | r.GrantIsDead:
    """Return the question whose held tokens are that may take the place of a dead authorization, if there are any."""
    if is_being_asked(state):
        return r.InProgress()
    return whose_are_held(state, now, policy) or r.GrantIsDead(cause=cause)


def _sent(state: s.Holding, number: int, now: datetime, policy: Policy) -> tuple[e.Event, ...]:
    """Return the intent to send the refresh token."""
    refresh = state.grant.refresh
    if isinstance(refresh, NoRefreshToken):
        return (e.GrantDied(cause=DeathCause.NO_REFRESH_TOKEN, at=now, detail=""),)
    intent = w.Intent(
        epoch=state.epoch,
        generation=state.grant.generation,
        number=number,
        mark=refresh.mark,
        sent=Wait(since=now, span=policy.request_deadline),
    )
    return (e.RefreshStarted(intent=intent, refresh=refresh),)
