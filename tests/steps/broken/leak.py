"""A guard whose lock a forked child inherits, and keeps for as long as it lives."""

import fcntl
import os
from contextlib import contextmanager
from threading import Event

from tests.steps import life

from mailup_oauth.ports import Busy


class Leaking:
    """Locks one file, and gives nothing back in a child."""

    def __init__(self, folder):
        self._file = folder.with_suffix(".leak")

    @contextmanager
    def hold(self, name, *, patience):  # noqa: ARG002  # as the port has it
        """Hold the lock; whoever finds it held looks once more after the patience."""
        descriptor = os.open(self._file, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            Event().wait(patience.total_seconds())
            os.close(descriptor)
            raise Busy from None
        yield
        os.close(descriptor)


life.HostGuard = Leaking
