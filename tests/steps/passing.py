"""A clock that several processes share: a file that holds how much time has passed; whoever sleeps moves it."""

import fcntl
import os
from datetime import timedelta

from mailup_oauth.testing.clock import EPOCH

_MICROSECOND = timedelta(microseconds=1)
_OCTETS = 8


class SharedClock:
    """The Clock port over a file; safe for threads and processes, and it stands still unless somebody moves it."""

    def __init__(self, path):
        self._path = path

    def now(self):
        """Return the moment that the file says."""
        with self._opened() as file:
            return EPOCH + _read(file)

    def sleep(self, span):
        """Let *span* pass for everybody at once."""
        self.move(span)

    def move(self, span):
        """Let *span* pass."""
        with self._opened() as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            passed = (_read(file) + span) // _MICROSECOND
            os.pwrite(file.fileno(), passed.to_bytes(_OCTETS, "big"), 0)

    def _opened(self):
        self._path.touch()
        return self._path.open("r+b", buffering=0)


def _read(file):
    return int.from_bytes(os.pread(file.fileno(), _OCTETS, 0), "big") * _MICROSECOND
