"""Crowds whose refresh fails, whose leader dies, whose members leave, and whose event loop stands still."""

import asyncio
import json
import signal
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta

import pytest
from tests.faults.concurrency.conftest import PATIENCE, PROCESSES, TASKS, THREADS, client, expired

from mailup_oauth import AsyncMailUpOAuth, MailUpOAuthError, ReauthorizationRequired, StillRefreshing
from mailup_oauth.adapters.guard.host import HostGuard
from mailup_oauth.adapters.storage.sqlite import SqliteStore
from mailup_oauth.sandbox.commands import Effect, RevokeApplication
from mailup_oauth.sandbox.events import TokensRotated
from mailup_oauth.sandbox.faults import LOST_REQUEST, GatewayPage, Throttle
from mailup_oauth.testing.stage import CONNECTION

ONE_ROTATION = (1, 0, 0)
AT_ONCE = timedelta()
FAILURES = {
    "revoked": (lambda stage: stage.revoke(), "reauthorization_required refresh-token-refused", 1),
    "too-many": (lambda stage: stage.plan(*[Throttle()] * 9), "temporarily_unavailable rate-limited", 1),
    "unanswered": (lambda stage: stage.plan(*[LOST_REQUEST] * 9), "temporarily_unavailable unanswered", 3),
    "page": (lambda stage: stage.plan(*[GatewayPage(status=503)] * 9), "temporarily_unavailable unanswered", 3),
}
"""What MailUp does, what everybody is told, and how many requests that takes: a doubt is tried again twice at once."""


def told(error):
    """Return an error in words."""
    return f"{error.code} {error.reason.value if isinstance(error, ReauthorizationRequired) else error.cause}"


def refused(oauth):
    """Return in words why there is no token."""
    with pytest.raises(MailUpOAuthError) as caught:
        oauth.access_token(CONNECTION)
    return told(caught.value)


@pytest.mark.parametrize("failure", FAILURES)
def test_fault_K02_threads_and_tasks_share_a_failure(stage, gate, failure):
    """Whatever the refresh fails of: each of the crowd is told the same, and neither they nor those behind them send again."""
    fail, problem, requests = FAILURES[failure]
    expired(stage)
    fail(stage)
    sync, other = client(stage, transport=gate), client(stage, transport=gate)
    slow = stage.client(AsyncMailUpOAuth, transport=gate)

    async def tasks():
        waiting = [asyncio.create_task(slow.access_token(CONNECTION)) for _ in range(TASKS)]
        await asyncio.to_thread(gate.wait_until_reached)
        await asyncio.sleep(0)
        gate.open()
        return [told(error) for error in await asyncio.gather(*waiting, return_exceptions=True)]

    with ThreadPoolExecutor(THREADS) as crowd:
        threads = [crowd.submit(refused, oauth) for oauth in [sync, other] * (THREADS // 2)]
        gate.wait_until_reached()
        errors = asyncio.run(tasks()) + [thread.result() for thread in threads]
    second_wave = [refused(oauth) for oauth in (sync, other, client(stage, transport=gate))]

    assert {problem} == set(errors + second_wave)
    assert (TASKS + THREADS, requests) == (len(errors), gate.sent)


def test_fault_K02_processes_share_a_failure(port, crew):
    """Four processes of eight threads learn that the authorization was taken back from one request."""
    asked = token_requests(port)
    client_id, now = port.registration().client_id, port.service.now
    port.service.order(RevokeApplication(username="m1", client_id=client_id, effect=Effect.IMMEDIATE, now=now))
    answers = crew.told(crew.start("tokens", PROCESSES))

    assert [["ReauthorizationRequired refresh-token-refused"] * THREADS] * PROCESSES == answers
    assert 1 == token_requests(port) - asked


def token_requests(port):
    """Return how many requests came to the token endpoint."""
    return sum(one.path.endswith("/Token") for one in port.service.sight.heard)


# -- leaving -----------------------------------------------------------------------------------------------------------


class Barrier:
    """A place at which a flight stands still, once, until it is let on."""

    def __init__(self):
        self._armed = threading.Event()
        self.reached = threading.Event()
        self.opened = threading.Event()
        self._armed.set()

    def pass_(self):
        """Stand still if nobody did before."""
        if self._armed.is_set():
            self._armed.clear()
            self.reached.set()
            assert self.opened.wait(PATIENCE)


class Barred(SqliteStore):
    """A store before whose *which*-th commit from now on there is a barrier."""

    def __init__(self, path, which, barrier):
        super().__init__(path)
        self._left = which
        self._barrier = barrier

    def commit(self, change):
        """Stand still, and commit."""
        self._left -= 1
        if not self._left:
            self._barrier.pass_()
        return super().commit(change)


class BarredGuard(HostGuard):
    """A guard before which, or in whose hold, there is a barrier."""

    def __init__(self, folder, barrier, *, is_inside):
        super().__init__(folder)
        self._barrier = barrier
        self._is_inside = is_inside

    @contextmanager
    def hold(self, name, *, patience):
        """Stand still, and hold; or hold, and stand still."""
        if not self._is_inside:
            self._barrier.pass_()
        with super().hold(name, patience=patience):
            if self._is_inside:
                self._barrier.pass_()
            yield


class BarredWire:
    """A way to MailUp with a barrier before it or behind it."""

    def __init__(self, way, barrier, *, is_behind):
        self._way = way
        self._barrier = barrier
        self._is_behind = is_behind

    def send(self, request, *, deadline):
        """Stand still before or after MailUp has obeyed."""
        if not self._is_behind:
            self._barrier.pass_()
        exchange = self._way.send(request, deadline=deadline)
        if self._is_behind:
            self._barrier.pass_()
        return exchange


PHASES = {
    "before the guard": lambda stage, bar: {"guard": BarredGuard(stage.store.lock_folder, bar, is_inside=False)},
    "in the guard": lambda stage, bar: {"guard": BarredGuard(stage.store.lock_folder, bar, is_inside=True)},
    "before the intent": lambda stage, bar: {"store": Barred(stage.store._path, 1, bar)},
    "before the send": lambda stage, bar: {"transport": BarredWire(stage.transport, bar, is_behind=False)},
    "before the answer": lambda stage, bar: {"transport": BarredWire(stage.transport, bar, is_behind=True)},
    "before the result": lambda stage, bar: {"store": Barred(stage.store._path, 2, bar)},
}


def barred(stage, kind, phase):
    """Return a client of a kind with a barrier in a phase of its next refresh, and the barrier."""
    barrier = Barrier()
    parts = PHASES[phase](stage, barrier)
    store = parts.pop("store", stage.store)
    return kind(stage.registration, store=store, policy=stage.policy, **(stage.ports | parts)), barrier


@pytest.mark.parametrize("phase", PHASES)
def test_fault_K03_a_task_that_is_cancelled_in_any_phase_disturbs_nobody(stage, phase):
    """Wherever its flight is when the first task is cancelled: all others get one token, which was refreshed once."""
    expired(stage)
    oauth, barrier = barred(stage, AsyncMailUpOAuth, phase)

    async def crowd():
        first = asyncio.create_task(oauth.access_token(CONNECTION))
        await asyncio.to_thread(barrier.reached.wait, PATIENCE)
        others = [asyncio.create_task(oauth.access_token(CONNECTION)) for _ in range(10)]
        await asyncio.sleep(0)
        first.cancel()
        gone = await asyncio.gather(first, return_exceptions=True)
        barrier.opened.set()
        return gone[0], await asyncio.gather(*others)

    gone, tokens = asyncio.run(crowd())

    assert isinstance(gone, asyncio.CancelledError)
    assert (10, 1, 1) == (len(tokens), len({token.mark for token in tokens}), stage.happened(TokensRotated))


@pytest.mark.parametrize("phase", PHASES)
def test_fault_K03_a_thread_that_gives_up_in_any_phase_loses_nothing(stage, phase):
    """Wherever its flight is when the only caller gives up: the refresh is heard out and stored, for whoever comes next."""
    old = expired(stage)
    oauth, barrier = barred(stage, type(stage.oauth), phase)
    with pytest.raises(StillRefreshing):
        oauth.access_token(CONNECTION, timeout=AT_ONCE)
    assert barrier.reached.wait(PATIENCE)
    barrier.opened.set()
    token = client(stage).access_token(CONNECTION)

    assert (True, 1) == (token.mark != old.mark, stage.happened(TokensRotated))


def test_fault_K04_a_killed_leader_is_succeeded_by_one_of_those_who_wait(port, crew):
    """The process that holds the guard is killed after its intent: of those who wait, one sends, once, and all have T."""
    (leader,) = crew.start("leader")
    leader.stdin.write("go\n")
    leader.stdin.flush()
    assert "holding\n" == leader.stdout.readline()
    others = crew.start("follower", 2)
    asked = token_requests(port)
    with port.late() as oauth, ThreadPoolExecutor(THREADS) as crowd:
        threads = [crowd.submit(oauth.access_token, "acme") for _ in range(THREADS)]
        leader.send_signal(signal.SIGKILL)
        marks = {str(thread.result().mark) for thread in threads} | {mark for (mark,) in crew.told(others)}

    assert (1, 1, ONE_ROTATION) == (len(marks), token_requests(port) - asked, port.counted())


def test_fault_C05_and_P27_a_process_that_is_stopped_under_way_keeps_others_out_and_goes_on(port, crew):
    """A process is stopped in the middle of its refresh: nobody sends beside it; continued, it brings everybody the token."""
    (stopped,) = crew.start("follower")
    stopped.stdin.write("go\n")
    stopped.stdin.flush()
    port.wait_until_asked()
    stopped.send_signal(signal.SIGSTOP)
    with port.late() as oauth:
        with pytest.raises(StillRefreshing):
            oauth.access_token("acme", timeout=timedelta(milliseconds=500))  # MailUp answers in less
        asked = token_requests(port)
        stopped.send_signal(signal.SIGCONT)
        (told,) = json.loads(stopped.communicate(timeout=60)[0])

        assert told == str(oauth.access_token("acme").mark)
    assert (asked, ONE_ROTATION) == (token_requests(port), port.counted())


def test_fault_K09_an_event_loop_that_stands_still_sends_nothing_twice(stage, gate):
    """While the loop is blocked by somebody's careless code, the flight goes on; the tasks find its one token."""
    expired(stage)
    oauth = stage.client(AsyncMailUpOAuth, transport=gate)

    async def careless():
        tasks = [asyncio.create_task(oauth.access_token(CONNECTION)) for _ in range(TASKS)]
        await asyncio.to_thread(gate.wait_until_reached)
        gate.open()
        while not stage.happened(TokensRotated) or oauth._core.held(CONNECTION).state.grant.generation < 1:
            threading.Event().wait(0.005)  # the event loop does not run meanwhile
        done = [task for task in tasks if task.done()]
        return done, await asyncio.gather(*tasks)

    done, tokens = asyncio.run(careless())

    assert ([], 1, 1) == (done, len({token.mark for token in tokens}), stage.happened(TokensRotated))


def test_fault_K10_every_kind_of_caller_has_the_one_token(stage, gate):
    """Threads, and tasks of three event loops, over clients of both kinds, wait for one request and get one token."""
    expired(stage)
    sync, slow = client(stage, transport=gate), stage.client(AsyncMailUpOAuth, transport=gate)

    async def tasks():
        return await asyncio.gather(*(slow.access_token(CONNECTION) for _ in range(10)))

    with ThreadPoolExecutor(THREADS + 3) as crowd:
        loops = [crowd.submit(lambda: asyncio.run(tasks())) for _ in range(3)]
        threads = [crowd.submit(sync.access_token, CONNECTION) for _ in range(THREADS)]
        gate.wait_until_reached()
        gate.open()
        marks = [token.mark for loop in loops for token in loop.result()] + [one.result().mark for one in threads]

    assert (30 + THREADS, 1, 1) == (len(marks), len(set(marks)), gate.sent)
