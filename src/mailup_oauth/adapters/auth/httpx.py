"""``httpx.Auth`` for API calls: a token for MailUp's hosts only, and one repeat when MailUp says 401."""

from collections.abc import AsyncGenerator, Generator
from typing import NoReturn, Protocol

import httpx

from ...domain.addresses import is_loopback
from ...domain.provider import Provider
from ...domain.tokens import AccessToken
from ...domain.wire.api import read_api_verdict
from ...domain.wire.outcomes import ApiVerdict

_MAY_SPEAK_OF_THE_TOKEN = frozenset({400, 401})
"""The only statuses for which an answer's body is read here (mailup-wire.md section 12)."""

_LONGEST_KEPT = 1_048_576
"""Octets of a multipart form that is kept in memory, so that it can be sent again; a longer one is sent once."""


class TokenSource(Protocol):
    """What ``MailUpOAuth`` is to this adapter."""

    def access_token(self, connection: str) -> AccessToken:
        """Return a token to use now."""
        ...

    def report_rejected(self, connection: str, rejected: AccessToken) -> AccessToken:
        """Return a token to try once more with."""
        ...


class AsyncTokenSource(Protocol):
    """What ``AsyncMailUpOAuth`` is to this adapter."""

    async def access_token(self, connection: str) -> AccessToken:
        """Return a token to use now."""
        ...

    async def report_rejected(self, connection: str, rejected: AccessToken) -> AccessToken:
        """Return a token to try once more with."""
        ...


class MailUpAuth(httpx.Auth):
    """
    Authorizes the requests of a synchronous ``httpx.Client``.

    The token goes to the provider's API hosts over https (http on a loopback address) and nowhere else; other requests
    pass untouched.  On a 401 it is renewed once and the request repeated once, if its body can be sent again: bytes,
    text, JSON and forms can, up to 1 MiB of them in several parts; what is read from a file or a generator cannot.  No
    token request is seen by the client's hooks or history, and nothing is locked while a request is under way.

    Raises, from within the request: what ``MailUpOAuth.access_token`` raises.
    Source: ecosystem.md section 3; security.md rows 41 and 56.
    """

    requires_request_body = False
    requires_response_body = False

    def __init__(self, source: TokenSource, connection: str, provider: Provider) -> None:
        self._source = source
        self._connection = connection
        self._provider = provider

    def sync_auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Attach the token, and repeat once with a newer one if it is refused."""
        if not may_see_token(request.url, self._provider):
            yield request
            return
        token = self._source.access_token(self._connection)
        if is_worth_keeping(request):
            request.read()
        response = yield authorized(request, token)
        if not may_speak_of_the_token(response):
            return
        response.read()
        if is_rejected(response):
            newer = self._source.report_rejected(self._connection, token)
            if can_be_sent_again(response.request):  # the one refused, which is not the first after a redirect
                yield authorized(response.request, newer)

    def async_auth_flow(self, request: httpx.Request) -> NoReturn:  # noqa: ARG002  # httpx calls it with one
        """Refuse to block an event loop."""
        problem = "this is the auth of a synchronous client; use AsyncMailUpOAuth(...).auth(...) with AsyncClient"
        raise TypeError(problem)


class AsyncMailUpAuth(httpx.Auth):
    """Authorizes the requests of an ``httpx.AsyncClient``; promises what ``MailUpAuth`` promises."""

    requires_request_body = False
    requires_response_body = False

    def __init__(self, source: AsyncTokenSource, connection: str, provider: Provider) -> None:
        self._source = source
        self._connection = connection
        self._provider = provider

    async def async_auth_flow(self, request: httpx.Request) -> AsyncGenerator[httpx.Request, httpx.Response]:
        """Attach the token, and repeat once with a newer one if it is refused."""
        if not may_see_token(request.url, self._provider):
            yield request
            return
        token = await self._source.access_token(self._connection)
        if is_worth_keeping(request):
            await request.aread()
        response = yield authorized(request, token)
        if not may_speak_of_the_token(response):
            return
        await response.aread()
        if is_rejected(response):
            newer = await self._source.report_rejected(self._connection, token)
            if can_be_sent_again(response.request):  # the one refused, which is not the first after a redirect
                yield authorized(response.request, newer)

    def sync_auth_flow(self, request: httpx.Request) -> NoReturn:  # noqa: ARG002  # httpx calls it with one
        """Refuse, because there is nothing to await with."""
        problem = "this is the auth of an asynchronous client; use MailUpOAuth(...).auth(...) with httpx.Client"
        raise TypeError(problem)


def may_see_token(url: httpx.URL, provider: Provider) -> bool:
    """Say whether a token may be sent to *url*."""
    secure = url.scheme == "https" or (url.scheme == "http" and is_loopback(url.host))
    return secure and url.host in provider.api_hosts


def authorized(request: httpx.Request, token: AccessToken) -> httpx.Request:
    """Return *request* with the token in its one place (RFC 6750 section 2.1)."""
    request.headers["Authorization"] = f"Bearer {token.value.reveal()}"
    return request


def may_speak_of_the_token(response: httpx.Response) -> bool:
    """Say whether an answer can be about the token; httpx follows a redirect to somebody else without it."""
    return response.status_code in _MAY_SPEAK_OF_THE_TOKEN and "Authorization" in response.request.headers


def is_rejected(response: httpx.Response) -> bool:
    """Say whether an answer whose body was read means that the token is no good."""
    headers = tuple((name.lower(), value) for name, value in response.headers.items())
    return read_api_verdict(response.status_code, headers, response.content) is ApiVerdict.TOKEN_REJECTED


def is_worth_keeping(request: httpx.Request) -> bool:
    """Say whether the body is a multipart form of modest length; but for bytes, only forms can be read both ways."""
    stream = request.stream
    is_whole, is_sync = isinstance(stream, httpx.ByteStream), isinstance(stream, httpx.SyncByteStream)
    if is_whole or not (is_sync and isinstance(stream, httpx.AsyncByteStream)):
        return False
    length = request.headers.get("Content-Length", "")
    return length.isdecimal() and int(length) <= _LONGEST_KEPT


def can_be_sent_again(request: httpx.Request) -> bool:
    """Say whether the request's body is whole in memory; a stream has already been read."""
    return isinstance(request.stream, httpx.ByteStream)
