"""Flights: a flow under its guard, on a thread of its own, shared by everybody who wants the same."""

import atexit
import os
import threading
from collections.abc import Callable
from concurrent.futures import Future, wait
from typing import TypeVar, cast

from attrs import frozen

T = TypeVar("T")


@frozen
class FlightKey:
    """
    What makes two wishes one flight.

    Attributes:
        store: The store's identity, so that every client object of one store shares its flights.
        connection: The connection's name.
        kind: What is done: ``renew``, ``refresh``, ``instead-of`` a token, or ``exchange`` with the attempt.
    """

    store: str
    connection: str
    kind: str


class Flights:
    """
    The flights in the air in this process.

    A flight runs on a non-daemon thread from its guard to its last commit, whatever becomes of those who wait for it:
    they may time out, be cancelled, lose their event loop or be interrupted, and the request still runs to its end and
    is stored (I13).  Safe for threads and tasks; a forked child starts with none.  A flight that an exit handler begins
    is waited for too: Python 3.11 waits for no thread by then, and later ones start none.
    Source: architecture.md section 1; ADR 0005.
    """

    def __init__(self) -> None:
        self._forget()
        os.register_at_fork(after_in_child=self._forget)
        atexit.register(self._settle)

    def _forget(self) -> None:
        """Begin empty; in a forked child the parent's threads do not exist."""
        self._lock = threading.Lock()
        self._aloft: dict[FlightKey, Future[object]] = {}

    def _settle(self) -> None:
        """Wait until nobody is in the air."""
        with self._lock:
            aloft = tuple(self._aloft.values())
        wait(aloft)

    def board(self, key: FlightKey, journey: Callable[[], T]) -> "Future[T]":
        """
        Join the flight called *key*, or start it with *journey*.

        The future is running from the start, so no waiter's cancellation can call it off for the others.
        """
        with self._lock:
            aloft = self._aloft.get(key)
            if aloft is not None:
                return cast("Future[T]", aloft)
            future: Future[T] = Future()
            future.set_running_or_notify_cancel()
            self._aloft[key] = cast("Future[object]", future)
        self._take_off(key, journey, future)
        return future

    def aloft(self, store: str) -> "tuple[Future[object], ...]":
        """Return the flights of one store, for whoever wants to wait for their end."""
        with self._lock:
            return tuple(future for key, future in self._aloft.items() if key.store == store)

    def _take_off(self, key: FlightKey, journey: Callable[[], T], future: "Future[T]") -> None:
        """Fly on a thread of its own; when the interpreter is ending and gives none, fly here."""
        thread = threading.Thread(
            target=self._fly, args=(key, journey, future), name=f"mailup-oauth-{key.kind}", daemon=False
        )
        try:
            thread.start()
        except RuntimeError:
            self._fly(key, journey, future)

    def _fly(self, key: FlightKey, journey: Callable[[], T], future: "Future[T]") -> None:
        """Run the journey, leave the board, and only then let the waiters see how it ended."""
        try:
            outcome = journey()
        except BaseException as error:  # noqa: BLE001  # whatever it was, it is the waiters' to see
            self._land(key)
            future.set_exception(error)
        else:
            self._land(key)
            future.set_result(outcome)

    def _land(self, key: FlightKey) -> None:
        """Take a flight off the board."""
        with self._lock:
            self._aloft.pop(key, None)


FLIGHTS = Flights()
"""One board a process, so that flights are shared by connection and not by client object."""
