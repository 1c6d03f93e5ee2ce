"""The sandbox on a real socket."""

import asyncio
import threading
from datetime import timedelta
from time import perf_counter

import httpx
import pytest

from mailup_oauth.adapters.serving.application import application
from mailup_oauth.adapters.serving.server import serve
from mailup_oauth.domain.secret import Secret
from mailup_oauth.domain.wire.http import Ending
from mailup_oauth.sandbox import events
from mailup_oauth.sandbox.asking import Door
from mailup_oauth.sandbox.commands import Answer, PlanFault
from mailup_oauth.sandbox.faults import LOST_ANSWER, LOST_REQUEST, CutBody, Redirect, Slow, Target
from mailup_oauth.sandbox.router import INFO_PATH, LARGEST_BODY, TOKEN_PATH
from mailup_oauth.testing.visitor import Stranded, over_http, walk


@pytest.fixture
def online(play):
    """Serve a play and give a client of it."""
    with serve(play.service) as url, httpx.Client(base_url=url, trust_env=False) as client:
        yield client


def first_code(play, client):
    """Walk the forms over HTTP and return the code."""
    url = str(client.base_url.join(play.url().partition(".example")[2]))
    location = walk(
        url, username="m4321", password=Secret("canary-password"), answer=Answer.ALLOW, fetch=over_http(client)
    )
    return httpx.URL(location).params["code"]


def test_a_whole_life_over_http(play, online):
    """Log on, consent, exchange, call and refresh all work on a socket."""
    form = {"grant_type": "authorization_code", "code": first_code(play, online), **play.client}
    told = online.post(TOKEN_PATH, data=form).json()
    headers = {"Authorization": f"Bearer {told['access_token']}"}

    assert online.get(INFO_PATH, headers=headers).json()["UID"] == "321"
    form = {"grant_type": "refresh_token", "refresh_token": told["refresh_token"], **play.client}
    assert online.post(TOKEN_PATH, data=form).json()["refresh_token"] != told["refresh_token"]


def test_a_wrong_password_strands_the_walk(play, online):
    """The walker does not take a log-on form for a consent form."""
    url = str(online.base_url.join(play.url().partition(".example")[2]))
    with pytest.raises(Stranded, match="status 200"):
        walk(url, username="m4321", password=Secret("canary-no"), answer=Answer.ALLOW, fetch=over_http(online))


@pytest.mark.parametrize("fault", [LOST_ANSWER, LOST_REQUEST])
def test_a_lost_answer_closes_the_socket(play, online, fault):
    """Not one byte comes back, and the server goes on."""
    play.service.order(PlanFault(Target.TOKEN, fault))
    with pytest.raises(httpx.RemoteProtocolError, match="without sending a response"):
        online.post(TOKEN_PATH)

    assert online.post(TOKEN_PATH).status_code == 400


def test_a_cut_answer_breaks_in_the_middle(play, online):
    """Some bytes come, then the connection ends before the announced length."""
    play.service.order(PlanFault(Target.TOKEN, CutBody(keep=9, ending=Ending.CUT)))
    with pytest.raises(httpx.RemoteProtocolError, match="received 9 bytes, expected 10"):
        online.post(TOKEN_PATH)


def test_a_redirect_and_a_delay_go_over_the_wire(play, online):
    """A 302 arrives as such; a short delay only delays."""
    play.service.order(PlanFault(Target.TOKEN, Redirect(location="https://elsewhere.example/")))
    play.service.order(PlanFault(Target.TOKEN, Slow(delay=timedelta(milliseconds=20))))

    assert online.post(TOKEN_PATH).headers["location"] == "https://elsewhere.example/"
    began = perf_counter()
    online.post(TOKEN_PATH)
    assert perf_counter() - began >= 0.02


def test_a_huge_body_is_read_and_refused(online):
    """What is too large is dropped, not kept."""
    assert online.post(TOKEN_PATH, content=b"a" * (3 * LARGEST_BODY)).status_code == 413


def test_many_clients_are_served_one_after_the_other(play):
    """A code that twenty threads bring at once works once."""
    with serve(play.service) as url:
        form = {"grant_type": "authorization_code", "code": play.code(), **play.client}
        statuses = []

        def bring():
            statuses.append(httpx.post(url + TOKEN_PATH, data=form, trust_env=False).status_code)

        threads = [threading.Thread(target=bring) for _ in range(20)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert sorted(statuses) == [200] + [400] * 19
    assert play.happened(events.TokensIssued) == 1


def test_the_server_stops_within_a_second(play):
    """Neither a kept connection nor an answer held back for a minute makes anybody wait."""
    play.service.order(PlanFault(Target.TOKEN, Slow(delay=timedelta(minutes=1))))
    server = serve(play.service)
    url = server.__enter__()
    kept = httpx.Client(trust_env=False)
    kept.get(url + Door.LOG_ON.value)
    ends = []

    def wait():
        try:
            httpx.post(url + TOKEN_PATH, timeout=30, trust_env=False)
        except httpx.HTTPError as error:
            ends.append(type(error))

    waiting = threading.Thread(target=wait)
    waiting.start()
    while not play.happened(events.FaultMet):
        pass
    began = perf_counter()
    server.__exit__(None, None, None)

    assert perf_counter() - began < 1
    waiting.join()
    assert ends == [httpx.RemoteProtocolError]
    kept.close()


def test_an_address_in_use_is_an_error(play):
    """A port that somebody has is not taken over."""
    with serve(play.service) as url, pytest.raises(OSError, match="in use"):
        serve(play.service, port=httpx.URL(url).port).__enter__()


def test_a_lost_answer_needs_a_server_that_can_hang_up(play):
    """Under another server a lost answer is an error, not an answer; and nothing but HTTP is answered."""
    play.service.order(PlanFault(Target.TOKEN, LOST_ANSWER))
    sent = []

    async def receive():
        return {"type": "http.request"}

    async def send(message):
        sent.append(message)

    scope = {"type": "http", "method": "POST", "path": TOKEN_PATH, "query_string": b"", "headers": []}
    with pytest.raises(KeyError):
        asyncio.run(application(play.service)(scope, receive, send))
    asyncio.run(application(play.service)({"type": "websocket"}, receive, send))

    assert sent == []


def test_a_server_that_is_interrupted_as_it_begins_leaves_nothing(play, monkeypatch):
    """Ctrl-C while the thread is begun, before it runs or after, ends the server and gives its address back."""
    begin, seen = threading.Thread.start, []

    def struck(thread):
        seen.append(thread)
        if len(seen) > 1:
            begin(thread)
        raise KeyboardInterrupt

    monkeypatch.setattr(threading.Thread, "start", struck)
    for _ in range(2):
        with pytest.raises(KeyboardInterrupt), serve(play.service):
            pytest.fail("it was interrupted")

    assert [False, False] == [thread.is_alive() for thread in seen]
