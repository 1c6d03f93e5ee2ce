"""HTTP as values: a request to be sent, and the closed set of what can become of it."""

import enum

from attrs import field, frozen

from ..errors import TrustFault
from ..secret import Secret

Headers = tuple[tuple[str, str], ...]


@frozen(kw_only=True)
class HttpRequest:
    """
    One request, complete; it is sent once or not at all, and redirects are never followed.

    Attributes:
        method: Upper case.
        url: Absolute; holds no secret.
        headers: Names as written, in order; those that hold a secret are in *authorization*.
        authorization: The whole value of the ``Authorization`` header, or the empty ``Secret``.
        body: The whole body as text, form-encoded ASCII, or the empty ``Secret``.
    """

    method: str
    url: str
    headers: Headers = ()
    authorization: Secret = field(factory=lambda: Secret(""))
    body: Secret = field(factory=lambda: Secret(""))


@enum.unique
class Ending(enum.Enum):
    """How a body came to its end."""

    WHOLE = "whole"
    CUT = "cut"
    TOO_LARGE = "too-large"


@frozen(kw_only=True)
class HttpResponse:
    """
    A status line and headers that were read, and as much of the body as came.

    Attributes:
        status: 100 to 599 as sent; other numbers count as an answer that is not understood.
        headers: Names in lower case, in order, repeats kept.
        body: The raw bytes; masked in ``repr`` because it may hold tokens.
        ending: Whether *body* is all of it.
    """

    status: int
    headers: Headers = ()
    body: bytes = field(default=b"", repr=lambda body: f"<{len(body)} bytes>")
    ending: Ending = Ending.WHOLE


@enum.unique
class SendingFault(enum.Enum):
    """
    Why a request provably never left; the same request may be sent again.

    Waiting cures the first; those that are named as in ``TrustFault`` somebody has to mend (reliability.md N4).
    """

    NAME_NOT_FOUND = "name-not-found"
    REFUSED = "connection-refused"
    CONNECT_TIMEOUT = "connect-timeout"
    TLS = "tls"
    UNREACHABLE = "unreachable"
    SHUTTING_DOWN = "shutting-down"
    CERTIFICATE_FOR_ANOTHER_HOST = TrustFault.CERTIFICATE_FOR_ANOTHER_HOST.value
    CERTIFICATE_OUT_OF_DATE = TrustFault.CERTIFICATE_OUT_OF_DATE.value
    CERTIFICATE_ISSUER_UNKNOWN = TrustFault.CERTIFICATE_ISSUER_UNKNOWN.value
    TLS_TOO_OLD = TrustFault.TLS_TOO_OLD.value
    TRUSTED_ROOTS_UNREADABLE = TrustFault.TRUSTED_ROOTS_UNREADABLE.value


@enum.unique
class Silence(enum.Enum):
    """Why a request that left, or may have left, has no answer; it may or may not have been obeyed."""

    TIMEOUT = "timeout"
    RESET = "connection-reset"
    CLOSED = "closed-without-answer"
    GARBLED = "not-http"
    CRASHED = "process-ended"


@frozen
class NotSent:
    """Not one byte of the request's content left this machine."""

    fault: SendingFault


@frozen
class Unanswered:
    """The request left, or may have left, and no status line came back."""

    silence: Silence


Exchange = HttpResponse | NotSent | Unanswered
"""What the Transport port returns for every request; it raises nothing."""
