"""``httpx2.Auth`` for API calls: a token for MailUp's hosts only, and one repeat when MailUp says 401."""

from collections.abc import AsyncGenerator, Generator
from typing import NoReturn

try:
    import httpx2
except ModuleNotFoundError as missing:
    problem = 'authorizing httpx2 needs httpx2. Run: pip install "mailup-oauth[httpx2]"'
    raise ModuleNotFoundError(problem, name=missing.name) from None

from ...domain.provider import Provider
from .flows import BLOCKING, NOTHING_TO_AWAIT_WITH, Bodies, Terms, async_flow, flow
from .promises import AsyncTokenSource, TokenSource

BODIES = Bodies(whole=httpx2.ByteStream, read=httpx2.SyncByteStream, awaited=httpx2.AsyncByteStream)


class MailUpAuth(httpx2.Auth):
    """
    Authorizes the requests of a synchronous ``httpx2.Client``.

    The token goes to the provider's API hosts over https (http on a loopback address) and nowhere else; other requests
    pass untouched.  On a 401 it is renewed once and the request repeated once, if its body can be sent again: bytes,
    text, JSON and forms can, up to 1 MiB of them in several parts; what is read from a file or a generator cannot.  No
    token request is seen by the client's hooks or history, and nothing is locked while a request is under way.

    Args:
        source: The ``MailUpOAuth``.
        connection: Your name for the connection.
        provider: Whose API hosts may see the token; those of *source* unless told.
    Raises:
        MailUpOAuthError: from within the request, what ``MailUpOAuth.access_token`` raises.
    Source: ecosystem.md section 3; security.md rows 41 and 56.
    """

    requires_request_body = False
    requires_response_body = False

    def __init__(self, source: TokenSource, connection: str, provider: Provider | None = None) -> None:
        self._source = source
        self._terms = Terms(connection, source.provider if provider is None else provider, BODIES)

    def sync_auth_flow(self, request: httpx2.Request) -> Generator[httpx2.Request, httpx2.Response, None]:
        """Attach the token, and repeat once with a newer one if it is refused."""
        return flow(request, self._source, self._terms)

    def async_auth_flow(self, request: httpx2.Request) -> NoReturn:  # noqa: ARG002  # httpx2 calls it with one
        """Refuse to block an event loop."""
        raise TypeError(BLOCKING)


class AsyncMailUpAuth(httpx2.Auth):
    """Authorizes the requests of an ``httpx2.AsyncClient``; promises what ``MailUpAuth`` promises."""

    requires_request_body = False
    requires_response_body = False

    def __init__(self, source: AsyncTokenSource, connection: str, provider: Provider | None = None) -> None:
        self._source = source
        self._terms = Terms(connection, source.provider if provider is None else provider, BODIES)

    def async_auth_flow(self, request: httpx2.Request) -> AsyncGenerator[httpx2.Request, httpx2.Response]:
        """Attach the token, and repeat once with a newer one if it is refused."""
        return async_flow(request, self._source, self._terms)

    def sync_auth_flow(self, request: httpx2.Request) -> NoReturn:  # noqa: ARG002  # httpx2 calls it with one
        """Refuse, because there is nothing to await with."""
        raise TypeError(NOTHING_TO_AWAIT_WITH)
