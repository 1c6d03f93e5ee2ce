"""What MailUp has to say, before anybody has decided in which clothes; no status, header or HTML is known here."""

import enum
from datetime import timedelta
from typing import Generic, TypeVar

from attrs import field, frozen

from ..domain.secret import Secret
from .accounts import MailingList, MailUpUser, Recipient
from .asking import Asking
from .faults import Fault
from .messages import Format
from .resources import Paging

Item = TypeVar("Item")


@enum.unique
class Notice(enum.Enum):
    """What the log-on page says above its form."""

    WELCOME = "Log on with your MailUp user name and password."
    WRONG_CREDENTIALS = "The user name or the password is wrong."  # a sentence, not a password


@frozen(kw_only=True)
class ShowLogOn:
    """The log-on form."""

    asking: Asking
    application: str
    cookie: Secret
    page_token: Secret
    notice: Notice


@frozen(kw_only=True)
class ShowConsent:
    """The consent form."""

    asking: Asking
    application: str
    username: str
    cookie: Secret
    page_token: Secret


@frozen
class SendBack:
    """The browser goes to *location*, which may hold a code."""

    location: Secret


@enum.unique
class Complaint(enum.Enum):
    """Why a browser is not helped; the value is shown to its user."""

    UNKNOWN_APPLICATION = "The application is not known."
    WRONG_SECRET = "The application's secret is wrong."  # a sentence, not a secret
    RESPONSE_TYPE = "The application must ask for response_type=code."
    REDIRECT_URI = "The application's redirect_uri is missing or not usable."
    STALE_PAGE = "This page is no longer valid. Start again from the application."
    DENIED = "You did not allow the application to act for you."


@frozen
class Complain:
    """A page that says what is wrong."""

    complaint: Complaint


@frozen
class LeaveThere:
    """A page that ends the visit without sending the browser anywhere."""


@frozen(kw_only=True)
class TokensTold:
    """
    New tokens.

    Attributes:
        refresh_token: Empty if none is told.
        lasting: What is left of the access token's life; never negative.
        state: Empty if none is told.
    """

    access_token: Secret
    refresh_token: Secret
    lasting: timedelta
    state: str = field(default="", repr=False)


@enum.unique
class OAuthError(enum.Enum):
    """The codes of RFC 6749 section 5.2 that MailUp has a use for."""

    INVALID_CLIENT = "invalid_client"
    INVALID_GRANT = "invalid_grant"
    INVALID_REQUEST = "invalid_request"
    UNSUPPORTED_GRANT_TYPE = "unsupported_grant_type"


@frozen
class TokenRefused:
    """The token endpoint says no; the description is in MailUp's words where they are known."""

    error: OAuthError
    description: str


@frozen(kw_only=True)
class Page(Generic[Item]):
    """Some of *total* items: those behind the first *skipped*."""

    items: tuple[Item, ...]
    paging: Paging
    skipped: int
    total: int


@frozen
class InfoTold:
    """Who the token acts for."""

    user: MailUpUser


@frozen
class DetailsTold:
    """Who the token acts for, at length."""

    user: MailUpUser


@frozen
class ListsTold:
    """Some of the user's lists."""

    page: Page[MailingList]


@frozen
class RecipientsTold:
    """Some of the recipients of a list."""

    page: Page[Recipient]


Content = InfoTold | DetailsTold | ListsTold | RecipientsTold


@frozen
class ResourceTold:
    """What the API has to say, in the form that was asked for."""

    content: Content
    form: Format


@enum.unique
class Trouble(enum.Enum):
    """Why a resource says no, except for its rate limit."""

    BAD_TOKEN = "bad-token"  # the name of a trouble
    ACCESS_ENDED = "access-ended"
    CONTRACT_UNSIGNED = "contract-unsigned"
    FORBIDDEN = "forbidden"
    BAD_PARAMETERS = "bad-parameters"


@frozen
class ResourceRefused:
    """A resource says no."""

    trouble: Trouble


@frozen(kw_only=True)
class TooManyCalls:
    """The rate limiter says no."""

    most: int
    actual: int


@frozen
class NothingThere:
    """There is no such path."""


@frozen
class WrongMethod:
    """The path takes only *allowed* methods."""

    allowed: tuple[str, ...]


@frozen
class TooLarge:
    """The request is too large to be read."""


@frozen
class Obeyed:
    """There is nothing to say."""


@frozen(kw_only=True)
class Struck:
    """*fault* came between *reply* and whoever waits for it."""

    fault: Fault
    reply: "Plain"


Plain = (
    ShowLogOn
    | ShowConsent
    | SendBack
    | Complain
    | LeaveThere
    | TokensTold
    | TokenRefused
    | ResourceTold
    | ResourceRefused
    | TooManyCalls
    | NothingThere
    | WrongMethod
    | TooLarge
    | Obeyed
)
Reply = Plain | Struck
