"""The proxy itself: a port of this machine in front of a server, its plan of faults, and its end."""

import socket
import ssl
import threading
from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, contextmanager, suppress
from datetime import datetime
from itertools import count
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

from ...adapters.cipher.keys import KeyRing, new_key
from ...adapters.cipher.marker import HmacMarker
from ...adapters.clock.system import SystemClock
from ...ports import Marker
from ...sandbox.router import TOKEN_PATH
from .doorway import HOST, Doorway
from .faults import End, Fault, Torn
from .line import Asked, Line, answer_of
from .plan import Meeting, Plan
from .sightings import Listener, Logbook, unheard
from .visit import Visit, World


class FaultProxy:
    """
    Stands on loopback in front of an HTTP server and lets token requests meet faults; the package tells how to use it.

    Each connection carries one request, on a thread of its own.  Only a POST to *token_path* meets planned faults and
    is written down; everything else goes through.  The server's connection is closed after each answer.

    Args:
        upstream: The server's base URL, ``http://host:port``.
        token_path: Where it takes token requests.
        marker: Makes the marks in what is written down; give the client's own to compare with its journal.  Otherwise
            it is one with a key that nobody else has.
        now: Tells the moment for what is written down.
        listener: Is told of every sighting, before the request goes on.
        tls: The proxy speaks TLS to its clients with this, if it is given; ``tls`` may be set anew at any time.
    """

    def __init__(  # noqa: PLR0913  # a server, a way to it, and who wants to know
        self,
        upstream: str,
        *,
        token_path: str = TOKEN_PATH,
        marker: Marker | None = None,
        now: Callable[[], datetime] | None = None,
        listener: Listener = unheard,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        parts = urlsplit(upstream)
        self._server = (parts.hostname or "", parts.port or 80)
        self._token_path = token_path
        self.tls = tls
        self.logbook = Logbook(listener)
        """What was seen; see ``sightings``."""
        self._world = World(
            ask=self._answer,
            now=SystemClock().now if now is None else now,
            marker=HmacMarker(KeyRing((new_key(),))) if marker is None else marker,
            logbook=self.logbook,
        )
        self._plan = Plan()
        self._breaking: list[End] = []
        self._numbers = count(1)
        self._lock = threading.Lock()
        self._under_way: dict[threading.Thread, list[Callable[[], object]]] = {}
        self._ended = threading.Event()
        self._doorway = Doorway(self._welcome)

    @property
    def url(self) -> str:
        """The base URL of the way through the proxy, without a slash at the end."""
        return f"{'http' if self.tls is None else 'https'}://{HOST}:{self._doorway.port}"

    def meet(self, fault: Fault) -> Meeting:
        """Let the next token request that meets nothing planned before meet *fault*, once."""
        return self._plan.add(fault)

    def meeting(self, fault: Fault) -> AbstractContextManager[None]:
        """Let every token request that arrives inside the ``with`` meet *fault*."""
        return self._plan.standing(fault)

    @property
    def unmet(self) -> tuple[Fault, ...]:
        """The planned faults that no request has met yet."""
        return self._plan.unmet

    def refusing(self) -> AbstractContextManager[None]:
        """Refuse every connection inside the ``with``, as a closed port does."""
        return self._doorway.refusing()

    def deaf(self) -> AbstractContextManager[None]:
        """Take no connection inside the ``with`` and refuse none, as a dead host does."""
        return self._doorway.deaf()

    @contextmanager
    def breaking(self, end: End) -> Generator[None, None, None]:
        """End every connection inside the ``with`` at its first byte, before TLS or anything else was read of it."""
        self._breaking.append(end)
        try:
            yield
        finally:
            self._breaking.remove(end)

    def close(self) -> None:
        """Take no more connections, end those that are there, and wait for every thread."""
        self._ended.set()
        self._doorway.close()
        self._plan.let_go()
        with self._lock:
            under_way = {thread: list(ends) for thread, ends in self._under_way.items()}
        for thread, ends in under_way.items():
            for end in ends:
                with suppress(OSError):
                    end()
            thread.join()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _welcome(self, connection: socket.socket) -> None:
        """Give a connection a thread of its own."""
        line = Line(connection, self._ended)
        thread = threading.Thread(target=self._serve, args=(line,), name="fault-proxy")
        with self._lock:
            self._under_way[thread] = [line.shut]
        thread.start()

    def _serve(self, line: Line) -> None:
        """Bring the one request of a connection to its end."""
        try:
            with suppress(OSError):  # a client that leaves, or does not like our TLS
                self._carry(line)
        finally:
            line.end()
            with self._lock:
                del self._under_way[threading.current_thread()]

    def _carry(self, line: Line) -> None:
        if self._breaking:
            line.glimpse()
            line.end(self._breaking[-1])
            return
        if self.tls is not None:
            line.shake(self.tls)
        asked = line.hear_head()
        if asked is None:
            return
        if asked.method != "POST" or asked.path != self._token_path:
            line.say(self._answer(line.hear_body(asked)))
            return
        meeting = self._plan.next()
        fault = None if meeting is None else meeting.fault
        heard = line.hear_body(asked, fault.after) if isinstance(fault, Torn) else line.hear_body(asked)
        Visit(self._world, line, heard, next(self._numbers), meeting).pass_on()

    def _answer(self, asked: Asked) -> bytes:
        """Ask the server, and let go of it when the proxy ends."""
        return answer_of(self._server, asked.for_one_use, self._keeping)

    @contextmanager
    def _keeping(self, end: Callable[[], object]) -> Generator[None, None, None]:
        """Remember what ends a wait of this thread."""
        with self._lock:
            ends = self._under_way[threading.current_thread()]
            ends.append(end)
        try:
            yield
        finally:
            ends.remove(end)
