"""What an event makes of a connection."""

from collections.abc import Callable, Iterable
from typing import Never, cast

from attrs import evolve as changed

from .. import events as e
from .. import states as s
from ..tokens import Grant, Unidentified
from ..wire.outcomes import KeepOld
from ..work import Idle
from .attempt import begun, moved
from .impossible import impossible
from .work import worked


def evolve(state: s.State, event: e.Event) -> s.State:
    """
    Return the state after *event*.

    Raises:
        ImpossibleEvent: the tables of ``transitions`` do not allow it there.
    """
    deed = cast("Callable[[s.State, e.Event], s.State]", _DEEDS[type(event)])
    return deed(state, event)


def fold(state: s.State, events: Iterable[e.Event]) -> s.State:
    """Return the state after all *events*, in order."""
    for event in events:
        state = evolve(state, event)
    return state


def _holding(state: s.State, event: e.Event) -> s.Holding:
    """Return the state as one that holds an authorization."""
    if isinstance(state, s.Unregistered | s.AwaitingCode):
        raise impossible(event, state)
    return state


def _on_begun(state: s.State, event: e.AuthorizationBegun) -> s.State:
    attempts = begun(state.attempts, event)
    if isinstance(state, s.Unregistered):
        return s.AwaitingCode(epoch=state.epoch, attempts=attempts)
    return changed(state, attempts=attempts)


def _on_attempt(state: s.State, event: e.CallbackRefused | e.AttemptDropped) -> s.State:
    return changed(state, attempts=moved(state.attempts, event.attempt, event))


def _on_live_attempt(
    state: s.State, event: e.AuthorizationDenied | e.CallbackAccepted | e.ExchangeNotSent | e.ExchangeFailed
) -> s.State:
    if isinstance(state, s.Unregistered):
        raise impossible(event, state)
    return changed(state, attempts=moved(state.attempts, event.attempt, event))


def _on_held(state: s.State, event: e.TokensHeld | e.AccountRefused) -> s.State:
    holding = _holding(state, event)
    return changed(holding, attempts=moved(holding.attempts, event.attempt, event))


def _on_issued(state: s.State, event: e.TokensIssued) -> s.State:
    if isinstance(state, s.Unregistered):
        raise impossible(event, state)
    grant = Grant(
        generation=0,
        refresh=event.refresh,
        user=event.user,
        authorized_at=event.access.asked_at,
        born_at=event.access.asked_at,
    )
    attempts = moved(state.attempts, event.attempt, event)
    return s.Authorized(epoch=event.epoch, attempts=attempts, grant=grant, work=Idle(), access=event.access)


def _on_authorization_salvaged(state: s.State, event: e.AuthorizationSalvaged) -> s.State:
    if isinstance(state, s.Unregistered):
        raise impossible(event, state)
    grant = Grant(generation=0, refresh=event.refresh, user=event.user, authorized_at=event.at, born_at=event.at)
    attempts = moved(state.attempts, event.attempt, event)
    return s.Expired(epoch=event.epoch, attempts=attempts, grant=grant, work=Idle(), cause=s.ExpiryCause.SALVAGED)


def _on_not_made(state: s.State, event: e.ConnectionNotMade) -> s.State:
    if not isinstance(state, s.AwaitingCode):
        raise impossible(event, state)
    return s.Unregistered(epoch=state.epoch, attempts=state.attempts, reason=event.reason)


def _on_identity(state: s.State, event: e.IdentityAsked | e.IdentityUnavailable) -> s.State:
    holding = _holding(state, event)
    if not isinstance(event.subject, e.Current):
        return changed(holding, attempts=moved(holding.attempts, event.subject, event))
    if isinstance(event, e.IdentityUnavailable):
        return holding
    return changed(holding, grant=changed(holding.grant, user=Unidentified(again=event.again)))


def _on_identified(state: s.State, event: e.UserIdentified) -> s.State:
    holding = _holding(state, event)
    return changed(holding, grant=changed(holding.grant, user=event.user))


def _on_end_of_access(state: s.State, event: e.AccessTokenExpired | e.AccessTokenRejected) -> s.State:
    if not isinstance(state, s.Authorized | s.Refreshed):
        raise impossible(event, state)
    rejected = isinstance(event, e.AccessTokenRejected)
    cause = s.ExpiryCause.REJECTED if rejected else s.ExpiryCause.CLOCK
    return s.Expired(epoch=state.epoch, attempts=state.attempts, grant=state.grant, work=state.work, cause=cause)


def _on_work(
    state: s.State, event: e.RefreshStarted | e.RefreshDeferred | e.RefreshOutcomeUnknown | e.GrantDied
) -> s.State:
    holding = _holding(state, event)
    return changed(holding, work=worked(holding.work, event))


def _on_refreshed(state: s.State, event: e.TokensRefreshed) -> s.State:
    holding = _holding(state, event)
    grant = Grant(
        generation=event.generation,
        refresh=holding.grant.refresh if isinstance(event.refresh, KeepOld) else event.refresh,
        user=holding.grant.user,
        authorized_at=holding.grant.authorized_at,
        born_at=event.access.asked_at,
    )
    work = worked(holding.work, event)
    return s.Refreshed(epoch=holding.epoch, attempts=holding.attempts, grant=grant, work=work, access=event.access)


def _on_salvaged(state: s.State, event: e.RefreshTokenSalvaged) -> s.State:
    holding = _holding(state, event)
    grant = changed(holding.grant, generation=event.generation, refresh=event.refresh, born_at=event.at)
    work = worked(holding.work, event)
    return s.Expired(
        epoch=holding.epoch, attempts=holding.attempts, grant=grant, work=work, cause=s.ExpiryCause.SALVAGED
    )


def _on_disconnected(state: s.State, event: e.Disconnected) -> s.State:
    if isinstance(state, s.Unregistered):
        raise impossible(event, state)
    return s.Unregistered(epoch=state.epoch, reason=s.Absence.DISCONNECTED)


_DEEDS: dict[type[e.Event], Callable[[s.State, Never], s.State]] = {
    e.AuthorizationBegun: _on_begun,
    e.CallbackRefused: _on_attempt,
    e.AttemptDropped: _on_attempt,
    e.AuthorizationDenied: _on_live_attempt,
    e.CallbackAccepted: _on_live_attempt,
    e.ExchangeNotSent: _on_live_attempt,
    e.ExchangeFailed: _on_live_attempt,
    e.TokensHeld: _on_held,
    e.AccountRefused: _on_held,
    e.TokensIssued: _on_issued,
    e.AuthorizationSalvaged: _on_authorization_salvaged,
    e.ConnectionNotMade: _on_not_made,
    e.IdentityAsked: _on_identity,
    e.IdentityUnavailable: _on_identity,
    e.UserIdentified: _on_identified,
    e.AccessTokenExpired: _on_end_of_access,
    e.AccessTokenRejected: _on_end_of_access,
    e.RefreshStarted: _on_work,
    e.RefreshDeferred: _on_work,
    e.RefreshOutcomeUnknown: _on_work,
    e.GrantDied: _on_work,
    e.TokensRefreshed: _on_refreshed,
    e.RefreshTokenSalvaged: _on_salvaged,
    e.Disconnected: _on_disconnected,
}
