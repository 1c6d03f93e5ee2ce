"""Whoever waits may leave: by timeout, by cancellation, with its event loop; what has left for MailUp comes home."""

import asyncio
import gc
import threading
from concurrent.futures import Future, ThreadPoolExecutor, wait
from datetime import timedelta

import pytest

from mailup_oauth import AsyncMailUpOAuth, MailUpOAuth, StillRefreshing, StoreUnavailable
from mailup_oauth.client import asynchronous, sync
from mailup_oauth.engine import FLIGHTS
from mailup_oauth.sandbox.events import CodeExchanged, TokensRotated
from mailup_oauth.testing.stage import CONNECTION

AT_ONCE = timedelta()
FOR_EVER = timedelta.max


def landed(stage):
    """Wait for every flight of a stage, until it has told everybody that it landed."""
    wait(FLIGHTS.aloft(stage.store.identity))
    for thread in threading.enumerate():
        if thread.name.startswith("mailup-oauth-"):
            thread.join()


@pytest.fixture
def late(stage, gate):
    """Give a client of a connection whose token is over, and which MailUp keeps waiting."""
    stage.connect()
    stage.expire()
    return stage.client(MailUpOAuth, transport=gate)


@pytest.fixture
def late_twin(stage, gate, late):
    """Give its asynchronous twin."""
    return stage.client(AsyncMailUpOAuth, transport=gate)


def asked(oauth, how):
    """Ask for a token in one of the three ways, and do not wait for it."""
    if how == "report_rejected":
        token = oauth.access_token(CONNECTION)
        return lambda: oauth.report_rejected(CONNECTION, token, timeout=AT_ONCE)
    return lambda: getattr(oauth, how)(CONNECTION, timeout=AT_ONCE)


def test_nobody_waits_for_a_renewal_in_advance(stage, gate):
    """While a token that is due still works, callers get it though MailUp does not answer; then they get the new one."""
    stage.connect()
    oauth = stage.client(MailUpOAuth, transport=gate)
    old = oauth.access_token(CONNECTION)
    stage.clock.move(timedelta(minutes=50))
    marks = [oauth.access_token(CONNECTION, timeout=AT_ONCE).mark for _ in range(3)]
    gate.wait_until_reached()
    gate.open()
    landed(stage)
    stage.clock.move(timedelta(seconds=1))

    assert [old.mark] * 3 == marks
    assert old.mark != oauth.access_token(CONNECTION, timeout=AT_ONCE).mark
    assert 1 == stage.happened(TokensRotated)


@pytest.mark.parametrize("how", ["access_token", "refresh", "report_rejected"])
def test_whoever_does_not_wait_is_told_so_and_the_token_comes_all_the_same(stage, gate, how):
    """A call that does not wait raises ``StillRefreshing``; its flight lands later, once, and is stored."""
    stage.connect()
    oauth = stage.client(MailUpOAuth, transport=gate)
    ask = asked(oauth, how)
    if how == "access_token":
        stage.expire()
    for _ in range(2):
        with pytest.raises(StillRefreshing):
            ask()
    gate.open()
    landed(stage)

    assert ("Refreshed", 1) == (oauth.status(CONNECTION).state, oauth.status(CONNECTION).generation)
    assert 1 == stage.happened(TokensRotated)


def test_a_task_that_does_not_wait_is_told_so_too(stage, gate, late_twin):
    """The asynchronous client does the same, though the loop of the caller is gone when the answer comes."""
    with pytest.raises(StillRefreshing):
        asyncio.run(late_twin.access_token(CONNECTION, timeout=AT_ONCE))
    gate.open()
    landed(stage)

    assert 1 == stage.happened(TokensRotated) == stage.oauth.status(CONNECTION).generation


def test_a_code_whose_caller_left_connects_all_the_same(stage, gate):
    """``complete`` that did not wait is finished in the background; the same browser is then told that it is connected."""
    oauth = stage.client(MailUpOAuth, transport=gate)
    start = oauth.begin(CONNECTION)
    address = stage.visit(start)
    with pytest.raises(StillRefreshing):
        oauth.complete(address, binding=start.binding, timeout=AT_ONCE)
    gate.open()

    assert "Authorized" == oauth.complete(address, binding=start.binding).state
    assert 1 == stage.happened(CodeExchanged)


def test_a_cancelled_task_ends_its_wait_and_nobody_elses(stage, gate, late_twin):
    """When one of two tasks is cancelled, the other gets the token that both wanted."""

    async def crowd():
        one, other = (asyncio.ensure_future(late_twin.access_token(CONNECTION)) for _ in range(2))
        await asyncio.to_thread(gate.wait_until_reached)
        one.cancel()
        await asyncio.wait((one,))
        gate.open()
        return one.cancelled(), await other

    cancelled, token = asyncio.run(crowd())

    assert cancelled
    assert token.mark == stage.oauth.access_token(CONNECTION).mark
    assert 1 == stage.happened(TokensRotated)


def abandoned(oauth, gate):
    """Ask for a token in an event loop that is closed while the task still waits."""
    loop = asyncio.new_event_loop()
    task = loop.create_task(oauth.access_token(CONNECTION))
    loop.run_until_complete(asyncio.to_thread(gate.wait_until_reached))
    loop.run_until_complete(loop.shutdown_default_executor())
    loop.close()
    return task


def test_a_loop_that_is_closed_takes_no_token_along(stage, gate, late_twin, ear):
    """A flight whose waiting task lost its event loop lands, is stored, and complains to nobody."""
    task = abandoned(late_twin, gate)
    gate.open()
    landed(stage)

    assert not task.done()
    assert 1 == stage.happened(TokensRotated) == stage.oauth.status(CONNECTION).generation
    assert [] == [line for line in ear.heard if not line.startswith(("mailup_oauth", "asyncio Using selector"))]
    task._log_destroy_pending = False  # it never ends, and asyncio would say so when the test is over


class Broken:
    """A transport that breaks its promise and raises, once its gate is open."""

    def __init__(self, gate):
        self._gate = gate

    def send(self, request, *, deadline):
        """Raise what a transport never should."""
        self._gate.send(request, deadline=deadline)
        raise ZeroDivisionError


def test_a_failure_that_nobody_waits_for_is_no_noise(stage, gate, late, ear, coroner):
    """A flight that fails when everybody has left says nothing in any log; whoever asks next finds out."""
    gc.collect()  # what other tests left behind may tell of its end, but not into this one
    ear.heard.clear()
    oauth = stage.client(AsyncMailUpOAuth, transport=Broken(gate))

    async def leave():
        with pytest.raises(StillRefreshing):
            await oauth.access_token(CONNECTION, timeout=AT_ONCE)
        gate.open()
        await asyncio.to_thread(landed, stage)

    asyncio.run(leave())
    coroner.kept.clear()
    gc.collect()  # what asyncio complains of, it complains of when it is forgotten

    assert [] == [line for line in ear.heard if not line.startswith(("mailup_oauth", "asyncio Using selector"))]
    assert "refresh-in-flight" == stage.oauth.status(CONNECTION).owed


def test_what_is_not_the_librarys_own_failure_is_passed_on_as_it_is(stage, gate, late):
    """An exception that a port should never have raised reaches whoever waits, under its own name."""
    gate.open()
    twin = stage.client(AsyncMailUpOAuth, transport=Broken(gate))
    with pytest.raises(ZeroDivisionError):
        stage.client(MailUpOAuth, transport=Broken(gate)).access_token(CONNECTION)

    with pytest.raises(ZeroDivisionError):
        asyncio.run(twin.refresh(CONNECTION))


def in_threads(late, late_twin, fail):
    """Return what three threads are raised."""
    with ThreadPoolExecutor(3) as crowd:
        calls = [crowd.submit(late.refresh, CONNECTION) for _ in range(3)]
        fail()
        return [call.exception() for call in calls]


def in_tasks(late, late_twin, fail):
    """Return what three tasks are raised."""

    async def crowd():
        calls = [asyncio.ensure_future(late_twin.refresh(CONNECTION)) for _ in range(3)]
        await asyncio.to_thread(fail)
        return await asyncio.gather(*calls, return_exceptions=True)

    return asyncio.run(crowd())


@pytest.mark.parametrize("asking", [in_threads, in_tasks])
def test_every_waiter_gets_an_exception_of_their_own(asking, gate, late, late_twin, store):
    """Callers whose flight fails do not share its exception, so no traceback grows by another's frames."""

    def fail():
        gate.wait_until_reached()
        store.breaks = StoreUnavailable("gone")
        gate.open()

    errors = asking(late, late_twin, fail)

    assert ["StoreUnavailable(problem='gone')"] * 3 == list(map(repr, errors))
    assert 4 == len({id(error) for error in (*errors, store.breaks)})


def test_what_has_landed_is_not_too_late_for_whoever_does_not_wait():
    """A caller without any patience still gets what is there already."""
    flight = Future()
    flight.set_result("landed")

    assert "landed" == sync._landed(flight, AT_ONCE) == asyncio.run(asynchronous._landed(flight, AT_ONCE))


def test_there_is_no_wait_too_long(stage):
    """The longest time there is may be waited for by both kinds of client."""
    stage.connect()
    twin = stage.client(AsyncMailUpOAuth)
    first = stage.oauth.refresh(CONNECTION, timeout=FOR_EVER)
    second = asyncio.run(twin.refresh(CONNECTION, timeout=FOR_EVER))

    assert first.mark != second.mark == twin._core.pictures.token(CONNECTION).mark
