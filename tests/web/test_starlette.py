"""Starlette: the journeys of every framework, where the pages are, and who is signed in."""

import asyncio
import json
import subprocess
import sys
from contextlib import suppress
from functools import partial
from urllib.parse import parse_qsl

import pytest
from starlette.applications import Starlette
from starlette.datastructures import FormData
from starlette.routing import Mount
from tests.web.claims import Claims
from tests.web.scene import LIST, ORIGIN, PREFIX, USERS, Person
from tests.web.starlette_app import application_of, mailup_at, walked, whom

from mailup_oauth import (
    AsyncMailUpOAuth,
    BadRegistration,
)
from mailup_oauth.adapters.web.starlette import MailUp


class TestStarlette(Claims):
    """The journeys, in Starlette."""

    @pytest.fixture
    def application(self, scene, started):
        """Start an application over a facade with these ports."""
        return lambda **ports: started(application_of(MailUp(scene.facade(AsyncMailUpOAuth, **ports), who=whom)))


# -- where the pages are -----------------------------------------------------------------------------------------------


def test_routes_may_be_flat(scene, started):
    """Without a mount the pages are at the root, and the redirect URI with them."""
    mailup = mailup_at(scene, "")

    assert "/" == walked(scene, started(Starlette(routes=mailup.routes, lifespan=mailup.lifespan)), "")


def test_an_application_may_be_mounted_below_another(scene, started):
    """The pages are below both prefixes; what they are mounted in need not know of them."""
    mailup = mailup_at(scene, "/inner/mailup")
    outer = Starlette(routes=[Mount("/inner", app=application_of(mailup))], lifespan=mailup.lifespan)

    assert "/inner/mailup/" == walked(scene, started(outer), "/inner/mailup")


def test_a_proxy_may_cut_off_the_prefix(scene, started):
    """Behind a proxy that cuts off ``/api``, as ``root_path`` tells, addresses have it all the same."""
    mailup = mailup_at(scene, "/api")
    send = started(Starlette(routes=mailup.routes, lifespan=mailup.lifespan), root_path="/api")

    assert "/api/" == walked(scene, send, "/api", asked="")


def test_a_server_may_put_the_prefix_back(scene, started):
    """Where the server hands on the whole path beside ``root_path``, as uvicorn does, nothing is said twice."""
    mailup = mailup_at(scene, "/api/mailup")

    assert "/api/mailup/" == walked(scene, started(application_of(mailup), root_path="/api"), "/api/mailup")


def test_a_prefix_may_hold_any_letters(scene, started):
    """A prefix outside of ASCII is percent-encoded in whatever leads back to it."""
    mailup = mailup_at(scene, "/caff%C3%A8")

    assert "/caff%C3%A8/" == walked(scene, started(application_of(mailup, prefix="/caffè")), "/caff%C3%A8")


def test_no_host_gets_into_a_path(scene, started):
    """A path that a browser would take for another host's address is not one of ours, whatever a pattern lets through."""
    mailup = mailup_at(scene, "/x/mailup")
    app = Starlette(routes=[Mount("/{anything:path}/mailup", routes=mailup.routes)])
    ada = Person(started(app), cookies={"user": "ada@acme"})

    others = ("//evil.example", "/%2Fevil.example", "/%5Cevil.example", "/x//evil.example", "/x%09")

    assert 200 == ada.clicks("/x/mailup/").status
    assert [404] * 10 == [
        ada.clicks(f"{ORIGIN}{other}/mailup/{page}").status for other in others for page in ("", "complete")
    ]


def test_the_pages_have_names(scene):
    """``url_for`` finds the five pages below the name of their mount."""
    app = application_of(mailup_at(scene, PREFIX))
    names = ("status", "begin", "complete", "disconnect", "failed")

    assert [
        "/mailup/",
        "/mailup/begin",
        "/mailup/complete",
        "/mailup/disconnect",
        "/mailup/failed",
    ] == [str(app.url_path_for(f"mailup:{name}")) for name in names]


def test_a_redirect_uri_that_leads_nowhere_is_refused_at_once(scene):
    """Who registered another path than that of the page which completes learns it at the start."""
    with pytest.raises(BadRegistration, match="does not end in /complete"):
        MailUp(scene.facade(AsyncMailUpOAuth, redirect_uri=f"{ORIGIN}/mailup/callback"), who=whom)


# -- who is signed in --------------------------------------------------------------------------------------------------


class Asynchronous:
    """An object that is awaited."""

    async def __call__(self, request):
        """Return who is signed in."""
        return whom(request)


async def awaited(request):
    """Return who is signed in, awaited."""
    return whom(request)


def one_name(request):
    """Return one name for the person and the connection."""
    return "acme"


async def reading_the_form(request):
    """Return who is signed in, having looked into the form, as a check of a token does."""
    if request.method == "POST":
        await request.body()
    return whom(request)


async def keeping_the_form(request):
    """Return who is signed in, having read the form as Starlette does, which keeps it."""
    if request.method == "POST":
        request._form = FormData(parse_qsl((await anext(request.stream())).decode()))
    return whom(request)


@pytest.mark.parametrize(
    "who",
    [
        awaited,
        Asynchronous(),
        partial(awaited),
        one_name,
        reading_the_form,
        keeping_the_form,
        lambda request: awaited(request),  # noqa: PLW0108  # a plain function that returns a coroutine
    ],
    ids=["function", "object", "partial", "name", "reader", "keeper", "lambda"],
)
def test_whoever_tells_who_is_signed_in_may_tell_it_in_any_way(scene, started, who):
    """Awaited or not, by one name, or after reading what was posted: the person and the landing place are known."""
    mailup = MailUp(scene.facade(AsyncMailUpOAuth), who=who)
    ada = Person(started(application_of(mailup)), cookies={"user": "ada@acme"})

    assert "/lists" == ada.connects("/lists").location
    assert [LIST] == json.loads(ada.clicks("/lists").body)


def test_a_plain_function_blocks_no_event_loop(scene, started):
    """It runs on a thread, where it may ask a database; a coroutine function runs in the loop."""
    loops = []

    def plain(request):
        with suppress(RuntimeError):
            loops.append(asyncio.get_running_loop())
        return whom(request)

    async def awaiting(request):
        return plain(request)

    for who in (plain, awaiting):
        mailup = MailUp(scene.facade(AsyncMailUpOAuth), who=who)
        assert 200 == Person(started(application_of(mailup)), cookies={"user": "ada@acme"}).looks().status

    assert 1 == len(loops)


def test_a_form_that_was_read_piece_by_piece_is_done_without(scene, started):
    """Where nobody has kept what was posted, the person is on the way to the default landing place."""

    async def consuming(request):
        async for _ in request.stream():
            pass
        return whom(request)

    mailup = MailUp(scene.facade(AsyncMailUpOAuth), who=consuming)
    ada = Person(started(application_of(mailup)), cookies={"user": "ada@acme"})

    assert "/mailup/" == ada.connects("/lists").location


def test_the_page_that_tells_of_a_failure_asks_nobody(scene, started):
    """It is shown though the session cannot be read."""

    def broken(request):
        raise LookupError

    mailup = MailUp(scene.facade(AsyncMailUpOAuth), who=broken)

    assert 200 == Person(started(application_of(mailup))).clicks("/mailup/failed").status


# -- what is installed --------------------------------------------------------------------------------------------------


def test_whoever_has_no_starlette_is_told_what_to_install():
    """The import fails with the command that mends it."""
    program = (
        "import sys; sys.modules['starlette'] = None\n"
        "try: import mailup_oauth.adapters.web.starlette\n"
        "except ModuleNotFoundError as error: print(error)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert 'this adapter needs Starlette. Run: pip install "mailup-oauth[starlette]"\n' == done.stdout


def test_users_of_mailup_are_named(scene, started):
    """What ``require_connection`` returns is the status, with the user's name at MailUp."""
    mailup = mailup_at(scene, PREFIX)
    ada = Person(started(application_of(mailup)), cookies={"user": "ada@acme"}, at_mailup=USERS[1])
    ada.connects()

    assert USERS[1] == ada.clicks("/guarded").body
