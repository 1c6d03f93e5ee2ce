"""What an application asks for at the log-on page, and the address its user is sent back to."""

import enum
import string
from typing import Final
from urllib.parse import urlencode, urlsplit, urlunsplit

from attrs import field, frozen

from ..domain.secret import Secret


@enum.unique
class Door(enum.Enum):
    """The two authorization endpoints; they differ in what they send back."""

    LOG_ON = "/Authorization/OAuth/LogOn"
    AUTHORIZATION = "/Authorization/OAuth/Authorization"


@frozen(kw_only=True)
class Asking:
    """
    The parameters of one authorization request, unchecked; an empty text is an absent parameter, RFC 6749 section 3.1.

    Attributes:
        door: The endpoint that was called.
        client_secret: Official samples send it here; it is checked if present.
        state: Masked in ``repr``: it is the application's secret against forged callbacks.
        code_challenge: RFC 7636 section 4.3, with *code_challenge_method*.
    """

    door: Door
    client_id: str = ""
    client_secret: Secret = field(factory=lambda: Secret(""))
    response_type: str = ""
    redirect_uri: str = ""
    state: str = field(default="", repr=False)
    code_challenge: str = field(default="", repr=False)
    code_challenge_method: str = ""


_PRINTABLE: Final = frozenset(string.ascii_letters + string.digits + string.punctuation)


def is_printable(text: str) -> bool:
    """Tell whether *text* is visible ASCII, without blanks, and so fits into a header."""
    return _PRINTABLE.issuperset(text)


def can_return_to(address: str) -> bool:
    """Tell whether *address* is an absolute http or https URL that fits into a ``Location`` header."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.netloc) and is_printable(address)


def return_address(address: str, members: tuple[tuple[str, str], ...]) -> Secret:
    """Return *address* with *members* added to its query, joined by an ampersand when there is one already."""
    parts = urlsplit(address)
    added = urlencode(members, errors="replace")
    return Secret(urlunsplit(parts._replace(query=f"{parts.query}&{added}" if parts.query else added)))
