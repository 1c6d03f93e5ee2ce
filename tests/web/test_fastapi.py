"""FastAPI: the journeys of every framework, and what only FastAPI does: dependencies, the schema, the router."""

import subprocess
import sys
from contextlib import nullcontext
from typing import Annotated

import fastapi
import httpx
import pytest
from fastapi import APIRouter, Depends, FastAPI, HTTPException, Request
from fastapi.responses import PlainTextResponse, StreamingResponse
from fastapi.security import APIKeyCookie
from tests.web.claims import Claims, told
from tests.web.scene import LIST, ORIGIN, PREFIX, USERS, Person

from mailup_oauth import AsyncMailUpOAuth, BadRegistration, Status
from mailup_oauth.adapters.web.fastapi import MailUp, Who

COOKIE = APIKeyCookie(name="user", auto_error=False)


def whom(request: Request) -> Who | None:
    """Return who is signed in."""
    return told(request.cookies)


def application_of(mailup, prefix=PREFIX, **options):
    """Return an application that includes the pages."""
    app = FastAPI(**{"lifespan": mailup.lifespan, "exception_handlers": mailup.exception_handlers, **options})
    app.include_router(mailup.router, prefix=prefix)

    @app.get("/lists")
    async def lists(api: Annotated[httpx.AsyncClient, Depends(mailup.client)]) -> list[str]:
        return [one["Name"] for one in (await api.get("User/Lists")).json()["Items"]]

    @app.get("/guarded", response_class=PlainTextResponse)
    async def guarded(status: Annotated[Status, Depends(mailup.require_connection)]) -> str:
        return status.user

    return app


def mailup_of(scene, who=whom, prefix=PREFIX, **ports):
    """Return the object of an application whose pages are below *prefix*."""
    return MailUp(scene.facade(AsyncMailUpOAuth, redirect_uri=f"{ORIGIN}{prefix}/complete", **ports), who=who)


class TestFastAPI(Claims):
    """The journeys, in FastAPI."""

    @pytest.fixture
    def application(self, scene, started):
        """Start an application over a facade with these ports."""
        return lambda **ports: started(application_of(mailup_of(scene, **ports)))


# -- who is signed in --------------------------------------------------------------------------------------------------


def session(cookie: Annotated[str | None, Depends(COOKIE)]) -> dict[str, str]:
    """Return the application's session."""
    return {"user": cookie} if cookie else {}


async def awaited(found: Annotated[dict[str, str], Depends(session)]) -> Who | None:
    """Return who is signed in, by a dependency of a dependency."""
    return told(found)


def lent(found: Annotated[dict[str, str], Depends(session)]):
    """Return who is signed in, and clean up afterwards."""
    yield told(found)


def one_name(found: Annotated[dict[str, str], Depends(session)]) -> str | None:
    """Return one name for the person and the connection."""
    return found.get("user")


class Users:
    """An object that is a dependency, as an application with settings has it."""

    def __call__(self, found: Annotated[dict[str, str], Depends(session)]) -> Who | None:
        """Return who is signed in."""
        return told(found)


@pytest.mark.parametrize(
    "who", [whom, awaited, lent, one_name, Users()], ids=["sync", "async", "yield", "str", "object"]
)
def test_whoever_tells_who_is_signed_in_is_a_dependency_like_any_other(scene, started, who):
    """Sync, async, with sub-dependencies or as an object: the pages, the client and the guard all go by it."""
    ada = Person(started(application_of(mailup_of(scene, who))), cookies={"user": "ada@acme"})

    assert "/lists" == ada.connects("/lists").location
    assert (f'["{LIST}"]', USERS[0]) == (ada.clicks("/lists").body, ada.clicks("/guarded").body)


def test_an_override_reaches_everything(scene, started):
    """A test that overrides the application's own dependency is signed in for the pages and for the API."""
    app = application_of(mailup_of(scene, awaited))
    app.dependency_overrides[session] = lambda: {"user": "eve@acme"}
    eve = Person(started(app))
    eve.connects()

    assert f'["{LIST}"]' == eve.clicks("/lists").body


def test_a_request_is_asked_once_who_it_is_from(scene, started):
    """A path with several of our dependencies asks the application's own once."""
    asked = []

    def counting(request: Request) -> Who | None:
        asked.append(request.url.path)
        return told(request.cookies)

    mailup = mailup_of(scene, counting)
    app = application_of(mailup)

    @app.get("/both", dependencies=[Depends(mailup.require_connection)])
    async def both(
        api: Annotated[httpx.AsyncClient, Depends(mailup.client)], who: Annotated[Who | None, Depends(mailup.who)]
    ) -> str:
        return f"{who.user} {(await api.get('User/Lists')).status_code}"

    ada = Person(started(app), cookies={"user": "ada@acme"})
    ada.connects()
    asked.clear()

    assert ('"ada 200"', ["/both"]) == (ada.clicks("/both").body, asked)


def test_the_applications_own_refusal_is_its_own(scene, started):
    """A dependency that raises is answered as the application answers it; the page of a failure asks nobody."""

    def strict(request: Request) -> Who:
        raise HTTPException(403, "no session")

    person = Person(started(application_of(mailup_of(scene, strict))))

    assert [403, 403, 200] == [person.clicks(path).status for path in ("/lists", "/mailup/", "/mailup/failed")]


# -- the router --------------------------------------------------------------------------------------------------------


def test_the_pages_are_in_no_schema(scene):
    """Whoever reads the API's documentation sees the application's own paths alone."""
    schema = application_of(mailup_of(scene)).openapi()

    assert {"/lists", "/guarded"} == set(schema["paths"])


def test_the_pages_have_names(scene):
    """``url_path_for`` finds them by the names that they have in Starlette, too."""
    app = application_of(mailup_of(scene))
    names = ("status", "begin", "complete", "disconnect", "failed")

    assert [f"/mailup/{name.replace('status', '')}" for name in names] == [
        str(app.url_path_for(f"mailup:{name}")) for name in names
    ]


def test_a_router_may_be_included_in_a_router(scene, started):
    """Both prefixes are in front of the pages."""
    mailup = mailup_of(scene, prefix="/tenant/mailup")
    outer = APIRouter(prefix="/tenant")
    outer.include_router(mailup.router, prefix="/mailup")
    app = FastAPI(lifespan=mailup.lifespan)
    app.include_router(outer)
    ada = Person(started(app), prefix="/tenant/mailup", cookies={"user": "ada@acme"})

    assert "/tenant/mailup/" == ada.connects().location


@pytest.mark.parametrize("asked", ["/api/mailup", "/mailup"], ids=["put back", "cut off"])
def test_a_proxy_may_cut_off_the_prefix(scene, started, asked):
    """Behind a proxy that cuts off ``/api``, as the server's root path tells, addresses have it, put back or not."""
    send = started(application_of(mailup_of(scene, prefix="/api/mailup")), root_path="/api")
    ada = Person(send, prefix=asked, cookies={"user": "ada@acme"})
    callback = ada.consents(ada.begins().location)

    assert callback.startswith(f"{ORIGIN}/api/mailup/complete?")
    assert "/api/mailup/" == ada.returns(callback.replace("/api/mailup", asked)).location


def test_an_application_may_be_mounted_below_another(scene, started):
    """The pages are below the mount; the outer application has the lifespan."""
    mailup = mailup_of(scene, prefix="/v2/mailup")
    outer = FastAPI(lifespan=mailup.lifespan)
    outer.mount("/v2", application_of(mailup))
    ada = Person(started(outer), prefix="/v2/mailup", cookies={"user": "ada@acme"})

    assert "/v2/mailup/" == ada.connects().location
    assert f'["{LIST}"]' == ada.clicks("/v2/lists").body


def test_a_redirect_uri_that_leads_nowhere_is_refused_at_once(scene):
    """Who registered another path than that of the page which completes learns it at the start."""
    with pytest.raises(BadRegistration, match="does not end in /complete"):
        MailUp(scene.facade(AsyncMailUpOAuth, redirect_uri=f"{ORIGIN}/mailup/callback"), who=whom)


# -- the client and the guard ------------------------------------------------------------------------------------------


def test_the_client_is_open_until_the_response_is_finished(scene, started):
    """What is streamed may still call MailUp while it is streamed, as FastAPI has it since 0.118."""
    lasts = tuple(map(int, fastapi.__version__.split(".")[:2])) >= (0, 118)
    mailup = mailup_of(scene)
    app = application_of(mailup)

    @app.get("/stream")
    async def stream(api: Annotated[httpx.AsyncClient, Depends(mailup.client)]) -> StreamingResponse:
        async def rows():
            for _ in range(2):
                yield (await api.get("User/Lists")).json()["Items"][0]["Name"] + "\n"

        return StreamingResponse(rows())

    ada = Person(started(app), cookies={"user": "ada@acme"})
    ada.connects()

    with nullcontext() if lasts else pytest.raises(RuntimeError, match="the client has been closed"):
        assert f"{LIST}\n{LIST}\n" == ada.clicks("/stream").body


def test_without_handlers_a_guarded_path_still_says_where_to_connect(scene, started):
    """``detail`` has the code, a sentence and the path, as JSON."""
    ada = Person(started(application_of(mailup_of(scene), exception_handlers={})), cookies={"user": "ada@acme"})
    page = ada.clicks("/guarded")

    assert 409 == page.status
    assert page.body.startswith('{"detail":{"code":"not_connected","message":"MailUp is not connected.')
    assert page.body.endswith('"connect":"/mailup/"}}')


def test_whoever_has_no_fastapi_is_told_what_to_install():
    """The import fails with the command that mends it."""
    program = (
        "import sys; sys.modules['fastapi'] = None\n"
        "try: import mailup_oauth.adapters.web.fastapi\n"
        "except ModuleNotFoundError as error: print(error)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert 'this adapter needs FastAPI. Run: pip install "mailup-oauth[fastapi]"\n' == done.stdout
