"""The promises once more over real sockets: an API on one port, strangers on others, and what each of them heard."""

import re
from collections import deque
from contextlib import suppress
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, build_opener

import attrs
import pytest

from mailup_oauth import MAILUP
from mailup_oauth.adapters.auth import flows
from mailup_oauth.adapters.auth import requests as for_requests
from mailup_oauth.adapters.auth.headers import authorize
from mailup_oauth.sandbox.events import TokensRotated
from mailup_oauth.testing.stage import CONNECTION

HERE = attrs.evolve(MAILUP, api_hosts=frozenset({"127.0.0.1"}))
REAL = {"transport": None, "trust_env": False}
"""The settings of a client that goes to the network by the library's own transport."""

BODIES = {
    "nothing": {},
    "bytes": {"content": b"\x00\xff bytes"},
    "text": {"content": "täxt"},
    "json": {"json": {"Name": "list", "Ids": [1, 2]}},
    "form": {"data": {"a": "1", "b": ["2", "3"]}},
    "multipart": {"files": {"file": ("list.csv", b"a,b\r\n", "text/csv")}, "data": {"kind": "csv"}},
}

pytestmark = pytest.mark.parametrize("stage", [HERE], indirect=True)


class Server:
    """A server of this machine that says one planned answer to each request, and 204 when none is left."""

    def __init__(self, peer):
        self.answers = deque()
        self._peer = peer(self._script)
        self.port = self._peer.port
        self.base = f"http://127.0.0.1:{self.port}"

    def _script(self, line):
        line.hear()
        line.say(self.answers.popleft() if self.answers else said(204))

    @property
    def heard(self):
        """What it was asked, as it came."""
        return self._peer.heard

    @property
    def shown(self):
        """The tokens that it saw, in order; an empty text for a request without one."""
        found = [re.search(rb"\r\nauthorization: Bearer ([^\r]+)\r\n", one, re.IGNORECASE) for one in self.heard]
        return [one[1].decode() if one else "" for one in found]


def said(status, body=b"", **headers):
    """Return an answer as it goes over the wire."""
    lines = [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    length = [] if status == 204 else [f"Content-Length: {len(body)}"]
    return "\r\n".join([f"HTTP/1.1 {status} Said", "Connection: close", *length, *lines, "", ""]).encode() + body


@pytest.fixture
def api(peer):
    """The provider's API."""
    return Server(peer)


@pytest.fixture
def stranger(peer):
    """Somebody else, on the same machine."""
    return Server(peer)


def without_token(request):
    """Return what was asked, but for the token."""
    return re.sub(rb"(?i)(authorization: Bearer )[^\r]+", rb"\1", request)


@pytest.mark.parametrize("body", BODIES)
def test_sec_41_one_renewal_and_one_repeat(program, stage, api, body):
    """The repeat differs from the first request in its token, and in nothing else that goes over the wire."""
    api.answers += [said(401), said(200, b"{}")]
    before = program.held()
    answer = program.ask(f"{api.base}/API", method="POST", settings=REAL, **BODIES[body])

    assert (200, 1) == (answer.status_code, stage.happened(TokensRotated))
    assert [before, program.held()] == api.shown
    assert without_token(api.heard[0]) == without_token(api.heard[1])


def test_sec_41_an_api_that_always_says_401_gets_one_repeat(program, stage, api):
    """The second 401 is the caller's, with its body."""
    api.answers += [said(401, b"first"), said(401, b"second"), said(401, b"third")]
    answer = program.ask(api.base, settings=REAL)

    assert (401, b"second", 2, 1) == (
        answer.status_code,
        answer.content,
        len(api.heard),
        stage.happened(TokensRotated),
    )


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_sec_56_a_redirect_to_another_name_goes_without_the_token(program, api, stranger, status):
    """``localhost`` is another name of the same machine, and is not on the list."""
    api.answers.append(said(status, Location=f"http://localhost:{stranger.port}/"))
    answer = program.ask(api.base, settings=REAL, follow_redirects=True)

    assert (204, [program.held()], [""]) == (answer.status_code, api.shown, stranger.shown)


def test_sec_56_a_redirect_to_another_port_goes_without_the_token(program, api, stranger):
    """Whoever listens on another port of the API's host is somebody else."""
    api.answers.append(said(307, Location=stranger.base))
    answer = program.ask(api.base, settings=REAL, follow_redirects=True)

    assert (204, [program.held()], [""]) == (answer.status_code, api.shown, stranger.shown)


def test_sec_56_who_comes_back_from_a_stranger_has_no_token(program, stage, api, stranger):
    """A stranger cannot aim a token at an address of the API that he chose; and his 401 renews nothing."""
    api.answers += [said(302, Location=stranger.base), said(401)]
    stranger.answers.append(said(302, Location=f"{api.base}/chosen"))
    answer = program.ask(api.base, settings=REAL, follow_redirects=True)

    assert (401, [program.held(), ""], [""], 0) == (
        answer.status_code,
        api.shown,
        stranger.shown,
        stage.happened(TokensRotated),
    )


@pytest.mark.parametrize("answer", [said(401), said(400, b'{"ErrorDescription": "Invalid or malformed token"}')])
def test_sec_41_a_strangers_refusal_is_not_about_the_token(program, stage, api, stranger, answer):
    """Somebody who was never shown the token cannot have it renewed."""
    api.answers.append(said(307, Location=stranger.base))
    stranger.answers.append(answer)
    program.ask(api.base, settings=REAL, follow_redirects=True)

    assert ([""], 0) == (stranger.shown, stage.happened(TokensRotated))


CONFUSING = [
    "http://127.0.0.1:{api}\\@localhost:{stranger}/",
    "http://localhost:{stranger}\\@127.0.0.1:{api}/",
    "http://127.0.0.1:{api}@localhost:{stranger}/",
    "http://localhost:{stranger}#@127.0.0.1:{api}/",
    "http://localhost:{stranger}?@127.0.0.1:{api}/",
    "http://localhost:{stranger}/@127.0.0.1:{api}/",
    "http://localhost:{stranger};@127.0.0.1:{api}/",
    "http://127.0.0.1:{api}%2f@localhost:{stranger}/",
    "http://127.0.0.1%00@localhost:{stranger}/",
    "http://127.0.0.1:{api}\t@localhost:{stranger}/",
    "http:/localhost:{stranger}\\127.0.0.1:{api}/",
    "http://LOCALHOST:{stranger}/",
    "http://localhost.:{stranger}/",
    "\\\\localhost:{stranger}/",
    "//localhost:{stranger}/",
]
"""Addresses that one parser takes for the API and another one for the stranger."""


@pytest.mark.parametrize("place", CONFUSING)
def test_sec_56_a_confusing_address_shows_the_token_to_no_stranger(program, api, stranger, place):
    """Whatever a library makes of an address, asked for or redirected to, the stranger never sees the token."""
    place = place.format(api=api.port, stranger=stranger.port)
    api.answers.append(said(307, Location=place))
    with suppress(Exception):  # each library refuses some of them, each in its way
        program.ask(place, settings=REAL)
    with suppress(Exception):
        program.ask(api.base, settings=REAL, follow_redirects=True)

    assert any(api.shown)
    assert {""} >= {*stranger.shown}


def test_a_stranger_who_sees_a_token_is_noticed(program, stranger, monkeypatch):
    """An auth that lets anybody see the token is seen to, so that the silence of strangers says something."""
    for place in (flows, for_requests):
        monkeypatch.setattr(place, "may_see_token", lambda *_: True)
    program.ask(f"http://localhost:{stranger.port}/", settings=REAL)

    assert [program.held()] == stranger.shown


def test_a_redirect_that_stays_takes_the_token_along(program, api):
    """The API's own redirects work, whether the address is relative or whole."""
    api.answers += [said(302, Location="/second"), said(307, Location=f"{api.base}/third")]
    answer = program.ask(api.base, settings=REAL, follow_redirects=True)

    assert (204, [program.held()] * 3) == (answer.status_code, api.shown)


def test_a_redirect_and_a_refusal_go_together(program, stage, api):
    """What was refused after a redirect is repeated where it was refused."""
    api.answers += [said(302, Location="/second"), said(401), said(204)]
    answer = program.ask(api.base, settings=REAL, follow_redirects=True)
    lines = [one.split(b" HTTP")[0] for one in api.heard]

    assert (204, 1) == (answer.status_code, stage.happened(TokensRotated))
    assert [b"GET /", b"GET /second", b"GET /second"] == lines
    assert program.held() == api.shown[2]


def test_sec_56_a_stranger_is_asked_without_the_token(program, stage, stranger):
    """A request that begins elsewhere has no token, and its 401 renews nothing."""
    stranger.answers.append(said(401))
    answer = program.ask(f"http://localhost:{stranger.port}/", settings=REAL)

    assert (401, [""], 0) == (answer.status_code, stranger.shown, stage.happened(TokensRotated))


@pytest.mark.parametrize("status", [200, 403, 404, 500])
def test_an_answer_that_is_streamed_is_left_to_its_reader(program, peer, status):
    """The caller has the beginning of an answer whose end never comes."""

    def script(line):
        line.hear()
        line.say(f"HTTP/1.1 {status} Said\r\nContent-Type: text/plain\r\n\r\n".encode())
        line.flood(b"a" * 65536)

    server = peer(script)

    assert status == program.look(lambda answer: answer.status_code, server.url, **REAL)


def test_a_connection_that_breaks_in_the_repeat_is_the_callers(program, stage, peer):
    """The repeat is not repeated: what the library raises comes out of the call, and the token is renewed."""

    def script(line):
        line.hear()
        if len(server.heard) == 1:
            line.say(said(401))
        else:
            line.reset()

    server = peer(script)
    with pytest.raises(Exception) as caught:  # noqa: PT011  # each library has its own
        program.ask(server.url, settings=REAL)

    assert type(caught.value).__module__.partition(".")[0] == program.library.__name__
    assert (2, 1) == (len(server.heard), stage.happened(TokensRotated))


PAGE = (Path(__file__).parents[3] / "docs" / "http-clients.md").read_text()


def call_of_the_page(oauth):
    """Return the function that the page has for urllib, with its module's names."""
    [program] = [one for one in re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL) if "urllib" in one]
    names = {"oauth": oauth}
    exec(program.partition("\nwith call(")[0], names)  # noqa: S102  # what is tested
    return names["call"]


def test_sec_56_the_pages_urllib_takes_the_token_to_no_stranger(stage, api, stranger):
    """It raises a redirect instead of following it; the opener that everybody uses would take the token along."""
    api.answers += [said(302, Location=f"http://localhost:{stranger.port}/")] * 2
    with pytest.raises(HTTPError) as caught:
        call_of_the_page(stage.oauth)(api.base)
    caught.value.close()

    assert (302, []) == (caught.value.code, stranger.heard)

    request = Request(api.base, headers=authorize(stage.oauth, CONNECTION, api.base).headers)  # noqa: S310  # here
    build_opener().open(request).close()

    assert api.shown[:1] == stranger.shown


def test_sec_41_the_pages_urllib_repeats_once(stage, api):
    """The second refusal is raised."""
    api.answers += [said(401), said(401)]
    with pytest.raises(HTTPError) as caught:
        call_of_the_page(stage.oauth)(api.base)
    caught.value.close()

    assert (401, 2, 1) == (caught.value.code, len({*api.shown}), stage.happened(TokensRotated))
