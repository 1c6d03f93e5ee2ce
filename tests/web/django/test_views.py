"""The pages in a Django project: the journeys of every framework, and what is Django's own."""

import json
import re
from contextlib import ExitStack
from http.cookies import SimpleCookie

import pytest
from django.conf import settings as configured
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.core.exceptions import ImproperlyConfigured
from django.test import Client, RequestFactory, override_settings
from django.urls import include, path, re_path, reverse
from tests.web.claims import Claims
from tests.web.django.visiting import TOKEN, project, strict, with_token
from tests.web.outline import Outline
from tests.web.scene import FROM_A_PAGE, FROM_ELSEWHERE, LIST, ORIGIN, Person

from mailup_oauth.adapters.storage.memory import MemoryStore
from mailup_oauth.adapters.web.django import oauth, shell
from mailup_oauth.adapters.web.django.persons import person

LOGIN = "/accounts/login/?next="


class TestDjango(Claims):
    """The journeys, in Django, over each database."""

    @pytest.fixture
    def application(self, alias, scene):
        """Start the project over a facade with these ports."""
        with ExitStack() as stack:

            def start(**ports):
                stack.enter_context(project(scene, words={"DATABASE": alias}, **ports))
                return with_token(strict())

            yield start

    def test_nobody_signed_in_gets_nothing(self, send):
        """Whoever is not signed in is led to the project's own log-in, and then to where they wanted to be."""
        nobody = Person(send)
        asked = [
            nobody.looks(),
            nobody.clicks("/mailup/begin?next=/lists%3Fpage%3D2"),
            nobody.begins("/lists"),
            nobody.disconnects(),
            nobody.clicks("/lists?page=2"),
            nobody.clicks("/guarded"),
        ]

        assert [302] * 6 == [page.status for page in asked]
        assert [
            f"{LOGIN}%2Fmailup%2F",
            f"{LOGIN}%2Fmailup%2Fbegin%3Fnext%3D%2Flists%253Fpage%253D2",
            f"{LOGIN}%2Fmailup%2F",
            f"{LOGIN}%2Fmailup%2F",
            f"{LOGIN}%2Flists%3Fpage%3D2",
            f"{LOGIN}%2Fguarded",
        ] == [page.location for page in asked]
        assert ([], 405) == (nobody.attempts(), nobody.ask("HEAD", "/mailup/begin").status)


@pytest.fixture
def running(scene, sqlite):
    """The project over a file, as most tests here want it."""
    with project(scene, words={"WHO": None}) as words:
        yield words


@pytest.fixture
def ada(sqlite):
    """Ada, a user of ``django.contrib.auth``."""
    return User.objects.create_user("ada")


def signed_in(user, send=None):
    """Return somebody at a browser who has signed in to the project."""
    client = Client()
    client.force_login(user)
    session = client.cookies[configured.SESSION_COOKIE_NAME].value
    return Person(send or with_token(strict()), cookies={configured.SESSION_COOKIE_NAME: session})


def lists_of(person):
    """Return what the project knows of the person's mailing lists."""
    return json.loads(person.clicks("/lists").body)


# -- who is signed in --------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("running")
def test_a_user_of_django_has_a_connection_by_their_primary_key(ada):
    """Without WHO, everybody who is signed in has their own, and the journal calls them by the same name."""
    browser = signed_in(ada)
    browser.connects()

    assert [LIST] == lists_of(browser)
    assert (str(ada.pk),) == oauth().core.ports.store.connections()
    assert {str(ada.pk)} == {record.actor for record in oauth().journal(str(ada.pk)) if record.actor}


@pytest.mark.usefixtures("running")
def test_a_session_gets_a_new_id_when_a_connection_is_made(ada):
    """And only then; the person stays signed in, and the old id leads nowhere."""
    browser = signed_in(ada)
    before = browser.cookies["sessionid"]
    browser.looks()
    browser.begins()
    assert before == browser.cookies["sessionid"]
    browser.connects()

    assert before != browser.cookies["sessionid"]
    assert "Disconnect" in browser.looks().body
    assert [browser.cookies["sessionid"]] == [one.session_key for one in Session.objects.all()]


def test_nobody_gets_a_session_who_had_none(scene, sqlite):
    """Where WHO knows people by something else, connecting stores no session for them."""
    with project(scene):
        browser = Person(with_token(strict()), cookies={"user": "ada@acme"})
        browser.connects()

    assert (0, False) == (Session.objects.count(), "sessionid" in browser.cookies)


@pytest.mark.parametrize("name", ["whom", "awaited"])
def test_who_may_be_named_and_awaited(name, scene, sqlite):
    """WHO is a function or a path to one, also one that awaits."""
    with project(scene, words={"WHO": f"tests.web.django.project.pages.{name}"}):
        browser = Person(with_token(strict()), cookies={"user": "ada@acme"})

        assert "/mailup/" == browser.connects().location
        assert [LIST] == lists_of(browser)


class Odd:
    """A user as a token makes one, with whatever primary key."""

    is_authenticated = True

    def __init__(self, pk):
        self.pk = pk


@pytest.mark.parametrize(
    ("said", "complaint"),
    [
        (lambda _: 7, "neither a Who nor text nor None, but a value of int"),
        (lambda request: request.user, "neither a Who nor text nor None, but a value of Odd"),
        (None, "the signed-in Odd has no primary key"),
    ],
)
def test_what_is_nobody_s_name_is_refused(said, complaint, scene, sqlite):
    """A number, a whole user, or a user without a key: told at once, before people share a connection by mistake."""
    request = RequestFactory().get("/")
    request.user = Odd(None)
    with project(scene, words={"WHO": said}), pytest.raises(ImproperlyConfigured, match=complaint):
        person(request)


def test_a_project_without_users_has_nobody_signed_in(scene, sqlite):
    """Neither a middleware nor an anonymous user is needed for that."""
    with project(scene, words={"WHO": None}):
        assert person(RequestFactory().get("/")) is None


# -- the log-in --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("place", "leads_to"),
    [
        ("admin:login", "/admin/login/?next=%2Fmailup%2F"),
        ("https://id.example/in?app=7", "https://id.example/in?app=7&next=%2Fmailup%2F"),
    ],
)
@pytest.mark.usefixtures("running")
def test_the_log_in_may_be_named(place, leads_to):
    """LOGIN_URL may be the name of a route, or an address that has a query of its own."""
    with override_settings(LOGIN_URL=place):
        assert leads_to == Person(strict()).looks().location


# -- Django's token ----------------------------------------------------------------------------------------------------


def form_on(page, action):
    """Return the members of the form that posts to *action*."""
    form = re.search(rf'<form method="post" action="{action}">(.*?)</form>', page.body)[1]
    return {given["name"]: given["value"] for given, _ in Outline(form).all("input")}


@pytest.mark.parametrize(
    "how",
    [{}, {"CSRF_USE_SESSIONS": True}, {"CSRF_COOKIE_HTTPONLY": True}, {"MIDDLEWARE": "without"}],
    ids=["cookie", "session", "http-only", "no middleware"],
)
@pytest.mark.usefixtures("running")
def test_the_forms_of_our_pages_have_django_s_token(how, ada):
    """Each button works as a browser sends it, wherever the project keeps the token, with its middleware or without."""
    if how.get("MIDDLEWARE"):
        how = {"MIDDLEWARE": [one for one in configured.MIDDLEWARE if "csrf" not in one]}
    with override_settings(**how):
        browser = signed_in(ada, strict())
        began = browser.submits("/mailup/begin", form_on(browser.looks(), "/mailup/begin"))
        browser.returns(browser.consents(began.location))
        asked = browser.types("/mailup/begin")
        again = browser.submits("/mailup/begin", form_on(asked, "/mailup/begin"))
        gone = browser.submits("/mailup/disconnect", form_on(browser.looks(), "/mailup/disconnect"))

    assert [303, 403, 303, 303] == [page.status for page in (began, asked, again, gone)]


@pytest.mark.parametrize("middleware", [True, False], ids=["middleware", "no middleware"])
@pytest.mark.usefixtures("running")
def test_without_django_s_token_nothing_begins_or_ends(middleware, ada):
    """A browser that calls the request the project's own is not enough; a wrong token, another origin or none is refused."""
    kept = [one for one in configured.MIDDLEWARE if middleware or "csrf" not in one]
    with override_settings(MIDDLEWARE=kept):
        browser = signed_in(ada)
        browser.connects()
        bare = signed_in(ada, strict())
        asked = [
            bare.ask("POST", f"/mailup/{page}", {**FROM_A_PAGE, **headers}, form=form)
            for page in ("begin", "disconnect")
            for headers, form in (
                ({"origin": ORIGIN}, {}),
                ({"origin": ORIGIN, "cookie": f"csrftoken={TOKEN}"}, {"csrfmiddlewaretoken": "x" * 32}),
                ({"origin": "null"}, {"csrfmiddlewaretoken": TOKEN}),
                ({}, {"csrfmiddlewaretoken": TOKEN}),
            )
        ]

    assert [403] * 8 == [page.status for page in asked]
    assert ([], True) == (bare.attempts(), oauth().status(str(ada.pk)).connected)


@pytest.mark.usefixtures("running")
def test_a_page_without_a_form_sets_no_cookie(ada):
    """The token's cookie comes with the pages that have a form, and with no others."""
    browser = signed_in(ada)

    assert [["csrftoken"], [], []] == [
        [name for line in page.set_cookies for name in SimpleCookie(line) if "notice" not in name]
        for page in (browser.looks(), browser.clicks("/mailup/failed"), browser.disconnects())
    ]


# -- what a browser may do with a page ---------------------------------------------------------------------------------


@pytest.mark.parametrize("page", ["", "begin", "complete", "failed"])
@pytest.mark.usefixtures("running")
def test_the_project_s_middleware_does_not_write_over_our_headers(page, ada):
    """With the security middleware, the one against frames, and the one of Django 6 for policies: ours stand, once each."""
    names = ["clickjacking.XFrameOptionsMiddleware", "common.CommonMiddleware", "gzip.GZipMiddleware"]
    policies = ["csp.ContentSecurityPolicyMiddleware"] if hasattr(configured, "SECURE_CSP") else []
    middleware = [*(f"django.middleware.{name}" for name in names + policies), *configured.MIDDLEWARE]
    with override_settings(MIDDLEWARE=middleware, SECURE_CSP={"default-src": ["*"]}):
        answer = signed_in(ada).types(f"/mailup/{page}")

    policy = answer.header("content-security-policy")
    assert ("nosniff", "same-origin", "no-store") == tuple(
        answer.header(name) for name in ("x-content-type-options", "cross-origin-opener-policy", "cache-control")
    )
    assert answer.header("referrer-policy") == ("no-referrer" if page in {"complete", "failed"} else "same-origin")
    assert (not answer.body) or policy.startswith("default-src 'none'; ")


# -- where the pages are -----------------------------------------------------------------------------------------------


def routes(prefix):
    """Return a project's routes with the pages below *prefix*."""
    pages = include("mailup_oauth.adapters.web.django.urls")

    class Routes:
        urlpatterns = (path(prefix, pages),)

    return Routes


@pytest.mark.parametrize(
    ("prefix", "script", "place"),
    [
        ("", "", ""),
        ("inner/mailup/", "", "/inner/mailup"),
        ("caffè/", "", "/caff%C3%A8"),
        ("mailup/", "/api", "/api/mailup"),
        ("mailup/", "/api/", "/api/mailup"),
    ],
)
def test_the_pages_are_below_any_prefix(prefix, script, place, scene, sqlite):
    """At the root, deeper, in any letters, and behind a proxy that cuts off what FORCE_SCRIPT_NAME tells."""
    others = {"ROOT_URLCONF": routes(prefix), "FORCE_SCRIPT_NAME": script or None}
    with project(scene, redirect_uri=f"{ORIGIN}{place}/complete", others=others):
        browser = Person(with_token(strict()), cookies={"user": "ada@acme"}, prefix=place.removeprefix("/api"))
        callback = browser.consents(browser.begins().location)
        landed = browser.returns(callback.replace(f"{ORIGIN}{place}/", f"{ORIGIN}{browser.prefix}/")).location

    assert (True, f"{place}/") == (callback.startswith(f"{ORIGIN}{place}/complete?"), landed)


def test_the_server_may_tell_the_prefix(scene, sqlite):
    """SCRIPT_NAME of the server stands before every path, also before the one that is wanted after the log-in."""
    with project(scene, redirect_uri=f"{ORIGIN}/api/mailup/complete"):
        client = Client()
        shown = client.get("/mailup/", HTTP_COOKIE="user=ada@acme", SCRIPT_NAME="/api")
        nobody = client.get("/mailup/", SCRIPT_NAME="/api")
        asked = client.get("/lists", HTTP_COOKIE="user=ada@acme", SCRIPT_NAME="/api", HTTP_ACCEPT="text/html")

    assert 'action="/api/mailup/begin"' in shown.content.decode()
    assert f"{LOGIN}%2Fapi%2Fmailup%2F" == nobody.headers["Location"]
    assert 'action="/api/mailup/begin"' in asked.content.decode()
    assert 'name="next" value="/api/lists"' in asked.content.decode()


def test_no_host_gets_into_a_path(scene, sqlite):
    """A path that a browser would take for another host's address is not one of ours, whatever a pattern lets through."""

    class Routes:
        urlpatterns = (re_path(r"^.*mailup/", include("mailup_oauth.adapters.web.django.urls")),)

    with project(scene, others={"ROOT_URLCONF": Routes}):
        browser = Person(strict(), cookies={"user": "ada@acme"})
        found = [browser.clicks(f"{ORIGIN}{place}/mailup/").status for place in ("/x", "//evil.example", "/%5Cevil")]

    assert [200, 404, 404] == found


def test_the_pages_have_names():
    """``reverse`` finds them, without a slash at the end."""
    names = ("status", "begin", "complete", "disconnect", "failed")

    assert ["/mailup/", "/mailup/begin", "/mailup/complete", "/mailup/disconnect", "/mailup/failed"] == [
        reverse(f"mailup_oauth:{name}") for name in names
    ]


# -- whatever else comes -----------------------------------------------------------------------------------------------

BROKEN = {
    "multipart": ("multipart/form-data; boundary=x", b"--x\r\nnonsense"),
    "no boundary": ("multipart/form-data", b"x"),
    "fields": ("application/x-www-form-urlencoded", b"&".join(b"a=1" for _ in range(1001))),
    "octets": ("application/x-www-form-urlencoded", b"next=%ff%fe&next\xff"),
    "json": ("application/json", b'{"next": "/lists"}'),
    "none": ("", b"next=/lists"),
}


@pytest.mark.parametrize("how", BROKEN)
@pytest.mark.parametrize("page", ["begin", "disconnect", "complete", ""])
@pytest.mark.usefixtures("running")
def test_a_form_that_cannot_be_read_is_no_fault_of_the_server(how, page, ada):
    """It begins or ends without a landing place, or is refused; it lands nowhere that it names."""
    kind, body = BROKEN[how]
    headers = {**FROM_A_PAGE, "origin": ORIGIN, "content-type": kind}
    answer = signed_in(ada).ask("POST", f"/mailup/{page}", headers, body=body)

    assert answer.status in {303, 400, 403, 405}
    assert "/lists" not in answer.location


@pytest.mark.usefixtures("running")
def test_a_browser_that_goes_away_while_it_posts_lands_nowhere(ada):
    """What could not be read says nothing of where to land."""

    request = RequestFactory().post(
        "/mailup/begin", {"next": "/lists"}, content_type="application/x-www-form-urlencoded"
    )
    request._stream.read = vanished

    assert b"" == shell._posted(request)


def vanished(*_):
    """Read from a browser that went away."""
    raise OSError


@pytest.mark.parametrize("use_tz", [True, False])
@pytest.mark.usefixtures("running")
def test_naive_times_of_the_project_change_nothing(use_tz, scene, ada):
    """Also with USE_TZ off, an hour is an hour."""
    with override_settings(USE_TZ=use_tz):
        browser = signed_in(ada)
        browser.connects()
        scene.pass_time()

        assert [LIST] == lists_of(browser)
    assert 1 == scene.rotations


@pytest.mark.usefixtures("running")
def test_what_is_read_inside_a_request_locks_nobody_out(ada):
    """Under ATOMIC_REQUESTS over SQLite, a session that was read, or written, does not keep the pages from committing."""
    assert True is configured.DATABASES["default"]["ATOMIC_REQUESTS"]
    with override_settings(SESSION_SAVE_EVERY_REQUEST=True):
        browser = signed_in(ada)

        assert "/mailup/" == browser.connects().location
        assert "/mailup/" == browser.disconnects().location


def test_the_callback_says_nothing_to_others(scene, sqlite):
    """Where the callback leads to, nobody is told where the person came from."""
    with project(scene):
        browser = Person(with_token(strict()), cookies={"user": "ada@acme"})
        answer = browser.connects()

    assert ("no-referrer", "") == (answer.header("referrer-policy"), answer.body)


def test_django_s_own_token_is_not_wanted_of_the_callback(scene, sqlite):
    """Whatever is not a GET there is told so in our words, and has no effect."""
    with project(scene, store=MemoryStore()):
        answer = Person(strict(), cookies={"user": "ada@acme"}).ask("POST", "/mailup/complete", FROM_ELSEWHERE, form={})

    assert (405, "GET") == (answer.status, answer.header("allow"))
