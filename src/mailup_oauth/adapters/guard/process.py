"""A guard within one process, for stores that no other process can see."""

import os
import threading
from collections.abc import Generator
from contextlib import contextmanager
from datetime import timedelta

from attrs import define, field

from ...ports import Busy


@define
class _Gate:
    """A lock, and how many hold it or want it."""

    lock: threading.Lock = field(factory=threading.Lock)
    wanted: int = 0


@define
class _Room:
    """The gates of one process; a forked child has a room of its own, for it lacks the threads that hold gates here."""

    lock: threading.Lock = field(factory=threading.Lock)
    gates: dict[str, _Gate] = field(factory=dict[str, _Gate])


class ProcessGuard:
    """The Guard port by locks of this process; safe for threads, and it remembers only names that are wanted now."""

    def __init__(self) -> None:
        self._rooms: dict[int, _Room] = {}

    @contextmanager
    def hold(self, name: str, *, patience: timedelta) -> Generator[None, None, None]:
        """
        Hold the guard called *name* inside the ``with``.

        Raises:
            Busy: others held it for all of *patience*.
        """
        room = self._rooms.setdefault(os.getpid(), _Room())
        with room.lock:
            gate = room.gates.setdefault(name, _Gate())
            gate.wanted += 1
        try:
            if not gate.lock.acquire(timeout=patience.total_seconds()):
                raise Busy
            try:
                yield
            finally:
                gate.lock.release()
        finally:
            with room.lock:
                gate.wanted -= 1
                if not gate.wanted:
                    del room.gates[name]
