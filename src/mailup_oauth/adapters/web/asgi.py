"""What Starlette and FastAPI share: requests become visits, answers become responses; who asks is told by others."""

import logging
from collections.abc import AsyncGenerator, Callable, Coroutine
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, Final
from urllib.parse import urlencode

import httpx

from ...client import AsyncMailUpOAuth, Status
from ...domain.errors import MailUpOAuthError
from . import flows
from . import reading as r
from .apis import api_base
from .landing import landing
from .sharing import Shared
from .shortfall import NOT_CONNECTED, SHORTFALLS, Shortfall, page_of, shortfall
from .steps import run_async
from .visit import Answer, Visit, Who

try:
    from starlette.exceptions import HTTPException
    from starlette.requests import ClientDisconnect, Request
    from starlette.responses import JSONResponse, Response
    from starlette.types import Scope
except ModuleNotFoundError as missing:
    problem = 'this adapter needs Starlette. Run: pip install "mailup-oauth[starlette]"'
    raise ModuleNotFoundError(problem, name=missing.name) from None

Handler = Callable[[Request, Any], Coroutine[Any, Any, Response]]
"""What Starlette calls for an exception."""

UNASKED: Final = r.FAILED
"""The page that needs nobody to be signed in."""

_LOG: Final = logging.getLogger("mailup_oauth.web")
_BAD, _SIGN_IN, _NOT_FOUND = 400, 401, 404


class ConnectionRequired(HTTPException):
    """
    Whoever is signed in has to connect to MailUp first: 409, with the page to do that.

    Attributes:
        shortfall: Why.
        connect_at: The path of the page with the connect button.
        detail: What happened, as Starlette has it; FastAPI's own is a dictionary.
    """

    detail: Any

    def __init__(self, short: Shortfall, connect_at: str) -> None:
        super().__init__(short.status, f"{short.message} ({connect_at})")
        self.shortfall = short
        self.connect_at = connect_at


class Shell:
    """
    What both frameworks' ``MailUp`` can do; one object an application, safe for all its tasks.

    Args:
        oauth: The facade; closed at the end of ``lifespan``.
        transport: What the clients send with, which the application closes itself; a pool unless it brings one.
    Attributes:
        places: The paths of the pages, as browsers see them.
    Raises:
        BadRegistration: the redirect URI does not lead to the page that completes.
    """

    def __init__(self, oauth: AsyncMailUpOAuth, transport: httpx.AsyncBaseTransport | None) -> None:
        self.oauth = oauth
        self._shared = Shared(transport)
        self.places = r.places_for(oauth.core.setting.registration.redirect_uri)

    @asynccontextmanager
    async def lifespan(self, app: object) -> AsyncGenerator[None, None]:  # noqa: ARG002  # Starlette gives it
        """
        Let flights land and give back sockets when the application ends.

        An application with a lifespan of its own enters this one within it.  What was closed opens again when it is
        used, so that a test may enter it as often as it likes.
        """
        async with self.oauth, self._shared.opened():
            yield

    @property
    def exception_handlers(self) -> "dict[int | type[Exception], Handler]":
        """
        What answers, with ``Starlette(exception_handlers=...)``, whoever asked for what MailUp was needed for.

        A browser gets a page, with the connect button if that helps, and is brought back afterwards; a program gets
        JSON.  409 is for what somebody has to do at MailUp, 503 for what they cannot help; ``Retry-After`` if it is
        known.  What the program itself does wrong is not answered here.
        """
        return dict.fromkeys((ConnectionRequired, *SHORTFALLS), self._tell)

    def client_for(self, who: Who) -> AbstractAsyncContextManager[httpx.AsyncClient]:
        """Return a client for *who*'s connection; its requests raise what ``AsyncMailUpOAuth.access_token`` raises."""
        auth = self.oauth.auth(who.connection)
        base = api_base(self.oauth.core.setting.provider)
        return httpx.AsyncClient(auth=auth, base_url=base, transport=self._shared.transport())

    async def connection_for(self, who: Who) -> Status:
        """
        Return how *who*'s connection stands.

        Raises:
            ConnectionRequired: it is none that can be used.
        """
        status = await self.oauth.status(who.connection)
        if status.connected:
            return status
        raise self._refusal()

    async def answer(self, page: str, request: Request, who: Who | None) -> Response:
        """Answer one of the pages for *who*."""
        query, path = _query(request.scope), _path(request.scope)
        places = r.places_below(path, page)
        # An application's pattern let through what would lead to another host, or there is a slash too many.
        if not (landing(places.status, "") and path.endswith(page)):
            raise HTTPException(_NOT_FOUND)
        form = await _form(request)
        visit = Visit(
            method=request.method,
            query=query,
            headers=r.headers_of(request.headers.items()),
            cookies=request.cookies,
            wanted=r.wanted(query, form),
            who=who,
            places=places,
        )
        return _response(await run_async(flows.answered(flows.PAGES[page], self.oauth.core, visit), self.oauth))

    def _refusal(self) -> ConnectionRequired:
        """Return what is raised where somebody has to connect first."""
        return ConnectionRequired(NOT_CONNECTED, self.places.status)

    async def _tell(self, request: Request, error: Exception) -> Response:
        """Answer whoever asked for something that MailUp was needed for."""
        if request.scope["type"] != "http":  # a websocket has no page to be shown
            raise error
        visit, short = self._interrupted(request), _short(error)
        level = logging.INFO if short.connects else logging.WARNING
        _LOG.log(level, "%s (reference %s): %s", short.code, visit.reference, error)
        if r.wants_page(visit.headers):
            response = _response(page_of(short, self.oauth.core, visit))
        else:
            response = JSONResponse({"detail": short.detail(visit)}, short.status)
        response.headers.update(short.headers())
        return response

    def _interrupted(self, request: Request) -> Visit:
        """Return a visit to another page of the application, to which the person may want to return."""
        scope = request.scope
        path, query = r.quoted(_path(scope)), _query(scope)
        wanted = f"{path}?{query}" if query else path
        return Visit(
            method=request.method,
            query=query,
            headers=r.headers_of(request.headers.items()),
            cookies=request.cookies,
            wanted=wanted if request.method == "GET" else "",
            who=None,
            places=self.places,
        )


def signed_in(who: Who | None) -> Who:
    """
    Return who is signed in.

    Raises:
        HTTPException: 401, nobody is.
    """
    if who is None:
        raise HTTPException(_SIGN_IN)
    return who


def _short(error: Exception) -> Shortfall:
    """Return why something could not be had."""
    if isinstance(error, ConnectionRequired):
        return error.shortfall
    if isinstance(error, MailUpOAuthError):
        return shortfall(error)
    raise error  # pragma: no cover  # registered for nothing else


def _path(scope: Scope) -> str:
    """Return the path as the browser has it, also where a proxy cuts off the beginning that ``root_path`` tells of."""
    root: str = scope.get("app_root_path", scope.get("root_path", "")).rstrip("/")
    path: str = scope["path"]
    return path if path.startswith(f"{root}/") else f"{root}{path}"


def _query(scope: Scope) -> str:
    """Return what stands behind the question mark; whatever is not ASCII is judged by whoever reads it."""
    raw: bytes = scope["query_string"]
    return raw.decode("latin-1")


async def _form(request: Request) -> bytes:
    """
    Return what was posted, if it is no longer than a form of ours; the rest of a longer one is left on the wire.

    Raises:
        HTTPException: 400, the browser went away while it posted; nothing is done on half a request.
    """
    if request.method != "POST":
        return b""
    body = b""
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > r.LONGEST_FORM:
                return b""
    except ClientDisconnect:
        raise HTTPException(_BAD) from None
    except RuntimeError:  # whoever told who is signed in has read it
        return await _kept(request)
    return body


async def _kept(request: Request) -> bytes:
    """Return the one member of interest of a form that others have read, if Starlette has kept it."""
    try:
        form = await request.form()
    except (AssertionError, RuntimeError):  # they read it piece by piece
        return b""
    return urlencode({r.NEXT: str(form.get(r.NEXT, ""))}).encode()


def _response(answer: Answer) -> Response:
    """Return an answer as Starlette sends it."""
    response = Response(answer.body, answer.status, dict(answer.headers))
    for cookie in answer.cookies:
        response.set_cookie(cookie.name, cookie.value, **cookie.settings)
    return response
