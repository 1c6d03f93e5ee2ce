"""A store that takes long over everything: who waits is told in time, and nothing is sent twice."""

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from tests.faults.storage.conftest import client_over

from mailup_oauth import AsyncMailUpOAuth, StillRefreshing
from mailup_oauth.adapters.storage.sqlite import SqliteStore
from mailup_oauth.sandbox.events import TokensRotated
from mailup_oauth.testing.stage import CONNECTION

TEN_SECONDS = timedelta(seconds=10)
CROWD = 8
A_WHILE = 10.0  # seconds after which a test that waits for a thread has failed


class Slow(SqliteStore):
    """A store that lets time pass at every call."""

    def __init__(self, path, *passing):
        super().__init__(path)
        self._passing = passing

    def load(self, connection):
        """Read, slowly."""
        self._pass()
        return super().load(connection)

    def commit(self, change):
        """Write, slowly."""
        self._pass()
        return super().commit(change)

    def _pass(self):
        for deed in self._passing:
            deed()


def test_fault_S14_ten_seconds_a_call_cost_time_and_nothing_else(house):
    """Over a store that takes ten seconds for every call, one refresh is sent, and its token is stored and handed out."""
    store = Slow(house.database, lambda: house.stage.clock.move(TEN_SECONDS))
    began = house.stage.clock.now()
    token = client_over(house, store).access_token(CONNECTION)
    took = house.stage.clock.now() - began

    assert (1, True) == (house.stage.happened(TokensRotated), took > 4 * TEN_SECONDS)
    assert token.mark == house.client().access_token(CONNECTION).mark
    assert token.expires_at <= began + timedelta(hours=1) + took


def test_fault_S14_a_crowd_over_a_slow_store_sends_once(house):
    """Eight threads with a client and a store of their own, each call of which really takes a while, send one refresh."""
    stores = [Slow(house.database, lambda: threading.Event().wait(0.03)) for _ in range(CROWD)]
    clients = [client_over(house, store) for store in stores]
    with ThreadPoolExecutor(CROWD) as crowd:
        marks = set(crowd.map(lambda oauth: oauth.access_token(CONNECTION).mark, clients))

    assert (1, 1) == (len(marks), house.stage.happened(TokensRotated))


class Stuck:
    """A store's disk that does not answer before it is let."""

    def __init__(self):
        self._freed = threading.Event()
        self.reached = threading.Event()
        self.is_on = False

    def __call__(self):
        """Wait, if it is on."""
        if self.is_on:
            self.reached.set()
            assert self._freed.wait(A_WHILE)

    def free(self):
        """Let it answer from now on."""
        self._freed.set()


class StuckWriting(SqliteStore):
    """A store that reads as ever, and whose writes get stuck."""

    def __init__(self, path, stuck):
        super().__init__(path)
        self._stuck = stuck

    def commit(self, change):
        """Get stuck, and write."""
        self._stuck()
        return super().commit(change)


@pytest.mark.parametrize("facade", ["sync", "async"])
def test_fault_S14_who_cannot_wait_leaves_a_stuck_store_behind(house, facade):
    """Callers whose own timeouts pass are told so while the store still stands still; then one refresh is stored."""
    stuck = Stuck()
    stuck.is_on = True
    stage, store = house.stage, StuckWriting(house.database, stuck)
    if facade == "sync":
        oauth = client_over(house, store)
        errors = [refused(oauth) for _ in range(3)]
    else:
        ports = {"transport": house.wire, "clock": stage.clock, "entropy": stage.entropy}
        oauth = AsyncMailUpOAuth(stage.registration, store=store, **ports)
        errors = asyncio.run(all_refused(oauth))
    sent = stage.happened(TokensRotated)
    stuck.free()
    token = house.client().access_token(CONNECTION)

    assert ([StillRefreshing] * 3, 0, 1) == ([type(error) for error in errors], sent, stage.happened(TokensRotated))
    assert token.mark != house.token.mark


def refused(oauth):
    """Return the error of a caller who does not wait."""
    with pytest.raises(StillRefreshing) as caught:
        oauth.access_token(CONNECTION, timeout=timedelta(milliseconds=20))
    return caught.value


async def all_refused(oauth):
    """Return the errors of three tasks that do not wait."""
    waiting = [oauth.access_token(CONNECTION, timeout=timedelta(milliseconds=20)) for _ in range(3)]
    return await asyncio.gather(*waiting, return_exceptions=True)


def test_fault_S14_a_stuck_store_stops_no_event_loop(house):
    """While reading gets stuck, the event loop goes on, and a task that does not want to wait may be cancelled."""
    stuck, stage = Stuck(), house.stage
    oauth = AsyncMailUpOAuth(
        stage.registration,
        store=Slow(house.database, stuck),
        transport=house.wire,
        clock=stage.clock,
        entropy=stage.entropy,
    )
    stuck.is_on = True

    async def leave():
        waiting = asyncio.create_task(oauth.access_token(CONNECTION))
        while not stuck.reached.is_set():  # noqa: ASYNC110  # a thread sets it
            await asyncio.sleep(0)
        waiting.cancel()
        gone = (await asyncio.gather(waiting, return_exceptions=True))[0]
        stuck.free()
        return gone, await oauth.access_token(CONNECTION)

    gone, token = asyncio.run(leave())

    assert isinstance(gone, asyncio.CancelledError)
    assert (1, True) == (stage.happened(TokensRotated), token.mark != house.token.mark)
