"""Every page, as a browser and whoever cannot see one would find it."""

import re
from base64 import b64encode
from hashlib import sha256
from html.parser import HTMLParser

import pytest
from attrs import evolve

from mailup_oauth.sandbox.commands import Answer, PlanFault
from mailup_oauth.sandbox.faults import LOST_ANSWER, GatewayPage, Redirect, Target
from mailup_oauth.sandbox.pages import complaint_page, parting_page
from mailup_oauth.sandbox.replies import Complaint
from mailup_oauth.sandbox.style import STYLE
from mailup_oauth.testing.visitor import Click, in_process

VOID = {"meta", "input", "br", "wbr"}
NASTY = "\"'><script>alert(1)</script>&amp;"


class Page(HTMLParser):
    """What is on a page: its elements with their attributes, its text, and whether every element was closed."""

    def __init__(self, text):
        super().__init__()
        self.elements, self.open, self.words = [], [], {}
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        """Remember an element that begins."""
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        """Close the element that was opened last, and no other."""
        assert self.open, f"</{tag}> closes nothing"
        assert tag == self.open.pop()

    def handle_data(self, data):
        """Remember the words of an element."""
        self.words[self.open[-1]] = self.words.get(self.open[-1], "") + data

    def all(self, *tags):
        """Return the attributes of all elements of these kinds."""
        return [attributes for tag, attributes in self.elements if tag in tags]


def first_pages(play):
    """Return the pages of one visit, with a wrong password in it."""
    fetch, url = in_process(play.service), play.url(state=NASTY)
    first = fetch(Click(method="GET", url=url))
    cookie = first.header("set-cookie").partition(";")[0]
    typed = {one["name"]: one["value"] for one in Page(first.body).all("input") if one.get("type") == "hidden"}
    wrong = {**typed, "username": NASTY, "password": "canary-wrong"}
    right = {**typed, "username": "m4321", "password": "canary-password"}
    again = fetch(Click(method="POST", url=url, cookie=cookie, form=wrong))
    return first.body, again.body, fetch(Click(method="POST", url=url, cookie=cookie, form=right)).body


def busy(play):
    """Let everything happen that the desk can show, under names that try to write HTML."""
    told = play.connect()
    play.info(told["access_token"])
    play.get(f"/{NASTY}")
    for fault in (LOST_ANSWER, GatewayPage(status=503), Redirect(location="https://e.example/'><script>")):
        play.service.order(PlanFault(Target.TOKEN, fault))
    play.token()
    world = play.service.world
    users = {name: evolve(user, company=NASTY) for name, user in world.users.items()}
    applications = {key: evolve(one, name=NASTY) for key, one in world.applications.items()}
    play.service._world = evolve(world, users=users, applications=applications)


@pytest.fixture
def pages(play, owner):
    """Give every page there is, by what it is."""
    first, again, consent = first_pages(play)
    idle = owner.get().body.decode()
    busy(play)
    return {
        "log on": first,
        "log on again": again,
        "consent": consent,
        "complaint": complaint_page(Complaint.DENIED),
        "parting": parting_page(),
        "idle desk": idle,
        "busy desk": owner.get("?done=clock").body.decode(),
        "refused": owner.fill("clock", forward=NASTY).body.decode(),
    }


def test_every_page_is_well_formed_and_has_its_landmarks(pages):
    """A page is in English, has one heading of the first rank, a banner, one main part and a footer, all closed."""
    for name, text in pages.items():
        page = Page(text)
        ranks = [tag for tag, _ in page.elements if tag in {"h1", "h2"}]

        assert page.open == [], name
        assert [{"lang": "en"}] == page.all("html"), name
        assert [1, 1, 1, 1] == [len(page.all(tag)) for tag in ("h1", "header", "main", "footer")], name
        assert "h1" == ranks[0], name


def test_everything_that_can_be_filled_in_has_a_label(pages):
    """Each input and each list has a visible label of its own, and each button has words."""
    for name, text in pages.items():
        page = Page(text)
        labels = [one["for"] for one in page.all("label")]
        filled = [one.get("id") for one in page.all("input", "select") if one.get("type") != "hidden"]

        assert labels == filled, name
        assert len(re.findall(r"<button[^>]*>[^<]+</button>", text)) == len(page.all("button")), name


def test_every_reference_on_a_page_is_there(pages):
    """Ids are unique, and whatever describes or names another element exists."""
    for name, text in pages.items():
        everything = [attributes for _, attributes in Page(text).elements]
        ids = [one["id"] for one in everything if "id" in one]
        named = {one[key] for one in everything for key in ("aria-describedby", "aria-labelledby", "for") if key in one}

        assert len(ids) == len(set(ids)), name
        assert named <= set(ids), name


def test_tables_say_what_they_are(pages):
    """Each table has a caption, heads with a scope, cells that name their heads, and can be scrolled by keyboard."""
    page = Page(pages["busy desk"])
    heads = page.all("th")

    assert len(page.all("table")) == len(page.all("caption")) == 6
    assert {"col"} == {one["scope"] for one in heads}
    assert all(one["data-head"] for one in page.all("td"))
    assert ["0"] * 6 == [one["tabindex"] for one in page.all("div") if one.get("role") == "region"]


def test_no_page_asks_for_anything_elsewhere(pages):
    """No script, no image, no link to another host, no handler, no style but the one sheet."""
    for name, text in pages.items():
        page = Page(text)
        kinds = {tag for tag, _ in page.elements}
        targets = {one.get("href") or one.get("action") or one.get("src") for _, one in page.elements} - {None}

        assert not kinds & {"script", "img", "link", "iframe", "object", "base"}, name
        assert all(target.startswith(("/__sandbox__/", "/Authorization/OAuth/")) for target in targets), name
        assert not [key for _, one in page.elements for key in one if key.startswith("on") or key == "style"], name
        assert STYLE == page.words["style"], name


def test_no_word_from_outside_writes_html(pages):
    """Names, parameters, paths and faults that try to write HTML are shown as they are."""
    for name, text in pages.items():
        assert "<script" not in text, name
        assert "canary" not in text, name
    assert pages["busy desk"].count("&lt;script&gt;") >= 4


def test_the_style_and_nothing_else_is_let_in(play, owner):
    """The policy names the style by its hash, on MailUp's pages and on the owner's, and allows nothing more."""
    digest = b64encode(sha256(STYLE.encode()).digest()).decode()
    shown = (play.get("/Authorization/OAuth/LogOn", play.url().partition("?")[2]), owner.get())
    policies = [dict(answer.headers)["content-security-policy"] for answer in shown]
    closed = f"default-src 'none'; base-uri 'none'; frame-ancestors 'none'; style-src 'sha256-{digest}'"

    assert [closed, f"{closed}; form-action 'self'"] == policies


def test_a_failed_log_on_is_told_to_everybody(pages):
    """A wrong password is an alert, in the title too, and the inputs it is about say so."""
    page = Page(pages["log on again"])
    inputs = [one for one in page.all("input") if one.get("type") != "hidden"]

    assert page.words["title"].startswith("Log on failed")
    assert ["alert"] == [one["role"] for one in page.all("p") if "role" in one]
    assert {("true", "notice")} == {(one["aria-invalid"], one["aria-describedby"]) for one in inputs}


def test_the_consent_page_says_who_asks_for_whom(pages):
    """The user sees the application, their own name, what it may do, and where they go from here."""
    words = pages["consent"]

    assert all(
        one in words for one in ("Example &lt;App&gt;", "<strong>m4321</strong>", "<strong>app.example</strong>")
    )
    assert [answer.value for answer in Answer] == [one["value"] for one in Page(words).all("button")]


def test_a_form_carries_nothing_empty(play):
    """Parameters that did not come are not in the page either."""
    asked = play.url(state="").partition("?")[2]
    body = play.get("/Authorization/OAuth/LogOn", asked).body.decode()

    assert 'name="state"' not in body
    assert 'name="redirect_uri"' in body
