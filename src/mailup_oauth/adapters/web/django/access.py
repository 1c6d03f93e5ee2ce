"""For the project's own views: a client for the signed-in person's connection, and views that want one."""

import atexit
from collections.abc import Awaitable, Callable
from functools import wraps
from typing import Any, Final, TypeVar, cast

import httpx
from asgiref.sync import sync_to_async
from django.core.exceptions import PermissionDenied
from django.db import connections, transaction
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from ....domain.errors import MailUpOAuthError
from ..apis import api_base
from ..sharing import SharedBySync
from ..shortfall import NOT_CONNECTED, SHORTFALLS, shortfall
from ..visit import Who
from . import shell
from .making import aoauth, oauth
from .persons import aperson, is_awaited, person

_POOL: Final = SharedBySync(None)
atexit.register(_POOL.close)

AnyView = TypeVar("AnyView", bound=Callable[..., object])
View = Callable[..., HttpResponseBase]
AsyncView = Callable[..., Awaitable[HttpResponseBase]]


def client_for(request: HttpRequest) -> httpx.Client:
    """
    Return an ``httpx.Client`` that calls MailUp's API for the signed-in person's connection.

    All clients of a process share one pool of sockets, so that none needs to be closed.  Requests raise what
    ``MailUpOAuth.access_token`` raises.

    Raises:
        PermissionDenied: nobody is signed in.
    """
    return client_of(_somebody(person(request)).connection)


def client_of(connection: str) -> httpx.Client:
    """Return a client for *connection*, for commands and workers."""
    facade = oauth()
    return httpx.Client(auth=facade.auth(connection), base_url=api_base(facade.provider), transport=_POOL.transport())


async def aclient_for(request: HttpRequest) -> httpx.AsyncClient:
    """Return an ``httpx.AsyncClient``, as ``client_for`` does, but with sockets of its own, to be closed."""
    facade, somebody = aoauth(), _somebody(await aperson(request))
    return httpx.AsyncClient(auth=facade.auth(somebody.connection), base_url=api_base(facade.provider))


def mailup_required(view: AnyView) -> AnyView:
    """
    Let nobody into *view*, which may be ``async``, without a connection that can be used; a decorator.

    Whoever is not signed in is sent to the project's log-in.  Whoever has no connection gets a page with the connect
    button, or JSON if they are a program, with status 409; so does whoever's connection ends meanwhile, and what MailUp
    does not let have now is told with status 503.  What the view has written by then inside ``ATOMIC_REQUESTS`` is undone.
    """
    return cast("AnyView", _required_async(view) if is_awaited(view) else _required(cast("View", view)))


def _required(view: View) -> View:
    """Do it for a view that does not await."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:  # noqa: ANN401  # the URL's own
        somebody = person(request)
        if somebody is None:
            return shell.sign_in(shell.here(request))
        try:
            return _refusal(request, somebody) or view(request, *args, **kwargs)
        except SHORTFALLS as error:
            return _told(error, request)

    return guarded


def _required_async(view: AsyncView) -> AsyncView:
    """Do it for a view that awaits."""

    @wraps(view)
    async def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:  # noqa: ANN401  # as above
        somebody = await aperson(request)
        if somebody is None:
            return shell.sign_in(shell.here(request))
        try:
            return await sync_to_async(_refusal)(request, somebody) or await view(request, *args, **kwargs)
        except SHORTFALLS as error:
            return await sync_to_async(_told)(error, request)

    return guarded


class MailUpRequiredMixin:
    """``mailup_required`` for class-based views, also those that await; stands before ``View`` among the bases."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401  # as Django has it
        """Let nobody in without a connection that can be used."""
        inner = cast("Any", super()).dispatch
        guard = _required_async if getattr(self, "view_is_async", False) else _required
        return cast("Any", guard)(inner)(request, *args, **kwargs)


def _somebody(who: Who | None) -> Who:
    """Return who is signed in; whoever is not is refused."""
    if who is None:
        raise PermissionDenied
    return who


def _refusal(request: HttpRequest, somebody: Who) -> HttpResponse | None:
    """Return what is told to whoever has no connection that can be used."""
    if oauth().status(somebody.connection).connected:
        return None
    return shell.told(NOT_CONNECTED, request, "a view requires a connection")


def _told(error: MailUpOAuthError, request: HttpRequest) -> HttpResponse:
    """Return what is told where MailUp gave nothing."""
    _undo(request)
    return shell.told(shortfall(error), request, error)


def _undo(request: HttpRequest) -> None:
    """Have what a view wrote inside ``ATOMIC_REQUESTS`` undone, as Django does where an exception leaves the view."""
    view = getattr(request.resolver_match, "func", None)
    apart = getattr(view, "_non_atomic_requests", frozenset[str]())
    for alias in connections:
        one = connections[alias]
        if one.settings_dict["ATOMIC_REQUESTS"] and one.in_atomic_block and alias not in apart:
            transaction.set_rollback(True, using=alias)
