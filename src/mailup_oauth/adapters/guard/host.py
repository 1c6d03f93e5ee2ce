"""A guard for all processes of one machine, by locks that the kernel frees when their holder dies."""

import os
import threading
from collections.abc import Generator
from contextlib import contextmanager
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from time import monotonic

from filelock import FileLock, Timeout

from ...domain.errors import StoreUnavailable
from ...ports import Busy

STRIPES = 1024
"""Lock files in the folder; two connections that share one merely wait for each other."""

_POLL = 0.005  # seconds between two looks at a lock that another process holds


class _Stripes:
    """The locks by which the threads of this process queue before they ask the kernel; a forked child starts anew."""

    def __init__(self) -> None:
        self._forget()
        os.register_at_fork(after_in_child=self._forget)

    def _forget(self) -> None:
        self._gates: dict[str, threading.Lock] = {}

    def gate(self, file: str) -> threading.Lock:
        """Return the lock of this process for a lock file."""
        return self._gates.setdefault(file, threading.Lock())


_STRIPES = _Stripes()


class HostGuard:
    """
    The Guard port by lock files in a folder; safe for threads, processes and forks.

    Args:
        folder: Where the lock files are; made with mode 0700 when it is needed.  Not on a network file system.
    Source: architecture.md section 3; ADR 0005.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder.absolute()

    @contextmanager
    def hold(self, name: str, *, patience: timedelta) -> Generator[None, None, None]:
        """
        Hold the guard called *name* inside the ``with``.

        Raises:
            Busy: others held it for all of *patience*.
            StoreUnavailable: the folder cannot be used.
        """
        ends = monotonic() + patience.total_seconds()
        file = self._file(name)
        gate = _STRIPES.gate(file)
        if not gate.acquire(timeout=patience.total_seconds()):
            raise Busy
        try:
            lock = _taken(file, max(0.0, ends - monotonic()))
            try:
                yield
            finally:
                lock.release()
        finally:
            gate.release()

    def _file(self, name: str) -> str:
        """Return the lock file of *name*, with its folder made."""
        try:
            self._folder.mkdir(mode=0o700, exist_ok=True)
        except OSError as error:
            problem = f"the lock folder cannot be made ({error.strerror})"
        else:
            stripe = int.from_bytes(sha256(name.encode()).digest()[:4], "big") % STRIPES
            return str(self._folder.resolve() / f"{stripe:04d}.lock")
        raise StoreUnavailable(problem)


def _taken(file: str, patience: float) -> FileLock:
    """Return the kernel's lock on *file*, taken; a new object each time, for filelock's own are not for sharing."""
    lock = FileLock(
        file,
        mode=0o600,
        thread_local=False,
        fallback_to_soft=False,
        poll_interval=_POLL,
        preserve_lock_file=True,
    )
    problem = ""
    try:
        lock.acquire(timeout=patience)
    except Timeout:
        pass
    except (OSError, NotImplementedError) as error:
        problem = f"the lock file cannot be locked ({getattr(error, 'strerror', None) or 'not here'})"
    else:
        return lock
    if problem:
        raise StoreUnavailable(problem)
    raise Busy
