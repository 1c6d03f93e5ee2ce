"""Which bodies are sent a second time, and which answers are read before the caller reads them."""

from io import BytesIO

import attrs
import httpx
import pytest

from mailup_oauth import MAILUP
from mailup_oauth.sandbox.events import TokensRotated

API = "https://services.mailup.com/API/v1.1/"
HERE = attrs.evolve(MAILUP, api_hosts=frozenset({"127.0.0.1"}))
LONGEST_KEPT = 1_048_576

WHOLE = {
    "nothing": {},
    "bytes": {"content": b"\x00\xff bytes"},
    "text": {"content": "täxt"},
    "json": {"json": {"Name": "list", "Ids": [1, 2]}},
    "form": {"data": {"a": "1", "b": ["2", "3"]}},
    "multipart": {"files": {"file": ("list.csv", b"a,b\r\n", "text/csv")}, "data": {"kind": "csv"}},
}


class Trickle(httpx.SyncByteStream, httpx.AsyncByteStream):
    """An answer's body that counts the pieces that were taken from it."""

    taken = 0

    def __iter__(self):
        for _ in range(3):
            self.taken += 1
            yield b"{}"

    async def __aiter__(self):
        for piece in self:
            yield piece


def uploaded(length):
    """Return a multipart form of so many octets."""
    empty = int(httpx.Request("POST", API, files={"file": b""}).headers["Content-Length"])
    return {"files": {"file": b"a" * (length - empty)}}


def posted(program, wire, **body):
    """Post a body to an API that says 401 once; return its answer, and how often the whole body left."""
    wire.answers += [httpx.Response(401), httpx.Response(204)]
    answer = program.ask(API, method="POST", **body)
    assert {wire.left[0].content} == {one.content for one in wire.left}
    return answer.status_code, len(wire.left)


@pytest.mark.parametrize("body", WHOLE)
def test_a_body_that_is_whole_is_sent_again(program, wire, body):
    """The repeat has the same bytes under the same headers, but for the token."""

    assert (204, 2) == posted(program, wire, **WHOLE[body])
    first, second = ({**one.headers, "authorization": ""} for one in wire.left)
    assert first == second


def test_a_body_that_flows_is_sent_once(program, wire, stage):
    """What was read once cannot be sent again: the 401 is the caller's, and the next request has a new token."""

    assert (401, 1) == posted(program, wire, content=program.flowing(b"one ", b"two"))
    assert (b"one two", 1) == (wire.left[0].content, stage.happened(TokensRotated))
    wire.answers.clear()
    assert 200 == program.ask().status_code
    assert [wire.shown[0], program.held()] == wire.shown


@pytest.mark.parametrize("program", ["httpx", "httpx2"], indirect=True)
def test_a_file_is_sent_once(program, wire, stage):
    """A file has been read to its end; it is not sent again as if it were empty."""

    assert (401, 1) == posted(program, wire, content=BytesIO(b"one two"))
    assert (b"one two", 1) == (wire.left[0].content, stage.happened(TokensRotated))


@pytest.mark.parametrize("program", ["httpx", "async-httpx", "httpx2", "async-httpx2"], indirect=True)
@pytest.mark.parametrize(("length", "often"), [(LONGEST_KEPT, (204, 2)), (LONGEST_KEPT + 1, (401, 1))])
def test_a_form_in_parts_is_kept_up_to_a_mebibyte(program, wire, stage, length, often):
    """A longer form is not held in memory for the rare case; its token is renewed all the same."""

    assert often == posted(program, wire, **uploaded(length))
    assert (str(length), 1) == (wire.left[0].headers["Content-Length"], stage.happened(TokensRotated))


@pytest.mark.parametrize("program", ["requests"], indirect=True)
def test_requests_holds_every_form_in_memory(program, wire):
    """It does so without being asked, so that a form of any length is sent again."""

    assert (204, 2) == posted(program, wire, **uploaded(2 * LONGEST_KEPT))


@pytest.mark.parametrize(("status", "pieces"), [(200, 0), (302, 0), (403, 0), (404, 0), (429, 0), (500, 0), (400, 3)])
def test_only_a_refusal_that_may_blame_the_token_is_read(program, wire, status, pieces):
    """An answer that is streamed stays unread until its caller reads it; a 400 has to be read to be understood."""
    body = Trickle()
    wire.answers.append(httpx.Response(status, stream=body))

    assert (status, pieces) == program.look(lambda answer: (answer.status_code, body.taken), API)


def test_a_401_that_was_read_can_still_be_read(program, wire):
    """The second 401 comes to its caller unread, the first one read, in the history."""
    first, second = Trickle(), Trickle()
    wire.answers += [httpx.Response(401, stream=first), httpx.Response(401, stream=second)]

    assert (b"{}{}{}", 0) == program.look(lambda answer: (answer.history[0].content, second.taken), API)


@pytest.mark.parametrize("stage", [HERE], indirect=True)
def test_an_answer_without_end_reaches_its_caller(program, peer):
    """Over a real socket the caller has a long answer's beginning while it is still being sent."""

    def script(line):
        line.hear()
        line.say(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n")
        line.flood(b"a" * 65536)

    server = peer(script)

    assert 200 == program.look(lambda answer: answer.status_code, server.url, transport=None, trust_env=False)
    assert f"Authorization: Bearer {program.held()}".encode() in server.heard[0]
