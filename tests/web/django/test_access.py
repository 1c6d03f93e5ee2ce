"""The project's own views: the decorator and the mixin, awaited or not, what they undo, and storms through them."""

import json
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier

import pytest
from asgiref.sync import async_to_sync
from django.conf import settings as configured
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.db import connections, transaction
from django.test import AsyncClient, Client, RequestFactory, override_settings
from tests.web.claims import BEHIND, BROWSER, Broken
from tests.web.django.project import pages
from tests.web.django.visiting import project, strict, with_token
from tests.web.scene import CLIENT_ID, LIST, USERS, Person

from mailup_oauth.adapters.storage.memory import MemoryStore
from mailup_oauth.adapters.web.django.access import client_for, client_of, mailup_required
from mailup_oauth.sandbox.commands import Effect, RevokeApplication
from mailup_oauth.sandbox.faults import GatewayPage, Target

ADA = {"user": "ada@acme"}
THREADS = 20
VIEWS = {
    "/lists": [LIST],
    "/classy": [LIST],
    "/awaiting": [LIST],
    "/awaiting/7": [7, LIST],
}
"""The lists by a function and by a class, and both awaited."""


@pytest.fixture
def running(scene, sqlite):
    """The project over a file."""
    with project(scene) as words:
        yield words


@pytest.fixture
def ada(running):
    """Ada of Acme, who is connected."""
    person = Person(with_token(strict()), cookies=dict(ADA))
    person.connects()
    return person


def asked(path, *, user="ada@acme", is_async=False, **headers):
    """Return the answer of the project under WSGI or ASGI."""
    client = AsyncClient() if is_async else Client()
    client.cookies["user"] = user
    return async_to_sync(client.get)(path, headers=headers) if is_async else client.get(path, headers=headers)


@pytest.fixture(params=[False, True], ids=["wsgi", "asgi"])
def ask(request):
    """Ask as Ada, of either server."""
    return partial(asked, is_async=request.param)


@pytest.mark.parametrize("path", VIEWS)
def test_whoever_is_connected_is_let_in(path, ask, ada, scene):
    """The view is asked, with what stood in its path, and a token that has expired is renewed on the way."""
    first = ask(path)
    scene.pass_time()

    assert [VIEWS[path]] * 2 == [json.loads(answer.content) for answer in (first, ask(path))]
    assert 1 == scene.rotations


@pytest.mark.parametrize("path", VIEWS)
def test_whoever_is_not_connected_is_asked_to(path, ask, running):
    """A browser gets the page with the button that leads back, a program JSON; the log-in comes first."""
    page, program = ask(f"{path}?page=2", **BROWSER), ask(path, accept="application/json")
    nobody = ask(f"{path}?page=2", user="")

    assert [409, 409] == [page.status_code, program.status_code]
    assert f'name="next" value="{path}?page=2"' in page.content.decode()
    assert "csrftoken" in page.cookies
    assert ("not_connected", "/mailup/") == tuple(program.json()["detail"][name] for name in ("code", "connect"))
    assert f"/accounts/login/?next={path.replace('/', '%2F')}%3Fpage%3D2" == nobody.headers["Location"]


@pytest.mark.usefixtures("running")
def test_the_button_has_its_token_s_cookie_without_a_middleware(ask):
    """A project that has no ``CsrfViewMiddleware`` gets the cookie with the page, which the button would want."""
    with override_settings(MIDDLEWARE=[one for one in configured.MIDDLEWARE if "csrf" not in one]):
        page = ask("/lists", **BROWSER)

    assert (409, True) == (page.status_code, "csrftoken" in page.cookies)


@pytest.mark.usefixtures("running")
def test_what_a_proxy_cuts_off_is_put_back(ask):
    """FORCE_SCRIPT_NAME stands before every path, whichever server asks."""
    with override_settings(FORCE_SCRIPT_NAME="/api"):
        shown, page = ask("/mailup/"), ask("/lists?page=2", **BROWSER)

    assert 'action="/api/mailup/begin"' in shown.content.decode()
    assert 'name="next" value="/api/lists?page=2"' in page.content.decode()


@pytest.mark.parametrize("path", VIEWS)
def test_whoever_cannot_be_served_now_is_told_so(path, ask, ada, scene, ear):
    """MailUp answers nothing that can be used: 503 and a reference, which the log has beside the reason."""
    scene.pass_time()
    for _ in range(8):
        scene.plan(Target.TOKEN, GatewayPage(status=502))
    answer = ask(path, accept="application/json")

    detail = answer.json()["detail"]
    assert (503, False) == (answer.status_code, "connect" in detail)
    assert [True] == [detail["code"] in line for line in ear.heard if detail["reference"] in line]


@pytest.mark.parametrize("path", VIEWS)
def test_a_broken_store_is_told_in_general_words(path, ask, scene, sqlite, ear):
    """503; the reason is in the log alone."""
    store = Broken()
    with project(scene, store=store):
        Person(with_token(strict()), cookies=dict(ADA)).connects()
        store.is_out = True
        answer = ask(path, **BROWSER)

    assert (503, False) == (answer.status_code, BEHIND in answer.content.decode())
    assert any(BEHIND in line and "mailup_oauth.web" in line for line in ear.heard)


def test_a_connection_that_ends_while_the_view_runs_is_told_with_the_button(ada, ask, scene):
    """A view that learns from MailUp that the connection is over answers as if nobody had connected."""
    scene.pass_time()
    revoked = {"username": USERS[0], "client_id": CLIENT_ID, "effect": Effect.IMMEDIATE, "now": scene.clock.now()}
    scene.service.order(RevokeApplication(**revoked))
    page, program = ask("/awaiting", **BROWSER), ask("/lists", accept="application/json")

    assert [409, 409] == [page.status_code, program.status_code]
    assert 'action="/mailup/begin"' in page.content.decode()
    assert "/mailup/" == program.json()["detail"]["connect"]


def test_a_view_keeps_its_name_and_its_ways(running):
    """What is decorated is called, described and awaited as before."""

    async def awaited(request):
        """Be awaited."""

    def plain(request):
        """Be called."""

    assert [("awaited", "Be awaited."), ("plain", "Be called.")] == [
        (view.__name__, view.__doc__) for view in map(mailup_required, (awaited, plain))
    ]
    assert pages.Awaiting.as_view().view_class is pages.Awaiting


# -- what the view has written -----------------------------------------------------------------------------------------


@pytest.fixture
def gone(scene, sqlite):
    """A project whose Ada is connected, and whose MailUp gives nothing any more."""
    with project(scene, store=MemoryStore()):
        Person(with_token(strict()), cookies=dict(ADA)).connects()
        scene.pass_time()
        for _ in range(8):
            scene.plan(Target.TOKEN, GatewayPage(status=502))
        yield


def written():
    """Return how often a view has written."""
    return Group.objects.count()


def test_what_a_view_wrote_inside_a_transaction_is_undone(gone):
    """Under ATOMIC_REQUESTS, a view that could not go on leaves nothing behind, as if its exception had gone to Django."""
    assert (503, 0) == (asked("/writes").status_code, written())


def test_what_a_view_wrote_outside_of_one_stays(gone):
    """A view that wants no transaction has none undone, nor the one that a test has around everything."""
    with transaction.atomic():
        answer = asked("/writes/apart")

        assert (503, 1) == (answer.status_code, written())


def test_what_a_view_wrote_is_kept_where_it_could_go_on(ada):
    """Where MailUp gave what was asked for, so is what the view has written."""
    assert (200, 1) == (ada.clicks("/writes").status, written())


# -- clients -----------------------------------------------------------------------------------------------------------


def test_a_client_is_had_by_the_signed_in_alone(ada):
    """Nobody gets one who is not signed in; a command names the connection."""
    with pytest.raises(PermissionDenied):
        client_for(RequestFactory().get("/"))
    with client_of("acme") as api:
        assert [LIST] == pages.names_in(api.get("User/Lists"))


def test_clients_may_be_closed_and_others_go_on(ada):
    """Each request closes its own, and the sockets that all of them share stay open."""
    with client_of("acme") as one, client_of("acme") as other:
        one.close()

        assert [LIST] == pages.names_in(other.get("User/Lists"))


# -- storms ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/lists", "/awaiting"])
def test_fault_K01_a_crowd_at_the_views_sends_one_request(path, alias, scene):
    """Twenty threads of requests find the token expired at once: one refresh, and everybody gets the lists."""
    start = Barrier(THREADS)

    def request(number):
        start.wait()
        try:
            return asked(path, is_async=path == "/awaiting").content
        finally:
            connections.close_all()

    with project(scene, words={"DATABASE": alias}), ThreadPoolExecutor(THREADS) as crowd:
        Person(with_token(strict()), cookies=dict(ADA)).connects()
        scene.pass_time()
        answers = list(crowd.map(request, range(THREADS)))

    assert [[LIST]] * THREADS == [json.loads(answer) for answer in answers]
    assert 1 == scene.rotations
