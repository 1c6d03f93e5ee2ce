"""Flights: a flow under its guard, on a thread of its own, shared by everybody who wants the same."""

import atexit
import os
import threading
from _thread import start_new_thread
from collections.abc import Callable
from concurrent.futures import Future, wait
from typing import Generic, NamedTuple, TypeVar, cast

from ..domain.errors import TemporarilyUnavailable

T = TypeVar("T")


class FlightKey(NamedTuple):
    """
    What makes two wishes one flight; a tuple, so that a dictionary finds it in one step.

    Attributes:
        store: The store's identity, so that every client object of one store shares its flights.
        connection: The connection's name.
        kind: What is done: ``renew``, ``refresh``, ``instead-of`` a token, or ``exchange`` with the attempt.
    """

    store: str
    connection: str
    kind: str


class _Flight(Generic[T]):
    """A journey that is made once or, where it was called off before it began, never; its future ends either way."""

    def __init__(self, journey: Callable[[], T]) -> None:
        self._journey = journey
        self._turn = threading.Lock()
        self.future: Future[T] = Future()
        self.future.set_running_or_notify_cancel()

    def is_mine(self) -> bool:
        """Say whether whoever asks is the first to ask, and so the one who may end this flight."""
        return self._turn.acquire(blocking=False)

    def fly(self, land: Callable[[], None]) -> None:
        """Make the journey, *land*, and only then let the waiters see how it ended."""
        try:
            outcome = self._journey()
        except BaseException as error:  # noqa: BLE001  # whatever it was, it is the waiters' to see
            land()
            self.future.set_exception(error)
        else:
            land()
            self.future.set_result(outcome)


class Flights:
    """
    The flights in the air in this process.

    A flight runs on a non-daemon thread from its guard to its last commit, whatever becomes of those who wait for it:
    they may time out, be cancelled, lose their event loop or be interrupted, and the request still runs to its end and
    is stored (I13).  Safe for threads and tasks; a forked child starts with none.  A flight that an exit handler begins
    is waited for too: Python 3.11 waits for no thread by then, and later ones start none.
    Ctrl-C may strike while a flight is boarded: either it flies, or it is called off and leaves nothing behind.  There is
    no lock that it could leave held, as Python 3.14 does (cpython issue 148874): the board is a dictionary whose every
    change is one step, and only whoever ends a flight takes it off.
    Source: architecture.md section 1; ADR 0005.
    """

    def __init__(self) -> None:
        self._forget()
        os.register_at_fork(after_in_child=self._forget)
        atexit.register(self._settle)

    def _forget(self) -> None:
        """Begin empty; in a forked child the parent's threads do not exist."""
        self._aloft: dict[FlightKey, _Flight[object]] = {}

    def _settle(self) -> None:
        """Wait until nobody is in the air."""
        wait(tuple(flight.future for flight in self._aloft.copy().values()))

    def board(self, key: FlightKey, journey: Callable[[], T]) -> "Future[T]":
        """
        Join the flight called *key*, or start it with *journey*.

        The future is running from the start, so no waiter's cancellation can call it off for the others.
        """
        flight = _Flight(journey)
        try:
            aloft = self._aloft.setdefault(key, cast("_Flight[object]", flight))
            if aloft is flight:
                self._take_off(key, flight)
        except BaseException:
            self._call_off(key, flight)
            raise
        return cast("Future[T]", aloft.future)

    def aloft(self, store: str) -> "tuple[Future[object], ...]":
        """Return the flights of one store, for whoever wants to wait for their end."""
        return tuple(flight.future for key, flight in self._aloft.copy().items() if key.store == store)

    def _take_off(self, key: FlightKey, flight: _Flight[T]) -> None:
        """
        Fly on a thread of its own; when the interpreter is ending and gives none, fly here.

        ``Thread.start`` waits for its thread, and a signal that interrupts the wait can leave that thread waiting for
        ever.  So it is called by a bare thread, which signals do not reach and which the interpreter begins in one step.
        """
        try:
            start_new_thread(self._begin, (key, flight))
        except RuntimeError:
            self._fly(key, flight)

    def _begin(self, key: FlightKey, flight: _Flight[T]) -> None:
        """Begin the flight's own thread, which has a name and is waited for; without one, fly on the bare one."""
        thread = threading.Thread(target=self._fly, args=(key, flight), name=f"mailup-oauth-{key.kind}", daemon=False)
        try:
            thread.start()
        except RuntimeError:
            self._fly(key, flight)

    def _fly(self, key: FlightKey, flight: _Flight[T]) -> None:
        """Fly, unless it was called off."""
        if flight.is_mine():
            flight.fly(lambda: self._land(key, flight))

    def _call_off(self, key: FlightKey, flight: _Flight[T]) -> None:
        """Call a flight off whose boarding was interrupted, unless it flies already; nothing was sent."""
        if flight.is_mine():
            self._land(key, flight)
            flight.future.set_exception(TemporarilyUnavailable("interrupted"))

    def _land(self, key: FlightKey, flight: _Flight[T]) -> None:
        """Take a flight off the board; one that joined another is not on it."""
        if self._aloft.get(key) is flight:
            del self._aloft[key]


FLIGHTS = Flights()
"""One board a process, so that flights are shared by connection and not by client object."""
