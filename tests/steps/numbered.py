"""The ports with a number on every call, and what happens at the call with the one number that was chosen."""

import os
import resource
import signal
import threading
from contextlib import contextmanager

from mailup_oauth.adapters.transport.httpx_deadline import Watch
from mailup_oauth.domain.errors import KeyUnavailable, StoreCorrupted, StoreUnavailable
from mailup_oauth.domain.wire.http import NotSent, SendingFault, Silence, Unanswered
from mailup_oauth.ports import Busy

DISK = ("open", "fsync", "ftruncate", "rename", "replace", "mkdir", "unlink", "link")
"""The calls of the system by which a file of this library comes to be."""


class Numbering:
    """
    Counts the calls of one life and writes their names down, so that they can be read after it.

    Args:
        log: Where the names go, one a line, at once.
        plan: The calls at which something happens, by their numbers: a name in ``WAYS``, and for what happens inside of
            the call which step of it, or which octet.

    ``fork_wanted`` is set by a thread that stands still at its call until the main thread has forked and sets ``forked``.
    """

    def __init__(self, log, plan):
        self._log = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        self._lock = threading.Lock()
        self._count = 0
        self._plan = plan
        self.inner = 0
        self.is_lasting = False
        self.fork_wanted, self.forked = threading.Event(), threading.Event()

    def call(self, name, make):
        """Make a call of a port, or do in its place what was chosen for its number."""
        with self._lock:
            self._count += 1
            way, inner = self._plan.get(self._count, ("", 0))
            os.write(self._log, f"{name}\n".encode())
        if way:
            self.inner = inner
            return WAYS[way](self, make)
        if self.is_lasting and name.startswith("store."):
            raise StoreUnavailable("away for good")
        return make()

    def note(self, what):
        """Write down what happened inside of a call."""
        os.write(self._log, f" {what}\n".encode())

    def let_fork(self):
        """Stand still until the main thread has forked."""
        self.fork_wanted.set()
        self.forked.wait()


# -- what may happen at a call -----------------------------------------------------------------------------------------


def _dying(number):
    def die(numbering, make):
        os.kill(os.getpid(), number)
        return make()

    return die


def _stopping(numbering, make):
    """Stop the process in this very thread, which else would run on until the kernel has come to it."""
    signal.pthread_kill(threading.get_ident(), signal.SIGSTOP)
    return make()


def _dying_after(numbering, make):
    made = make()
    os.kill(os.getpid(), signal.SIGKILL)
    return made


def _forking(numbering, make):
    numbering.let_fork()
    return make()


def _forking_after(numbering, make):
    made = make()
    numbering.let_fork()
    return made


def _exiting(numbering, make):
    os._exit(9)


def _raising(error):
    def fail(numbering, make):
        raise error()

    return fail


def _raising_after(error):
    def fail(numbering, make):
        make()
        raise error()

    return fail


def _away():
    return StoreUnavailable("away")


def _torn():
    return StoreCorrupted("torn")


def _keyless():
    return KeyUnavailable("no such key")


def _away_for_good(numbering, make):
    numbering.is_lasting = True
    raise _away()


def _made_and_away_for_good(numbering, make):
    made = make()
    numbering.is_lasting = True
    return made


def _not_sent(numbering, make):
    return NotSent(SendingFault.REFUSED)


def _unanswered(numbering, make):
    return Unanswered(Silence.CLOSED)


def _unanswered_after(numbering, make):
    make()
    return Unanswered(Silence.CLOSED)


def _ignored(numbering, make):
    return None


def _short(numbering, make):
    """Let no file grow beyond so many octets: by ``SIGXFSZ`` the kernel ends the process at the write that would."""
    usual = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (numbering.inner, usual[1]))
    made = make()
    resource.setrlimit(resource.RLIMIT_FSIZE, usual)
    return made


def _made_and_full(numbering, make):
    """Let no file grow beyond so many octets from now on, as on a disk that is full."""
    made = make()
    resource.setrlimit(resource.RLIMIT_FSIZE, (numbering.inner, resource.RLIM_INFINITY))
    return made


def _on_the_wire(strike):
    """Let something happen at the k-th thing that the HTTP library tells of this request."""

    def watched(numbering, make):
        trace, left = Watch.trace, [numbering.inner]

        def traced(watch, event, details):
            left[0] -= 1
            numbering.note(event)
            if not left[0]:
                strike(numbering)
            trace(watch, event, details)

        Watch.trace = traced
        try:
            return make()
        finally:
            Watch.trace = trace

    return watched


def _on_the_disk(numbering, make):
    """Die at the k-th call of the system that makes or names a file."""
    left, usual = [numbering.inner], {name: getattr(os, name) for name in DISK}

    def counted(name):
        def call(*args, **kwargs):
            left[0] -= 1
            numbering.note(name)
            if not left[0]:
                os.kill(os.getpid(), signal.SIGKILL)
            return usual[name](*args, **kwargs)

        return call

    for name in DISK:
        setattr(os, name, counted(name))
    try:
        return make()
    finally:
        for name, call in usual.items():
            setattr(os, name, call)


WAYS = {
    "kill": _dying(signal.SIGKILL),
    "kill-after": _dying_after,
    "term": _dying(signal.SIGTERM),
    "interrupt": _dying(signal.SIGINT),
    "stop": _stopping,
    "exit": _exiting,
    "memory": _raising(MemoryError),
    "memory-after": _raising_after(MemoryError),
    "keyboard": _raising(KeyboardInterrupt),
    "keyboard-after": _raising_after(KeyboardInterrupt),
    "unavailable": _raising(_away),
    "unavailable-after": _raising_after(_away),
    "unavailable-for-good": _away_for_good,
    "made-then-away": _made_and_away_for_good,
    "corrupted": _raising(_torn),
    "keyless": _raising(_keyless),
    "busy": _raising(Busy),
    "raising": _raising(lambda: RuntimeError("out of nowhere")),
    "ignored": _ignored,
    "not-sent": _not_sent,
    "unanswered": _unanswered,
    "unanswered-after": _unanswered_after,
    "made-then-full": _made_and_full,
    "short": _short,
    "wire": _on_the_wire(lambda _: os.kill(os.getpid(), signal.SIGKILL)),
    "fork": _forking,
    "fork-after": _forking_after,
    "fork-on-the-wire": _on_the_wire(Numbering.let_fork),
    "disk": _on_the_disk,
}
"""What can happen at a call; each is given the numbering and the call itself."""


# -- the ports ---------------------------------------------------------------------------------------------------------


class NumberedPort:
    """A port whose every method is a numbered call; what is no method is passed through."""

    def __init__(self, numbering, room, inner):
        self._numbering = numbering
        self._room = room
        self._inner = inner

    def __getattr__(self, name):
        found = getattr(self._inner, name)
        if not callable(found) or name == "close":
            return found
        return lambda *args, **kwargs: self._numbering.call(f"{self._room}.{name}", lambda: found(*args, **kwargs))


class NumberedGuard:
    """A guard: that it is taken is one call, that it is given back another."""

    def __init__(self, numbering, inner):
        self._numbering = numbering
        self._inner = inner

    @contextmanager
    def hold(self, name, *, patience):
        """Hold the guard inside the ``with``."""
        held = self._inner.hold(name, patience=patience)
        self._numbering.call("guard.take", held.__enter__)
        try:
            yield
        finally:
            self._numbering.call("guard.give", lambda: held.__exit__(None, None, None))
