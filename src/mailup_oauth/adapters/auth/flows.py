"""The one flow of both generations of httpx, over what their requests and answers have in common; it imports neither."""

from collections.abc import AsyncGenerator, Generator, Mapping, MutableMapping
from typing import Final, Protocol, TypeVar

from attrs import frozen

from ...domain.provider import Provider
from ...domain.tokens import AccessToken
from .promises import HEADER, AsyncTokenSource, TokenSource, bearer, is_rejected, may_see_token, may_speak_of

LONGEST_KEPT: Final = 1_048_576
"""Octets of a multipart form that is kept in memory, so that it can be sent again; a longer one is sent once."""

BLOCKING: Final = (
    "this is the auth of a synchronous client; AsyncClient wants AsyncMailUpAuth, made with an AsyncMailUpOAuth"
)
NOTHING_TO_AWAIT_WITH: Final = (
    "this is the auth of an asynchronous client; Client wants MailUpAuth, made with a MailUpOAuth"
)


class Url(Protocol):
    """Where a request goes."""

    @property
    def scheme(self) -> str:
        """In lower case."""
        ...

    @property
    def host(self) -> str:
        """In lower case; without brackets."""
        ...


class Request(Protocol):
    """A request of either generation."""

    @property
    def url(self) -> Url:
        """Where it goes."""
        ...

    @property
    def headers(self) -> MutableMapping[str, str]:
        """What it says beside its body."""
        ...

    @property
    def stream(self) -> object:
        """Its body; ``Bodies`` knows of what kind it is."""
        ...

    def read(self) -> bytes:
        """Take the body into memory."""
        ...

    async def aread(self) -> bytes:
        """Take the body into memory."""
        ...


Asked = TypeVar("Asked", bound=Request)
Asked_co = TypeVar("Asked_co", bound=Request, covariant=True)


class Response(Protocol[Asked_co]):
    """An answer of either generation."""

    @property
    def status_code(self) -> int:
        """Its status."""
        ...

    @property
    def headers(self) -> Mapping[str, str]:
        """What it says beside its body."""
        ...

    @property
    def request(self) -> Asked_co:
        """What it answers, which after a redirect is not what was asked at first."""
        ...

    def read(self) -> bytes:
        """Take the body into memory."""
        ...

    async def aread(self) -> bytes:
        """Take the body into memory."""
        ...


@frozen(kw_only=True)
class Bodies:
    """
    By which classes of one library its bodies are known.

    Attributes:
        whole: Bytes, text, JSON and forms: in memory, sent as often as need be.
        read: What a synchronous client sends.
        awaited: What an asynchronous client sends.
    """

    whole: type[object]
    read: type[object]
    awaited: type[object]

    def are_whole(self, request: Request) -> bool:
        """Say whether the body is in memory; a stream has been read once it was sent."""
        return isinstance(request.stream, self.whole)

    def are_worth_keeping(self, request: Request) -> bool:
        """Say whether it is a multipart form of modest length; but for bytes, only forms can be sent by both clients."""
        is_form = isinstance(request.stream, self.read) and isinstance(request.stream, self.awaited)
        if not is_form or self.are_whole(request):
            return False  # before the header is looked up, which costs more than all the rest
        length = request.headers.get("Content-Length", "")
        return length.isdecimal() and int(length) <= LONGEST_KEPT


@frozen
class Terms:
    """For whom, where, and over which bodies."""

    connection: str
    provider: Provider
    bodies: Bodies


def flow(request: Asked, source: TokenSource, terms: Terms) -> Generator[Asked, Response[Asked], None]:
    """Attach the token, and repeat once with a newer one if it is refused."""
    if not may_see_token(request.url.scheme, request.url.host, terms.provider):
        yield request
        return
    token = source.access_token(terms.connection)
    if terms.bodies.are_worth_keeping(request):
        request.read()
    response = yield _authorized(request, token)
    if not _may_speak_of(token, response):
        return
    if is_rejected(response.status_code, response.headers.items(), response.read()):
        newer = source.report_rejected(terms.connection, token)
        if terms.bodies.are_whole(response.request):  # the one refused, which is not the first after a redirect
            yield _authorized(response.request, newer)


async def async_flow(request: Asked, source: AsyncTokenSource, terms: Terms) -> AsyncGenerator[Asked, Response[Asked]]:
    """Attach the token, and repeat once with a newer one if it is refused; ``flow`` with ``await``."""
    if not may_see_token(request.url.scheme, request.url.host, terms.provider):
        yield request
        return
    token = await source.access_token(terms.connection)
    if terms.bodies.are_worth_keeping(request):
        await request.aread()
    response = yield _authorized(request, token)
    if not _may_speak_of(token, response):
        return
    if is_rejected(response.status_code, response.headers.items(), await response.aread()):
        newer = await source.report_rejected(terms.connection, token)
        if terms.bodies.are_whole(response.request):  # the one refused, which is not the first after a redirect
            yield _authorized(response.request, newer)


def _authorized(request: Asked, token: AccessToken) -> Asked:
    """Return *request* with the token in its one place."""
    request.headers[HEADER] = bearer(token)
    return request


def _may_speak_of(token: AccessToken, response: Response[Request]) -> bool:
    """Say whether an answer can be about the token; a redirect to somebody else was followed without it."""
    return may_speak_of(token, response.status_code, response.request.headers)
