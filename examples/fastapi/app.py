"""
A FastAPI application whose tenants each have a MailUp connection of their own.

    python examples/fastapi/app.py

It starts with nothing configured, against a sandbox of MailUp in the same process.  Sessions are Starlette's own, which
need the package ``itsdangerous``: ``pip install "mailup-oauth[fastapi,cli]" itsdangerous``.
"""

import secrets
import sys
from pathlib import Path
from typing import Annotated

import httpx
import uvicorn
from fastapi import Depends, FastAPI, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.middleware.sessions import SessionMiddleware

from mailup_oauth import AsyncMailUpOAuth
from mailup_oauth.adapters.storage.memory import MemoryStore
from mailup_oauth.adapters.web.fastapi import MailUp, Who

sys.path.append(str(Path(__file__).parents[1]))

from common import PREFIX, TENANTS, Setup, example, home, lists_page


def signed_in(request: Request) -> str | None:
    """Return the user whom the session names: a dependency of the application's own."""
    return request.session.get("user")


User = Annotated[str | None, Depends(signed_in)]


def who(user: User) -> Who | None:
    """Return who is signed in; the connection is their tenant's."""
    return Who(user=user, connection=TENANTS[user]) if user else None


def application(setup: Setup) -> FastAPI:
    """Return the application."""
    # In earnest: SqliteStore("…/mailup.db") where this has a store that forgets, and no provider= at all.
    oauth = AsyncMailUpOAuth(setup.registration, store=MemoryStore(), provider=setup.provider)
    mailup = MailUp(oauth, who=who)
    app = FastAPI(title="Mailing lists", lifespan=mailup.lifespan, exception_handlers=mailup.exception_handlers)
    app.add_middleware(SessionMiddleware, secret_key=secrets.token_hex())
    app.include_router(mailup.router, prefix=PREFIX)

    @app.get("/")
    async def first(user: User) -> HTMLResponse:
        return HTMLResponse(home("FastAPI", user), headers=setup.headers)

    @app.post("/sign-in/{user}")
    async def sign_in(request: Request, user: str) -> RedirectResponse:
        if user in TENANTS:
            request.session["user"] = user
        return RedirectResponse("/", 303)

    @app.post("/sign-out")
    async def sign_out(request: Request) -> RedirectResponse:
        request.session.clear()
        return RedirectResponse("/", 303)

    @app.get("/lists")
    async def lists(api: Annotated[httpx.AsyncClient, Depends(mailup.client)]) -> HTMLResponse:
        answer = (await api.get("User/Lists")).raise_for_status()
        names = [one["Name"] for one in answer.json()["Items"]]
        return HTMLResponse(lists_page(names), headers=setup.headers)

    return app


if __name__ == "__main__":
    with example("FastAPI", 8002) as setup:
        uvicorn.run(application(setup), host="127.0.0.1", port=setup.port, log_level="warning")
