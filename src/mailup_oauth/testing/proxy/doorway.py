"""A port of this machine at which connections are taken, refused or left waiting, as it is told."""

import socket
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from typing import Final

HOST: Final = "127.0.0.1"
QUEUE: Final = 128
"""Connections that may wait to be taken."""
_CROWD: Final = 4
"""More connections than a queue of length zero holds: the kernel drops whoever comes next."""


class Doorway:
    """
    A port that stays the same while it opens and closes.

    A second socket, bound and never listening, keeps the number while nobody listens, so that connections are refused
    and nobody else gets the port.  Open from the beginning; safe for threads.
    """

    def __init__(self, welcome: Callable[[socket.socket], object]) -> None:
        """Open; *welcome* is called with every connection, on the doorway's thread, and must not block."""
        self._welcome = welcome
        self._keeper = _bound(0)
        self.port: int = self._keeper.getsockname()[1]
        self._changing = threading.Lock()
        self._open()

    @contextmanager
    def refusing(self) -> Generator[None, None, None]:
        """Refuse every connection inside the ``with``."""
        with self._changing:
            self._shut()
            try:
                yield
            finally:
                self._open()

    @contextmanager
    def deaf(self) -> Generator[None, None, None]:
        """Let every connection inside the ``with`` wait without an answer, as a dead host does."""
        with self._changing:
            self._shut()
            crowd = [socket.socket() for _ in range(_CROWD)]
            with _bound(self.port) as wall:
                wall.listen(0)
                for one in crowd:
                    one.setblocking(False)  # noqa: FBT003  # the socket module's own
                    one.connect_ex((HOST, self.port))
                try:
                    yield
                finally:
                    for one in crowd:
                        one.close()
            self._open()

    def close(self) -> None:
        """Close for good."""
        with self._changing:
            self._shut()
            self._keeper.close()

    def _open(self) -> None:
        self._closing = threading.Event()
        self._door = _bound(self.port)
        self._door.listen(QUEUE)
        self._porter = threading.Thread(target=self._take, name=f"doorway-{self.port}")
        self._porter.start()

    def _shut(self) -> None:
        self._closing.set()
        with suppress(OSError), socket.create_connection((HOST, self.port)):
            pass  # wakes the porter
        self._porter.join()
        self._door.close()

    def _take(self) -> None:
        while True:
            connection, _ = self._door.accept()
            if self._closing.is_set():
                connection.close()
                return
            self._welcome(connection)


def _bound(port: int) -> socket.socket:
    """Return a socket that has *port*, or any free one for 0, and shares it with this user's others alone."""
    made = socket.socket()
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    made.bind((HOST, port))
    return made
