"""What the token endpoint, the identity page and the API can have meant: closed sets of values."""

import enum
from datetime import timedelta

from attrs import frozen

from ..credential import Credential


@enum.unique
class Note(enum.Enum):
    """Something odd in an answer that was used all the same; it goes into the journal."""

    LIFE_ASSUMED = "life-assumed"
    LIFE_CAPPED = "life-capped"
    LIFE_NOT_WHOLE = "life-not-whole"
    LIFE_AS_TEXT = "life-as-text"
    BORN_EXPIRED = "born-expired"
    TOKEN_TYPE_ASSUMED = "token-type-assumed"
    MEDIA_TYPE_IGNORED = "media-type-ignored"
    TOKENS_WITH_302 = "tokens-with-302"
    SCOPE_RETURNED = "scope-returned"
    CLOCKS_DIFFER = "clocks-differ"


@enum.unique
class Defect(enum.Enum):
    """Why an answer could not be used; shapes only, never a value."""

    SERVER_ERROR = "server-error"
    REDIRECTED = "redirected"
    BODY_CUT = "body-cut"
    BODY_TOO_LARGE = "body-too-large"
    BODY_ENCODED = "body-encoded"
    NOT_JSON = "not-json"
    NOT_AN_OBJECT = "not-an-object"
    REPEATED_MEMBER = "repeated-member"
    NOT_A_TOKEN_ANSWER = "not-a-token-answer"
    MEDIA_TYPE = "media-type"
    TOKEN_MALFORMED = "token-malformed"
    TOKEN_TYPE = "token-type"
    ACCESS_TOKEN_MISSING = "access-token-missing"
    ERROR_AND_TOKENS = "error-and-tokens"
    INFORMATIONAL = "informational"
    UNREADABLE_REFUSAL = "unreadable-refusal"
    TIMEOUT = "timeout"
    RESET = "connection-reset"
    CLOSED = "closed-without-answer"
    GARBLED = "not-http"
    CRASHED = "process-ended"


@frozen
class KeepOld:
    """The answer named no refresh token, so the one that was sent goes on (RFC 6749 section 6)."""


@frozen(kw_only=True)
class Granted:
    """
    Tokens, whole and usable.

    Attributes:
        access: The access token.
        refresh: The refresh token that replaces the one sent, or that there is none in the answer.
        life: How long the access token lives, counted from when the request left; zero when it was born expired.
        notes: What was odd.
    """

    access: Credential
    refresh: Credential | KeepOld
    life: timedelta
    notes: tuple[Note, ...] = ()


@frozen(kw_only=True)
class Salvaged:
    """A new refresh token was read whole in an answer that is otherwise unusable (security.md row 37)."""

    refresh: Credential
    defect: Defect


@frozen(kw_only=True)
class GrantRefused:
    """
    The server says that this code or this refresh token is no good: definite for it alone.

    Attributes:
        error: The OAuth error code, or ``rest-<status>`` for MailUp's other family; printable, at most 64 characters.
    """

    error: str


@frozen(kw_only=True)
class ClientRefused:
    """The server does not accept the application or its request; says nothing about the user's tokens."""

    error: str


@frozen
class ContractUnsigned:
    """MailUp's 403: the user must accept the terms in the console."""


@frozen(kw_only=True)
class TooManyRequests:
    """Refused for now, by rate; the token was not looked at.  *wait* is zero where the server does not say."""

    wait: timedelta


@frozen(kw_only=True)
class NotUnderstood:
    """A refusal (4xx) that names nothing we know: not definite, and the token was probably not spent."""

    status: int


@frozen(kw_only=True)
class OutcomeUnknown:
    """
    It was sent, and nobody can say whether it was obeyed.

    Attributes:
        defect: Why.
        wait: ``Retry-After`` of a 503, clamped to 1 s ... 1 h; zero where the server does not say.
    """

    defect: Defect
    wait: timedelta = timedelta()


@frozen(kw_only=True)
class NeverLeft:
    """It was provably not sent; *fault* is the word of the transport's ``SendingFault``."""

    fault: str


TokenAnswer = (
    Granted
    | Salvaged
    | GrantRefused
    | ClientRefused
    | ContractUnsigned
    | TooManyRequests
    | NotUnderstood
    | OutcomeUnknown
    | NeverLeft
)
"""What can become of one token request; the closed set that ``decide`` judges."""


@frozen(kw_only=True)
class User:
    """
    A MailUp user, as ``Authentication/Info`` names them.

    Attributes:
        uid: ``UID``, a text of digits; what two authorizations are compared by.
        username: ``Username``, such as ``m1234``.
    """

    uid: str
    username: str


@frozen(kw_only=True)
class UserUnknown:
    """The identity page gave no user; *why* is a short word for the journal."""

    why: str


IdentityAnswer = User | UserUnknown | ContractUnsigned
"""What can become of one question who the user is."""


@enum.unique
class ApiVerdict(enum.Enum):
    """What an API answer says about the access token that was sent with the request."""

    ACCEPTED = "accepted"
    TOKEN_REJECTED = "token-rejected"
    CONTRACT_UNSIGNED = "contract-unsigned"
    TOO_MANY_REQUESTS = "too-many-requests"
    OTHER = "other"
