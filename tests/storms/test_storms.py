"""One expired token and a crowd: one token request, everybody served, nothing reused (reliability.md K1, K3, K4, K10)."""

import asyncio
import json
import signal
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from mailup_oauth import AsyncMailUpOAuth
from mailup_oauth.domain.errors import StillRefreshing

ONE_ROTATION = (1, 0, 0)
"""One rotation, no reuse, no revoked family, as MailUp counted them."""


def one_mark(tokens):
    """Return the one mark that all tokens have."""
    (mark,) = {str(token.mark) for token in tokens}
    return mark


def test_fault_K01_threads(port):
    """Fifty threads with one expired token send one token request, and all get the same new token."""
    with port.late() as oauth, ThreadPoolExecutor(50) as crowd:
        tokens = list(crowd.map(lambda _: oauth.access_token("acme"), range(50)))

    assert (50, ONE_ROTATION) == (len(tokens), port.counted())
    assert one_mark(tokens)


def test_fault_K01_threads_with_a_client_each(port):
    """It does not matter that everybody has a client object, and a store object, of their own."""
    clients = [port.late() for _ in range(12)]
    with ThreadPoolExecutor(12) as crowd:
        tokens = list(crowd.map(lambda oauth: oauth.access_token("acme"), clients))
    for oauth in clients:
        oauth.close()

    assert (12, ONE_ROTATION) == (len(tokens), port.counted())
    assert one_mark(tokens)


def test_fault_K01_tasks(port):
    """Two hundred tasks with one expired token send one token request."""

    async def crowd():
        async with port.late(AsyncMailUpOAuth) as oauth:
            return await asyncio.gather(*(oauth.access_token("acme") for _ in range(200)))

    tokens = asyncio.run(crowd())

    assert (200, ONE_ROTATION) == (len(tokens), port.counted())
    assert one_mark(tokens)


def test_fault_K10_several_loops_and_threads(port):
    """Tasks of several event loops and plain threads share one flight."""
    slow, sync = port.late(AsyncMailUpOAuth), port.late()

    async def tasks():
        return await asyncio.gather(*(slow.access_token("acme") for _ in range(20)))

    with ThreadPoolExecutor(24) as crowd:
        loops = [crowd.submit(asyncio.run, tasks()) for _ in range(4)]
        threads = [crowd.submit(sync.access_token, "acme") for _ in range(20)]
        tokens = [token for loop in loops for token in loop.result()] + [thread.result() for thread in threads]
    sync.close()

    assert (100, ONE_ROTATION) == (len(tokens), port.counted())
    assert one_mark(tokens)


@pytest.mark.parametrize(("mode", "each"), [("threads", 10), ("tasks", 50)])
def test_fault_K01_processes(port, mode, each):
    """Four processes of many callers with one expired token send one token request."""
    workers = [port.worker(mode) for _ in range(4)]
    for worker in workers:
        assert "ready\n" == worker.stdout.readline()
    for worker in workers:
        worker.stdin.write("go\n")
        worker.stdin.flush()
    answers = [worker.communicate(timeout=60) for worker in workers]
    marks = [mark for answer, _ in answers for mark in json.loads(answer)]

    assert (4 * each, 1, ONE_ROTATION) == (len(marks), len(set(marks)), port.counted())
    assert [""] * 4 == [complaint for _, complaint in answers]


def test_fault_K03_first_task_cancelled(port):
    """The caller who caused the flight is cancelled; the flight goes on and everybody else is served."""

    async def crowd():
        async with port.late(AsyncMailUpOAuth) as oauth:
            first = asyncio.create_task(oauth.access_token("acme"))
            others = [asyncio.create_task(oauth.access_token("acme")) for _ in range(20)]
            await until_asked(port)
            first.cancel()
            tokens = await asyncio.gather(*others)
            return first.cancelled(), tokens

    cancelled, tokens = asyncio.run(crowd())

    assert (True, 20, ONE_ROTATION) == (cancelled, len(tokens), port.counted())


def test_fault_K03_loop_closed(port):
    """The event loop of the first caller ends in the middle of the flight; the token is stored all the same."""
    oauth = port.late(AsyncMailUpOAuth)

    async def leave():
        waiting = asyncio.create_task(oauth.access_token("acme"))
        await until_asked(port)
        waiting.cancel()

    asyncio.run(leave())
    tokens = asyncio.run(again(oauth))

    assert (1, ONE_ROTATION) == (len(tokens), port.counted())


def test_fault_K03_own_deadline(port):
    """A caller whose own timeout passes leaves; the flight goes on, and the next caller has its token."""
    with port.late() as oauth:
        with pytest.raises(StillRefreshing):
            oauth.access_token("acme", timeout=timedelta(milliseconds=50))
        token = oauth.access_token("acme")

    assert token.expires_at
    assert ONE_ROTATION == port.counted()


def test_fault_K03_ctrl_c(port):
    """A process interrupted by Ctrl-C in the middle of a refresh ends as one should, and the new token is stored."""
    worker = port.worker("interrupted")
    assert "ready\n" == worker.stdout.readline()
    worker.stdin.write("go\n")
    worker.stdin.flush()
    port.wait_until_asked()
    worker.send_signal(signal.SIGINT)
    said, _ = worker.communicate(timeout=30)
    with port.late() as oauth:
        oauth.access_token("acme")

    assert ("interrupted\n", 130, ONE_ROTATION) == (said, worker.returncode, port.counted())


async def again(oauth):
    """Return a token on a new event loop."""
    return [await oauth.access_token("acme")]


async def until_asked(port):
    """Return once the token request has reached MailUp."""
    await asyncio.to_thread(port.wait_until_asked)
