"""What is particular to requests: files, prepared requests, redirects that copy, answers that are pickled."""

import copy
import os
import pickle
from io import BytesIO

import httpx
import pytest
import requests

from mailup_oauth.adapters.auth.requests import MailUpAuth
from mailup_oauth.sandbox.events import TokensRotated
from mailup_oauth.testing.stage import CONNECTION

API = "https://services.mailup.com/API/v1.1/"


@pytest.fixture
def program(stage, wire, ways):
    """A program that uses requests."""
    return ways["requests"](stage, wire)


def moved(place, status=307):
    """Return a redirect to *place*."""
    return httpx.Response(status, headers={"Location": place})


def renewed(stage):
    """Return how often the tokens were renewed."""
    return stage.happened(TokensRotated)


class Fussy(BytesIO):
    """A file that goes forward only, though it can say where it stands."""

    def seek(self, *where):
        """Refuse."""
        raise OSError(where)


def test_a_file_is_wound_back_to_where_it_stood(program, wire):
    """The repeat sends what the first request sent, and not what comes before it in the file."""
    file = BytesIO(b"one two")
    file.seek(4)
    wire.answers += [httpx.Response(401), httpx.Response(204)]
    answer = program.ask(API, method="POST", content=file)

    assert (204, [b"two", b"two"]) == (answer.status_code, [request.content for request in wire.left])


def test_a_file_is_wound_back_after_a_redirect_too(program, wire):
    """Both the redirect and the repeat after it send the whole file."""
    wire.answers += [moved(f"{API}elsewhere"), httpx.Response(401), httpx.Response(204)]
    answer = program.ask(API, method="POST", content=BytesIO(b"one two"), follow_redirects=True)

    assert (204, [b"one two"] * 3) == (answer.status_code, [request.content for request in wire.left])


def piped():
    """Return a file that is a pipe with two words in it."""
    end, begin = os.pipe()
    os.write(begin, b"one two")
    os.close(begin)
    return os.fdopen(end, "rb")


@pytest.mark.parametrize("opened", [piped, lambda: Fussy(b"one two")], ids=["pipe", "fussy"])
def test_what_cannot_be_wound_back_is_sent_once(program, wire, stage, opened):
    """The 401 is the caller's, and the token is renewed for the next request."""
    wire.answers += [httpx.Response(401), httpx.Response(204)]
    with opened() as file:
        answer = program.ask(API, method="POST", content=file)

    assert (401, [b"one two"], 1) == (answer.status_code, [one.content for one in wire.left], renewed(stage))


@pytest.mark.parametrize("body", [bytearray(b"one two"), memoryview(b"one two")])
def test_octets_of_any_kind_are_sent_again(body, stage):
    """What is in memory needs no winding back."""
    request = requests.Request("POST", API, data=b"").prepare()
    request.body = body
    sent = []

    class Adapter(requests.adapters.BaseAdapter):
        def send(self, request, **_):
            sent.append(bytes(request.body))
            return answered(request, 401, self)

    refusal = Adapter().send(request)
    hook = hook_of(request, stage)

    assert 401 == hook(refusal).status_code
    assert [b"one two"] * 2 == sent


def answered(request, status, adapter=None):
    """Return an answer of requests to one of its requests, without a body."""
    response = requests.Response()
    response.status_code, response.request, response.raw = status, request, BytesIO()
    if adapter:
        response.connection = adapter
    return response


def hook_of(request, stage):
    """Authorize a request, and return the hook that will look at its answers."""
    return MailUpAuth(stage.oauth, CONNECTION)(request).hooks["response"][-1]


def test_an_answer_of_an_adapter_that_does_not_say_who_it_is_is_passed_on(stage):
    """Nobody is there to send the request again; the token is renewed, the 401 is the caller's."""
    request = requests.Request("GET", API).prepare()
    refusal = answered(request, 401)

    assert refusal is hook_of(request, stage)(refusal)
    assert 1 == renewed(stage)


def test_a_request_that_was_prepared_is_repeated_each_time_it_is_sent(program, wire, stage):
    """Who keeps a prepared request has its token renewed whenever it has ended, not only once."""
    with program.client() as session:
        request = session.prepare_request(requests.Request("GET", API))
        wire.answers += [httpx.Response(401), httpx.Response(204)] * 2
        statuses = [session.send(request).status_code for _ in range(2)]

    assert ([204, 204], 2, 4) == (statuses, renewed(stage), len(wire.left))
    assert wire.shown[1] == wire.shown[2]


def test_a_redirect_of_the_repeat_takes_the_newer_token_along(program, wire, stage):
    """requests follows a redirect with a copy of the request; the copy has the token that works."""
    wire.answers += [httpx.Response(401), moved(f"{API}elsewhere"), httpx.Response(204)]
    answer = program.ask(API, follow_redirects=True)

    assert (204, 1) == (answer.status_code, renewed(stage))
    assert [program.held()] * 2 == wire.shown[1:]


def test_sec_41_redirects_do_not_multiply_the_repeats(program, wire, stage):
    """One request is repeated once, however many redirects there are and wherever the next 401 comes from."""
    wire.answers += [httpx.Response(401), moved(f"{API}elsewhere"), httpx.Response(401), httpx.Response(204)]
    answer = program.ask(API, follow_redirects=True)

    assert (401, 1, 3) == (answer.status_code, renewed(stage), len(wire.left))


def test_a_redirect_that_is_followed_by_hand_goes_on_with_the_token(program, wire, stage):
    """``answer.next`` is authorized as well, and may be repeated."""
    with program.client() as session:
        wire.answers += [moved(f"{API}elsewhere"), httpx.Response(401), httpx.Response(204)]
        answer = session.send(session.get(API, allow_redirects=False).next)

    assert (204, 1, 3) == (answer.status_code, renewed(stage), len(wire.left))


def test_what_netrc_puts_in_place_of_the_token_is_not_about_the_token(program, wire, stage, tmp_path, monkeypatch):
    """requests prefers ``~/.netrc`` after a redirect; its 401 costs no token.  ``trust_env = False`` prevents it."""
    file = tmp_path / "netrc"
    file.write_text("default login somebody password else\n")
    monkeypatch.setenv("NETRC", str(file))
    wire.answers += [moved(f"{API}elsewhere"), httpx.Response(401)]
    answer = program.ask(API, follow_redirects=True)

    assert (401, 0) == (answer.status_code, renewed(stage))
    assert wire.shown[1].startswith("Basic ")

    wire.answers += [moved(f"{API}elsewhere"), httpx.Response(204)]
    program.ask(API, follow_redirects=True, settings={"trust_env": False})

    assert [program.held()] * 2 == wire.shown[2:]


def test_an_auth_for_one_request_is_for_that_request(program, wire):
    """``requests.get(url, auth=...)`` works as a session's auth does."""
    wire.answers += [httpx.Response(204), httpx.Response(204)]
    with program.client(auth=None) as session:
        session.get(API, auth=program.auth())
        session.get(API)

    assert [program.held(), ""] == wire.shown


@pytest.mark.parametrize("carried", [copy.deepcopy, lambda one: pickle.loads(pickle.dumps(one))])  # noqa: S301  # own
def test_an_answer_can_be_carried_to_another_process(program, wire, stage, carried):
    """An answer can be pickled though its request has a hook of ours, which stays behind with all that it knows."""
    answer = carried(program.ask(API))
    request = answer.request
    [hook] = request.hooks["response"]
    refusal = answered(request, 401)

    assert 404 == answer.status_code
    assert refusal is hook(refusal, stream=False)
    assert {} == vars(hook)
    assert (1, 0) == (len(wire.left), renewed(stage))


def test_sec_48_what_the_hook_knows_is_not_shown(program):
    """Neither the hook nor the auth nor the answer shows the token."""
    answer = program.ask(API)
    [hook] = answer.request.hooks["response"]
    shown = f"{answer!r} {answer.request!r} {hook!r} {vars(hook)!r} {program.auth()!r}"

    assert program.held() not in shown
    assert program.held() in answer.request.headers["Authorization"]
