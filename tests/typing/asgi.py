"""What type checkers see of Starlette and FastAPI: this file is checked and never run."""

from typing import Annotated

import httpx
from fastapi import Depends, FastAPI
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from mailup_oauth import AsyncMailUpOAuth, Status
from mailup_oauth.adapters.web import Who, fastapi, starlette


def starlette_application(oauth: AsyncMailUpOAuth) -> Starlette:
    """A Starlette application needs no cast."""

    async def who(request: Request) -> Who | None:
        user = request.cookies.get("user")
        return Who(user=user, connection=user) if user else None

    mailup = starlette.MailUp(oauth, who=who)

    async def lists(request: Request) -> Response:
        status: Status = await mailup.require_connection(request)
        async with mailup.client(request) as api:
            return PlainTextResponse(f"{status.user} {(await api.get('User/Lists')).text}")

    return Starlette(
        routes=[Route("/lists", lists), mailup.mount("/mailup")],
        lifespan=mailup.lifespan,
        exception_handlers=mailup.exception_handlers,
    )


def fastapi_application(oauth: AsyncMailUpOAuth) -> FastAPI:
    """Nor does a FastAPI application."""
    mailup = fastapi.MailUp(oauth, who=lambda: "acme")
    app = FastAPI(lifespan=mailup.lifespan, exception_handlers=mailup.exception_handlers)
    app.include_router(mailup.router, prefix="/mailup")

    @app.get("/lists")
    async def lists(  # pyright: ignore[reportUnusedFunction]  # FastAPI uses it
        api: Annotated[httpx.AsyncClient, Depends(mailup.client)],
        status: Annotated[Status, Depends(mailup.require_connection)],
    ) -> str:
        return f"{status.user} {(await api.get('User/Lists')).text}"

    return app


def synchronous(request: Request) -> str | None:
    """Return who is signed in, without awaiting anything."""
    return request.cookies.get("user")


def other(oauth: AsyncMailUpOAuth) -> starlette.MailUp:
    """One that is told by a function that is not awaited."""
    return starlette.MailUp(oauth, who=synchronous)
