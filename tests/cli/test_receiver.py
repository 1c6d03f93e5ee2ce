"""The listener for the browser's answer: it takes the one that is ours, once, and turns everything else away."""

import re
import socket
import urllib.parse

import httpx
import pytest

from mailup_oauth.adapters.cli.exits import Trouble
from mailup_oauth.adapters.cli.receiver import HEADERS, Receiver, can_receive

ANSWER = "?code=canary-code&state=ours"


def is_ours(address):
    """Say whether an address brings back what was sent."""
    return address.endswith("state=ours")


@pytest.fixture
def receiver():
    """Listen on any free port, and expect the answer."""
    with Receiver("http://127.0.0.1:0/callback") as listening:
        listening.bell = listening.expect(is_ours)
        yield listening


@pytest.fixture
def browser(receiver):
    """A browser that follows no redirect."""
    with httpx.Client(base_url=f"http://127.0.0.1:{receiver.port}", trust_env=False) as client:
        yield client
        client.get("/done")  # a browser does, and the receiver waits for it


def has_rung(receiver):
    """Say whether the answer has come."""
    receiver.bell.settimeout(0)
    try:
        return bool(receiver.bell.recv(1, socket.MSG_PEEK))
    except BlockingIOError:
        return False


def test_the_answer_is_taken_and_its_address_is_cleaned(browser, receiver):
    """The browser that brings the answer is led on to an address without a query, and told that it can go."""
    first = browser.get(f"/callback{ANSWER}")
    last = browser.get(first.headers["location"])

    assert (303, f"http://127.0.0.1:{receiver.port}/done") == (first.status_code, first.headers["location"])
    assert (200, True) == (last.status_code, "You can close this window" in last.text)
    assert f"/callback{ANSWER}" == receiver.take()


def test_a_reload_is_no_second_answer(browser, receiver):
    """An answer that is brought again is greeted as the first one, and not handed on."""
    statuses = [browser.get(f"/callback{ANSWER}").status_code for _ in range(2)]
    browser.get("/done")
    receiver.take()

    assert [303, 303] == statuses
    assert receiver._server.answers.empty()


STRAYS = {
    "favicon": ("GET", "/favicon.ico", {}, 404),
    "root": ("GET", "/", {}, 404),
    "too-early": ("GET", "/done", {}, 404),
    "below": ("GET", f"/callback/more{ANSWER}", {}, 404),
    "no-nonce": ("GET", "/callback?code=canary", {}, 400),
    "no-query": ("GET", "/callback", {}, 400),
    "other-nonce": ("GET", "/callback?code=canary&state=theirs", {}, 400),
    "head": ("HEAD", f"/callback{ANSWER}", {}, 405),
    "post": ("POST", f"/callback{ANSWER}", {}, 405),
    "options": ("OPTIONS", f"/callback{ANSWER}", {}, 405),
    "rebound": ("GET", f"/callback{ANSWER}", {"Host": "evil.example"}, 421),
    "rebound-name": ("GET", f"/callback{ANSWER}", {"Host": "localhost"}, 421),
}


@pytest.mark.parametrize("stray", STRAYS)
def test_strays_are_turned_away_and_the_waiting_goes_on(browser, receiver, stray):
    """Another path, another nonce, another method or another name is refused, and the real answer is still taken."""
    method, path, headers, status = STRAYS[stray]
    refused = browser.request(method, path, headers=headers)

    assert (status, False) == (refused.status_code, has_rung(receiver))
    assert "canary" not in refused.text
    assert 303 == browser.get(f"/callback{ANSWER}").status_code
    assert has_rung(receiver)


@pytest.mark.parametrize(
    "octets",
    [
        b"",
        b"\r\n\r\n",
        b"nonsense\r\n\r\n",
        b"GET / HTTP/1.1\r\n\r\n",
        b"GET " + b"a" * 70_000,
        b"GET /callback\r\n\r\n",
    ],
)
def test_what_is_no_http_keeps_nobody_from_answering(browser, receiver, octets):
    """Silence and rubbish on one connection do not disturb the answer on another."""
    with socket.create_connection(("127.0.0.1", receiver.port)) as line:
        line.sendall(octets)

        assert 303 == browser.get(f"/callback{ANSWER}").status_code
    assert f"/callback{ANSWER}" == receiver.take()


@pytest.mark.parametrize(
    "path", [f"/callback{ANSWER}", "/done", "/favicon.ico", "/callback?error=access_denied&state=ours"]
)
def test_sec_22_every_page_keeps_to_itself(browser, path):
    """Every answer forbids storing, referring, framing and loading anything, and repeats nothing of the query."""
    answer = browser.get(path)

    assert HEADERS == {name: answer.headers[name] for name in HEADERS}
    assert ("no-store", "no-referrer") == (answer.headers["cache-control"], answer.headers["referrer-policy"])
    assert answer.headers["content-security-policy"].startswith("default-src 'none'; ")
    assert None is re.search("<script|src=|href=|canary|ours", answer.text)


def test_it_listens_to_this_machine_alone(receiver):
    """The socket is bound to the loopback address of the redirect URI, and to no other."""

    assert ("127.0.0.1", receiver.port) == receiver._server.server_address
    assert f"http://127.0.0.1:{receiver.port}/callback" == receiver.redirect_uri


def test_the_other_loopback_address_is_one_too():
    """A redirect URI on [::1] is listened to there, and keeps its own query."""
    with Receiver("http://[::1]:0/back?app=1") as receiver:
        receiver.expect(is_ours)
        answer = httpx.get(f"http://[::1]:{receiver.port}/back?app=1&state=ours", trust_env=False)

        assert 303 == answer.status_code
        httpx.get(answer.headers["location"], trust_env=False)
    assert "app=1" == urllib.parse.urlsplit(receiver.redirect_uri).query


def test_a_listener_that_comes_late_listens_to_nothing():
    """Whoever is interrupted just as the listener begins leaves a thread that finds all over, and says nothing."""
    with Receiver("http://127.0.0.1:0/callback") as receiver:
        late = receiver._serve

    assert late() is None
    assert -1 == receiver._server.fileno()


def test_afterwards_the_port_is_free():
    """When it ends, nobody listens there any more, whether or not an answer came."""
    with Receiver("http://127.0.0.1:0/callback") as receiver:
        receiver.expect(is_ours)

    assert receiver.port
    with socket.create_server(("127.0.0.1", receiver.port)):
        pass


def test_a_port_in_use_is_told():
    """A port that somebody has is trouble with a remedy."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(Trouble) as caught:
            Receiver(f"http://127.0.0.1:{port}/callback")

    assert (1, True) == (caught.value.exit, "--port" in caught.value.remedy)
    assert str(port) in caught.value.message


@pytest.mark.parametrize(
    ("redirect_uri", "can"),
    [
        ("http://127.0.0.1:0/callback", True),
        ("http://[::1]/callback", True),
        ("https://127.0.0.1/callback", False),
        ("https://app.example/callback", False),
        ("http://localhost/callback", False),
    ],
)
def test_only_loopback_addresses_in_the_clear_can_be_received(redirect_uri, can):
    """An answer can be received where the browser comes to this machine without TLS, by address."""

    assert can is can_receive(redirect_uri)
