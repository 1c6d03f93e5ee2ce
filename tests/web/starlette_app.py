"""A Starlette application that mounts the pages and asks MailUp, as ``claims.py`` wants it."""

from starlette.applications import Starlette
from starlette.responses import JSONResponse, PlainTextResponse
from starlette.routing import Route
from tests.web.claims import told
from tests.web.scene import ORIGIN, PREFIX, Person

from mailup_oauth import AsyncMailUpOAuth
from mailup_oauth.adapters.web.starlette import MailUp


def whom(request):
    """Return who is signed in."""
    return told(request.cookies)


def pages_of(mailup):
    """Return the application's own pages."""

    async def lists(request):
        async with mailup.client(request) as api:
            answer = await api.get("User/Lists")
        return JSONResponse([one["Name"] for one in answer.json()["Items"]])

    async def guarded(request):
        return PlainTextResponse((await mailup.require_connection(request)).user)

    return [Route("/lists", lists), Route("/guarded", guarded)]


def application_of(mailup, *, prefix=PREFIX, **options):
    """Return an application that mounts the pages."""
    return Starlette(
        routes=[mailup.mount(prefix), *pages_of(mailup)],
        **{"lifespan": mailup.lifespan, "exception_handlers": mailup.exception_handlers, **options},
    )


def mailup_at(scene, prefix):
    """Return the object of an application whose pages are below *prefix*."""
    return MailUp(scene.facade(AsyncMailUpOAuth, redirect_uri=f"{ORIGIN}{prefix}/complete"), who=whom)


def walked(scene, send, prefix, asked=None):
    """Return where somebody lands who connects below *prefix*, if the application is asked below another one."""
    person = Person(send, prefix=prefix if asked is None else asked, cookies={"user": "ada@acme"})
    callback = person.consents(person.begins().location)

    assert callback.startswith(f"{ORIGIN}{prefix}/complete?")
    return person.returns(callback.replace(f"{ORIGIN}{prefix}/", f"{ORIGIN}{person.prefix}/")).location
