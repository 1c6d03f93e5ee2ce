"""The log-on and consent pages, and what comes back from them."""

from html.parser import HTMLParser
from urllib.parse import urlencode

import pytest
from attrs import evolve

from mailup_oauth.domain.secret import Secret
from mailup_oauth.sandbox import events
from mailup_oauth.sandbox.asking import Door, can_return_to
from mailup_oauth.sandbox.commands import Answer
from mailup_oauth.sandbox.evolve import MOST_SESSIONS
from mailup_oauth.sandbox.messages import Request
from mailup_oauth.sandbox.switches import CallbackExtras, Consent, DenyStyle, RedirectCheck, StateEcho
from mailup_oauth.testing.visitor import Click, Stranded, in_process

LOG_ON = Door.LOG_ON.value


def test_log_on_returns_code_and_extras_and_no_state(play):
    """LogOn returns a code, ``token_type`` and ``expires_in``, in MailUp's order, and keeps the state to itself."""
    returned = play.callback()

    assert list(returned) == ["code", "token_type", "expires_in"]
    assert (returned["token_type"], returned["expires_in"]) == ("bearer", "3600")


def test_authorization_returns_code_and_state_only(play):
    """The Authorization door returns a code and the state, and nothing else."""
    returned = play.callback(Door.AUTHORIZATION)

    assert list(returned) == ["code", "state"]
    assert returned["state"] == "canary-state"


def test_authorization_returns_no_state_that_was_not_sent(play):
    """No state sent, no state returned."""
    assert list(play.callback(Door.AUTHORIZATION, state="")) == ["code"]


def test_state_is_echoed_always_where_switched(play):
    """Under ``always`` LogOn echoes the state too; without extras nothing else comes."""
    play.switch(state_echo=StateEcho.ALWAYS, callback_extras=CallbackExtras.OFF)

    assert list(play.callback()) == ["code", "state"]


def test_a_query_already_there_is_kept(play):
    """The code is joined by an ampersand when the redirect URI has a query, and stands before a fragment."""
    location = play.visit(play.url(redirect_uri="https://app.example/admin.php?page=mailup#there"))

    assert location.startswith("https://app.example/admin.php?page=mailup&code=")
    assert location.endswith("&token_type=bearer&expires_in=3600#there")


@pytest.mark.parametrize(
    ("style", "ending"),
    [(DenyStyle.HTML_400, 400), (DenyStyle.NO_RETURN, 200)],
)
def test_a_refusal_may_strand_the_user(play, style, ending):
    """Under the two styles without a return, a user who refuses stays at MailUp."""
    play.switch(deny_style=style)

    with pytest.raises(Stranded, match=f"status {ending}"):
        play.callback(answer=Answer.DENY)
    assert play.happened(events.ConsentDenied) == 1


def test_a_refusal_comes_back_as_an_error(play):
    """By default a refusal comes back as ``access_denied``, with the state where the door echoes it."""
    assert play.callback(answer=Answer.DENY) == {"error": "access_denied"}
    expected = {"error": "access_denied", "state": "canary-state"}

    assert expected == play.callback(Door.AUTHORIZATION, answer=Answer.DENY)


def test_a_wrong_password_shows_the_form_again(play):
    """A wrong password costs nothing but another try on the same page."""
    fetch = in_process(play.service)
    page = fetch(Click(method="GET", url=play.url()))
    cookie = page.header("set-cookie").partition(";")[0]
    inputs = hidden(page.body)
    wrong = {**inputs, "username": "m4321", "password": "canary-wrong"}
    again = fetch(Click(method="POST", url=play.url(), cookie=cookie, form=wrong))

    assert (again.status, "is wrong" in again.body) == (200, True)
    assert "canary-wrong" not in again.body
    right = {**inputs, "username": "m4321", "password": "canary-password"}
    assert 'value="Allow"' in fetch(Click(method="POST", url=play.url(), cookie=cookie, form=right)).body
    assert play.happened(events.LogOnFailed) == 1


def test_an_unknown_user_is_told_no_more_than_one_with_a_wrong_password(play):
    """A name nobody has shows the form again; the walk ends there."""
    with pytest.raises(Stranded):
        play.visit(play.url(), password="canary-wrong")
    assert play.happened(events.LogOnFailed) == 1


def test_consent_is_asked_once_where_switched(play):
    """Under ``first-time`` the second visit ends right after the log-on."""
    play.switch(consent=Consent.FIRST_TIME)
    play.callback()
    play.callback()

    assert play.happened(events.ConsentGiven) == 1
    assert play.happened(events.CodeIssued) == 2


def test_consent_is_asked_every_time_by_default(play):
    """By default the second visit asks again."""
    play.callback()
    play.callback()

    assert play.happened(events.ConsentGiven) == 2


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"client_id": "nobody"}, "not known"),
        ({"client_secret": "canary-wrong"}, "secret is wrong"),
        ({"response_type": "token"}, "response_type=code"),
        ({"redirect_uri": ""}, "redirect_uri"),
        ({"redirect_uri": "javascript:alert(1)"}, "redirect_uri"),
        ({"redirect_uri": "https://app.example/\r\nSet-Cookie: a=b"}, "redirect_uri"),
        ({"redirect_uri": "http://["}, "redirect_uri"),
    ],
)
def test_a_request_that_cannot_be_served_is_a_page(play, wrong, said):
    """A wrong request is told to the user, never to an address nobody has checked; on all three pages."""
    asked = {"client_id": play.client["client_id"], "response_type": "code", "redirect_uri": "https://app.example/"}
    for posted in ({}, {"page_token": "x"}, {"answer": "Allow"}):
        body = urlencode({**asked, **wrong, **posted}).encode()
        answer = play.service.handle(Request(method="POST", path=LOG_ON, body=body))

        assert (answer.status, said in answer.body.decode()) == (400, True)


def test_the_right_secret_in_the_url_is_accepted(play):
    """The official samples put the client's secret into the URL; MailUp takes it."""
    assert "code" in play.callback(client_secret="canary-client-secret")


def test_a_list_of_addresses_is_held_where_switched(play):
    """Under ``list`` only an application's own addresses are returned to."""
    play.switch(redirect_check=RedirectCheck.LIST)
    with pytest.raises(Stranded):
        play.callback()
    world = play.service.world
    listed = evolve(next(iter(world.applications.values())), redirect_uris=("https://app.example/mailup/callback",))
    play.service._world = evolve(world, applications={listed.client_id: listed})

    assert "code" in play.callback()


@pytest.mark.parametrize("posted", [{"page_token": "x"}, {"page_token": "x", "answer": "Deny"}])
def test_a_page_of_another_browser_is_refused(play, posted):
    """Without the session's cookie and page token nothing can be posted."""
    body = urlencode({**hidden_parameters(play), **posted}).encode()
    answer = play.service.handle(Request(method="POST", path=LOG_ON, body=body))

    assert (answer.status, b"no longer valid" in answer.body) == (400, True)


def test_a_stolen_cookie_is_not_enough(play):
    """The page token must be the session's own."""
    page = in_process(play.service)(Click(method="GET", url=play.url()))
    cookie = page.header("set-cookie").partition(";")[0]
    form = {**hidden(page.body), "page_token": "guess", "username": "m4321", "password": "canary-password"}

    assert in_process(play.service)(Click(method="POST", url=play.url(), cookie=cookie, form=form)).status == 400


def test_a_page_grows_old(play):
    """Half an hour later a page is no longer valid."""
    page = in_process(play.service)(Click(method="GET", url=play.url()))
    play.clock.move(minutes=31)
    cookie = page.header("set-cookie").partition(";")[0]
    form = {**hidden(page.body), "username": "m4321", "password": "canary-password"}

    assert in_process(play.service)(Click(method="POST", url=play.url(), cookie=cookie, form=form)).status == 400


def test_a_flood_of_visits_is_forgotten(play):
    """No more than a thousand open pages are remembered."""
    for _ in range(MOST_SESSIONS + 5):
        play.get(LOG_ON, play.url().partition("?")[2])

    assert len(play.service.world.sessions) == MOST_SESSIONS


def test_what_came_in_is_escaped(play):
    """Neither names nor parameters can write HTML, and what the page hides comes back unchanged."""
    nasty = "\"'><script>alert(1)</script>&amp;"
    page = in_process(play.service)(Click(method="GET", url=play.url(state=nasty)))

    assert "<script" not in page.body
    assert "Example &lt;App&gt;" in page.body
    assert hidden(page.body)["state"] == nasty


def test_a_page_asks_nothing_from_elsewhere(play):
    """The browser is told to load nothing, to be framed by nobody, and to keep nothing."""
    page = in_process(play.service)(Click(method="GET", url=play.url()))

    assert "default-src 'none'" in page.header("content-security-policy")
    assert "frame-ancestors 'none'" in page.header("content-security-policy")
    assert page.header("cache-control") == "no-store"
    assert "HttpOnly; SameSite=Lax" in page.header("set-cookie")


def test_a_world_shows_no_secret_in_its_repr(play):
    """Not even the repr of a whole world after a whole life holds a secret."""
    told = play.connect()
    shown = repr((play.service.world, play.service.events))

    assert "canary" not in shown
    assert "canary" not in repr(Request(method="GET", path="/", query="code=canary", body=b"canary"))
    assert told["refresh_token"] not in shown
    assert told["access_token"] not in shown


def test_only_web_addresses_can_be_returned_to():
    """An address without a host is none."""
    assert not can_return_to("https:///callback")
    assert can_return_to("http://127.0.0.1:5000/")


def hidden_parameters(play):
    """Return what a valid request asks for."""
    return {"client_id": play.client["client_id"], "response_type": "code", "redirect_uri": "https://app.example/"}


def hidden(body):
    """Return the hidden inputs of a page."""
    found = {}

    class Inputs(HTMLParser):
        def handle_starttag(self, tag, attrs):
            given = dict(attrs)
            if tag == "input" and given.get("type") == "hidden":
                found[given["name"]] = given["value"]

    Inputs().feed(body)
    return found


def test_secret_is_never_part_of_a_page_unless_it_was_asked_with(play):
    """A page carries on only what came in."""
    page = in_process(play.service)(Click(method="GET", url=play.url()))

    assert "client_secret" not in page.body
    assert Secret("canary-client-secret") == next(iter(play.service.world.applications.values())).client_secret
