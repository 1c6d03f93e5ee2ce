"""Whatever is asked, in whatever order and by whomever: an answer that can be sent, and nothing in it that must not be."""

import re
from datetime import timedelta

from hypothesis import example, given, settings
from hypothesis import strategies as st
from tests.web.outline import Outline
from tests.web.payloads import HOSTILE
from tests.web.shared.conftest import (
    ADA,
    ATTEMPT,
    NOTICE,
    OVER,
    PAGES,
    PLACES,
    Browser,
    awaited,
    header,
    listened,
    waited,
)

from mailup_oauth.adapters.web import flows
from mailup_oauth.adapters.web.landing import path_of
from mailup_oauth.adapters.web.visit import Answer, Cookie, Visit, Who
from mailup_oauth.testing.canary import CANARY
from mailup_oauth.testing.stage import Stage

STRANGE = "<x onload='s'>\"&amp;"
TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
COOKIE_OCTETS = re.compile(r"[!#-+\--:<-\[\]-~]*")
AUTHORIZE = "https://services.mailup.com/Authorization/OAuth/LogOn?"


def strange():
    """Draw a stranger's text, with markup in it at times."""
    text = st.text(max_size=40)
    return text | st.just(STRANGE) | text.map(STRANGE.__add__) | st.sampled_from([*HOSTILE.values()])


members = st.sampled_from(["code", "state", "error", "error_description", "iss", "next", "x", "mailup_nonce"])
queries = st.lists(st.tuples(members, strange()), max_size=5).map(
    lambda pairs: "&".join(f"{name}={value}" for name, value in pairs)
)
header_names = st.sampled_from(
    ["host", "origin", "referer", "sec-fetch-site", "sec-purpose", "purpose", "x-forwarded-host", "x-moz", "cookie"]
)
header_values = strange() | st.sampled_from(
    ["same-origin", "app.example", "https://app.example", "cross-site", "prefetch"]
)
cookie_names = (
    st.sampled_from([NOTICE, f"{ATTEMPT}0123456789abcdef", "mailup-notice", "__Host-mailup-flow-"])
    | st.just(OVER)
    | st.from_regex(r"__Host-mailup-flow-[0-9a-f]{16}", fullmatch=True)
    | strange().map(ATTEMPT.__add__)
    | strange()
)
cookie_values = strange() | st.sampled_from(["connected", "disconnected", "denied.0123456789ab", "browser.x"])
people = (
    st.none()
    | st.just(ADA)
    | st.builds(Who, user=strange().map(lambda text: text[:255]), connection=st.sampled_from(["acme", "bobs"]))
)
visits = st.builds(
    Visit,
    method=st.sampled_from(["GET", "POST", "HEAD", "PUT", "OPTIONS"]) | st.text(max_size=8),
    query=queries | strange(),
    headers=st.dictionaries(header_names, header_values, max_size=4)
    | st.just({"host": "app.example", "sec-fetch-site": "same-origin"}),
    cookies=st.dictionaries(cookie_names, cookie_values, max_size=4),
    wanted=strange(),
    who=people,
    places=st.just(PLACES),
)


def objections(answer, secrets):
    """Return what is wrong with an answer that anybody might get."""
    lines = [*(f"{name}: {value}" for name, value in answer.headers), *map(written, answer.cookies)]
    location, markup = header(answer, "Location"), answer.body.partition("</style>")[2]
    found = {
        "a line that is no header": any(not line.isascii() or not line.isprintable() for line in lines),
        "a cookie that is none": not all(map(is_cookie, answer.cookies)),
        "a body that cannot be written": len(answer.body) != len(answer.body.encode("utf-8", "ignore").decode()),
        "a stranger's markup": "<x" in answer.body or STRANGE in answer.body or "onload='" in markup,
        "a place that is not ours": bool(location) and not is_ours(location),
        "a secret": any(secret in "\n".join((*lines, answer.body)) for secret in secrets),
        "a broken page": bool(answer.body) and Outline(answer.body).problems != [],
    }
    return [what for what, is_so in found.items() if is_so]


def written(cookie):
    """Return a cookie as it stands in a header."""
    return f"{cookie.name}={cookie.value}; Max-Age={int(cookie.lives.total_seconds())}"


def is_cookie(cookie):
    """Say whether a cookie can be set (RFC 6265 section 4.1.1), is known by its name, and is short."""
    is_known = cookie.name.startswith(ATTEMPT) or cookie.name in {NOTICE, OVER}
    fits = TOKEN.fullmatch(cookie.name) and COOKIE_OCTETS.fullmatch(cookie.value)
    return bool(is_known and fits and len(cookie.name) + len(cookie.value) <= 3900 and cookie.is_secure)


def is_ours(location):
    """Say whether an address is MailUp's log-on, or a path of this site."""
    try:
        return location.startswith(AUTHORIZE) or bool(path_of(location))
    except ValueError:
        return False


def secrets_of(stage, *addresses):
    """Return everything that no answer may hold, but for the address that leads to MailUp."""
    query = "&".join(addresses)
    nonces = set(re.findall(r"=([^&=]{20,})", query))
    return {*stage.transport.tokens, *nonces, CANARY}


@settings(max_examples=60)
@example(visit=Visit(method="POST", query="", headers={"host": "["}, cookies={}, who=ADA, places=PLACES))
@example(
    visit=Visit(
        method="POST",
        query="",
        headers={"sec-fetch-site": "same-origin"},
        cookies={'__Host-mailup-flow-a b"': "1"},
        who=ADA,
        places=PLACES,
    )
)
@example(visit=Visit(method="GET", query="", headers={}, cookies={}, wanted="\ud800", who=ADA, places=PLACES))
@given(visit=visits)
def test_no_visit_whatsoever_raises_or_is_told_too_much(visit):
    """Any visit to any page, before and after a connection was made, is answered with what a browser may have."""
    for take in (waited, awaited):
        stage = listened(Stage())
        browser = Browser(stage, take)
        for flow in (*PAGES.values(), None, *PAGES.values()):
            if flow is None:
                browser.connect()
                continue
            answer = take(stage, flows.answered(flow, stage.oauth.core, visit))
            is_on_its_way = header(answer, "Location").startswith(AUTHORIZE)

            assert [] == objections(answer, stage.transport.tokens if is_on_its_way else secrets_of(stage))


@settings(max_examples=40)
@given(query=queries, wanted=strange(), data=st.data())
def test_nothing_that_comes_back_is_told_on(query, wanted, data):
    """A journey with a stranger's hands in it: no answer holds the code, a nonce, a token or the stranger's words."""
    stage = listened(Stage())
    browser = Browser(stage)
    began = browser.begin(wanted)
    callback = browser.consent(began)
    bent = data.draw(st.sampled_from([callback, f"{callback}&{query}", f"{query}&{callback}", query]))
    seen = [browser.come_back(bent), browser.visit(flows.failed), browser.visit(flows.status, query=bent)]
    seen += [browser.come_back(callback), browser.visit(flows.status), browser.visit(flows.disconnect, "POST")]

    assert {()} == {tuple(objections(answer, secrets_of(stage, callback))) for answer in seen}


def test_the_judge_objects_to_each_fault():
    """Every objection can be made: an answer with all the faults is told all of them."""
    cookie = Cookie(name=f"{ATTEMPT}a b", value=";", lives=timedelta(), is_secure=True)
    bad = Answer(
        status=200,
        headers=(("Location", "//evil.example"), ("X", "a\r\nb")),
        cookies=(cookie,),
        body=f"<p>{STRANGE} {CANARY} \ud800",
    )

    assert 7 == len(objections(bad, {CANARY}))
    assert [] == objections(Answer(status=303, headers=(("Location", "/a"),)), {CANARY})
