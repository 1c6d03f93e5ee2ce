"""What happened at MailUp, in the past tense and complete; nothing here says what to do about it."""

from datetime import datetime, timedelta

from attrs import field, frozen

from .commands import Effect
from .faults import Fault, Target
from .switches import Switches
from .world import AccessToken, Code, Family, Grant, LoggedOnAs, RefreshToken, Visiting, Window, World


@frozen(kw_only=True)
class LogOnPageShown:
    """A browser got the log-on page and a session, kept under the key of its cookie."""

    session_key: str
    session: Visiting


@frozen(kw_only=True)
class LogOnFailed:
    """A browser posted credentials that nobody has; its session goes on."""

    at: datetime


@frozen(kw_only=True)
class LoggedOn:
    """A user logged on; the session got a new key, so that one fixed before is worth nothing."""

    former_key: str
    session_key: str
    session: LoggedOnAs


@frozen
class ConsentGiven:
    """A user allowed an application to act for them."""

    grant: Grant


@frozen(kw_only=True)
class ConsentDenied:
    """A user refused."""

    username: str
    client_id: str
    at: datetime


@frozen(kw_only=True)
class LogOnEnded:
    """A session has served its purpose."""

    session_key: str


@frozen
class CodeIssued:
    """A code was sent to the application by way of the browser."""

    code: Code


@frozen(kw_only=True)
class CodeExchanged:
    """A code was used, once and for ever."""

    code_key: str
    at: datetime


@frozen(kw_only=True)
class CodeReplayed:
    """A code that was used came again."""

    code_key: str
    at: datetime


@frozen(kw_only=True)
class TokensIssued:
    """A code, or a user name and its password, founded a family."""

    family: Family
    access: AccessToken
    refresh: RefreshToken


@frozen(kw_only=True)
class TokensRotated:
    """A refresh token was used and replaced."""

    spent_key: str
    access: AccessToken
    refresh: RefreshToken
    at: datetime


@frozen
class AccessRenewed:
    """A refresh token was used and not replaced."""

    access: AccessToken


@frozen(kw_only=True)
class PairRepeated:
    """A rotated refresh token came again within its grace and brought its successors a second time."""

    family: str
    generation: int
    at: datetime


@frozen(kw_only=True)
class ReuseDetected:
    """A refresh token that is worth nothing since its rotation came again."""

    family: str
    generation: int
    at: datetime


@frozen(kw_only=True)
class FamilyRevoked:
    """The tokens of one family ended, as far as *effect* reaches."""

    family: str
    effect: Effect
    at: datetime


@frozen(kw_only=True)
class CallCounted:
    """The rate limiter counted a call, allowed or not."""

    username: str
    method: str
    window: Window


@frozen(kw_only=True)
class ApplicationRevoked:
    """A user took an application's permission back; consent and unused codes are gone."""

    username: str
    client_id: str
    at: datetime


@frozen
class ContractSigned:
    """A user accepted the terms of service."""

    username: str


@frozen
class ContractLapsed:
    """A user has yet to accept the terms of service."""

    username: str


@frozen
class SwitchesChanged:
    """MailUp took on other habits."""

    switches: Switches


@frozen
class ClockMoved:
    """MailUp's clock went ahead."""

    span: timedelta


@frozen
class BegunAgain:
    """All that happened was forgotten, and *world* is what there is now."""

    world: World = field(repr=False)


@frozen
class FaultPlanned:
    """A fault was put into the queue."""

    target: Target
    fault: Fault


@frozen
class FaultMet:
    """A request met the first fault planned for its target."""

    target: Target
    fault: Fault


Event = (
    LogOnPageShown
    | LogOnFailed
    | LoggedOn
    | ConsentGiven
    | ConsentDenied
    | LogOnEnded
    | CodeIssued
    | CodeExchanged
    | CodeReplayed
    | TokensIssued
    | TokensRotated
    | AccessRenewed
    | PairRepeated
    | ReuseDetected
    | FamilyRevoked
    | CallCounted
    | ApplicationRevoked
    | ContractSigned
    | ContractLapsed
    | SwitchesChanged
    | ClockMoved
    | BegunAgain
    | FaultPlanned
    | FaultMet
)
