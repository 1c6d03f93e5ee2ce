"""Starlette: routes to mount, a lifespan, and a client for the signed-in person's connection."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from inspect import isawaitable, iscoroutinefunction
from typing import Self

import httpx

from ...client import AsyncMailUpOAuth, Status
from . import flows
from .asgi import UNASKED, ConnectionRequired, Shell, signed_in
from .environment import from_environment
from .reading import METHODS
from .spelling import PageRoute, PagesMount
from .visit import Who, person

from starlette.concurrency import run_in_threadpool  # isort: skip  # ``asgi`` has told already what to install
from starlette.requests import Request  # isort: skip
from starlette.responses import Response  # isort: skip
from starlette.routing import BaseRoute, Mount  # isort: skip

__all__ = ["ConnectionRequired", "MailUp", "Who"]

Whom = Callable[[Request], "Awaitable[Who | str | None] | Who | str | None"]
"""What an application says of a request: who is signed in, and which connection is theirs."""


class MailUp(Shell):
    """
    MailUp for a Starlette application.

    ``mailup.mount("/mailup")`` among the application's routes gives the pages ``mailup:status``, ``mailup:begin``,
    ``mailup:complete``, ``mailup:disconnect`` and ``mailup:failed``; the redirect URI registered with MailUp ends in
    ``/mailup/complete``.  One object an application, safe for all its tasks.

    Args:
        oauth: The facade; closed at the end of ``lifespan``.
        who: Says who is signed in, from the application's own session: a coroutine function, or a function that is
            called on a thread, as Starlette does with endpoints.
        transport: What the clients send with, which the application closes itself; a pool unless it brings one.
    Attributes:
        routes: The pages without a prefix.
    Raises:
        BadRegistration: the redirect URI does not end in ``/complete``.
    """

    def __init__(
        self, oauth: AsyncMailUpOAuth, *, who: Whom, transport: httpx.AsyncBaseTransport | None = None
    ) -> None:
        super().__init__(oauth, transport)
        self._whom = who
        self.routes: list[BaseRoute] = [
            PageRoute(page, self._endpoint(page, flow), methods=[*METHODS], name=page.strip("/") or "status")
            for page, flow in flows.PAGES.items()
        ]

    @classmethod
    def from_env(cls, *, who: Whom) -> Self:
        """Return one that is set up by the environment; ``environment.from_environment`` has the names."""
        return cls(from_environment(AsyncMailUpOAuth), who=who)

    def mount(self, path: str, name: str = "mailup") -> Mount:
        """
        Return the pages below *path*, which itself leads to the status page, with its slash or without.

        A ``Mount`` of Starlette's own around ``routes`` redirects whoever leaves the slash away to the host that they name.
        """
        return PagesMount(path, routes=self.routes, name=name)

    async def who(self, request: Request) -> Who | None:
        """Return who is signed in."""
        is_quick = iscoroutinefunction(self._whom)
        told = self._whom(request) if is_quick else await run_in_threadpool(self._whom, request)
        return person(await told if isawaitable(told) else told)

    @asynccontextmanager
    async def client(self, request: Request) -> AsyncGenerator[httpx.AsyncClient, None]:
        """
        Give an ``httpx.AsyncClient`` that calls MailUp's API for the signed-in person's connection.

        Its requests raise what ``AsyncMailUpOAuth.access_token`` raises, which ``exception_handlers`` answer.

        Raises:
            HTTPException: 401, nobody is signed in.
        """
        async with self.client_for(signed_in(await self.who(request))) as api:
            yield api

    async def require_connection(self, request: Request) -> Status:
        """
        Return how the signed-in person's connection stands; nobody comes past here without one.

        Raises:
            HTTPException: 401, nobody is signed in.
            ConnectionRequired: 409, they have to connect first.
        """
        return await self.connection_for(signed_in(await self.who(request)))

    def _endpoint(self, page: str, flow: flows.Flow) -> Callable[[Request], Awaitable[Response]]:
        """Return what Starlette calls for a page."""

        async def endpoint(request: Request) -> Response:
            return await self.answer(page, request, None if page == UNASKED else await self.who(request))

        endpoint.__doc__ = flow.__doc__
        return endpoint
