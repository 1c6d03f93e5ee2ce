"""Flights are shared by all who want the same, and go to their end whatever becomes of those who wait."""

import subprocess
import sys
import threading
from concurrent.futures import CancelledError, ThreadPoolExecutor
from pathlib import Path

import pytest

from mailup_oauth import StoreUnavailable
from mailup_oauth.engine import FlightKey, Flights

PASSENGER = Path(__file__).with_name("passenger.py")
PATIENCE = 10.0  # seconds after which a test that waits for a thread has failed
LARGER_THAN_ANY_MACHINE = 1 << 46
"""Bytes of a stack that no thread can get."""


def key(connection="acme", kind="renew", store="store"):
    """Return a flight's key."""
    return FlightKey(store=store, connection=connection, kind=kind)


class Journey:
    """A journey that goes on until it is let, and counts how often it was made."""

    def __init__(self, error=None):
        self._let = threading.Event()
        self._error = error
        self.made = 0
        self.thread = None

    def __call__(self):
        """Go."""
        self.made += 1
        self.thread = threading.current_thread()
        assert self._let.wait(PATIENCE)
        if self._error:
            raise self._error
        return "landed"

    def end(self):
        """Let it come to its end."""
        self._let.set()


@pytest.fixture
def flights():
    """Give a board of the test's own."""
    return Flights()


@pytest.fixture
def journey():
    """Give a journey, and see that it ends."""
    one = Journey()
    yield one
    one.end()


def test_whoever_wants_the_same_joins_the_flight(flights, journey):
    """While a flight is in the air, everybody who wants the same gets its future, and no other journey is made."""
    boarded = [flights.board(key(), journey), *(flights.board(key(), Journey()) for _ in range(50))]
    journey.end()

    assert {"landed"} == {flight.result(PATIENCE) for flight in boarded}
    assert (1, 1) == (journey.made, len(set(map(id, boarded))))


def test_a_crowd_of_threads_boards_one_flight(flights, journey):
    """However many threads come at the same time, one of them starts the flight and all share it."""
    together = threading.Barrier(20)

    def come(_):
        together.wait(PATIENCE)
        return flights.board(key(), journey)

    with ThreadPoolExecutor(20) as crowd:
        boarded = list(crowd.map(come, range(20)))
    journey.end()

    assert ({"landed"}, 1) == ({flight.result(PATIENCE) for flight in boarded}, journey.made)


@pytest.mark.parametrize("other", [key(connection="other"), key(kind="refresh"), key(store="other")])
def test_whoever_wants_something_else_flies_alone(flights, journey, other):
    """Another store, connection or kind is another flight, and does not wait for this one."""
    flights.board(key(), journey)

    assert "alone" == flights.board(other, lambda: "alone").result(PATIENCE)


def test_a_flight_that_landed_is_over(flights):
    """After its landing the next one who wants the same starts a new flight."""
    results = [flights.board(key(), lambda number=number: number).result(PATIENCE) for number in range(3)]

    assert [0, 1, 2] == results


def test_a_flight_leaves_the_board_before_anybody_sees_how_it_ended(flights, journey):
    """Whoever is woken by a landing and boards again starts a new flight, and never the old one."""
    seen = []
    flights.board(key(), journey).add_done_callback(lambda _: seen.append(flights.aloft("store")))
    (flight,) = flights.aloft("store")
    journey.end()
    flight.result(PATIENCE)
    journey.thread.join(PATIENCE)

    assert [()] == seen


def test_the_flights_of_one_store_are_known(flights, journey):
    """Whoever wants to wait for the flights of a store gets those, and no others."""
    mine = {flights.board(key(connection=name), journey) for name in ("one", "two")}
    flights.board(key(store="other"), journey)

    assert mine == set(flights.aloft("store"))


def test_nobody_can_call_a_flight_off(flights, journey):
    """A waiter's cancellation has no effect, not even before the flight's first step."""
    flight = flights.board(key(), journey)
    cancelled = flight.cancel()
    journey.end()

    assert not cancelled
    assert "landed" == flight.result(PATIENCE)


def test_whoever_leaves_early_does_no_harm(flights, journey):
    """A waiter whose time is over leaves; the flight goes on and the others get what it brings."""
    flight = flights.board(key(), journey)
    with pytest.raises(TimeoutError):
        flight.result(0)
    journey.end()

    assert "landed" == flight.result(PATIENCE)


@pytest.mark.parametrize("error", [StoreUnavailable("gone"), ZeroDivisionError(), SystemExit(), CancelledError()])
def test_a_failure_reaches_everybody(flights, error):
    """Whatever ends a journey, be it meant to end a process, is seen by all who wait, and the board is free again."""
    journey = Journey(error)
    boarded = [flights.board(key(), journey) for _ in range(3)]
    journey.end()

    assert [error] * 3 == [flight.exception(PATIENCE) for flight in boarded]
    assert "again" == flights.board(key(), lambda: "again").result(PATIENCE)


def test_a_flight_has_a_thread_that_is_waited_for(flights, journey):
    """A flight's thread says what it does and is no daemon, so that the process does not end before it."""
    flights.board(key(kind="refresh"), journey)

    assert not next(thread for thread in threading.enumerate() if thread.name == "mailup-oauth-refresh").daemon


@pytest.fixture
def no_threads():
    """Let no thread be started: each would want a larger stack than there is memory to give addresses to."""
    before = threading.stack_size(LARGER_THAN_ANY_MACHINE)
    yield
    threading.stack_size(before)


def test_where_no_thread_can_be_had_the_flight_is_flown_here(flights, no_threads):
    """When the system gives no thread, the journey is made by whoever boards, and ends the same."""
    with pytest.raises(RuntimeError):
        threading.Thread(target=print).start()
    here = flights.board(key(), threading.current_thread)
    failed = flights.board(key(), Journey(ZeroDivisionError()).end)

    assert threading.current_thread() is here.result(0)
    assert failed.done()
    assert () == flights.aloft("store")


ENDINGS = ("ending", "leaving", "failing", "interrupted")


@pytest.fixture(scope="module")
def told_by():
    """Run the passenger in all its ways, side by side, and give what each said."""
    running = {
        mode: subprocess.Popen([sys.executable, str(PASSENGER), mode], stdout=-1, stderr=-1, text=True)
        for mode in (*ENDINGS, "exiting", "forking")
    }
    return {mode: process.communicate(timeout=60)[0].splitlines() for mode, process in running.items()}


@pytest.mark.parametrize("mode", ENDINGS)
def test_the_process_does_not_end_before_its_flights(mode, told_by):
    """However the main thread ends, a flight in the air lands before the process is gone."""

    assert ["landed"] == told_by[mode]


def test_a_flight_of_an_exit_handler_lands_too(told_by):
    """A flight that is begun while the interpreter is ending is flown to its end, by a thread or without one."""

    assert ["handler is over", "landed"] == sorted(told_by["exiting"])


def test_fault_P27_a_forked_child_starts_with_no_flight(told_by):
    """A child of a fork knows no flight of its parent, flies alone, and leaves the parent's alone."""

    assert ["child finds 0", "child flies alone", "parent finds 1", "parent lands True"] == told_by["forking"]
