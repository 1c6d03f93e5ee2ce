"""What the core can be asked; every moment, chance, credential and answer arrives in here."""

from datetime import datetime

from attrs import frozen

from .attempts import AccountRule, AttemptId
from .credential import Credential, Mark
from .events import Current
from .wire.callback import Denied, Faulty, Returned
from .wire.outcomes import IdentityAnswer, TokenAnswer
from .work import Intent


@frozen(kw_only=True)
class BeginAuthorization:
    """Prepare to send a browser to the log-on page."""

    now: datetime
    attempt: AttemptId
    binding: str
    rule: AccountRule
    verifier: Credential
    redirect_uri: Credential


@frozen(kw_only=True)
class AcceptCallback:
    """
    Judge what a browser brought back.

    Attributes:
        attempt: The attempt that the callback's nonce names.
        binding: The SHA-256 of what this browser keeps; of the empty text, if it keeps nothing.
        callback: What the query said.
    """

    now: datetime
    attempt: AttemptId
    binding: str
    callback: Returned | Denied | Faulty


@frozen(kw_only=True)
class ReportExchange:
    """Tell what became of the code that was sent for *attempt*."""

    now: datetime
    chance: float
    attempt: AttemptId
    answer: TokenAnswer


@frozen(kw_only=True)
class AskIdentity:
    """Find out whose authorization it is, if that is not known yet."""

    now: datetime


@frozen(kw_only=True)
class ReportIdentity:
    """Tell what MailUp said about the user; *epoch* is the authorization that it was asked under."""

    now: datetime
    epoch: int
    subject: AttemptId | Current
    answer: IdentityAnswer


@frozen(kw_only=True)
class UseAccess:
    """See to it that there is an access token to use; changes nothing while there is one."""

    now: datetime


@frozen(kw_only=True)
class RefreshNow:
    """Refresh, whatever the clock says."""

    now: datetime


@frozen(kw_only=True)
class ReportRejected:
    """Tell that MailUp's API refused the access token with this mark."""

    now: datetime
    mark: Mark


@frozen(kw_only=True)
class ReportRefresh:
    """Tell what became of the refresh token that was sent under *intent*."""

    now: datetime
    chance: float
    intent: Intent
    answer: TokenAnswer


@frozen(kw_only=True)
class Disconnect:
    """Erase what is held here."""

    now: datetime


Command = (
    BeginAuthorization
    | AcceptCallback
    | ReportExchange
    | AskIdentity
    | ReportIdentity
    | UseAccess
    | RefreshNow
    | ReportRejected
    | ReportRefresh
    | Disconnect
)
