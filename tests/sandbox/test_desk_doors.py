"""The owner's control addresses as doors: methods, bodies in any form, and all that must not come in."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailup_oauth.adapters.serving.desk import Desk
from mailup_oauth.sandbox.messages import FORM, Request, Response
from mailup_oauth.sandbox.router import LARGEST_BODY
from mailup_oauth.sandbox.switches import Switches

ORDERS = ("switches", "faults", "clock", "reset", "scenario", "contract", "revoke")


def problems(answer):
    """Return what an answer says is wrong."""
    assert answer.status == 400, answer
    return json.loads(answer.body)["problems"]


@pytest.mark.parametrize(
    ("kind", "body", "said"),
    [
        ("application/json", b"{", "the whole is not JSON"),
        ("application/json", b"[" * 60_000, "the whole is not JSON"),
        ("application/json", b"\xff", "the whole is not JSON"),
        ("application/json", b"[]", "the whole must be an object"),
        ("application/toml", b"canary", "the whole is not TOML"),
        ("application/toml", b"\xff", "the whole is not UTF-8"),
        ("application/toml", b"a = " + b"[" * 60_000, "the whole is too deep"),
        ("text/plain", b"", "Content-Type must be application/json, application/toml or"),
        ("", b"{}", "Content-Type must be application/json, application/toml or"),
    ],
)
def test_a_body_in_no_known_form_is_refused(owner, kind, body, said):
    """A body that cannot be read is told as one, whatever it is."""
    [problem] = problems(owner.ask("POST", "scenario", body, content_type=kind, x_mailup_sandbox="1"))

    assert problem.startswith(said)


@pytest.mark.parametrize("word", ["", "state", "events"])
def test_looking_is_by_get_only(owner, word):
    """What is looked at cannot be posted to."""
    answer = owner.post(word)

    assert (405, "GET") == (answer.status, dict(answer.headers)["allow"])


@pytest.mark.parametrize("word", ORDERS)
def test_ordering_is_by_post_only(play, owner, word):
    """What changes something cannot be done by a link or a picture."""
    answer = owner.get(word)

    assert (405, "POST") == (answer.status, dict(answer.headers)["allow"])
    assert () == play.service.events


def test_the_desk_is_at_its_address_only(owner):
    """Other words are not there, and the address without its last slash is the page too."""
    assert owner.get("other").status == 404
    assert owner.get("state/").status == 404


@pytest.mark.parametrize("word", ["", "state", "reset"])
def test_who_is_not_let_in_gets_a_403(owner, word):
    """Whoever is not of this machine gets no answer but no."""
    owner.peer = "192.0.2.1"

    assert 403 == owner.get(word).status == owner.post(word).status


def test_a_huge_order_is_not_read(owner):
    """More than MailUp's own limit is refused."""
    answer = owner.ask(
        "POST", "scenario", b"a" * (LARGEST_BODY + 1), content_type="application/json", x_mailup_sandbox="1"
    )

    assert answer.status == 413


def test_the_owners_requests_are_not_heard(play, owner):
    """What the owner asks is not among the requests, and is not counted by anything."""
    owner.get()
    owner.post("clock", forward="1s")

    assert () == play.service.sight.heard


@pytest.mark.parametrize("path", ["/__sandbox__x", "/x/__sandbox__/state", "/", "/__SANDBOX__/"])
def test_all_other_requests_are_mailups(play, path):
    """Beside the desk MailUp answers whoever asks, also where an address only looks like the desk's."""
    answer = Desk(play.service).handle(Request(method="GET", path=path, peer="192.0.2.1"))

    assert (404, path) == (answer.status, play.service.sight.heard[0].path)


def test_the_address_without_its_last_slash_is_the_page_too(play):
    """Who leaves the slash away gets the page."""
    request = Request(method="GET", path="/__sandbox__", peer="::1", headers=(("host", "localhost"),))

    assert b"<h1>Desk</h1>" in Desk(play.service).handle(request).body


WORDS = st.sampled_from(
    ["grace 30s", "hang-up", "committed", "token", "1h", "signed", "m4321", "other", "always", 503, None, True, 1.5, []]
) | st.text(max_size=5)
NAMES = st.sampled_from(
    [
        "kind",
        "target",
        "done",
        "status",
        "forward",
        "username",
        "client_id",
        "contract",
        "effect",
        "old_refresh",
        "applications",
        "users",
        "switches",
        "faults",
        "begins",
        "name",
        "uid",
        "password",
        "client_secret",
        "lists",
    ]
)
TREES = st.recursive(WORDS, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(NAMES, inner, max_size=4))
BODIES = st.binary(max_size=30) | st.dictionaries(NAMES, TREES, max_size=4).map(lambda tree: json.dumps(tree).encode())
KINDS = st.sampled_from(["application/json", "application/toml", FORM, "", "x"])


@given(word=st.sampled_from(ORDERS), body=BODIES, kind=KINDS)
def test_no_order_raises(stage, word, body, kind):
    """Whatever is posted, it is obeyed or refused, and only what was obeyed is an event."""
    play = stage(Switches())
    headers = (("host", "localhost"), ("x-mailup-sandbox", "1"), ("content-type", kind))
    request = Request(method="POST", path=f"/__sandbox__/{word}", headers=headers, body=body, peer="::1")
    answer = Desk(play.service).handle(request)

    assert isinstance(answer, Response)
    assert (answer.status == 400) <= (play.service.events == ())
    assert answer.status in {200, 303, 400}
