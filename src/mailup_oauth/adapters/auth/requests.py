"""``requests.auth.AuthBase`` for API calls: a token for MailUp's hosts only, and one repeat when MailUp says 401."""

import weakref
from collections.abc import Callable, Mapping
from typing import Protocol, TypedDict, Unpack, runtime_checkable

from ...domain.tokens import AccessToken
from .promises import HEADER, TokenSource, bearer, is_rejected, may_see_token, may_speak_of, place_of

try:
    from requests import PreparedRequest, Response
    from requests.adapters import BaseAdapter
    from requests.auth import AuthBase
except ModuleNotFoundError as missing:
    problem = 'authorizing requests needs requests. Run: pip install "mailup-oauth[requests]"'
    raise ModuleNotFoundError(problem, name=missing.name) from None


class MailUpAuth(AuthBase):
    """
    Authorizes the requests of a ``requests.Session``, or a single one.

    The token goes to the provider's API hosts over https (http on a loopback address) and nowhere else; other requests
    pass untouched.  On a 401 it is renewed once and the request repeated once, if its body can be sent again: bytes,
    text, JSON, forms and files that can be wound back can; what a generator yields cannot.  A redirect takes the token
    along on the same host and port only.  No token request is seen by hooks or history, the repeat is seen as the
    answer and the refusal in its history, and nothing is locked while a request is under way.

    Args:
        source: The ``MailUpOAuth``.
        connection: Your name for the connection.
    Raises:
        MailUpOAuthError: from within the request, what ``MailUpOAuth.access_token`` raises.
    Source: ecosystem.md section 3; security.md rows 41 and 56.
    """

    def __init__(self, source: TokenSource, connection: str) -> None:
        self._source = source
        self._connection = connection

    def __call__(self, r: PreparedRequest) -> PreparedRequest:
        """Attach the token, and a hook that looks at the answers."""
        if may_see_token(*place_of(r.url or ""), self._source.provider):
            token = self._source.access_token(self._connection)
            r.headers[HEADER] = bearer(token)
            _watch(r, _Repeat(self._source, self._connection, token, r))
        return r


class _Hooks(Protocol):
    """The part of a request that its type stubs leave open."""

    def register_hook(self, event: str, hook: "Callable[..., Response]") -> None:
        """Have *hook* called with every answer, those of redirects among them."""
        ...


class _Sending(TypedDict, total=False):
    """How a session has its adapter send; it tells its hooks the same."""

    stream: bool
    timeout: float | tuple[float, float] | tuple[float, None] | None
    verify: bool | str
    cert: bytes | str | tuple[bytes | str, bytes | str] | None
    proxies: Mapping[str, str] | None


def _watch(hooks: _Hooks, hook: "Callable[..., Response]") -> None:
    """Have *hook* called with the answers to a request."""
    hooks.register_hook("response", hook)


class _Repeat:
    """Looks at the answers to one request and to those that redirects make of it, and repeats once."""

    def __init__(self, source: TokenSource, connection: str, token: AccessToken, request: PreparedRequest) -> None:
        self._source = source
        self._connection = connection
        self._token = token
        self._first = weakref.ref(request)
        self._position = _position(request.body)
        self._is_spent = False

    def __call__(self, response: Response, **sending: Unpack[_Sending]) -> Response:
        """Return *response*, or the answer to the same request with a newer token."""
        request = response.request
        if request is self._first():  # who keeps a request that was prepared may send it many times
            self._is_spent = False
        if self._is_spent or not may_speak_of(self._token, response.status_code, request.headers):
            return response
        if not is_rejected(response.status_code, response.headers.items(), response.content):
            return response
        self._is_spent = True
        self._token = self._source.report_rejected(self._connection, self._token)
        adapter: BaseAdapter | None = getattr(response, "connection", None)  # those of others may not say
        if adapter is None or not _is_ready(request.body, self._position):
            return response
        request.headers[HEADER] = bearer(self._token)  # of the request itself: redirects copy it
        again = adapter.send(request, **sending)
        again.history.append(response)
        return again

    def __reduce__(self) -> "tuple[type[_Repeated], tuple[()]]":
        """Leave everything behind when an answer is pickled, which takes its request's hooks along."""
        return _Repeated, ()


class _Repeated:
    """What is left of the above in another process: it returns each answer as it is."""

    def __call__(self, response: Response, **_: Unpack[_Sending]) -> Response:
        """Return *response*."""
        return response


@runtime_checkable
class _Windable(Protocol):
    """A body that is read from a file."""

    def tell(self) -> int:
        """Return where it stands."""
        ...

    def seek(self, offset: int, /) -> int:
        """Go there."""
        ...


def _position(body: object) -> int | None:
    """Return where a file stands before it is sent, or ``None`` if it cannot say or is no file."""
    try:
        return body.tell() if isinstance(body, _Windable) else None
    except (OSError, ValueError):
        return None


def _is_ready(body: object, position: int | None) -> bool:
    """Say whether a body that was sent can be sent again; a file is wound back to where it stood."""
    if body is None or isinstance(body, str | bytes | bytearray | memoryview):
        return True
    if position is None or not isinstance(body, _Windable):
        return False
    try:
        body.seek(position)
    except (OSError, ValueError):
        return False
    return True
