"""What Flask itself does around the pages: methods, prefixes, proxies, subdomains, forms, cookies and sessions."""

import gzip

import pytest
from flask import Blueprint, abort, request, session, url_for
from flask.sessions import SecureCookieSessionInterface
from tests.web.flask_app import application, bare, oauth_of, person, signed_in, with_views
from tests.web.scene import FROM_A_PAGE, FROM_ELSEWHERE, LIST, ORIGIN
from werkzeug.middleware.proxy_fix import ProxyFix

from mailup_oauth import MailUpOAuth
from mailup_oauth.adapters.web.flask import MailUp

PAGES = {
    "status": ("/mailup/", "GET"),
    "begin": ("/mailup/begin", "GET, POST"),
    "complete": ("/mailup/complete", "GET"),
    "disconnect": ("/mailup/disconnect", "POST"),
    "failed": ("/mailup/failed", "GET"),
}
OTHERS = ("HEAD", "OPTIONS", "PUT", "PATCH", "DELETE")


def records(app):
    """Return how many records the journal of acme has."""
    return len(list(oauth_of(app).journal("acme")))


def mounted(scene, redirect_uri, mount=lambda *_: None, **config):
    """Return an application with another prefix."""
    app, mailup = bare(**config), MailUp()
    mailup.init_app(app, oauth=scene.facade(MailUpOAuth, redirect_uri=redirect_uri))
    mount(app, mailup)
    return with_views(app, mailup)


# --- methods and addresses --------------------------------------------------------------------------------------------


def test_the_pages_have_names(scene):
    """``url_for`` knows the five pages below the blueprint's name."""
    with application(scene).test_request_context():
        assert {name: path for name, (path, _) in PAGES.items()} == {name: url_for(f"mailup.{name}") for name in PAGES}


@pytest.mark.parametrize("method", OTHERS)
@pytest.mark.parametrize("page", PAGES)
def test_no_other_method_has_an_effect(scene, page, method):
    """What Flask and Werkzeug answer by themselves elsewhere, HEAD and OPTIONS, is refused here as every other method."""
    app, (path, allowed) = application(scene), PAGES[page]
    ada = person(app)
    ada.connects()
    before = records(app)
    answer = ada.ask(method, path, FROM_A_PAGE)

    assert (405, allowed) == (answer.status, answer.header("allow"))
    assert "" == answer.body or method != "HEAD"
    assert before == records(app)
    assert oauth_of(app).status("acme").connected


@pytest.mark.parametrize("method", ["TRACE", "PROPFIND"])
def test_what_is_not_routed_is_refused_by_flask(scene, method):
    """A method that nobody has heard of reaches no flow."""
    app = application(scene)

    assert 405 == person(app).ask(method, "/mailup/begin", FROM_A_PAGE).status
    assert 0 == records(app)


def test_no_spelling_of_an_address_redirects_to_whatever_host_says(scene):
    """Without the slash the status page is shown; doubled slashes lead nowhere."""
    ada = person(application(scene))
    answers = [
        ada.ask("GET", path, {**FROM_A_PAGE, "host": "evil.example"})
        for path in ("/mailup", "/mailup//begin", "/mailup/begin/")
    ]

    assert [200, 404, 404] == [answer.status for answer in answers]
    assert ["", "", ""] == [answer.location for answer in answers]


def test_under_another_name_nobody_begins(scene):
    """Under another host name than the redirect URI's the page says where to go."""
    ada = person(application(scene))
    answer = ada.ask("POST", "/mailup/begin", {**FROM_A_PAGE, "host": "other.example"}, form={})

    assert 400 == answer.status
    assert "under its own address" in answer.body


@pytest.mark.parametrize("query", ["state=%FF", "code=\u00e9&state=1", "&&&&=", "x=" + "y" * 20_000])
def test_whatever_stands_behind_the_question_mark_is_survived(scene, query):
    """A callback that is none ends at the page that tells so."""
    answer = person(application(scene)).comes_from_elsewhere(f"/mailup/complete?{query}")

    assert (303, "/mailup/failed") == (answer.status, answer.location)


def test_octets_that_no_browser_sends_are_survived(scene):
    """A query of bare octets is judged by the flow, and no decoder falls over it."""
    app = application(scene)
    answer = app.test_client().get("/mailup/complete", environ_overrides={"QUERY_STRING": "state=\xff\xfe"})

    assert (303, "/mailup/failed") == (answer.status_code, answer.location)


# --- prefixes, proxies and subdomains ---------------------------------------------------------------------------------


def test_the_prefix_is_the_applications(scene):
    """``MAILUP_URL_PREFIX`` moves all the pages."""
    app = mounted(scene, f"{ORIGIN}/crm/mail/complete", MAILUP_URL_PREFIX="/crm/mail")
    ada = person(app, prefix="/crm/mail")

    assert "/crm/mail/" == ada.connects().location
    assert LIST in ada.clicks("/lists").body
    assert 404 == ada.clicks("/mailup/").status


def test_a_prefix_outside_ascii_is_written_as_browsers_write_it(scene):
    """The config has the letters, the redirect URI and every address the octets."""
    app = mounted(scene, f"{ORIGIN}/caff%C3%A8/complete", MAILUP_URL_PREFIX="/caff\u00e8")

    assert "/caff%C3%A8/" == person(app, prefix="/caff%C3%A8").connects().location


def test_the_pages_may_be_at_the_root(scene):
    """A prefix of one slash is none."""
    ada = person(mounted(scene, f"{ORIGIN}/complete", MAILUP_URL_PREFIX="/"), prefix="")

    assert "/" == ada.connects().location


def test_below_script_name_everything_leads_back_below_it(scene):
    """Where the server mounts the application below ``SCRIPT_NAME``, pages and redirects know it."""
    app = mounted(scene, f"{ORIGIN}/shop/mailup/complete", APPLICATION_ROOT="/shop")
    ada = person(app, prefix="/shop/mailup", origin=ORIGIN)
    ada.send = below(app, "/shop")
    ada.submits("/shop/sign-in/ada/acme")

    assert "/shop/mailup/" == ada.connects().location
    assert 'action="/shop/mailup/disconnect"' in ada.looks().body
    assert 'name="next" value="/shop/lists?a=1"' in required_page(person_of(ada, "bob"), "/shop/lists?a=1").body


def person_of(somebody, user):
    """Sign somebody in as somebody else."""
    somebody.submits(f"/shop/sign-in/{user}/bolt")
    return somebody


def required_page(somebody, path):
    """Ask for a page as a browser does that wants to show one."""
    return somebody.ask("GET", path, {**FROM_A_PAGE, "accept": "text/html"})


def below(app, prefix):
    """Return what asks *app* as a server that has it mounted below *prefix*."""

    def send(method, path, headers, body):
        client = app.test_client(use_cookies=False)
        inner = path.removeprefix(prefix)
        answer = client.open(
            inner, method=method, headers=list(headers.items()), data=body, base_url=f"{ORIGIN}{prefix}"
        )
        return answer.status_code, list(answer.headers.items()), answer.get_data(as_text=True)

    return send


def test_behind_a_proxy_the_forwarded_prefix_counts(scene):
    """With ``ProxyFix`` the browser's own host and prefix are those that the proxy tells of."""
    app = mounted(scene, f"{ORIGIN}/shop/mailup/complete")
    app.wsgi_app = ProxyFix(app.wsgi_app, x_for=1, x_proto=1, x_host=1, x_prefix=1)

    def send(method, path, headers, body):
        told = {"x-forwarded-proto": "https", "x-forwarded-host": "app.example", "x-forwarded-prefix": "/shop"}
        answer = app.test_client(use_cookies=False).open(
            path.removeprefix("/shop"), method=method, headers=[*headers.items(), *told.items()], data=body
        )
        return answer.status_code, list(answer.headers.items()), answer.get_data(as_text=True)

    ada = person(app, user="", prefix="/shop/mailup")
    ada.send = send
    ada.submits("/shop/sign-in/ada/acme")

    assert "/shop/mailup/" == ada.connects().location


def test_the_blueprint_may_be_mounted_by_hand_under_a_subdomain(scene):
    """Without a prefix in the config the application registers ``mailup.blueprint`` as it likes."""

    def mount(app, mailup):
        app.register_blueprint(mailup.blueprint, url_prefix="/m", subdomain="crm", name="crm")

    app = mounted(scene, "https://crm.app.example/m/complete", mount, MAILUP_URL_PREFIX=None, SERVER_NAME="app.example")
    app.subdomain_matching = True
    app.url_map.default_subdomain = ""
    ada = person(app, user="", prefix="/m", origin="https://crm.app.example")
    cookies = person(app).cookies
    ada.cookies.update(cookies)

    assert "/m/" == ada.connects().location
    assert oauth_of(app).status("acme").connected


def test_the_blueprint_may_be_nested_and_its_prefix_may_have_variables(scene):
    """A path that holds a language leads everywhere in the same language."""

    def mount(app, mailup):
        outer = Blueprint("site", "site", url_prefix="/<language>")
        outer.register_blueprint(mailup.blueprint, url_prefix="/caff\u00e8")
        app.register_blueprint(outer)

    app = mounted(scene, f"{ORIGIN}/it/caff%C3%A8/complete", mount, MAILUP_URL_PREFIX=None)
    ada = person(app, prefix="/it/caff%C3%A8")

    assert "/it/caff%C3%A8/" == ada.connects().location
    assert 'action="/de/caff%C3%A8/disconnect"' in ada.clicks("/de/caff%C3%A8/").body


# --- forms ------------------------------------------------------------------------------------------------------------


def test_a_form_that_somebody_read_before_the_view_is_read_again(scene):
    """Where something before the view has read the form, ``next`` still counts."""
    app = application(scene, more=lambda app, _: app.before_request(lambda: request.form.get("x") and None))
    ada = person(app)

    assert "/lists" == ada.returns(ada.consents(ada.begins("/lists").location)).location


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"next=%2Flists&x=" + b"y" * 16_384, "application/x-www-form-urlencoded"),
        (b'{"next": "/lists"}', "application/json"),
        (gzip.compress(b"next=%2Flists"), "text/plain"),
    ],
    ids=["long", "json", "anything"],
)
def test_what_is_no_form_of_ours_is_not_read(scene, body, kind):
    """The person connects all the same, and lands on the status page."""
    ada = person(application(scene))
    began = ada.ask("POST", "/mailup/begin", {**FROM_A_PAGE, "content-type": kind}, body=body)

    assert "/mailup/" == ada.returns(ada.consents(began.location)).location


def test_an_application_that_allows_less_is_obeyed(scene):
    """``MAX_CONTENT_LENGTH`` is Flask's, and so is its 413; nothing was begun."""
    app = application(scene, app=bare(MAX_CONTENT_LENGTH=100))
    ada = person(app)

    assert 413 == ada.begins("/" + "x" * 200).status
    assert 0 == records(app)


def test_flask_wtf_finds_its_token_in_our_forms(scene):
    """Where an application has Flask-WTF's ``CSRFProtect``, every form of ours holds the field that it wants."""

    def more(app, _):
        app.extensions["csrf"] = object()
        app.config["WTF_CSRF_FIELD_NAME"] = "token<"
        app.jinja_env.globals["csrf_token"] = lambda: 'a"token'

    ada = person(application(scene, more=more))
    asked = ada.ask("POST", "/mailup/begin", FROM_ELSEWHERE, form={})

    for body in (ada.looks().body, asked.body):
        assert body.count("<form") == body.count('<input type="hidden" name="token&lt;" value="a&quot;token">') > 0


def test_without_flask_wtf_no_token_is_made(scene):
    """A function of the same name that is somebody else's is not called."""
    app = application(scene, more=lambda app, _: app.jinja_env.globals.update(csrf_token=lambda: "nobody's"))

    assert "nobody" not in person(app).looks().body


# --- cookies and sessions ---------------------------------------------------------------------------------------------


def test_the_cookies_are_set_as_they_must_be(scene):
    """Host-only, out of reach of scripts, over https alone, not sent along from other sites, gone when it is over."""
    ada = person(application(scene))
    [begun] = ada.begins().set_cookies
    [forgotten, mark, notice] = ada.returns(ada.consents(ada.begins().location)).set_cookies

    for line in (begun, forgotten, mark, notice):
        assert line.startswith("__Host-mailup-")
        assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= set(line.split("; "))
        assert "Domain" not in line
    assert "Max-Age=1200" in begun
    assert "Max-Age=600" in mark
    assert "Max-Age=0" in forgotten


def test_on_a_loopback_address_they_travel_over_http(scene):
    """Without https there is neither ``Secure`` nor the prefix that demands it."""
    origin = "http://127.0.0.1:5000"
    ada = person(mounted(scene, f"{origin}/mailup/complete"), origin=origin)
    [line] = ada.begins().set_cookies

    assert line.startswith("mailup-flow-")
    assert "Secure" not in line
    assert "/mailup/" == ada.connects().location


def test_the_longest_landing_place_makes_no_cookie_that_flask_warns_of(scene):
    """A cookie stays below what browsers take, whatever has to be remembered."""
    ada = person(application(scene), user="a" * 200, tenant="\u00e8" * 255)
    longest = "/" + "x" * 1023

    assert longest == ada.connects(longest).location


def test_our_pages_leave_the_session_alone(scene):
    """No page of ours sets, changes or refreshes Flask's session cookie."""
    ada = person(application(scene))
    before = ada.cookies["session"]
    pages = [ada.looks(), ada.begins(), ada.connects(), ada.looks(), ada.disconnects(), ada.types("/mailup/failed")]

    assert [] == [line for page in pages for line in page.set_cookies if "mailup-" not in line]
    assert before == ada.cookies["session"]


def test_the_page_that_tells_of_failures_asks_nobody_who_they_are(scene):
    """It works where the session itself is the trouble."""
    app = application(scene, more=lambda _, mailup: mailup.who(lambda: abort(500)))

    assert 200 == person(app, user="").types("/mailup/failed").status


def test_a_session_that_has_an_id_gets_a_new_one_when_a_connection_is_made(scene):
    """Sessions as those of Flask-Session are regenerated at the link, and at nothing else (ASVS 7.2.4)."""
    regenerated = []

    class Interface(SecureCookieSessionInterface):
        def regenerate(self, session):
            regenerated.append(dict(session))

    app = application(scene)
    app.session_interface = Interface()
    ada = person(app)
    callback = ada.consents(ada.begins().location)
    ada.looks()
    ada.returns(callback)
    ada.disconnects()

    assert [{"user": "ada", "tenant": "acme"}] == regenerated


def test_who_is_asked_in_the_middle_of_a_request_sees_its_session(scene):
    """``who`` reads what the session says now."""
    mailup, app = MailUp(who=signed_in), bare()
    mailup.init_app(app, oauth=scene.facade(MailUpOAuth))

    with app.test_request_context():
        nobody = mailup.person()
        session.update(user="ada", tenant="acme")

        assert (None, "acme") == (nobody, mailup.person().connection)
