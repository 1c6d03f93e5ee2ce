"""What MailUp can be asked: by a browser, by an application, and by whoever owns the sandbox."""

import enum
from datetime import datetime, timedelta

from attrs import field, frozen
from attrs.validators import ge

from ..domain.secret import Secret
from .asking import Asking
from .faults import Fault, Target
from .messages import Format
from .resources import Resource
from .scenario import Scenario
from .switches import Switches


@frozen
class Nobody:
    """No client was named."""


@frozen
class Named:
    """A client was named and nothing proved."""

    client_id: str


@frozen
class Claimed:
    """A client was named with its secret, which is unchecked."""

    client_id: str
    client_secret: Secret


Client = Nobody | Named | Claimed


@frozen(kw_only=True)
class OpenLogOn:
    """A browser comes to the log-on page; *entropy* becomes its cookie and page token."""

    asking: Asking
    now: datetime
    entropy: bytes = field(repr=False)


@frozen(kw_only=True)
class PostCredentials:
    """A browser posts a user name and a password from the page that *cookie* and *page_token* name."""

    asking: Asking
    cookie: Secret
    page_token: Secret
    username: str
    password: Secret
    now: datetime
    entropy: bytes = field(repr=False)


@enum.unique
class Answer(enum.Enum):
    """What a user says on the consent page."""

    ALLOW = "Allow"
    DENY = "Deny"


@frozen(kw_only=True)
class AnswerConsent:
    """A browser posts its user's answer from the consent page."""

    asking: Asking
    cookie: Secret
    page_token: Secret
    answer: Answer
    now: datetime
    entropy: bytes = field(repr=False)


@frozen(kw_only=True)
class ExchangeCode:
    """An application brings a code; absent parameters are empty."""

    client: Client
    code: Secret
    redirect_uri: str
    code_verifier: Secret
    now: datetime
    entropy: bytes = field(repr=False)


@frozen(kw_only=True)
class RefreshTokens:
    """An application brings a refresh token."""

    client: Client
    refresh_token: Secret
    now: datetime
    entropy: bytes = field(repr=False)


@frozen(kw_only=True)
class ExchangePassword:
    """An application brings a user's name and password."""

    client: Client
    username: str
    password: Secret
    now: datetime
    entropy: bytes = field(repr=False)


@frozen
class AskUnknownGrant:
    """The token endpoint is asked with a ``grant_type`` it does not know."""


@frozen
class AskIncompletely:
    """The token endpoint is asked without a parameter it needs."""


@frozen(kw_only=True)
class AskResource:
    """An application calls the API; an empty token is a missing or foreign ``Authorization`` header."""

    resource: Resource
    form: Format
    access_token: Secret
    now: datetime


@frozen
class AskElsewhere:
    """A path that MailUp does not have."""


@frozen
class AskWrongly:
    """A path that MailUp has, by a method it does not take; *allowed* are those it does."""

    allowed: tuple[str, ...]


@frozen
class AskTooMuch:
    """A request larger than anybody has reason to send."""


@frozen
class PlanFault:
    """The next request at *target* that meets no earlier fault shall meet *fault*."""

    target: Target
    fault: Fault


@enum.unique
class Effect(enum.Enum):
    """How far a revocation reaches: access tokens too, or only what would renew them."""

    IMMEDIATE = "immediate"
    AT_EXPIRY = "at-expiry"


@frozen(kw_only=True)
class RevokeApplication:
    """A user takes an application's permission back in the console."""

    username: str
    client_id: str
    effect: Effect
    now: datetime


@frozen
class SignContract:
    """A user accepts the terms of service."""

    username: str


@frozen
class UnsignContract:
    """The terms of service change, and a user has not accepted them yet."""

    username: str


@frozen(kw_only=True)
class MoveClock:
    """MailUp's clock goes ahead by *span*, and no further than ``scenario.LATEST``."""

    span: timedelta = field(validator=ge(timedelta(0)))
    now: datetime


@frozen(kw_only=True)
class BeginAgain:
    """All that happened is forgotten, and MailUp is as *scenario* says; *now* is what its clock shows before."""

    scenario: Scenario
    now: datetime


@frozen
class ChangeSwitches:
    """From now on MailUp has these habits."""

    switches: Switches


Visit = OpenLogOn | PostCredentials | AnswerConsent
TokenRequest = ExchangeCode | ExchangePassword | RefreshTokens | AskUnknownGrant | AskIncompletely
Misdirected = AskElsewhere | AskWrongly | AskTooMuch
Order = PlanFault | RevokeApplication | SignContract | UnsignContract | ChangeSwitches | MoveClock | BeginAgain
Command = Visit | TokenRequest | AskResource | Misdirected | Order
