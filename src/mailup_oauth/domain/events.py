"""What happened, as the journal will tell it: past tense, complete, free of advice."""

import enum
from datetime import datetime

from attrs import frozen

from .attempts import AttemptEnd, AttemptId, AwaitingCallback
from .credential import Credential, Mark
from .errors import CallbackFault, DeathCause
from .instants import Wait
from .states import Absence
from .tokens import Access, Identity, NoRefreshToken
from .wire.outcomes import Defect, KeepOld, Note, User
from .work import Intent, SetbackKind


@frozen(kw_only=True)
class AuthorizationBegun:
    """A browser was sent to the log-on page."""

    attempt: AwaitingCallback


@frozen(kw_only=True)
class CallbackRefused:
    """A callback that named this attempt was not accepted; the attempt itself was not harmed."""

    attempt: AttemptId
    fault: CallbackFault


@frozen(kw_only=True)
class AuthorizationDenied:
    """The user, or the server for them, said no; the browser that began brought the answer."""

    attempt: AttemptId
    error: str
    fault: CallbackFault


@frozen(kw_only=True)
class CallbackAccepted:
    """The browser that began came back with a code; it will be sent once.  Stored before that, as the intent."""

    attempt: AttemptId
    code: Credential
    verifier: Credential
    redirect_uri: Credential
    sent: Wait


@frozen(kw_only=True)
class ExchangeNotSent:
    """The code provably never left; the same callback may be used again."""

    attempt: AttemptId
    fault: str


@frozen(kw_only=True)
class ExchangeFailed:
    """The code gave no tokens, and is never sent again."""

    attempt: AttemptId
    end: AttemptEnd
    detail: str


@frozen(kw_only=True)
class TokensIssued:
    """MailUp granted access for a code; from here on this is the connection's authorization."""

    attempt: AttemptId
    epoch: int
    access: Access
    refresh: Credential | NoRefreshToken
    user: Identity
    notes: tuple[Note, ...]


@frozen(kw_only=True)
class TokensHeld:
    """MailUp granted access for a code while a known user is connected; whose it is must be learned first."""

    attempt: AttemptId
    access: Access
    refresh: Credential | NoRefreshToken
    notes: tuple[Note, ...]
    again: Wait


@frozen(kw_only=True)
class AccountRefused:
    """The new tokens belong to another MailUp user than the one connected; they were dropped."""

    attempt: AttemptId
    connected: User
    arrived: User


@frozen(kw_only=True)
class AuthorizationSalvaged:
    """An otherwise unusable answer to a code held a whole refresh token, which is the authorization now."""

    attempt: AttemptId
    epoch: int
    refresh: Credential
    defect: Defect
    user: Identity
    at: datetime


@enum.unique
class DropReason(enum.Enum):
    """Why an attempt is no longer remembered."""

    LAPSED = "lapsed"
    DISPLACED = "displaced"
    OVERTAKEN = "overtaken"
    OVER = "over"


@frozen(kw_only=True)
class AttemptDropped:
    """An attempt is no longer remembered."""

    attempt: AttemptId
    why: DropReason


@frozen(kw_only=True)
class ConnectionNotMade:
    """The last attempt alive came to nothing, and no authorization is held."""

    reason: Absence


@frozen
class Current:
    """The connection's authorization itself, as opposed to one of its attempts."""


CURRENT = Current()


@frozen(kw_only=True)
class IdentityAsked:
    """MailUp is asked whose access token this is; not again before *again* is over."""

    subject: AttemptId | Current
    epoch: int
    access: Credential
    again: Wait


@frozen(kw_only=True)
class UserIdentified:
    """MailUp said whose the connection's authorization is."""

    user: User


@frozen(kw_only=True)
class IdentityUnavailable:
    """MailUp did not say whose an access token is; it will be asked again."""

    subject: AttemptId | Current
    why: str


@frozen(kw_only=True)
class AccessTokenExpired:
    """The access token came to its end by the clock."""

    mark: Mark


@frozen(kw_only=True)
class AccessTokenRejected:
    """MailUp's API refused the access token before its time."""

    mark: Mark


@frozen(kw_only=True)
class RefreshStarted:
    """A refresh token is about to be sent.  Stored before that, as the intent."""

    intent: Intent
    refresh: Credential


@frozen(kw_only=True)
class TokensRefreshed:
    """MailUp granted a new access token, and with it, as a rule, a new refresh token; else the old one goes on."""

    generation: int
    access: Access
    refresh: Credential | KeepOld
    notes: tuple[Note, ...]


@frozen(kw_only=True)
class RefreshTokenSalvaged:
    """An otherwise unusable answer held a whole new refresh token; the old one is spent."""

    generation: int
    refresh: Credential
    defect: Defect
    at: datetime


@frozen(kw_only=True)
class RefreshDeferred:
    """The refresh token is unspent, and is not sent again before *wait* is over."""

    kind: SetbackKind
    detail: str
    wait: Wait


@frozen(kw_only=True)
class RefreshOutcomeUnknown:
    """The refresh token was sent at *at*, and nobody can say whether it was spent; *wait* lets the server settle."""

    defect: Defect
    at: datetime
    wait: Wait


@frozen(kw_only=True)
class GrantDied:
    """No refresh will give tokens any more; only the user can help."""

    cause: DeathCause
    at: datetime
    detail: str


@frozen(kw_only=True)
class Disconnected:
    """The tokens and attempts were erased here; at the provider the authorization may go on."""


Event = (
    AuthorizationBegun
    | CallbackRefused
    | AuthorizationDenied
    | CallbackAccepted
    | ExchangeNotSent
    | ExchangeFailed
    | TokensIssued
    | TokensHeld
    | AccountRefused
    | AuthorizationSalvaged
    | AttemptDropped
    | ConnectionNotMade
    | IdentityAsked
    | UserIdentified
    | IdentityUnavailable
    | AccessTokenExpired
    | AccessTokenRejected
    | RefreshStarted
    | TokensRefreshed
    | RefreshTokenSalvaged
    | RefreshDeferred
    | RefreshOutcomeUnknown
    | GrantDied
    | Disconnected
)
