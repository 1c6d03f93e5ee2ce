"""What every auth here promises, decided on plain values: who may see a token, and which answer means that it is refused."""

from collections.abc import Iterable, Mapping
from typing import Final, Protocol
from urllib.parse import urlsplit

from ...domain.addresses import is_loopback
from ...domain.provider import Provider
from ...domain.tokens import AccessToken
from ...domain.wire.api import read_api_verdict
from ...domain.wire.outcomes import ApiVerdict

HEADER: Final = "Authorization"
"""The one place of a token (RFC 6750 section 2.1)."""

_MAY_SPEAK_OF_THE_TOKEN = frozenset({400, 401})
"""The only statuses for which an answer's body is read here (mailup-wire.md section 12)."""


class TokenSource(Protocol):
    """What ``MailUpOAuth`` is to these adapters."""

    @property
    def provider(self) -> Provider:
        """Whose API the tokens are for."""
        ...

    def access_token(self, connection: str) -> AccessToken:
        """Return a token to use now."""
        ...

    def report_rejected(self, connection: str, rejected: AccessToken) -> AccessToken:
        """Return a token to try once more with."""
        ...


class AsyncTokenSource(Protocol):
    """What ``AsyncMailUpOAuth`` is to these adapters."""

    @property
    def provider(self) -> Provider:
        """Whose API the tokens are for."""
        ...

    async def access_token(self, connection: str) -> AccessToken:
        """Return a token to use now."""
        ...

    async def report_rejected(self, connection: str, rejected: AccessToken) -> AccessToken:
        """Return a token to try once more with."""
        ...


def may_see_token(scheme: str, host: str, provider: Provider) -> bool:
    """Say whether a token may be sent to *host*; both are in lower case, an IPv6 address has no brackets."""
    is_secure = scheme == "https" or (scheme == "http" and is_loopback(host))
    return is_secure and host in provider.api_hosts


def bearer(token: AccessToken) -> str:
    """Return what the header says."""
    return f"Bearer {token.value.reveal()}"


def may_speak_of(token: AccessToken, status: int, headers: Mapping[str, str]) -> bool:
    """
    Say whether an answer can be about *token*, before its body is read.

    Args:
        token: The token.
        status: The answer's status; looked at first, because finding a header costs more than all the rest.
        headers: Of the request that was answered; a redirect may have taken the token away or replaced it.
    """
    return status in _MAY_SPEAK_OF_THE_TOKEN and headers.get(HEADER) == bearer(token)


def is_rejected(status: int, headers: Iterable[tuple[str, str]], body: bytes) -> bool:
    """Say whether an answer, read whole, means that the token it was asked with is no good (security.md row 41)."""
    told = tuple((name.lower(), value) for name, value in headers)
    return read_api_verdict(status, told, body) is ApiVerdict.TOKEN_REJECTED


def place_of(url: str) -> tuple[str, str]:
    """Return scheme and host of *url*, both empty if it is none."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return "", ""
    return parts.scheme, parts.hostname or ""


def plain_place_of(url: str) -> tuple[str, str]:
    """Return the same, but only where every reader of *url* finds it: no user, no backslash, nothing to be tidied."""
    is_tidy = all("!" <= character <= "~" for character in url) and "\\" not in url
    scheme, host = place_of(url)
    return (scheme, host) if is_tidy and host and "@" not in urlsplit(url).netloc else ("", "")
