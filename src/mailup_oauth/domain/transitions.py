"""The law: three total tables that say where every event leads; ``evolve`` does the deeds and may not disagree."""

from collections.abc import Mapping
from typing import get_args

from attrs import frozen

from . import attempts as a
from . import events as e
from . import states as s
from . import work as w


@frozen
class Gone:
    """Where something leads that is no longer remembered."""


@frozen
class Impossible:
    """Where an event leads that cannot happen there."""


Row = Mapping[type[e.Event], type]
Table = Mapping[type, Row]

STATES: tuple[type, ...] = get_args(s.State)
ATTEMPTS: tuple[type, ...] = get_args(a.Attempt)
WORKS: tuple[type, ...] = get_args(w.Work)
EVENTS: tuple[type[e.Event], ...] = get_args(e.Event)


def _total(rows: Mapping[type, Row], *, indifferent: frozenset[type[e.Event]] = frozenset()) -> Table:
    """Fill every cell: events a row is indifferent to lead to itself, all others that it does not name nowhere."""
    return {
        origin: {event: row.get(event, origin if event in indifferent else Impossible) for event in EVENTS}
        for origin, row in rows.items()
    }


def _staying(origin: type, *met: type[e.Event]) -> dict[type[e.Event], type]:
    """Return cells in which the events leave the state as it is."""
    return dict.fromkeys(met, origin)


_ATTEMPT_MOVES = (
    e.AuthorizationBegun,
    e.CallbackRefused,
    e.AuthorizationDenied,
    e.CallbackAccepted,
    e.ExchangeNotSent,
    e.ExchangeFailed,
    e.AttemptDropped,
)
_WHILE_HOLDING = (
    *_ATTEMPT_MOVES,
    e.TokensHeld,
    e.AccountRefused,
    e.IdentityAsked,
    e.UserIdentified,
    e.IdentityUnavailable,
    e.RefreshStarted,
    e.RefreshDeferred,
    e.RefreshOutcomeUnknown,
    e.GrantDied,
)
_HOLDING_MOVES: Row = {
    e.TokensIssued: s.Authorized,  # another authorization takes the place of this one
    e.TokensRefreshed: s.Refreshed,
    e.RefreshTokenSalvaged: s.Expired,  # a new refresh token, but nothing to call the API with
    e.AuthorizationSalvaged: s.Expired,
    e.Disconnected: s.Unregistered,
}
_ENDS_OF_ACCESS: Row = {e.AccessTokenExpired: s.Expired, e.AccessTokenRejected: s.Expired}

STATE_TABLE: Table = _total(
    {
        s.Unregistered: {
            e.AuthorizationBegun: s.AwaitingCode,
            **_staying(s.Unregistered, e.CallbackRefused, e.AttemptDropped),
        },
        s.AwaitingCode: {
            **_staying(s.AwaitingCode, *_ATTEMPT_MOVES),
            e.TokensIssued: s.Authorized,
            e.AuthorizationSalvaged: s.Expired,
            e.ConnectionNotMade: s.Unregistered,
            e.Disconnected: s.Unregistered,
        },
        s.Authorized: {**_staying(s.Authorized, *_WHILE_HOLDING), **_HOLDING_MOVES, **_ENDS_OF_ACCESS},
        s.Expired: {**_staying(s.Expired, *_WHILE_HOLDING), **_HOLDING_MOVES},
        s.Refreshed: {**_staying(s.Refreshed, *_WHILE_HOLDING), **_HOLDING_MOVES, **_ENDS_OF_ACCESS},
    }
)
"""Where each event leads from each of the five states."""

ATTEMPT_TABLE: Table = _total(
    {
        a.AwaitingCallback: {
            e.CallbackRefused: a.AwaitingCallback,
            e.CallbackAccepted: a.Exchanging,
            e.AuthorizationDenied: a.Finished,
            e.AttemptDropped: Gone,
            e.Disconnected: Gone,
        },
        a.Exchanging: {
            e.CallbackRefused: a.Exchanging,
            e.ExchangeNotSent: a.AwaitingCallback,  # provably never left, so the code is still good
            e.ExchangeFailed: a.Finished,
            e.TokensIssued: a.Finished,
            e.TokensHeld: a.Identifying,
            e.AuthorizationSalvaged: a.Finished,
            e.Disconnected: Gone,
        },
        a.Identifying: {
            e.CallbackRefused: a.Identifying,
            e.IdentityAsked: a.Identifying,
            e.IdentityUnavailable: a.Identifying,
            e.TokensIssued: a.Finished,
            e.AccountRefused: a.Finished,
            e.AttemptDropped: Gone,
            e.Disconnected: Gone,
        },
        a.Finished: {e.CallbackRefused: a.Finished, e.AttemptDropped: Gone, e.Disconnected: Gone},
    }
)
"""Where each event leads the one attempt that it names; ``Disconnected`` names all."""

_OF_NO_WORK: frozenset[type[e.Event]] = frozenset(
    {
        *_ATTEMPT_MOVES,
        e.TokensHeld,
        e.AccountRefused,
        e.IdentityAsked,
        e.UserIdentified,
        e.IdentityUnavailable,
        e.AccessTokenExpired,
        e.AccessTokenRejected,
    }
)
_NEW_AUTHORIZATION: Row = {e.TokensIssued: w.Idle, e.AuthorizationSalvaged: w.Idle, e.Disconnected: Gone}
_NEW_TOKENS: Row = {e.TokensRefreshed: w.Idle, e.RefreshTokenSalvaged: w.Idle}

WORK_TABLE: Table = _total(
    {
        w.Idle: {e.RefreshStarted: w.InFlight, e.GrantDied: w.Dead, **_NEW_AUTHORIZATION},
        w.InFlight: {
            e.RefreshDeferred: w.Deferred,
            e.RefreshOutcomeUnknown: w.Unknown,
            e.GrantDied: w.Dead,
            **_NEW_TOKENS,
            **_NEW_AUTHORIZATION,
        },
        w.Retrying: {
            e.RefreshDeferred: w.Unknown,  # the earlier doubt remains, whatever became of this try
            e.RefreshOutcomeUnknown: w.Unknown,
            e.GrantDied: w.Dead,
            **_NEW_TOKENS,
            **_NEW_AUTHORIZATION,
        },
        w.Unknown: {
            e.RefreshStarted: w.Retrying,
            **_NEW_TOKENS,  # received after all: they had waited where nobody else could see them
            **_NEW_AUTHORIZATION,
        },
        w.Deferred: {e.RefreshStarted: w.InFlight, **_NEW_AUTHORIZATION},
        w.Dead: _NEW_AUTHORIZATION,
    },
    indifferent=_OF_NO_WORK,
)
"""Where each event leads the refresh work."""
