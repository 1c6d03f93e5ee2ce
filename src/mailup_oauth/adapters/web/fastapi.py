"""FastAPI: a router to include, a lifespan, and dependencies for an authorized client and for whoever must be connected."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import Any, Self

import httpx

from ...client import AsyncMailUpOAuth, Status

try:
    from fastapi import APIRouter, Depends, Request, Response
except ModuleNotFoundError as missing:
    problem = 'this adapter needs FastAPI. Run: pip install "mailup-oauth[fastapi]"'
    raise ModuleNotFoundError(problem, name=missing.name) from None

from .asgi import UNASKED, ConnectionRequired, Shell, signed_in
from .environment import from_environment
from .flows import PAGES
from .reading import METHODS
from .spelling import respelled
from .visit import Who, person

from fastapi.routing import APIRoute  # isort: skip  # it was told already what to install
from starlette.routing import Match  # isort: skip
from starlette.types import Scope  # isort: skip

__all__ = ["ConnectionRequired", "MailUp", "Who"]

Dependency = Callable[..., Any]
"""What ``Depends`` takes."""
Told = Who | str | None


class MailUp(Shell):
    """
    MailUp for a FastAPI application.

    ``app.include_router(mailup.router, prefix="/mailup")`` gives the pages ``mailup:status``, ``mailup:begin``,
    ``mailup:complete``, ``mailup:disconnect`` and ``mailup:failed``, none of them in the schema; the redirect URI
    registered with MailUp ends in ``/mailup/complete``.  One object an application, safe for all its tasks.

    Args:
        oauth: The facade; closed at the end of ``lifespan``.
        who: The dependency that tells who is signed in, with dependencies of its own if it has them.  It should return
            ``None`` if nobody is, rather than raise: then the pages say so in words.
        transport: What the clients send with, which the application closes itself; a pool unless it brings one.
    Attributes:
        router: The pages.
        who: A dependency: who is signed in, or ``None``.
        client: A dependency: an ``httpx.AsyncClient`` that calls MailUp's API for the signed-in person's connection,
            open until the response is finished (before FastAPI 0.118, until the endpoint returns).  401 if nobody is signed in.
        require_connection: A dependency: how that connection stands.  401 if nobody is signed in, 409
            (``ConnectionRequired``) if there is none; ``detail`` has the page to connect at.
    Raises:
        BadRegistration: the redirect URI does not end in ``/complete``.
    """

    def __init__(
        self, oauth: AsyncMailUpOAuth, *, who: Dependency, transport: httpx.AsyncBaseTransport | None = None
    ) -> None:
        super().__init__(oauth, transport)
        self.who = _asked(who)
        somebody = _required(self.who)
        self.client = self._client(somebody)
        self.require_connection = self._connection(somebody)
        self.router = APIRouter(include_in_schema=False, route_class=_PageRoute)
        for page, flow in PAGES.items():
            endpoint = self._endpoint(page, _nobody if page == UNASKED else self.who)
            endpoint.__doc__ = flow.__doc__
            name = f"mailup:{page.strip('/') or 'status'}"
            self.router.add_api_route(page, endpoint, methods=[*METHODS], name=name, response_model=None)

    @classmethod
    def from_env(cls, *, who: Dependency) -> Self:
        """Return one that is set up by the environment; ``environment.from_environment`` has the names."""
        return cls(from_environment(AsyncMailUpOAuth), who=who)

    def _refusal(self) -> ConnectionRequired:
        """Return what is raised where somebody has to connect first, with a ``detail`` for programs."""
        refusal = super()._refusal()
        short = refusal.shortfall
        refusal.detail = {"code": short.code, "message": short.message, "connect": refusal.connect_at}
        return refusal

    def _endpoint(self, page: str, who: Dependency) -> Callable[..., Awaitable[Response]]:
        """Return what FastAPI calls for a page."""

        async def endpoint(request: Request, somebody: Who | None = Depends(who)) -> Response:  # noqa: B008
            return await self.answer(page, request, somebody)

        return endpoint

    def _client(self, somebody: Dependency) -> Callable[..., AsyncGenerator[httpx.AsyncClient, None]]:
        """Return the dependency that gives a client."""

        async def client(who: Who = Depends(somebody)) -> AsyncGenerator[httpx.AsyncClient, None]:  # noqa: B008
            async with self.client_for(who) as api:
                yield api

        return client

    def _connection(self, somebody: Dependency) -> Callable[..., Awaitable[Status]]:
        """Return the dependency that lets nobody past without a connection."""

        async def require_connection(who: Who = Depends(somebody)) -> Status:  # noqa: B008
            return await self.connection_for(who)

        return require_connection


class _PageRoute(APIRoute):
    """One of the pages."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Say whether it is asked for, with whichever spelling of its end."""
        return respelled(super().matches, scope)


def _asked(whom: Dependency) -> Callable[..., Awaitable[Who | None]]:
    """Return the dependency that tells who is signed in, under one type."""

    async def who(told: Told = Depends(whom)) -> Who | None:  # noqa: B008
        return person(told)

    return who


def _required(who: Dependency) -> Callable[..., Awaitable[Who]]:
    """Return the dependency that refuses whoever is not signed in."""

    async def somebody(told: Who | None = Depends(who)) -> Who:  # noqa: B008
        return signed_in(told)

    return somebody


async def _nobody() -> None:
    """Tell of nobody."""
