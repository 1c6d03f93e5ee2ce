"""
The names of the stored format: what each class is called in a row or a record, for ever.

A class may be renamed or moved in the program; what stands on the left here may not.  ``tests/journal`` holds every
name and every member against a committed list.
"""

from typing import Final

from ..domain import attempts as a
from ..domain import events as e
from ..domain import states as s
from ..domain import tokens as t
from ..domain import work as w
from ..domain.wire.outcomes import Granted, KeepOld, Salvaged, User
from . import installation as i
from . import received as r

EVENTS: Final[dict[str, type]] = {
    "AuthorizationBegun": e.AuthorizationBegun,
    "CallbackRefused": e.CallbackRefused,
    "AuthorizationDenied": e.AuthorizationDenied,
    "CallbackAccepted": e.CallbackAccepted,
    "ExchangeNotSent": e.ExchangeNotSent,
    "ExchangeFailed": e.ExchangeFailed,
    "TokensIssued": e.TokensIssued,
    "TokensHeld": e.TokensHeld,
    "AccountRefused": e.AccountRefused,
    "AuthorizationSalvaged": e.AuthorizationSalvaged,
    "AttemptDropped": e.AttemptDropped,
    "ConnectionNotMade": e.ConnectionNotMade,
    "IdentityAsked": e.IdentityAsked,
    "UserIdentified": e.UserIdentified,
    "IdentityUnavailable": e.IdentityUnavailable,
    "AccessTokenExpired": e.AccessTokenExpired,
    "AccessTokenRejected": e.AccessTokenRejected,
    "RefreshStarted": e.RefreshStarted,
    "TokensRefreshed": e.TokensRefreshed,
    "RefreshTokenSalvaged": e.RefreshTokenSalvaged,
    "RefreshDeferred": e.RefreshDeferred,
    "RefreshOutcomeUnknown": e.RefreshOutcomeUnknown,
    "GrantDied": e.GrantDied,
    "Disconnected": e.Disconnected,
    "KeyRingChanged": i.KeyRingChanged,
    "TokenHandedOut": i.TokenHandedOut,
    "TokensImported": i.TokensImported,
}

STATES: Final[dict[str, type]] = {
    "Unregistered": s.Unregistered,
    "AwaitingCode": s.AwaitingCode,
    "Authorized": s.Authorized,
    "Expired": s.Expired,
    "Refreshed": s.Refreshed,
    "Installation": i.Installation,
}

RECEIVED: Final[dict[str, type]] = {
    "ExchangeReceived": r.ExchangeReceived,
    "RefreshReceived": r.RefreshReceived,
}

NAMES: Final[dict[str, type]] = {
    **EVENTS,
    **STATES,
    **RECEIVED,
    "AwaitingCallback": a.AwaitingCallback,
    "Exchanging": a.Exchanging,
    "Identifying": a.Identifying,
    "ToBeAsked": a.ToBeAsked,
    "BeingAsked": a.BeingAsked,
    "Finished": a.Finished,
    "Idle": w.Idle,
    "InFlight": w.InFlight,
    "Retrying": w.Retrying,
    "Unknown": w.Unknown,
    "Deferred": w.Deferred,
    "Dead": w.Dead,
    "User": User,
    "Unidentified": t.Unidentified,
    "Anonymous": t.Anonymous,
    "NoRefreshToken": t.NoRefreshToken,
    "KeepOld": KeepOld,
    "Current": e.Current,
    "Granted": Granted,
    "Salvaged": Salvaged,
}
"""Every class that says its own name, under ``"type"``, wherever it is stored."""

CLASSES: Final[dict[type, str]] = {kind: name for name, kind in NAMES.items()}
