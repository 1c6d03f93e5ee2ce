"""The pages are well-formed, can be read by everybody, hold nothing from elsewhere, and say what a browser may do."""

import re
from base64 import b64encode
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.web.outline import Outline
from tests.web.shared.conftest import ADA, PAGES, PLACES, Browser

from mailup_oauth.adapters.web import flows
from mailup_oauth.adapters.web.pages import EVENTS_SHOWN, policy_for, status_page, told_page
from mailup_oauth.adapters.web.steps import Sight
from mailup_oauth.adapters.web.style import STYLE
from mailup_oauth.adapters.web.visit import Visit
from mailup_oauth.adapters.web.words import TOLD
from mailup_oauth.client import Status
from mailup_oauth.domain.provider import MAILUP
from mailup_oauth.testing.stage import CONNECTION, Stage

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)
VISIT = Visit(method="GET", query="", headers={}, cookies={}, who=ADA, places=PLACES)
ON = Status(connection="acme", state="Authorized", connected=True, user="m1", authorized_at=NOW, refresh_at=NOW)
MARKUP = "<b x='y' \"z\">&amp;\u2028"


def seen(status, records=(), said="", now=NOW):
    """Return the outline of a status page."""
    return Outline(status_page(Sight(status=status, records=records, now=now), VISIT, MAILUP, said=said).body)


STATUSES = {
    "never": Status(connection="acme", state="Unregistered", connected=False),
    "connected": ON,
    "fresh": attrs.evolve(ON, refresh_at=NOW + timedelta(minutes=45)),
    "renewed once": attrs.evolve(ON, generation=1),
    "renewed often": attrs.evolve(ON, generation=1234),
    "nameless": attrs.evolve(ON, user=""),
    "expired": attrs.evolve(ON, refresh_at=None),
    "deferred": attrs.evolve(ON, owed="refresh-deferred"),
    "dead": attrs.evolve(ON, connected=False, owed="reauthorization", refresh_at=None),
    "asked about": attrs.evolve(ON, connected=False, owed="identification", refresh_at=None),
}
ALL = {
    **{f"status {name}": seen(status) for name, status in STATUSES.items()},
    **{f"notice {word}": seen(ON, said=word) for word in ("connected", "disconnected")},
    **{f"told {word}": Outline(told_page(told, VISIT, MAILUP).body) for word, told in TOLD.items()},
    "asked": Outline(told_page(TOLD["asked"], attrs.evolve(VISIT, wanted="/a"), MAILUP, begins=True).body),
}


@pytest.mark.parametrize("page", ALL.values(), ids=ALL)
def test_a_page_is_well_formed(page):
    """Every element is closed where it should be; there is a doctype, a language, a title and one first heading."""
    kinds = [tag for tag, _, _ in page.elements]

    assert [] == page.problems
    assert ["!doctype html", "html", "head", "meta"] == kinds[:4]
    assert "en" == page.all("html")[0][0]["lang"]
    assert [1, 1, 1, 1] == [kinds.count(tag) for tag in ("title", "h1", "main", "body")]
    assert page.text("title")[0]
    assert page.text("h1")[0]


@pytest.mark.parametrize("page", ALL.values(), ids=ALL)
def test_a_page_can_be_used_by_everybody(page):
    """Every control has a name, headings leave out no level, and terms stand in front of what they are for."""
    kinds = [tag for tag, _, _ in page.elements]

    assert [] == page.nameless()
    assert not ("h2" in kinds and kinds.index("h2") < kinds.index("h1"))
    assert kinds.count("dt") == kinds.count("dd")
    assert all(attrs["method"] == "post" for attrs, _ in page.all("form"))


@pytest.mark.parametrize("page", ALL.values(), ids=ALL)
def test_a_page_holds_nothing_from_elsewhere(page):
    """No script, no frame, no handler, no address but our own pages', and no style but the one."""
    kinds = {tag for tag, _, _ in page.elements}
    attributes = {name for _, attributes, _ in page.elements for name in attributes}

    assert not kinds & {"script", "iframe", "object", "embed", "link", "img", "base", "svg"}
    assert not {name for name in attributes if name.startswith("on") or name == "style"}
    assert set(page.addresses()) <= set(attrs.astuple(PLACES))
    assert [STYLE] == page.text("style")
    assert not re.search(r"url\(|@import|//", STYLE)


def test_the_policy_names_the_style_that_is_in_the_page():
    """A browser takes this style and no other, posts to us and to MailUp, and shows the page in nobody's frame."""
    page = told_page(TOLD["asked"], VISIT, MAILUP)
    [style] = Outline(page.body).text("style")
    digest = b64encode(sha256(style.encode()).digest()).decode()
    policy = dict(part.split(" ", 1) for part in page.policy.split("; "))

    assert {
        "default-src": "'none'",
        "style-src": f"'sha256-{digest}'",
        "form-action": "'self' https://services.mailup.com",
        "base-uri": "'none'",
        "frame-ancestors": "'none'",
    } == policy
    assert page.policy == policy_for(MAILUP)


@pytest.mark.parametrize(("begins", "policy"), [(True, "same-origin"), (False, "no-referrer")])
def test_only_a_page_with_a_form_tells_where_it_was(begins, policy):
    """A form's POST has to say its origin; a page without one tells nobody anything."""

    assert policy == told_page(TOLD["asked"], VISIT, MAILUP, begins=begins).referrer


@pytest.mark.parametrize(
    ("status", "says"),
    [
        ("never", "Not connected"),
        ("connected", "by itself, when it is used next"),
        ("fresh", "by itself, from 2026-01-01 12:45 UTC"),
        ("renewed once", "once"),
        ("renewed often", "1,234 times"),
        ("expired", "by itself, when it is used next"),
        ("deferred", "MailUp is asked again by itself"),
        ("dead", "Connect again"),
        ("dead", "does not accept this connection any more"),
        ("asked about", "MailUp has not told yet whose the new connection is"),
    ],
)
def test_the_page_says_how_it_stands(status, says):
    """A connection's state is told in an administrator's words."""

    assert says in " ".join(seen(STATUSES[status]).text("main"))


@pytest.mark.parametrize(
    ("status", "buttons"),
    [
        ("never", [("Connect to MailUp", PLACES.begin)]),
        ("connected", [("Disconnect", PLACES.disconnect), ("Connect again", PLACES.begin)]),
        ("dead", [("Connect again", PLACES.begin)]),
    ],
)
def test_the_buttons_are_those_that_do_something(status, buttons):
    """Who is connected can end it or do it again; who is not can connect."""
    page = seen(STATUSES[status])

    assert buttons == list(zip(page.text("button"), [form["action"] for form, _ in page.all("form")], strict=True))


def test_every_form_has_the_framework_s_own_token():
    """What a framework wants in its forms is in every one of them."""
    visit = attrs.evolve(VISIT, csrf='<input type="hidden" name="csrf" value="1">', wanted="/a")
    sight = Sight(status=ON, records=(), now=NOW)
    pages = [
        told_page(TOLD["asked"], visit, MAILUP, begins=True).body,
        status_page(sight, visit, MAILUP, said="").body,
    ]

    assert [1, 2] == [page.count(visit.csrf) for page in pages]


def test_the_newest_events_come_first_and_are_few():
    """A long life is told by its last events."""
    stage = Stage()
    for _ in range(EVENTS_SHOWN):
        Browser(stage).connect()
        stage.clock.move(timedelta(days=1))
    records = tuple(stage.oauth.journal(CONNECTION))
    page = seen(ON, records)
    times = [at["datetime"] for at, _ in page.all("time") if at["datetime"] != "2026-01-01T12:00:00Z"]

    assert EVENTS_SHOWN == len(page.all("li"))
    assert sorted(times, reverse=True) == times
    assert "MailUp was connected." in page.text("li")[0]


@given(user=st.text(max_size=30), reference=st.text(max_size=30), name=st.text(max_size=30))
def test_whatever_comes_in_goes_out_escaped(user, reference, name):
    """A user's name at MailUp, a provider's name and a reference are text on the page, whatever they are."""
    provider = attrs.evolve(MAILUP, name=f"{name}{MARKUP}", revocation_help=f"{name}{MARKUP}")
    visit = attrs.evolve(VISIT, reference=f"{reference}{MARKUP}")
    sight = Sight(status=attrs.evolve(ON, user=f"{user}{MARKUP}"), records=(), now=NOW)
    bodies = [
        status_page(sight, visit, provider, said="disconnected").body,
        told_page(TOLD["denied"], visit, provider, begins=True).body,
    ]

    assert not [body for body in bodies if "<b" in body.replace("<body", "").replace("<button", "")]
    assert [[], []] == [Outline(body.replace("\0", "")).problems for body in bodies]


@pytest.mark.parametrize("name", PAGES)
def test_every_answer_with_a_page_brings_all_its_headers(name, stage):
    """Nobody stores it, frames it, guesses at its kind or is told where it came from."""
    answer = Browser(stage).visit(PAGES[name], "PUT")
    headers = dict(answer.headers)

    assert len(headers) == len(answer.headers)
    assert {
        "Content-Type": "text/html; charset=utf-8",
        "Content-Security-Policy": policy_for(MAILUP),
        "Cache-Control": "no-store",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
        "Cross-Origin-Opener-Policy": "same-origin",
    } == {key: value for key, value in headers.items() if key != "Allow"}


def test_an_answer_that_leads_on_brings_all_its_headers(stage):
    """A redirect is not stored and tells nobody where it came from."""
    headers = dict(Browser(stage).visit(flows.complete).headers)

    assert {
        "Location": "/mailup/failed",
        "Cache-Control": "no-store",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
        "Cross-Origin-Opener-Policy": "same-origin",
    } == headers
