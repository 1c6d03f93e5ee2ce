"""The requirements of SECURITY.md that are web applications' (rows 10, 22, 45, 58 to 67), in every framework."""

import re
from collections import Counter
from datetime import timedelta
from http.cookies import SimpleCookie
from urllib.parse import parse_qs, quote, urlencode, urlsplit

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.disguises import in_all_forms
from tests.web.mounts import MOUNTS, mounted
from tests.web.outline import Outline
from tests.web.overhearing import overheard
from tests.web.payloads import EVIL, HARMLESS, HOSTILE
from tests.web.scene import (
    FROM_A_PAGE,
    FROM_ELSEWHERE,
    ORIGIN,
    PASSWORD,
    PREFIX,
    TYPED,
    USERS,
    Person,
)

from mailup_oauth import StoreUnavailable
from mailup_oauth.adapters.storage.memory import MemoryStore
from mailup_oauth.sandbox.commands import Answer, ChangeSwitches
from mailup_oauth.sandbox.faults import LOST_ANSWER, GatewayPage, Target, Throttle
from mailup_oauth.sandbox.switches import DOCUMENTED, StateEcho, TokenErrorShape
from mailup_oauth.testing.visitor import in_process, walk

LOOPBACK = "http://127.0.0.1:8000"
PAGES = ("/", "/begin", "/complete", "/disconnect", "/failed")
BEHIND = "disk-7"
HABITS = attrs.evolve(DOCUMENTED, calls_per_second=100_000)
"""MailUp as it is documented, but that these tests may ask it more often than a second allows."""


@pytest.fixture(scope="module")
def scene():
    """MailUp's sandbox, overheard; one for all tests here, each of which brings an application of its own."""
    with overheard() as place:
        yield place


@pytest.fixture(params=MOUNTS)
def framework(request):
    """Give the name of every framework."""
    return request.param


@pytest.fixture
def mount(framework, scene):
    """Start an application."""
    scene.service.order(ChangeSwitches(HABITS))
    with mounted(framework, scene) as running:
        yield running


@pytest.fixture
def ada(mount):
    """Ada of Acme, signed in, at a browser of her own."""
    return mount.person()


def connects(mount, person, wanted="", answer=Answer.ALLOW):
    """Let somebody connect; their walk through MailUp's pages needs no socket."""
    return person.returns(consents(mount, person.begins(wanted).location, answer))


def consents(mount, url, answer=Answer.ALLOW, username=USERS[0]):
    """Fill in MailUp's forms, and return the address that it sends the browser back to."""
    return walk(url, username=username, password=PASSWORD, answer=answer, fetch=in_process(mount.scene.service))


def policies(page):
    """Return the parts of a page's Content-Security-Policy."""
    return dict(part.split(" ", 1) for part in page.header("content-security-policy").split("; "))


# --- 10: intent -------------------------------------------------------------------------------------------------------

UNINTENDED = {
    "a link of another site": ("GET", FROM_ELSEWHERE),
    "a form of another site": ("POST", {**FROM_ELSEWHERE, "origin": f"https://{EVIL}"}),
    "a form of another site without an origin": ("POST", FROM_ELSEWHERE),
    "a page of a sibling host": (
        "POST",
        {**FROM_A_PAGE, "sec-fetch-site": "same-site", "origin": "https://app2.example"},
    ),
    "a link of a sibling host": ("GET", {**FROM_A_PAGE, "sec-fetch-site": "same-site"}),
    "an address that was typed": ("GET", TYPED),
    "a program": ("POST", {}),
    "a program with GET": ("GET", {}),
    "an older browser on another site": ("POST", {"origin": f"https://{EVIL}"}),
    "an older browser that hides its origin": ("POST", {"origin": "null"}),
    "an older browser with a link": ("GET", {"origin": ORIGIN, "referer": f"{ORIGIN}/"}),
    "a browser that fetches ahead": ("GET", {**FROM_A_PAGE, "sec-purpose": "prefetch"}),
    "a header that came twice": ("POST", {**FROM_A_PAGE, "sec-fetch-site": "same-origin, same-origin"}),
    "a method that is put over": ("POST", {**FROM_ELSEWHERE, "x-http-method-override": "GET"}),
}


@pytest.mark.parametrize("how", UNINTENDED)
def test_sec_10_nothing_begins_that_the_person_did_not_mean(how, mount, ada):
    """Whatever does not come from a page of the application's own is asked, or told why not; nothing is stored or set."""
    method, headers = UNINTENDED[how]
    asked = ada.ask(method, f"{PREFIX}/begin", headers, form={} if method == "POST" else None)

    buttons = [(form["method"], form["action"]) for form, _ in Outline(asked.body).all("form")]

    assert 403 == asked.status
    assert ([] if how == "a program" else [("post", f"{PREFIX}/begin")]) == buttons
    assert ([], ()) == (ada.attempts(), mount.store.connections())
    assert [] == asked.set_cookies


@pytest.mark.parametrize("how", UNINTENDED)
def test_sec_10_nothing_ends_that_the_person_did_not_mean(how, mount, ada):
    """No such request disconnects."""
    connects(mount, ada)
    method, headers = UNINTENDED[how]
    answer = ada.ask(method, f"{PREFIX}/disconnect", headers, form={} if method == "POST" else None)

    assert answer.status == (403 if method == "POST" else 405)
    assert USERS[0] == mount.connected()


@pytest.mark.parametrize(
    ("method", "headers"),
    [
        ("POST", FROM_A_PAGE),
        ("GET", FROM_A_PAGE),
        ("POST", {"origin": ORIGIN}),
        ("POST", {**FROM_A_PAGE, "origin": ORIGIN}),
    ],
)
def test_sec_10_what_the_person_meant_begins(method, headers, ada):
    """A button or a link on a page of the application's own leads to MailUp."""
    began = ada.ask(method, f"{PREFIX}/begin", headers, form={} if method == "POST" else None)

    assert (303, 1) == (began.status, len(ada.attempts()))


# --- 22: nothing of the callback stays --------------------------------------------------------------------------------


def _came(mount, ada):
    return connects(mount, ada)


def _denied(mount, ada):
    return connects(mount, ada, answer=Answer.DENY)


def _elsewhere(mount, ada):
    return mount.person("mallory", "crime").returns(consents(mount, ada.begins().location))


def _signed_out(mount, ada):
    callback = consents(mount, ada.begins().location)
    del ada.cookies["user"]
    return ada.returns(callback)


def _switched(mount, ada):
    callback = consents(mount, ada.begins().location)
    ada.cookies["user"] = "bob@bolt"
    return ada.returns(callback)


def _reloaded(mount, ada):
    callback = consents(mount, ada.begins().location)
    ada.returns(callback)
    return ada.returns(callback)


def _lapsed(mount, ada):
    callback = consents(mount, ada.begins().location)
    mount.scene.pass_time()
    return ada.returns(callback)


def _another_account(mount, ada):
    connects(mount, ada)
    return ada.returns(consents(mount, ada.begins().location, username=USERS[1]))


def _lost(mount, ada):
    mount.scene.plan(Target.TOKEN, LOST_ANSWER)
    return connects(mount, ada)


def _garbage(mount, ada):
    return ada.returns(f"{ORIGIN}{PREFIX}/complete?code=a&code=b&state=%00")


def _posted(mount, ada):
    parts = urlsplit(consents(mount, ada.begins().location))
    return ada.ask("POST", f"{parts.path}?{parts.query}", FROM_ELSEWHERE, form={})


def _fetched_ahead(mount, ada):
    parts = urlsplit(consents(mount, ada.begins().location))
    return ada.ask("GET", f"{parts.path}?{parts.query}", {**FROM_ELSEWHERE, "sec-purpose": "prefetch"})


ENDS = (
    _came,
    _denied,
    _elsewhere,
    _signed_out,
    _switched,
    _reloaded,
    _lapsed,
    _another_account,
    _lost,
    _garbage,
    _posted,
    _fetched_ahead,
)


@pytest.mark.parametrize("end", ENDS, ids=lambda end: end.__name__.strip("_"))
@pytest.mark.parametrize("echo", [StateEcho.NEVER_ON_LOG_ON, StateEcho.ALWAYS], ids=["bare", "echoed"])
def test_sec_22_the_address_after_the_callback_tells_nothing(end, echo, mount, ada):
    """However a callback ends: nobody is told where it came from, nothing is stored, and no query is left."""
    mount.scene.service.order(ChangeSwitches(attrs.evolve(HABITS, state_echo=echo)))
    answer = end(mount, ada)
    code_and_nonce = {value for value in parse_qs(urlsplit(answer.path).query).get("code", []) if len(value) > 1}
    seen = "\n".join((answer.body, *(f"{name}: {value}" for name, value in answer.headers)))

    assert ("no-referrer", "no-store") == (answer.header("referrer-policy"), answer.header("cache-control"))
    assert "?" not in answer.location
    assert answer.location in {f"{PREFIX}/", f"{PREFIX}/failed", ""}
    assert (303 == answer.status) == bool(answer.location)
    assert not [secret for secret in code_and_nonce if secret in seen]
    assert not answer.body or set(Outline(answer.body).addresses()) <= {f"{PREFIX}/", f"{PREFIX}/begin"}


# --- 45, 66: nothing that a browser gets is secret --------------------------------------------------------------------


def leaks(pages, secrets):
    """Return the pages in which a secret stands, in whatever form."""
    told = [(page.path.partition("?")[0], in_all_forms(f"{page.body}\n{page.headers}")) for page in pages]
    return [path for path, text in told if any(secret in text for secret in secrets)]


def test_sec_45_no_token_reaches_a_browser(mount, ada):
    """A whole life, with a refresh, a second connection and an end: no page, header or cookie holds a token or a code."""
    began = ada.begins("/lists")
    callback = consents(mount, began.location)
    pages = [ada.looks(), ada.returns(callback), ada.looks(), ada.clicks("/lists")]
    mount.scene.pass_time()
    pages += [ada.clicks("/lists"), ada.looks(), connects(mount, ada), ada.looks(), ada.disconnects(), ada.looks()]
    pages += [connects(mount, ada, answer=Answer.DENY), ada.clicks(f"{PREFIX}/failed"), ada.returns(callback)]
    secrets = mount.scene.service.secrets
    nonces = {value for name in ("state", "redirect_uri") for value in parse_qs(urlsplit(began.location).query)[name]}

    assert 10 < len(secrets)
    assert [] == leaks([*pages, began], secrets)
    assert [] == leaks(pages, nonces)
    assert {"user"} >= {name for name in ada.cookies if not name.endswith(("mailup-notice", "mailup-over"))}
    assert [] == leaks([attrs.evolve(pages[0], body=repr(ada.cookies), headers=())], secrets)


def test_sec_45_the_search_finds_a_secret_in_disguise(mount, ada):
    """A token that stood in a header, or in a cookie in base64, would be found."""
    page = ada.looks()
    hidden = attrs.evolve(page, headers=(("set-cookie", "session=eyJ0IjoidG9rZW4tMTIzNDU2In0"),))

    assert [f"{PREFIX}/"] == leaks([hidden], {"token-123456"})
    assert [f"{PREFIX}/"] == leaks([attrs.evolve(page, body="a=token%2D123456")], {"token-123456"})
    assert [] == leaks([page], {"token-123456"})


class Broken(MemoryStore):
    """A store whose disk can be pulled out."""

    is_out = False

    def load(self, connection):
        """Read, if there is a disk."""
        if self.is_out:
            problem = f"{BEHIND} is out"
            raise StoreUnavailable(problem)
        return super().load(connection)


FAULTS = {
    "a lost answer": LOST_ANSWER,
    "a gateway's page": GatewayPage(status=502),
    "a throttle": Throttle(),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_sec_66_a_failure_is_told_in_general_words(fault, mount, ada):
    """The page has a sentence and a reference; no address, no token, no name of an error and no trace."""
    mount.scene.plan(Target.TOKEN, FAULTS[fault])
    failed = ada.follows(connects(mount, ada))

    assert_general(failed, mount)
    assert "" == mount.connected()


@pytest.mark.parametrize("shape", TokenErrorShape)
def test_sec_66_mailup_s_own_words_are_not_repeated(shape, mount, ada):
    """However the token endpoint says that a code is none: one sentence of ours, also where the address says more."""
    habits = attrs.evolve(HABITS, token_error_shape=shape, code_life=timedelta(0))
    mount.scene.service.order(ChangeSwitches(habits))
    callback = consents(mount, ada.begins().location)
    mount.scene.pass_time(timedelta(seconds=1))
    page = ada.follows(ada.returns(f"{callback}&error_description=%3Cb%3E{BEHIND}&error_uri=https://{EVIL}"))

    assert_general(page, mount)
    assert not [word for word in (BEHIND, EVIL) if word in page.body]
    assert "" == mount.connected()


@pytest.mark.parametrize("asked", [("GET", "/"), ("POST", "/begin"), ("POST", "/disconnect")])
def test_sec_66_a_broken_store_is_told_in_general_words(asked, framework, scene, ear):
    """503, a sentence, and the reference under which the operator finds the reason in the log."""
    store = Broken()
    with mounted(framework, scene, store=store) as mount:
        store.is_out = True
        method, page = asked
        answer = mount.person().ask(method, f"{PREFIX}{page}", FROM_A_PAGE, form={} if method == "POST" else None)

    assert 503 == answer.status
    assert_general(answer, mount)
    assert BEHIND not in answer.body
    reference = Outline(answer.body).text("code")[0]
    assert [True] == [BEHIND in line for line in ear.heard if f"reference {reference}" in line]


def assert_general(page, mount):
    """Claim of a page that it has a reference and tells nothing of what is behind it."""
    outline = Outline(page.body)
    words = " ".join(outline.text("main"))
    inside = {
        "Traceback",
        "Error",
        "mailup_oauth",
        "Exception",
        "invalid_",
        "/OAuth/",
        mount.scene.base,
        "sqlite",
        ".py",
    }

    assert [] == outline.problems
    assert re.fullmatch(r"[0-9a-f]{12}", outline.text("code")[0])
    assert not [word for word in inside if word in words]
    assert [] == leaks([page], mount.scene.service.secrets)


# --- 58: no open redirector -------------------------------------------------------------------------------------------


def test_sec_58_nobody_is_led_away_after_connecting(mount, ada):
    """Every hostile place, brought by the form of the connect button, leads to the status page instead."""
    landed = {name: connects(mount, ada, posted(place)).location for name, place in HOSTILE.items()}

    assert 60 <= len(landed)
    assert {} == {name: place for name, place in landed.items() if place != f"{PREFIX}/"}


def posted(place):
    """Return a place as a form can carry it."""
    return place.encode("utf-8", "surrogatepass").decode("utf-8", "replace")


def test_sec_58_nobody_is_led_away_by_a_link(mount, ada):
    """The same places in a link to ``begin``, as octets where they are no text; also not by the page that asks first."""
    landed, asked = {}, {}
    for name, place in HOSTILE.items():
        link = f"{PREFIX}/begin?next={quote(place.encode('utf-8', 'surrogatepass'), safe='')}"
        if len(link) < 15_000:
            landed[name] = ada.returns(consents(mount, ada.clicks(link).location)).location
            hidden = [given for given, _ in Outline(ada.types(link).body).all("input")]
            asked[name] = [given["value"] for given in hidden if given["name"] == "next"]

    assert {f"{PREFIX}/"} == set(landed.values())
    assert {} == {name: kept for name, kept in asked.items() if kept}


def test_sec_58_nobody_is_led_away_after_disconnecting(ada):
    """The same places after the disconnect button."""
    landed = {
        name: ada.submits(f"{PREFIX}/disconnect", {"next": posted(place)}).location for name, place in HOSTILE.items()
    }

    assert {} == {name: place for name, place in landed.items() if place != f"{PREFIX}/"}


def test_sec_58_places_of_our_own_are_landed_at(mount, ada):
    """The check does not refuse what is harmless, after connecting as after disconnecting."""
    landed = {name: connects(mount, ada, place).location for name, place in HARMLESS.items()}
    left = {name: ada.submits(f"{PREFIX}/disconnect", {"next": place}).location for name, place in HARMLESS.items()}

    same = {name: place.removesuffix("?") for name, place in HARMLESS.items()}
    assert same == {name: place.removesuffix("?") for name, place in landed.items()}
    assert same == {name: place.removesuffix("?") for name, place in left.items()}


def test_sec_58_nothing_that_comes_back_leads_anywhere(mount, ada):
    """A place in the callback is not looked at; only what was kept when the person began counts."""
    for evil in (f"https://{EVIL}", "/elsewhere"):
        callback = consents(mount, ada.begins("/newsletters").location)
        members = urlencode({"next": evil, "redirect_uri": evil, "error_uri": evil, "url": evil})

        assert "/newsletters" == ada.returns(f"{callback}&{members}").location


# --- 59, 60: who began, finishes --------------------------------------------------------------------------------------


@pytest.mark.parametrize("echo", [StateEcho.NEVER_ON_LOG_ON, StateEcho.ALWAYS])
@pytest.mark.parametrize("has_begun", [False, True], ids=["idle", "under way"])
def test_sec_59_a_victim_cannot_finish_an_attacker_s_attempt(has_begun, echo, mount, ada):
    """The attacker's callback address, opened in the victim's browser: refused, and the victim's link is as it was."""
    mount.scene.service.order(ChangeSwitches(attrs.evolve(HABITS, state_echo=echo)))
    mallory = mount.person("mallory", "crime")
    lure = consents(mount, mallory.begins().location, username=USERS[1])
    connects(mount, ada)
    own = consents(mount, ada.begins().location) if has_begun else ""
    refused = ada.returns(lure)

    assert f"{PREFIX}/failed" == refused.location
    assert "This log-in was not begun here" in ada.follows(refused).body
    assert (USERS[0], "") == (mount.connected(), mount.connected("crime"))
    assert not own or f"{PREFIX}/" == ada.returns(own).location
    assert USERS[0] == mount.connected()


def test_sec_59_an_attacker_s_code_in_the_victim_s_own_attempt_is_another_account(mount, ada):
    """A code of the attacker's, put into the address that the victim comes back with, replaces nobody."""
    connects(mount, ada)
    mallory = mount.person("mallory", "crime")
    lure = parse_qs(urlsplit(consents(mount, mallory.begins().location, username=USERS[1])).query)["code"][0]
    own = consents(mount, ada.begins().location)
    bent = re.sub(r"code=[^&]*", f"code={quote(lure)}", own)
    refused = ada.returns(bent)

    assert f"{PREFIX}/failed" == refused.location
    assert USERS[0] == mount.connected()


@pytest.mark.parametrize(
    ("by_then", "says"),
    [
        ("bob@bolt", "Somebody else began this log-in"),
        ("eve@acme", "Somebody else began this log-in"),
        ("ada@bolt", "Somebody else began this log-in"),
        ("", "You are signed out"),
    ],
)
def test_sec_60_only_the_person_who_began_can_finish(by_then, says, mount, ada):
    """Another person, a colleague, the same person for another tenant, or nobody: refused; the attempt is over."""
    callback = consents(mount, ada.begins().location)
    ada.cookies["user"] = by_then
    refused = ada.returns(callback)
    told = ada.follows(refused)
    ada.cookies["user"] = "ada@acme"
    again = ada.returns(callback)

    assert f"{PREFIX}/failed" == refused.location
    assert says in told.body
    assert f"{PREFIX}/failed" == again.location
    assert {""} == {mount.connected(tenant) for tenant in ("acme", "bolt")}


# --- 61, 62: the cookie -----------------------------------------------------------------------------------------------


def test_sec_61_a_planted_cookie_is_not_taken_over(mount, ada):
    """What an attacker put into the browser before is neither used nor kept; each attempt has a cookie of its own."""
    mallory = mount.person("mallory", "crime")
    lure = consents(mount, mallory.begins().location, username=USERS[1])
    [name] = mallory.attempts()
    ada.cookies[name] = mallory.cookies[name]
    refused = ada.returns(lure)
    ada.cookies[name] = "planted"
    began = ada.begins()
    [own] = ada.attempts()
    ada.returns(consents(mount, began.location))

    assert f"{PREFIX}/failed" == refused.location
    assert ("", USERS[0]) == (mount.connected("crime"), mount.connected())
    assert own != name
    assert [] == ada.attempts()


def test_sec_61_the_session_gets_a_new_id_when_a_connection_is_made(mount, ada):
    """Once for each connection that was made, and for nothing else; frameworks whose sessions have no ids do without."""
    ada.looks()
    connects(mount, ada, answer=Answer.DENY)
    before = list(mount.renewals or [])
    connects(mount, ada)
    ada.looks()
    ada.disconnects()

    assert [] == before
    assert mount.renewals in (None, ["renewed"])


@pytest.mark.parametrize("origin", [ORIGIN, LOOPBACK])
def test_sec_62_the_cookie_is_for_this_browser_and_host_alone(origin, framework, scene):
    """``__Host-``, Secure, HttpOnly, Lax, twenty minutes, short; without the first two over http on loopback alone."""
    with mounted(framework, scene, origin=origin) as mount:
        ada = mount.person()
        tabs = [ada.begins("/" + "a" * 1000) for _ in range(2)]
        came = ada.returns(consents(mount, tabs[0].location))
    [[first], [second]] = [tab.set_cookies for tab in tabs]
    kept = [(line, *SimpleCookie(line).items()) for line in (first, second)]
    is_secure = origin == ORIGIN
    prefix = "__Host-" if is_secure else ""

    for line, (name, morsel) in kept:
        assert re.fullmatch(prefix + "mailup-flow-[0-9a-f]{16}", name)
        assert ("/", "1200", "") == (morsel["path"], morsel["max-age"], morsel["domain"])
        assert ("lax", True, is_secure) == (morsel["samesite"].lower(), morsel["httponly"], bool(morsel["secure"]))
        assert len(line) < 4096
    assert kept[0][1][0] != kept[1][1][0]
    ended = SimpleCookie(came.set_cookies[0])
    assert {kept[0][1][0]: ("", "0", "/")} == {
        name: (morsel.value, morsel["max-age"], morsel["path"]) for name, morsel in ended.items()
    }
    assert all(("secure" in line.lower()) == is_secure and "httponly" in line.lower() for line in came.set_cookies)


def test_sec_62_one_browser_keeps_few(ada):
    """A browser that begins and begins carries five attempts, and no more."""
    for _ in range(8):
        ada.begins()

    assert 5 == len(ada.attempts())


# --- 63: whatever Host says -------------------------------------------------------------------------------------------

FORGED = {
    "host": {"host": EVIL},
    "x-forwarded-host": {"x-forwarded-host": EVIL},
    "x-forwarded-proto": {"x-forwarded-proto": "http"},
    "x-forwarded-prefix": {"x-forwarded-prefix": f"//{EVIL}"},
    "x-forwarded-for": {"x-forwarded-for": "127.0.0.1"},
    "forwarded": {"forwarded": f"host={EVIL};proto=http"},
    "x-original-url": {"x-original-url": f"//{EVIL}/"},
    "x-rewrite-url": {"x-rewrite-url": f"//{EVIL}/"},
    "host with a port": {"host": f"app.example:1@{EVIL}"},
    "host with a path": {"host": f"app.example/{EVIL}?"},
}


@pytest.mark.parametrize("header", FORGED)
def test_sec_63_no_header_leads_anywhere(header, mount, ada):
    """Whatever a request says its host is: the redirect URI is the registered one, and every place is a path of ours."""
    forged = FORGED[header]
    began = ada.ask("POST", f"{PREFIX}/begin", {**FROM_A_PAGE, **forged}, form={})
    pages = [ada.ask("GET", f"{PREFIX}{page}", {**FROM_A_PAGE, **forged}) for page in PAGES if page != "/begin"]
    seen = "\n".join(f"{page.body}{page.headers}" for page in (began, *pages))

    assert EVIL not in seen
    assert "http://app" not in seen
    if began.status == 303:
        assert urlsplit(mount.scene.base).netloc == urlsplit(began.location).netloc
        assert parse_qs(urlsplit(began.location).query)["redirect_uri"][0].startswith(f"{ORIGIN}{PREFIX}/complete")
        assert "__Host-" in began.header("set-cookie")
    else:
        assert 400 == began.status
        assert () == mount.store.connections()
    assert (header in {"host", "host with a port"}) == (began.status == 400)


@pytest.mark.parametrize("header", FORGED)
def test_sec_63_no_other_spelling_leads_anywhere(header, mount, ada):
    """A path with a slash too few or too many is answered or refused, or leads to the other spelling on this host."""
    paths = [PREFIX, *(f"{PREFIX}{page}/" for page in PAGES)]
    pages = [ada.ask(method, path, {**FROM_A_PAGE, **FORGED[header]}) for path in paths for method in ("GET", "POST")]

    assert {page.status for page in pages} <= {200, 301, 404, 405}
    assert {page.location for page in pages} <= {"", f"{PREFIX}/"}
    assert EVIL not in "\n".join(f"{page.body}{page.headers}" for page in pages)


def test_sec_63_the_bare_prefix_is_the_status_page(framework, ada):
    """Whoever leaves the slash away sees the page, whose buttons lead where they should; Django has a middleware for that."""
    page = ada.ask("GET", PREFIX, {**FROM_A_PAGE, "host": EVIL})

    assert (framework == "django") == (page.status == 404)
    assert page.status == 404 or f'action="{PREFIX}/begin"' in page.body


@pytest.mark.parametrize("header", FORGED)
def test_sec_63_the_way_back_is_ours_whatever_the_header(header, mount, ada):
    """A callback under another name is finished or refused, and leads to a path."""
    parts = urlsplit(consents(mount, ada.begins().location))
    came = ada.ask("GET", f"{parts.path}?{parts.query}", {**FROM_ELSEWHERE, **FORGED[header]})

    assert came.status in {303, 400}
    assert came.location in {f"{PREFIX}/", f"{PREFIX}/failed", ""}
    assert EVIL not in f"{came.body}{came.headers}"


# --- 64, M15: only GET, and only in earnest ---------------------------------------------------------------------------

IDLE = {
    "HEAD": ("HEAD", FROM_ELSEWHERE),
    "OPTIONS": ("OPTIONS", {**FROM_ELSEWHERE, "origin": f"https://{EVIL}", "access-control-request-method": "GET"}),
    "PUT": ("PUT", FROM_ELSEWHERE),
    "PATCH": ("PATCH", FROM_ELSEWHERE),
    "DELETE": ("DELETE", FROM_ELSEWHERE),
    "POST": ("POST", FROM_ELSEWHERE),
    "prefetch": ("GET", {**FROM_ELSEWHERE, "sec-purpose": "prefetch"}),
    "prerender": ("GET", {**FROM_ELSEWHERE, "sec-purpose": "prefetch;prerender"}),
    "an older prefetch": ("GET", {**FROM_ELSEWHERE, "purpose": "prefetch"}),
    "Firefox's prefetch": ("GET", {**FROM_ELSEWHERE, "x-moz": "prefetch"}),
}


def has_no_effect(how, mount, ada):
    """Claim that a request to the callback changes nothing, is allowed to nobody's script, and that it works afterwards."""
    method, headers = IDLE[how]
    parts = urlsplit(consents(mount, ada.begins().location))
    cookies, records = dict(ada.cookies), mount.store.records("acme")
    answer = ada.ask(method, f"{parts.path}?{parts.query}", headers)

    assert answer.status == (425 if method == "GET" else 405)
    assert (cookies, records) == (ada.cookies, mount.store.records("acme"))
    assert not [name for name, _ in answer.headers if name.lower().startswith("access-control-")]
    assert f"{PREFIX}/" == ada.returns(parts.geturl()).location
    assert USERS[0] == mount.connected()


@pytest.mark.parametrize("how", IDLE)
def test_sec_64_only_a_get_in_earnest_finishes(how, mount, ada):
    """HEAD, OPTIONS, POST and prefetching are told so and have no effect; the person's own GET finishes afterwards."""
    has_no_effect(how, mount, ada)


def test_sec_64_a_scanner_without_the_cookie_has_no_effect(mount, ada):
    """A program that opens every link of a mail does not use an attempt up."""
    callback = consents(mount, ada.begins().location)
    scanned = [Person(mount.send, cookies={}).ask("GET", callback.removeprefix(ORIGIN), {}) for _ in range(3)]

    assert {f"{PREFIX}/failed"} == {page.location for page in scanned}
    assert f"{PREFIX}/" == ada.returns(callback).location


@pytest.mark.parametrize("method", ["HEAD", "PUT", "OPTIONS"])
def test_fault_M15_other_methods_at_the_callback_have_no_effect(method, mount, ada):
    """405, no request to MailUp, no attempt used up; the honest callback works afterwards."""
    has_no_effect(method, mount, ada)


# --- 65: in nobody's frame --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("method", ["GET", "POST", "PUT"])
def test_sec_65_every_page_says_what_a_browser_may_do_with_it(page, method, mount, ada):
    """No frame, no script, one style, forms to us and to MailUp alone; no guessing of kinds; an opener of its own."""
    answer = ada.ask(method, f"{PREFIX}{page}", TYPED, form={} if method != "GET" else None)
    repeated = [name for name, count in Counter(name.lower() for name, _ in answer.headers).items() if count > 1]

    assert set(repeated) <= {"set-cookie"}
    assert ("nosniff", "same-origin") == (
        answer.header("x-content-type-options"),
        answer.header("cross-origin-opener-policy"),
    )
    assert "no-store" == answer.header("cache-control")
    if answer.body:
        policy = policies(answer)
        assert ("'none'", "'none'", "'none'") == tuple(
            policy[name] for name in ("default-src", "frame-ancestors", "base-uri")
        )
        assert f"'self' {mount.scene.base}" == policy["form-action"]
        assert "script-src" not in policy
        assert [] == Outline(answer.body).problems
        assert "text/html; charset=utf-8" == answer.header("content-type")


# --- 67: one tenant's connection --------------------------------------------------------------------------------------

names = st.sampled_from(
    ["connection", "tenant", "user", "who", "next", "id", "account", "state", "code", "actor", "customer", "company"]
)
others = st.sampled_from(["acme", "ada", "ada@acme", "acme' OR '1'='1", "acme/", "../acme", "*", "%", "ACME", " acme"])
guesses = st.dictionaries(names, others, min_size=1, max_size=5)
methods = st.sampled_from(["GET", "POST"])


@pytest.mark.parametrize("framework", MOUNTS)
def test_sec_67_one_tenant_s_connection_is_out_of_another_s_reach(framework, scene):
    """Whatever somebody of another tenant asks for, with whatever names: they see, use and end nothing of Acme's."""
    scene.service.order(ChangeSwitches(HABITS))
    with mounted(framework, scene) as mount:
        ada = mount.person()
        connects(mount, ada)
        before = mount.store.records("acme")

        @settings(max_examples=60, deadline=None)
        @given(guess=guesses, page=st.sampled_from((*PAGES, "x")), method=methods, cookie=guesses, header=guesses)
        def asked(guess, page, method, cookie, header):
            mallory = mount.person("mallory", "crime")
            mallory.cookies = {**{f"x-{name}": quote(value) for name, value in cookie.items()}, **mallory.cookies}
            path = "/lists" if page == "x" else f"{PREFIX}{page}"
            headers = {**FROM_A_PAGE, **{f"x-{name}": quote(value) for name, value in header.items()}}
            form = guess if method == "POST" else None
            answer = mallory.ask(method, f"{path}?{urlencode(guess)}", headers, form=form)

            assert USERS[0] not in answer.body
            assert "Newsletter" not in answer.body

        asked()
        assert before == mount.store.records("acme")
        assert USERS[0] == mount.connected()


def test_sec_67_two_tenants_live_side_by_side(mount, ada):
    """Each connects, sees and ends its own; the names of people do not matter, and nobody's cookie helps another."""
    bob = mount.person("ada", "bolt")
    connects(mount, ada)
    bob.returns(consents(mount, bob.begins().location, username=USERS[1]))
    shown = [person.looks().body for person in (ada, bob)]
    ada.disconnects()

    assert [(True, False), (False, True)] == [tuple(user in page for user in USERS) for page in shown]
    assert ("", USERS[1]) == (mount.connected(), mount.connected("bolt"))
    assert USERS[1] in bob.looks().body
