"""
Programs that were published for MailUp, in the very form in which each of them speaks; only their base URL is changed.

Where each form was found is in docs/mailup.md; the requests are ours, made from that description.
"""

import logging
from base64 import b64encode
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import pytest
from attrs import field, frozen

from mailup_oauth.adapters.serving.sandbox import serve_scenario
from mailup_oauth.domain.secret import Secret
from mailup_oauth.sandbox.commands import Answer
from mailup_oauth.sandbox.messages import FORM
from mailup_oauth.sandbox.resources import INFO_PATH
from mailup_oauth.sandbox.scenario import Scenario
from mailup_oauth.sandbox.switches import Switches
from mailup_oauth.sandbox.world import Application, MailUpUser
from mailup_oauth.testing.visitor import over_http, walk

KEYS = {"client_id": "11111111-2222-3333-4444-555555555555", "client_secret": "canary-client-secret"}
USER = {"username": "m4321", "password": "canary-password"}
SCENARIO = Scenario(
    applications=(Application(client_id=KEYS["client_id"], client_secret=Secret(KEYS["client_secret"]), name="App"),),
    users=(MailUpUser(username=USER["username"], password=Secret(USER["password"]), uid="321"),),
    switches=Switches(calls_per_second=1000),
)
PAIR = b64encode(":".join(KEYS.values()).encode()).decode()
BASIC = {"Authorization": f"Basic {PAIR}"}
WITHOUT_THE_WORD = {"Authorization": PAIR}
TYPED = {"Content-Type": FORM}
CLIENT = ("client_id", "client_secret")
FOUR = (*CLIENT, "refresh_token", "grant_type")
PASSWORD = ("grant_type", "username", "password")


@frozen(kw_only=True)
class Ask:
    """One form of a token request: its method, where its parameters are, which they are, and its headers."""

    method: str = "POST"
    place: str = "data"
    members: tuple
    headers: dict = field(factory=dict)

    def send(self, browser, values):
        """Send it with these *values* and return the members of the reply."""
        chosen = {name: values[name] for name in self.members}
        address = "/Authorization/OAuth/Token"
        answer = browser.request(self.method, address, headers=self.headers, **{self.place: chosen})
        assert answer.status_code == 200, answer.text
        return answer.json()


@frozen(kw_only=True)
class Visit:
    """One form of an authorization request, and what its callback has to bring."""

    door: str = "LogOn"
    more: dict = field(factory=dict)
    redirect_uri: str = "https://app.example/mailup/callback"
    encoded: bool = True
    brings: dict = field(factory=dict)
    cuts: bool = False

    def code(self, browser):
        """Send the user, and return the code that comes back."""
        asked = {"client_id": KEYS["client_id"], "response_type": "code", **self.more}
        address = (
            f"redirect_uri={self.redirect_uri}" if not self.encoded else urlencode({"redirect_uri": self.redirect_uri})
        )
        url = f"{browser.base_url}/Authorization/OAuth/{self.door}?{urlencode(asked)}&{address}"
        back = walk(
            url,
            username=USER["username"],
            password=Secret(USER["password"]),
            answer=Answer.ALLOW,
            fetch=over_http(browser),
        )
        query = {name: one for name, [one] in parse_qs(urlsplit(back).query).items()}
        assert back.startswith(self.redirect_uri.partition("#")[0])
        assert self.brings.items() <= query.items()
        return query["code"].partition("-")[0] if self.cuts else query["code"]


CODE = ("grant_type", "code")
WHOLE = (*CODE, "redirect_uri", *CLIENT)
SECRET = {"client_secret": KEYS["client_secret"]}
ADMIN = "https://site.example/wp-admin/admin.php?page=mailup"
BEARER = {"token_type": "bearer", "expires_in": "3600"}

BY_CODE = {
    "official samples, six languages": (
        Visit(more=SECRET, redirect_uri="http://127.0.0.1:5000/", encoded=False),
        Ask(method="GET", place="params", members=CODE),
        Ask(members=FOUR),
    ),
    "MailUp's WordPress plugin 1.2.6": (
        Visit(more=SECRET, redirect_uri=ADMIN),
        Ask(method="GET", place="params", members=CODE),
        Ask(method="GET", place="params", members=(*FOUR, "redirect_uri"), headers={"Authorization": "Bearer old"}),
    ),
    "codemaster-mailup-bundle 2015": (
        Visit(brings={"token_type": "bearer"}),
        Ask(method="GET", place="params", members=CODE),
        Ask(members=("refresh_token", "grant_type"), headers=BASIC),
    ),
    "mailup-node-api 2016": (
        Visit(brings=BEARER),
        Ask(method="GET", place="params", members=CODE),
        Ask(place="params", members=FOUR),
    ),
    "omniauth-mailup 2013": (Visit(more={"state": "canary-state"}), Ask(members=WHOLE), Ask(members=FOUR)),
    "dpi/sms_mailup 2016": (
        Visit(
            door="Authorization",
            more={"state": "canary-state", "scope": "", "approval_prompt": "auto"},
            brings={"state": "canary-state"},
        ),
        Ask(members=WHOLE),
        Ask(members=FOUR),
    ),
    "bit-integrations 2026": (
        Visit(redirect_uri=f"{ADMIN}#/flow", cuts=True),
        Ask(members=(*CODE, *CLIENT), headers=BASIC),
        Ask(members=FOUR),
    ),
    "ADFOIN": (
        Visit(redirect_uri=ADMIN),
        Ask(place="params", members=(*CODE, "redirect_uri"), headers=BASIC),
        Ask(place="params", members=("refresh_token", "grant_type"), headers=BASIC),
    ),
}
BY_PASSWORD = {
    "official samples": (Ask(members=(*PASSWORD, *CLIENT), headers=BASIC), Ask(members=FOUR)),
    "Objective-C sample": (Ask(members=(*PASSWORD, *CLIENT), headers=WITHOUT_THE_WORD), Ask(members=FOUR)),
    "mailupy, pagopa/io-functions-public": (Ask(members=(*PASSWORD, *CLIENT)), Ask(members=FOUR)),
    "djangomailup 2016": (Ask(members=PASSWORD, headers=BASIC), Ask(members=FOUR)),
    "MailUpPZ 2026": (
        Ask(members=PASSWORD, headers=BASIC),
        Ask(members=("refresh_token", "grant_type"), headers=BASIC),
    ),
    "pymailup 2016": (
        Ask(place="params", members=(*PASSWORD, *CLIENT, "pageNumber", "pageSize"), headers=BASIC),
        Ask(place="params", members=FOUR),
    ),
    "fazland 2020": (Ask(members=(*PASSWORD, *CLIENT), headers=BASIC), Ask(members=FOUR, headers=BASIC)),
}


@pytest.fixture(scope="module")
def browser():
    """Serve one sandbox and give a plain HTTP client; what it logs of secrets in addresses is the programs' own fault."""
    loggers = {one: one.level for one in map(logging.getLogger, ("httpx", "httpcore"))}
    for one in loggers:
        one.setLevel(logging.CRITICAL + 1)
    with serve_scenario(SCENARIO) as base, httpx.Client(base_url=base, trust_env=False) as client:
        yield client
    for one, level in loggers.items():
        one.setLevel(level)


def calls(browser, told, **headers):
    """Say whose the access token is, by an ordinary call of the API."""
    sent = {"Authorization": f"Bearer {told['access_token']}", "Accept": "application/json", **headers}
    return browser.get(INFO_PATH, headers=sent).raise_for_status().json()["Username"]


def lives_on(browser, told, refresh, values):
    """Say that a token works, that its refresh brings another pair, and that this one works too."""
    assert USER["username"] == calls(browser, told)
    renewed = refresh.send(
        browser, {**KEYS, **values, "grant_type": "refresh_token", "refresh_token": told["refresh_token"]}
    )
    assert renewed["refresh_token"] != told["refresh_token"]
    return USER["username"] == calls(browser, renewed)


@pytest.mark.parametrize("name", BY_CODE)
def test_a_published_program_connects_by_code(browser, name):
    """A program in use goes from the log-on page to its second pair of tokens, as it was written."""
    visit, exchange, refresh = BY_CODE[name]
    values = {**KEYS, "redirect_uri": visit.redirect_uri}
    told = exchange.send(browser, {**values, "grant_type": "authorization_code", "code": visit.code(browser)})

    assert ["access_token", "expires_in", "refresh_token"] == list(told)
    assert lives_on(browser, told, refresh, values)


@pytest.mark.parametrize("name", BY_PASSWORD)
def test_a_published_program_connects_by_password(browser, name):
    """A program in use gets its tokens for a user name and a password, and refreshes them, as it was written."""
    grant, refresh = BY_PASSWORD[name]
    values = {**KEYS, **USER, "pageNumber": "0", "pageSize": "20"}
    told = grant.send(browser, {**values, "grant_type": "password"})

    assert lives_on(browser, told, refresh, values)


def test_a_program_may_post_its_request_to_log_on(browser):
    """A test collection of 2016 posts the authorization request as multipart form data, and gets the page."""
    asked = {**KEYS, "response_type": "code", "redirect_uri": "https://app.example/"}
    answer = browser.post("/Authorization/OAuth/LogOn", files={name: (None, value) for name, value in asked.items()})

    assert (200, True) == (answer.status_code, 'name="password"' in answer.text)


def test_a_get_may_call_itself_a_form(browser):
    """MailUp's own curl examples send a form's content type on every call, and omniauth-mailup reads XML."""
    told = Ask(members=(*PASSWORD, *CLIENT)).send(browser, {**KEYS, **USER, "grant_type": "password"})

    assert USER["username"] == calls(browser, told, **TYPED)
    sent = {"Authorization": f"Bearer {told['access_token']}", "Accept": "application/xml"}
    assert "<ConsoleCurrentAuthenticatedUserInfo>" in browser.get(INFO_PATH, headers=sent).text


def test_no_two_programs_are_alike():
    """More than ten programs are replayed, and each has a form of its own."""
    everybody = [*BY_CODE.values(), *BY_PASSWORD.values()]

    assert len(everybody) > 10
    assert len(everybody) == len({repr(one) for one in everybody})
