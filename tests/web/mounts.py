"""
The table of frameworks that every security requirement is tried in.

A mount starts an application before a scene, in this process, and says how it is asked and what can be seen of it from
behind.  The application takes the cookie ``user`` for its session (``ada@acme``: Ada, who works for Acme), has the pages
below ``/mailup``, and answers ``/lists`` with the names of the signed-in person's mailing lists.  A framework is added by a
function like those below, and a line in ``MOUNTS``.
"""

from collections.abc import Callable
from contextlib import contextmanager
from typing import Annotated, Any

import httpx
from attrs import define, field, frozen
from fastapi import Depends, FastAPI, Request
from flask import Flask, request
from flask.sessions import SecureCookieSessionInterface
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route
from starlette.testclient import TestClient
from tests.web.claims import told
from tests.web.scene import ORIGIN, PREFIX, Person, Scene, Send, over_django, over_flask, over_httpx

from mailup_oauth import AsyncMailUpOAuth, MailUpOAuth
from mailup_oauth.adapters.cipher.cobblestone import CobblestoneCipher
from mailup_oauth.adapters.cipher.marker import HmacMarker
from mailup_oauth.adapters.storage.memory import MemoryStore
from mailup_oauth.adapters.web import fastapi, flask, starlette
from mailup_oauth.testing.stage import KEYS


@define
class Mounted:
    """
    An application that runs.

    Attributes:
        scene: MailUp and time.
        send: How it is asked.
        behind: A facade over the application's own store, to look at it from behind.
        store: That store.
        renewals: Where the framework has sessions with ids: one member for each that was renewed; else ``None``.
    """

    scene: Scene
    send: Send = field(repr=False)
    behind: MailUpOAuth
    store: Any
    origin: str
    renewals: list[str] | None = None

    def person(self, user="ada", tenant="acme", **more):
        """Return somebody at a browser of their own, signed in."""
        return Person(self.send, origin=self.origin, cookies={"user": f"{user}@{tenant}"}, **more)

    def connected(self, tenant="acme"):
        """Return the name of the MailUp user that a tenant is connected as; empty if it is not."""
        status = self.behind.status(tenant)
        return status.user if status.connected else ""


@frozen(kw_only=True)
class Parts:
    """What an application is made of."""

    scene: Scene
    origin: str
    ports: dict[str, Any]

    def facade(self, kind):
        """Return a facade of a kind; all of them share their store and their keys."""
        return self.scene.facade(kind, redirect_uri=f"{self.origin}{PREFIX}/complete", **self.ports)


@contextmanager
def in_starlette(parts):
    """Mount in Starlette."""
    mailup = starlette.MailUp(parts.facade(AsyncMailUpOAuth), who=lambda asked: told(asked.cookies))

    async def lists(asked):
        async with mailup.client(asked) as api:
            return JSONResponse((await api.get("User/Lists")).json())

    app = Starlette(
        routes=[mailup.mount(PREFIX), Route("/lists", lists)],
        lifespan=mailup.lifespan,
        exception_handlers=mailup.exception_handlers,
    )
    with TestClient(app, base_url=parts.origin) as client:
        yield over_httpx(client), None


@contextmanager
def in_fastapi(parts):
    """Mount in FastAPI."""
    mailup = fastapi.MailUp(parts.facade(AsyncMailUpOAuth), who=_signed_in)
    app = FastAPI(lifespan=mailup.lifespan, exception_handlers=mailup.exception_handlers)
    app.include_router(mailup.router, prefix=PREFIX)

    @app.get("/lists")
    async def lists(api: Annotated[httpx.AsyncClient, Depends(mailup.client)]):
        return (await api.get("User/Lists")).json()

    with TestClient(app, base_url=parts.origin) as client:
        yield over_httpx(client), None


def _signed_in(request: Request):
    return told(request.cookies)


class Renewing(SecureCookieSessionInterface):
    """Flask's sessions, as an extension would have them whose sessions have ids."""

    def __init__(self):
        self.renewals = []

    def regenerate(self, _):
        """Note that an id was renewed."""
        self.renewals.append("renewed")


@contextmanager
def in_flask(parts):
    """Mount in Flask."""
    app = Flask("mounted")
    app.config.update(SECRET_KEY="only a test", TESTING=True)
    app.session_interface = Renewing()
    mailup = flask.MailUp(app, who=lambda: told(request.cookies), oauth=parts.facade(MailUpOAuth))

    @app.get("/lists")
    @mailup.required
    def lists():
        return mailup.client().get("User/Lists").json()

    yield over_flask(app.test_client(use_cookies=False), parts.origin), app.session_interface.renewals


@contextmanager
def in_django(parts):
    """Mount in Django, whose own checks of hosts and tokens are left out, so that ours are what is tried."""
    from tests.web.django import configured  # noqa: F401, PLC0415  # Django is set up only where it is wanted

    from django.test import Client, override_settings  # isort: skip  # noqa: PLC0415
    from tests.web.django.project import remembered  # isort: skip  # noqa: PLC0415

    registration, ports = (
        parts.facade(MailUpOAuth).core.setting.registration,
        {"clock": parts.scene.clock, **parts.ports},
    )
    words = {
        "CLIENT_ID": registration.client_id,
        "CLIENT_SECRET": registration.client_secret,
        "REDIRECT_URI": registration.redirect_uri,
        "PROVIDER": parts.scene.provider,
        "STORE": ports.pop("store"),
        "PORTS": ports,
        "WHO": lambda request: told(request.COOKIES),
    }
    middleware = [
        "django.middleware.security.SecurityMiddleware",
        "tests.web.django.project.remembered.Middleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        "django.middleware.clickjacking.XFrameOptionsMiddleware",
    ]
    remembered.Middleware.session = session = remembered.Remembered()
    with override_settings(MAILUP_OAUTH=words, MIDDLEWARE=middleware, CSRF_USE_SESSIONS=True):
        yield over_django(Client(), parts.origin), session.renewals


MOUNTS: dict[str, Callable[..., Any]] = {
    "starlette": in_starlette,
    "fastapi": in_fastapi,
    "flask": in_flask,
    "django": in_django,
}
"""By the framework's name; each yields a ``Send``, and the list of renewed sessions or ``None``."""


@contextmanager
def mounted(framework, scene, *, origin=ORIGIN, **ports):
    """Start an application of *framework* in *scene*; ``ports`` are those of its facade."""
    ports = {"store": MemoryStore(), "cipher": CobblestoneCipher(KEYS), "marker": HmacMarker(KEYS), **ports}
    parts = Parts(scene=scene, origin=origin, ports=ports)
    with MOUNTS[framework](parts) as (send, renewals):
        yield Mounted(
            scene=scene,
            send=send,
            behind=parts.facade(MailUpOAuth),
            store=ports["store"],
            origin=origin,
            renewals=renewals,
        )
