"""Which faults lie ahead of token requests; it knows no socket."""

import threading
from collections import deque
from collections.abc import Generator
from contextlib import contextmanager
from typing import Final

from attrs import define, field

from .faults import Fault

_LONGEST_HOLD: Final = 60.0
"""Seconds after which what is held goes on by itself."""


@define(eq=False)
class Meeting:
    """
    A fault that is planned, and the moment in which a request meets it.

    Attributes:
        met: Is set when a request meets the fault; for ``Held``, when it has come to the place where it is held.
    """

    fault: Fault
    met: threading.Event = field(factory=threading.Event)
    _go: threading.Event = field(factory=threading.Event)

    def let_go(self) -> None:
        """Let a held request, or its answer, go on."""
        self._go.set()

    def hold(self) -> None:
        """Say that a request has come here, and wait until it is let go."""
        self.met.set()
        self._go.wait(_LONGEST_HOLD)


class Plan:
    """Gives every token request the fault that it is to meet; safe for threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._planned: deque[Meeting] = deque()
        self._standing: list[Fault] = []
        self._begun: list[Meeting] = []

    def add(self, fault: Fault) -> Meeting:
        """Let one request meet *fault*, after those that were planned before."""
        meeting = Meeting(fault)
        with self._lock:
            self._planned.append(meeting)
        return meeting

    @contextmanager
    def standing(self, fault: Fault) -> Generator[None, None, None]:
        """Let every request inside the ``with`` meet *fault*; what it holds goes on behind the ``with``."""
        with self._lock:
            self._standing.append(fault)
        try:
            yield
        finally:
            with self._lock:
                self._standing.remove(fault)
            self.let_go()

    @property
    def unmet(self) -> tuple[Fault, ...]:
        """The faults that no request has met yet."""
        with self._lock:
            return tuple(meeting.fault for meeting in self._planned)

    def next(self) -> Meeting | None:
        """Return what the next request meets: what was planned for one, before what stands for all; or nothing."""
        with self._lock:
            if self._planned:
                meeting = self._planned.popleft()
            elif self._standing:
                meeting = Meeting(self._standing[-1])
            else:
                return None
            self._begun.append(meeting)
            return meeting

    def let_go(self) -> None:
        """Let everything go on that is held."""
        with self._lock:
            begun, self._begun = self._begun, []
        for meeting in begun:
            meeting.let_go()
