"""
A Starlette application whose tenants each have a MailUp connection of their own.

    python examples/starlette/app.py

It starts with nothing configured, against a sandbox of MailUp in the same process.  Sessions are Starlette's own, which
need the package ``itsdangerous``: ``pip install "mailup-oauth[starlette,cli]" itsdangerous``.
"""

import secrets
import sys
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.sessions import SessionMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from mailup_oauth import AsyncMailUpOAuth
from mailup_oauth.adapters.storage.memory import MemoryStore
from mailup_oauth.adapters.web.starlette import MailUp, Who

sys.path.append(str(Path(__file__).parents[1]))

from common import PREFIX, TENANTS, Setup, example, home, lists_page


def who(request: Request) -> Who | None:
    """Return who is signed in, as the session has it; the connection is their tenant's."""
    user = request.session.get("user")
    return Who(user=user, connection=TENANTS[user]) if user else None


def application(setup: Setup) -> Starlette:
    """Return the application."""
    # In earnest: SqliteStore("…/mailup.db") where this has a store that forgets, and no provider= at all.
    oauth = AsyncMailUpOAuth(setup.registration, store=MemoryStore(), provider=setup.provider)
    mailup = MailUp(oauth, who=who)

    async def first(request: Request) -> Response:
        return HTMLResponse(home("Starlette", request.session.get("user")), headers=setup.headers)

    async def sign_in(request: Request) -> Response:
        user = request.path_params["user"]
        if user in TENANTS:
            request.session["user"] = user
        return RedirectResponse("/", 303)

    async def sign_out(request: Request) -> Response:
        request.session.clear()
        return RedirectResponse("/", 303)

    async def lists(request: Request) -> Response:
        async with mailup.client(request) as api:
            answer = (await api.get("User/Lists")).raise_for_status()
        names = [one["Name"] for one in answer.json()["Items"]]
        return HTMLResponse(lists_page(names), headers=setup.headers)

    return Starlette(
        routes=[
            Route("/", first),
            Route("/sign-in/{user}", sign_in, methods=["POST"]),
            Route("/sign-out", sign_out, methods=["POST"]),
            Route("/lists", lists),
            mailup.mount(PREFIX),
        ],
        middleware=[Middleware(SessionMiddleware, secret_key=secrets.token_hex())],
        lifespan=mailup.lifespan,
        exception_handlers=mailup.exception_handlers,
    )


if __name__ == "__main__":
    with example("Starlette", 8001) as setup:
        uvicorn.run(application(setup), host="127.0.0.1", port=setup.port, log_level="warning")
