"""One connection of a client to a proxy: a request read off it, and an answer given or spoilt; no fault is chosen here."""

import socket
import ssl
import struct
import threading
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, suppress
from datetime import timedelta
from typing import Final
from urllib.parse import parse_qsl

from attrs import field, frozen

from .faults import End

PATIENCE: Final = 60.0
"""Seconds that a proxy waits for anybody's next byte."""
LONGEST_HEAD: Final = 65_536
_GULP: Final = 65_536
_HEAD_ENDS: Final = b"\r\n\r\n"
_AT_ONCE: Final = struct.pack("ii", 1, 0)
"""SO_LINGER on, for no time: ``close`` sends RST instead of FIN."""


@frozen(kw_only=True)
class Asked:
    """
    One request.

    Attributes:
        head: The request line and the headers, with the empty line behind them.
        body: The body, or its beginning where the client hung up.
    """

    head: bytes = field(repr=False)
    body: bytes = field(default=b"", repr=False)

    @property
    def method(self) -> str:
        """What is asked of it, such as ``POST``."""
        return self.head.partition(b" ")[0].decode("latin-1")

    @property
    def path(self) -> str:
        """The path of its target, without the query; empty if it has none."""
        _, _, rest = self.head.partition(b"\r\n")[0].partition(b" ")
        return rest.partition(b" ")[0].partition(b"?")[0].decode("latin-1")

    @property
    def length(self) -> int:
        """How long its body says it is."""
        return int(header(self.head, b"content-length") or b"0")

    @property
    def form(self) -> Mapping[str, str]:
        """The members of its body, if that is a form."""
        return dict(parse_qsl(self.body.decode("latin-1"), keep_blank_values=True))

    @property
    def for_one_use(self) -> bytes:
        """All of it, as it is said to a server that shall close its connection afterwards."""
        first, _, rest = self.head.partition(b"\r\n")
        lines = [line for line in rest.removesuffix(_HEAD_ENDS).split(b"\r\n") if not _is(line, b"connection")]
        return b"\r\n".join((first, *lines, b"Connection: close")) + _HEAD_ENDS + self.body


def header(head: bytes, name: bytes) -> bytes:
    """Return the value of the first header called *name*, or nothing."""
    return next((line.partition(b":")[2].strip() for line in head.split(b"\r\n")[1:] if _is(line, name)), b"")


def body_of(answer: bytes) -> bytes:
    """Return the body of a whole answer as it travels."""
    return answer.partition(_HEAD_ENDS)[2]


def _is(line: bytes, name: bytes) -> bool:
    return line.partition(b":")[0].strip().lower() == name


class Line:
    """
    A client's connection; whatever the client breaks off is an ``OSError``.

    Args:
        connection: The socket, which becomes the line's own.
        ended: Is set when nothing shall be waited for any longer.
    """

    def __init__(self, connection: socket.socket, ended: threading.Event) -> None:
        self._connection = connection
        self._ended = ended
        self._early = b""
        self._is_closed = False
        connection.settimeout(PATIENCE)

    def shake(self, tls: ssl.SSLContext) -> None:
        """Speak TLS from here on."""
        self._connection = tls.wrap_socket(self._connection, server_side=True)

    def glimpse(self) -> None:
        """Wait until the client has said something, and leave it where it is."""
        self._connection.recv(1, socket.MSG_PEEK)

    def hear_head(self) -> Asked | None:
        """Read a request up to its body; nothing if the client hung up before, or never came to an end."""
        heard = b""
        while _HEAD_ENDS not in heard:
            piece = self._connection.recv(_GULP) if len(heard) < LONGEST_HEAD else b""
            if not piece:
                return None
            heard += piece
        head, _, self._early = heard.partition(_HEAD_ENDS)
        return Asked(head=head + _HEAD_ENDS)

    def hear_body(self, asked: Asked, most: int = 1 << 30) -> Asked:
        """Read the body of a request, or at most *most* bytes of it."""
        body, wanted = bytearray(self._early), min(asked.length, most)
        while len(body) < wanted and (piece := self._connection.recv(min(_GULP, wanted - len(body)))):
            body += piece
        return Asked(head=asked.head, body=bytes(body))

    def say(self, words: bytes) -> None:
        """Send *words* as they are."""
        self._connection.sendall(words)

    def drip(self, words: bytes, pause: timedelta, piece: int) -> None:
        """Send *words* piece by piece, with a pause behind each."""
        for begin in range(0, len(words), piece):
            self._connection.sendall(words[begin : begin + piece])
            if self._ended.wait(pause.total_seconds()):
                return

    def flood(self, piece: bytes) -> None:
        """Send *piece* until the client hangs up, which is an ``OSError``, or until the end."""
        while not self._ended.is_set():
            self._connection.sendall(piece)

    @property
    def is_left(self) -> bool:
        """Whether the client has hung up; one that speaks TLS is not seen to."""
        if isinstance(self._connection, ssl.SSLSocket):
            return False
        self._connection.settimeout(0)  # a socket with a timeout waits for it, whatever flags say
        try:
            return not self._connection.recv(1, socket.MSG_PEEK)
        except BlockingIOError:
            return False
        except OSError:
            return True
        finally:
            self._connection.settimeout(PATIENCE)

    def end(self, how: End = End.CLOSED) -> None:
        """Close the connection; once it is closed this does nothing."""
        if self._is_closed:
            return
        self._is_closed = True
        with suppress(OSError):
            if how is End.RESET:
                self._connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _AT_ONCE)
        self._connection.close()

    def shut(self) -> None:
        """End whatever the line waits for, from another thread; ``OSError`` if that is over."""
        self._connection.shutdown(socket.SHUT_RDWR)


Keep = Callable[[Callable[[], object]], AbstractContextManager[object]]
"""Remembers, for the time of a ``with``, what ends a wait from another thread."""


def answer_of(address: tuple[str, int], request: bytes, keep: Keep) -> bytes:
    """Return the whole answer of the server at *address* to *request*, or as much of it as comes."""
    answer = bytearray()
    with (
        suppress(OSError),
        socket.create_connection(address, timeout=PATIENCE) as server,
        keep(lambda: server.shutdown(socket.SHUT_RDWR)),
    ):
        server.sendall(request)
        while piece := server.recv(_GULP):
            answer += piece
    return bytes(answer)
