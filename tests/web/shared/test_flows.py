"""What each page checks, does and answers; told once, and lived by waiting and by awaiting alike."""

import logging
import re
from urllib.parse import parse_qs

import attrs
import pytest
from tests.web.payloads import HARMLESS, HOSTILE
from tests.web.shared.conftest import (
    ADA,
    ATTEMPT,
    FROM_A_PAGE,
    FROM_ELSEWHERE,
    NOTICE,
    PAGES,
    PLACES,
    Browser,
    header,
    listened,
)

from mailup_oauth.adapters.web import flows, words
from mailup_oauth.adapters.web.visit import Who
from mailup_oauth.domain.errors import BadConnection, ReauthorizationRequired, StoreUnavailable
from mailup_oauth.domain.provider import MAILUP, NonceCarrier
from mailup_oauth.sandbox.commands import Answer
from mailup_oauth.sandbox.events import TokensIssued
from mailup_oauth.sandbox.faults import LOST_ANSWER, LOST_REQUEST
from mailup_oauth.sandbox.switches import DOCUMENTED, StateEcho
from mailup_oauth.testing.stage import CONNECTION, Stage

BOB = Who(user="bob", connection="bobs")
COLLEAGUE = Who(user="eve", connection=CONNECTION)


def connected(stage, connection=CONNECTION):
    """Say whether something is connected."""
    return stage.oauth.status(connection).connected


def actors(stage, connection=CONNECTION):
    """Return who is said to have done what, and why."""
    return {(record.actor, record.reason) for record in stage.oauth.journal(connection) if record.actor}


# --- the way it should go ---------------------------------------------------------------------------------------------


def test_a_click_a_consent_and_the_way_back_connect(browser, stage):
    """Whoever presses the button and consents is connected, by name, and lands on the status page."""
    began = browser.begin()
    [name] = browser.attempts
    came = browser.come_back(browser.consent(began))

    assert [303, 303] == [began.status, came.status]
    assert header(began, "Location").startswith("https://services.mailup.com/")
    assert "/mailup/" == header(came, "Location")
    assert connected(stage)
    assert name.startswith(ATTEMPT)
    assert [False, True] == [began.has_linked, came.has_linked]
    assert {("ada", "connect")} == actors(stage)
    assert [] == browser.attempts


def test_what_just_happened_is_told_once(browser):
    """The status page says that MailUp was connected, and the next look does not."""
    browser.connect()
    first, second = browser.visit(flows.status), browser.visit(flows.status)

    assert "MailUp is connected." in first.body
    assert "MailUp is connected." not in second.body


@pytest.mark.parametrize("wanted", HARMLESS.values(), ids=HARMLESS)
def test_a_person_lands_where_they_wanted(wanted, stage):
    """A place of this site that was asked for at the beginning is where the callback leads."""

    assert wanted == header(Browser(stage).connect(wanted), "Location")


@pytest.mark.parametrize("wanted", HOSTILE.values(), ids=HOSTILE)
def test_a_person_lands_nowhere_else(wanted, stage):
    """Any other place is passed over, after connecting and after disconnecting."""
    browser = Browser(stage)
    came, went = browser.connect(wanted), browser.visit(flows.disconnect, "POST", wanted=wanted)

    assert ["/mailup/"] * 2 == [header(answer, "Location") for answer in (came, went)]


def test_a_link_on_a_page_of_our_own_begins(browser):
    """A GET from the same origin begins as a POST does."""
    began = browser.visit(flows.begin, "GET")

    assert 303 == began.status
    assert 1 == len(browser.attempts)


def test_two_tabs_are_two_attempts(browser, stage):
    """Attempts that were begun beside each other end in any order."""
    first, second = browser.begin("/first"), browser.begin("/second")
    came = [browser.come_back(browser.consent(one)) for one in (second, first)]

    assert ["/second", "/first"] == [header(answer, "Location") for answer in came]
    assert connected(stage)


@pytest.mark.parametrize("switches", [DOCUMENTED, attrs.evolve(DOCUMENTED, state_echo=StateEcho.ALWAYS)])
@pytest.mark.parametrize("carrier", [MAILUP.nonce_carrier, NonceCarrier.STATE])
def test_an_attempt_is_found_by_whatever_brings_it_back(switches, carrier, take):
    """The nonce comes back as ``state``, in the redirect URI, or in both; MailUp that echoes nothing needs the second."""
    echoes = switches.state_echo is StateEcho.ALWAYS
    stage = listened(Stage(switches=switches, provider=attrs.evolve(MAILUP, nonce_carrier=carrier)))
    came = Browser(stage, take).connect()
    works = echoes or carrier is not NonceCarrier.STATE

    assert works == connected(stage)
    assert ("/mailup/" if works else "/mailup/failed") == header(came, "Location")


def test_disconnecting_erases_and_tells_where_to_end_it_at_mailup(browser, stage):
    """The tokens are gone, the journal knows who did it, and the page says where MailUp itself is told."""
    browser.connect()
    went = browser.visit(flows.disconnect, "POST")
    page = browser.visit(flows.status)

    assert (303, "/mailup/") == (went.status, header(went, "Location"))
    assert not connected(stage)
    assert ("ada", "disconnect") in actors(stage)
    assert MAILUP.revocation_help in page.body.replace("&#x27;", "'").replace("&gt;", ">")
    assert "{" not in page.body.partition("</style>")[2]


# --- who may not ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("page", "method"), [("begin", "POST"), ("disconnect", "POST"), ("status", "GET")])
def test_nobody_who_is_not_signed_in_gets_anything(page, method, browser, stage):
    """Three pages ask to sign in first, and do nothing."""
    browser.who = None
    answer = browser.visit(PAGES[page], method)

    assert 401 == answer.status
    assert words.TOLD[words.SIGN_IN].title in answer.body
    assert () == stage.store.connections()
    assert () == answer.cookies


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_whoever_was_sent_to_begin_is_asked(method, browser, stage):
    """From another site nothing begins; the page has a button, which keeps a place of ours and no other."""
    asked = browser.visit(flows.begin, method, headers=FROM_ELSEWHERE, wanted="/newsletters")
    lured = browser.visit(flows.begin, method, headers=FROM_ELSEWHERE, wanted="//evil.example")

    assert [403, 403] == [asked.status, lured.status]
    assert 'action="/mailup/begin"' in asked.body
    assert 'name="next" value="/newsletters"' in asked.body
    assert 'name="next"' not in lured.body
    assert () == stage.store.connections()
    assert {} == browser.cookies


def test_disconnecting_from_elsewhere_does_nothing(browser, stage):
    """Neither another site nor a prefetch ends a connection."""
    browser.connect()
    told = [
        browser.visit(flows.disconnect, "POST", headers=headers).status
        for headers in (FROM_ELSEWHERE, {}, {**FROM_A_PAGE, "sec-purpose": "prefetch"}, {"origin": "null"})
    ]

    assert [403] * 4 == told
    assert connected(stage)


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("method", ["HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "get", ""])
def test_other_methods_change_nothing(page, method, browser, stage):
    """Every page refuses them, says which it takes, and leaves the attempt under way as it is."""
    query = browser.consent(browser.begin())
    kept, lines = dict(browser.cookies), stage.store.records(CONNECTION)
    answer = browser.visit(PAGES[page], method, query=query)

    assert 405 == answer.status
    assert header(answer, "Allow") in {"GET", "POST", "GET, POST"}
    assert (kept, lines) == (browser.cookies, stage.store.records(CONNECTION))
    assert "/mailup/" == header(browser.come_back(query), "Location")


@pytest.mark.parametrize("page", ["status", "complete", "failed"])
def test_three_pages_are_only_looked_at(page, browser):
    """A POST to them is refused; to disconnect, a GET is."""
    posted, got = browser.visit(PAGES[page], "POST"), browser.visit(flows.disconnect, "GET")

    assert [(405, "GET"), (405, "POST")] == [(one.status, header(one, "Allow")) for one in (posted, got)]


def test_a_callback_that_is_fetched_ahead_changes_nothing(browser, stage):
    """A prefetch is told that it is too early; the person comes a moment later and is connected."""
    query = browser.consent(browser.begin())
    early = browser.visit(flows.complete, query=query, headers={**FROM_ELSEWHERE, "sec-purpose": "prefetch;prerender"})

    assert (425, ()) == (early.status, early.cookies)
    assert words.TOLD[words.EARLY].title in early.body
    assert "no-referrer" == header(early, "Referrer-Policy")
    assert not connected(stage)
    assert "/mailup/" == header(browser.come_back(query), "Location")


@pytest.mark.parametrize("host", ["127.0.0.1", "evil.example", "app.example.evil.example", "["])
def test_beginning_under_another_name_is_refused(host, browser, stage):
    """Where the cookie would not come back to, nothing begins, and the page says why."""
    answer = browser.visit(flows.begin, "POST", headers={**FROM_A_PAGE, "host": host})

    assert 400 == answer.status
    assert words.TOLD[words.ELSEWHERE].title in answer.body
    assert () == stage.store.connections()


# --- whose attempt it is ----------------------------------------------------------------------------------------------


def failure(browser, answer):
    """Return the word for a failure, whose address tells nothing, and whose page says it."""
    assert (303, "/mailup/failed") == (answer.status, header(answer, "Location"))
    word = browser.notice
    page = browser.visit(flows.failed)
    assert 200 == page.status
    assert words.TOLD[word].title in page.body.replace("&#x27;", "'")
    assert NOTICE not in browser.cookies
    return word


def test_another_browser_cannot_finish(browser, stage, take):
    """A callback address that is opened elsewhere is refused there, and still works where it belongs."""
    query = browser.consent(browser.begin())
    other = Browser(stage, take, BOB)

    assert "browser" == failure(other, other.come_back(query))
    assert not connected(stage)
    assert not connected(stage, "bobs")
    assert "/mailup/" == header(browser.come_back(query), "Location")


def test_another_browser_of_the_same_person_cannot_either(browser, stage, take):
    """The cookie decides, not the name."""
    query = browser.consent(browser.begin())
    other = Browser(stage, take)

    assert "browser" == failure(other, other.come_back(query))


@pytest.mark.parametrize(
    ("who", "word"),
    [(BOB, "user"), (COLLEAGUE, "user"), (attrs.evolve(ADA, connection="x"), "user"), (None, "signed-out")],
)
def test_only_the_person_who_began_can_finish(who, word, browser, stage):
    """Whoever is signed in by then, for whichever connection, has to be the same; the attempt is over in this browser."""
    query = browser.consent(browser.begin())
    browser.who = who

    assert word == failure(browser, browser.come_back(query))
    assert [] == browser.attempts
    assert not any(connected(stage, name) for name in (CONNECTION, "bobs", "x"))
    browser.who = ADA
    assert "browser" == failure(browser, browser.come_back(query))


def test_a_reload_of_the_callback_changes_nothing(browser, stage):
    """A second look at the same address is told that it was used; the connection stays."""
    query = browser.consent(browser.begin())
    browser.come_back(query)

    assert "used" == failure(browser, browser.come_back(query))
    assert connected(stage)
    assert 1 == stage.happened(TokensIssued)


def test_a_stranger_s_error_ends_nobody_s_attempt(browser):
    """An error without our nonce is refused, and the attempt goes on."""
    query = browser.consent(browser.begin())
    lures = ["error=access_denied", "error=access_denied&state=x", "code=x&state=y", "", "%", "\0", "state=a&state=b"]

    assert {"browser"} == {failure(browser, browser.come_back(lure)) for lure in lures}
    assert "/mailup/" == header(browser.come_back(query), "Location")


def test_a_cookie_that_goes_on_is_over_after_ten_minutes(browser, stage):
    """A browser that keeps a cookie for too long is not believed."""
    query = browser.consent(browser.begin())
    stage.clock.move(stage.policy.attempt_life)

    assert "lapsed" == failure(browser, browser.come_back(query))
    assert not connected(stage)
    assert [] == browser.attempts
    assert "browser" == failure(browser, browser.come_back(query))


def test_each_reason_that_can_be_told_is_told_apart(browser, stage, take):
    """Used, too late, or never begun here: the browser that knows is told which, and a stranger's learns nothing."""
    used, late = browser.consent(browser.begin()), browser.consent(browser.begin())
    browser.come_back(used)
    stranger = Browser(stage, take, BOB)
    told = [failure(browser, browser.come_back(used)), failure(stranger, stranger.come_back(used))]
    stage.clock.move(stage.policy.attempt_life)
    told += [failure(browser, browser.come_back(late)), failure(stranger, stranger.come_back(late))]

    assert ["used", "browser", "lapsed", "browser"] == told
    assert 1 == stage.happened(TokensIssued)


def test_a_browser_that_says_nothing_is_told_so_and_not_asked_again(browser):
    """Where the button of the asking page would lead to the asking page, the page says what has to change."""
    asked = browser.visit(flows.begin, headers={})
    pressed, ended = (browser.visit(page, "POST", headers={}) for page in (flows.begin, flows.disconnect))

    assert [403] * 3 == [one.status for one in (asked, pressed, ended)]
    assert [True, False, False] == ["<form" in one.body for one in (asked, pressed, ended)]
    assert all("Sec-Fetch-Site" in one.body for one in (pressed, ended))
    assert words.TOLD[words.APART].text in browser.visit(flows.disconnect, "POST", headers=FROM_ELSEWHERE).body


@pytest.mark.parametrize("word", [words.METHOD, words.APART, words.EARLY, words.MUTE, *words.FAILURES])
def test_whoever_is_refused_is_told_what_to_do(word):
    """Each refusal ends with what somebody can do next, and not with what did not happen."""
    last = words.TOLD[word].text.replace(";", ".").rstrip(".").rpartition(". ")[2].lower()
    deeds = ("again", "connect", "press", "see ", "open", "use ", "log in", "disconnect", "accept", "correct", "look")

    assert any(deed in last for deed in deeds), last


# --- how it can fail --------------------------------------------------------------------------------------------------


def test_a_denial_is_told(browser, stage):
    """Whoever says no is told so, and nothing was connected."""

    assert "denied" == failure(browser, browser.connect(said=Answer.DENY))
    assert not connected(stage)


def test_another_account_is_told(browser):
    """A connected user is not replaced by another in passing."""
    browser.connect()

    assert "account" == failure(browser, browser.connect(username="m2"))


@pytest.mark.parametrize("fault", [LOST_REQUEST, LOST_ANSWER])
def test_a_lost_exchange_is_told(fault, browser, stage):
    """An exchange that gets no answer is no connection, and the person may begin again."""
    stage.plan(fault)

    assert "lost" == failure(browser, browser.connect())
    assert not connected(stage)


def test_the_page_of_a_failure_is_known_by_the_reference_of_its_visit(browser):
    """The reference that the log has is on the page, and in the journal where there is one."""
    came = browser.connect(said=Answer.DENY)
    reference = browser.cookies[NOTICE].partition(".")[2]
    page = browser.visit(flows.failed)

    assert reference in page.body
    assert 12 == len(reference)
    assert 303 == came.status


def _posts(browser):
    browser.visit(flows.disconnect, "POST", headers=FROM_ELSEWHERE)


def _is_somebody_else(browser):
    query = browser.consent(browser.begin())
    browser.who = BOB
    browser.come_back(query)


def _is_signed_out(browser):
    browser.who = None
    browser.visit(flows.status)


def _is_late(browser):
    query = browser.consent(browser.begin())
    browser.stage.clock.move(browser.stage.policy.attempt_life)
    browser.come_back(query)


def _reloads(browser):
    query = browser.consent(browser.begin())
    for _ in range(2):
        browser.come_back(query)


REFUSALS = {
    "cookie lost": lambda browser: browser.come_back("code=x&mailup_attempt=y"),
    "attempt lapsed": _is_late,
    "reloaded callback": _reloads,
    "another person": _is_somebody_else,
    "signed out": _is_signed_out,
    "denied": lambda browser: browser.connect(said=Answer.DENY),
    "wrong method": lambda browser: browser.visit(flows.complete, "POST"),
    "fetched ahead": lambda browser: browser.visit(flows.complete, headers={"purpose": "prefetch"}),
    "another name": lambda browser: browser.visit(flows.begin, "POST", headers={**FROM_A_PAGE, "host": "x.example"}),
    "asked first": lambda browser: browser.visit(flows.begin, headers=FROM_ELSEWHERE),
    "disconnect from elsewhere": _posts,
    "nothing had failed": lambda browser: browser.visit(flows.failed),
}
"""Every way to a page with a reference, but for those on which the library raises."""


@pytest.mark.parametrize("refusal", REFUSALS.values(), ids=REFUSALS)
def test_every_reference_that_is_shown_leads_somewhere(refusal, browser, stage, caplog):
    """What a person reads aloud to the operator is found in the log or in the journal, and no secret beside it."""
    caplog.set_level(logging.INFO, "mailup_oauth.web")
    refusal(browser)
    if NOTICE in browser.cookies:
        browser.visit(flows.failed)
    shown = {found for page in browser.pages for found in re.findall("Reference <code>(.*?)</code>", page)}
    lines = [record.getMessage() for record in caplog.records if record.name == "mailup_oauth.web"]
    known = {record.correlation_id for record in stage.oauth.journal(CONNECTION)}

    assert len(shown) == 1
    assert [] == [one for one in shown if one not in known and one not in "".join(lines)]
    assert [] == [secret for secret in secrets_of(browser) if secret in "".join(lines)]


def secrets_of(browser):
    """Return the cookies, the codes and the nonces that passed through a browser."""
    queries = parse_qs("&".join(browser.queries))
    return {*browser.seen, *(value for values in queries.values() for value in values if len(value) > 8)}


@pytest.mark.parametrize(
    "planted",
    ["", "nonsense", "connected.", "disconnected", "asked.x", "<b>.<b>", "denied.<script>", "a" * 5000, ".", "\0"],
)
def test_a_planted_notice_is_not_shown(planted, browser):
    """Whatever stands in the cookie, only our own words for failures are on the page."""
    browser.cookies[NOTICE] = planted
    page = browser.visit(flows.failed)
    expected = words.DENIED if planted.startswith("denied") else words.REFUSED

    assert words.TOLD[expected].title in page.body
    assert not planted or len(planted) < 2 or f">{planted}" not in page.body
    assert "<script" not in page.body


class Broken:
    """A store that is away."""

    def __init__(self, store):
        self._store = store
        self.is_away = False

    def __getattr__(self, name):
        if self.is_away and name in {"load", "commit", "records", "claim"}:
            problem = "it is away"
            raise StoreUnavailable(problem)
        return getattr(self._store, name)


@pytest.mark.parametrize(("page", "method"), [("begin", "POST"), ("disconnect", "POST"), ("status", "GET")])
def test_a_store_that_is_away_is_told_in_general_words(page, method, take, caplog):
    """The person is told to come again, the operator what it is, and both the reference."""
    store = Broken(Stage().store)
    browser = Browser(listened(Stage(store=store)), take)
    store.is_away = True
    answer = browser.visit(PAGES[page], method)
    [line] = [record.getMessage() for record in caplog.records if record.name == "mailup_oauth.web"]

    assert 503 == answer.status
    assert "away" not in answer.body
    assert "it is away" in line
    assert line.partition("(reference ")[2].partition(")")[0] in answer.body


def test_a_store_that_goes_away_at_mailup_is_told(take):
    """A callback that cannot be kept fails as such."""
    store = Broken(Stage().store)
    browser = Browser(listened(Stage(store=store)), take)
    query = browser.consent(browser.begin())
    store.is_away = True

    assert "store" == failure(browser, browser.come_back(query))


@pytest.mark.parametrize("connection", ["", "@ours", "a\n", "x" * 256])
def test_a_connection_that_cannot_be_is_the_program_s_own_fault(connection, browser):
    """The application hears of it; no page hides it."""
    browser.who = Who(user="ada", connection=connection)

    with pytest.raises(BadConnection):
        browser.begin()


def test_the_status_page_of_a_connection_that_ended_asks_for_another(browser, stage):
    """What only a person can mend is said, with the button that does."""
    browser.connect()
    stage.revoke()
    stage.expire()
    with pytest.raises(ReauthorizationRequired):
        stage.oauth.access_token(CONNECTION)
    page = browser.visit(flows.status)

    assert "Connect again" in page.body
    assert PLACES.begin in page.body
