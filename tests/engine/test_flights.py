"""Flights are shared by all who want the same, and go to their end whatever becomes of those who wait."""

import subprocess
import sys
import threading
from concurrent.futures import CancelledError, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from mailup_oauth import StoreUnavailable, TemporarilyUnavailable
from mailup_oauth.engine import FlightKey, Flights

PASSENGER = Path(__file__).with_name("passenger.py")
PATIENCE = 10.0  # seconds after which a test that waits for a thread has failed
A_MOMENT = 0.05  # seconds in which a thread that has nothing to wait for would be over
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
    flight = flights.board(key(kind="refresh"), journey)
    journey.end()
    flight.result(PATIENCE)

    assert ("mailup-oauth-refresh", False) == (journey.thread.name, journey.thread.daemon)


def test_the_exit_handler_of_a_board_returns_when_its_flights_have_landed(monkeypatch, journey):
    """What a board leaves to be called at the end of the interpreter waits for whoever is in the air, and no longer."""
    with monkeypatch.context() as patched:
        handlers = []
        patched.setattr("atexit.register", handlers.append)
        flights = Flights()
    (settle,) = handlers
    flight = flights.board(key(), journey)
    ending = threading.Thread(target=settle)
    ending.start()
    ending.join(A_MOMENT)

    assert ending.is_alive()
    journey.end()
    ending.join(PATIENCE)
    assert (False, True) == (ending.is_alive(), flight.done())


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


@pytest.fixture
def instead(monkeypatch):
    """Let something else happen for a while when a thread is begun."""

    @contextmanager
    def instead(begin):
        with monkeypatch.context() as patched:
            patched.setattr("mailup_oauth.engine.flights.start_new_thread", begin)
            yield

    return instead


def test_where_a_thread_gives_no_other_the_flight_is_flown_on_it(flights, instead, monkeypatch):
    """When the system gives the bare thread and not the flight's own, the journey is made on the bare one."""

    def refuse(_):
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refuse)
    with instead(lambda begin, words: begin(*words)):
        flown = flights.board(key(), threading.get_ident).result(0)

    assert threading.get_ident() == flown
    assert () == flights.aloft("store")


def test_a_flight_whose_boarding_was_interrupted_is_called_off(flights, instead):
    """Ctrl-C before the thread is begun: the others that had joined are told to try again, and the board is free."""
    joined = []

    def interrupted(*_):
        joined.append(flights.board(key(), Journey()))
        raise KeyboardInterrupt

    with instead(interrupted), pytest.raises(KeyboardInterrupt):
        flights.board(key(), Journey())

    with pytest.raises(TemporarilyUnavailable, match="interrupted"):
        joined[0].result(0)
    assert "again" == flights.board(key(), lambda: "again").result(PATIENCE)


class Struck(dict):
    """A board at which Ctrl-C strikes before anything is on it."""

    def setdefault(self, *_):
        """Be interrupted."""
        raise KeyboardInterrupt


def test_ctrl_c_before_a_flight_is_on_the_board_leaves_the_one_that_is_there(flights, journey):
    """Whoever would have joined is interrupted; the flight that is in the air stays known, and lands."""
    flight = flights.board(key(), journey)
    flights._aloft = Struck(flights._aloft)
    with pytest.raises(KeyboardInterrupt):
        flights.board(key(), Journey())

    assert (flight,) == flights.aloft("store")
    journey.end()
    assert "landed" == flight.result(PATIENCE)


def test_a_flight_that_was_called_off_is_not_made_later(flights, instead):
    """A thread that comes to run only after its boarding was interrupted makes no journey."""
    journey, late = Journey(), []

    def interrupted(begin, words):
        late.append(lambda: begin(*words))
        raise KeyboardInterrupt

    with instead(interrupted), pytest.raises(KeyboardInterrupt):
        flights.board(key(), journey)
    late[0]()
    for thread in threading.enumerate():
        if thread.name == "mailup-oauth-renew" and thread.ident:  # another test's may just be being begun
            thread.join(PATIENCE)

    assert 0 == journey.made


def test_a_flight_that_flies_already_is_not_called_off(flights, instead, journey):
    """Ctrl-C after the thread is begun reaches whoever boarded, and does the flight no harm."""

    def interrupted(begin, words):
        begin(*words)
        while not journey.made:
            pass
        raise KeyboardInterrupt

    with instead(interrupted), pytest.raises(KeyboardInterrupt):
        flights.board(key(), journey)
    (flight,) = flights.aloft("store")
    journey.end()

    assert "landed" == flight.result(PATIENCE)


ENDINGS = ("ending", "leaving", "failing", "interrupted")


@pytest.fixture(scope="module")
def told_by():
    """Run the passenger in all its ways, side by side, and give what each said."""
    running = {
        mode: subprocess.Popen([sys.executable, str(PASSENGER), mode], stdout=-1, stderr=-1, text=True)
        for mode in (*ENDINGS, "exiting", "forking", "struck")
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


def test_ctrl_c_at_any_moment_leaves_no_flight_that_never_ends(told_by):
    """Wherever boarding is interrupted, the journey is made at most once, nobody waits for ever, the board is free."""
    assert ["struck often: True", "made often: True", "made twice: 0", "left aloft: 0"] == told_by["struck"]
