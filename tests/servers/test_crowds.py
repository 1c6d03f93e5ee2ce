"""Crowds with one expired token, before servers that end an authorization for a reuse; their records are the referee."""

import asyncio
import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from mailup_oauth import AsyncMailUpOAuth, DeathCause, NotConnected, ReauthorizationRequired

WORKER = Path(__file__).with_name("worker.py")
EVERY = ("authlib", "dot", "dot-grace")
THREADS, TASKS = 8, 100


def threads(acme):
    """Ask on eight threads at once, and return the tokens and errors."""
    with acme.late() as oauth, ThreadPoolExecutor(THREADS) as crowd:
        asked = [crowd.submit(oauth.access_token, "acme") for _ in range(THREADS)]
        acme.let_pass()
        return [one.exception() or one.result() for one in asked]


def tasks(acme):
    """Ask in a hundred tasks at once, and return the tokens and errors."""

    async def crowd():
        async with acme.late(AsyncMailUpOAuth) as oauth:
            asked = [asyncio.create_task(oauth.access_token("acme")) for _ in range(TASKS)]
            await asyncio.to_thread(acme.let_pass)
            return await asyncio.gather(*asked, return_exceptions=True)

    return asyncio.run(crowd())


CROWDS = {"threads": (threads, THREADS), "tasks": (tasks, TASKS)}
PAIRS = [pytest.param(kind, crowd, id=f"{kind}-{crowd}") for kind in EVERY for crowd in CROWDS]


@pytest.mark.parametrize(("kind", "crowd"), PAIRS)
def test_fault_K01_one_request_for_a_crowd(tenant, kind, crowd):
    """One token request serves everybody with the same token, and the server saw no reuse."""
    ask, many = CROWDS[crowd]
    acme = tenant(kind).connected()
    acme.relay.hold()
    marks = [str(token.mark) for token in ask(acme)]

    assert (many, 1, 1) == (len(marks), len(set(marks)), acme.relay.carried)
    assert ([200], [(2, 1)]) == (acme.answered(), acme.families())


@pytest.mark.parametrize("kind", [pytest.param(kind, id=f"{kind}-processes") for kind in EVERY])
def test_fault_K01_one_request_for_processes(tenant, kind):
    """Four processes of eight threads over one store file send one token request, and all have the same token."""
    acme = tenant(kind).connected()
    acme.relay.hold()
    workers = [
        subprocess.Popen(
            [sys.executable, str(WORKER), acme.order(threads=THREADS)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(4)
    ]
    for worker in workers:
        assert "ready\n" == worker.stdout.readline()
    for worker in workers:
        worker.stdin.write("go\n")
        worker.stdin.flush()
    acme.let_pass()
    answers = [worker.communicate(timeout=60) for worker in workers]
    marks = [one for said, _ in answers for one in json.loads(said)]

    assert [""] * 4 == [complaint for _, complaint in answers]
    assert (4 * THREADS, 1, 1) == (len(marks), len(set(marks)), acme.relay.carried)
    assert ([200], [(2, 1)]) == (acme.answered(), acme.families())


@pytest.mark.parametrize(("kind", "crowd"), PAIRS)
def test_fault_K02_one_refusal_for_a_crowd(tenant, kind, crowd):
    """The user's grant was revoked: one request finds out, everybody meets the same error, and nobody asks again."""
    ask, many = CROWDS[crowd]
    acme = tenant(kind).connected()
    acme.house.order("revoke", acme.username)
    acme.relay.hold()
    errors = ask(acme)
    with acme.late() as oauth, pytest.raises(ReauthorizationRequired) as caught:
        oauth.access_token("acme")

    expected = [(ReauthorizationRequired, DeathCause.REFRESH_TOKEN_REFUSED)] * (many + 1)
    assert expected == [(type(error), error.reason) for error in (*errors, caught.value)]
    assert (1, [400]) == (acme.relay.carried, acme.answered())


@pytest.mark.parametrize("kind", EVERY)
def test_fault_K06_two_tabs(tenant, kind):
    """A user who connects in two tabs at once is connected by both; the later one's grant is used, and is renewed."""
    acme = tenant(kind)
    with acme.client() as oauth:
        first, second = oauth.begin("acme"), oauth.begin("acme")
        ends = [(acme.visit(one.url.reveal()), one.binding) for one in (first, second)]
        states = [oauth.complete(callback, binding=binding).state for callback, binding in ends]
        oauth.refresh("acme")

    assert ["Authorized", "Authorized"] == states
    assert [(1, 1), (2, 1)] == acme.families()


@pytest.mark.parametrize("kind", EVERY)
def test_fault_K07_reauthorized_during_a_refresh(tenant, kind):
    """A user who authorizes anew while the old grant is being renewed gets the new one, and it is what is renewed next."""
    acme = tenant(kind).connected()
    acme.relay.hold()
    with acme.client() as oauth, ThreadPoolExecutor(2) as crowd:
        refresh = crowd.submit(oauth.refresh, "acme")
        acme.relay.arrived.wait()
        again = crowd.submit(acme.connect, oauth)
        acme.let_pass()
        refresh.result()

        assert ("Authorized", 0) == (again.result().state, again.result().generation)
        oauth.refresh("acme")
    assert ([200, 200, 200], [(2, 1), (2, 1)]) == (acme.answered(), acme.families())


@pytest.mark.parametrize("kind", EVERY)
def test_fault_K08_disconnected_during_a_refresh(tenant, kind):
    """Whoever disconnects while a refresh is under way has disconnected; what it brings is dropped, and its caller told."""
    acme = tenant(kind).connected()
    acme.relay.hold()
    with acme.late() as oauth, ThreadPoolExecutor(1) as crowd:
        refresh = crowd.submit(oauth.access_token, "acme")
        acme.relay.arrived.wait()
        farewell = oauth.disconnect("acme")
        acme.let_pass()
        with pytest.raises(NotConnected):
            refresh.result()

        assert (True, "Unregistered") == (farewell.was_connected, oauth.status("acme").state)
    assert ([200], [(2, 1)]) == (acme.answered(), acme.families())
