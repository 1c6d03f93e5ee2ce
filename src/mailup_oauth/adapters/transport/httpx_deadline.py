"""One request under watch: how long it may still take, and whether it may have left; it knows no meaning of either."""

import socket
import threading
from contextlib import suppress
from datetime import timedelta
from time import monotonic

LONGEST = timedelta(days=1)
"""Sockets and timers of the system do not count much further; nobody waits longer."""


class TooLate(Exception):
    """The deadline passed while nothing had been sent."""


class ShuttingDown(Exception):
    """The interpreter is at its end and starts no thread; nothing had been sent."""


class Watch:
    """
    Shuts a request's socket when its time is over, for httpx limits each read but not their sum.

    ``trace`` belongs into httpx's request extension of that name: it tells the socket, and when the request begins to
    leave.  One object serves one request; ``start``, ``trace`` and ``stop`` are called on its thread, and the timer
    acts on another.

    Source: https://www.encode.io/httpcore/extensions/#trace; architecture.md section 9.
    """

    def __init__(self, deadline: timedelta) -> None:
        """Begin to count *deadline*; more than ``LONGEST`` is cut to that, and zero or less is over at once."""
        self._end = monotonic() + min(deadline, LONGEST).total_seconds()
        self._lock = threading.Lock()
        self._grip: socket.socket | None = None
        self._timer: threading.Timer | None = None
        self._over = False
        self.may_have_left = False
        self.headers_left = False
        self.torn = False

    @property
    def remaining(self) -> float:
        """How many seconds are left; never less than zero."""
        return max(0.0, self._end - monotonic())

    @property
    def is_over(self) -> bool:
        """Whether the deadline has passed."""
        return self._over or self.remaining == 0.0

    def start(self) -> None:
        """
        Set the timer; if the system has no thread to give, the limits of each read remain, and nothing else.

        Raises:
            ShuttingDown: the interpreter is at its end.
            TooLate: the deadline is zero or less.
        """
        if self.is_over:
            raise TooLate
        timer = threading.Timer(self.remaining, self._shut)
        timer.daemon = True
        try:
            timer.start()
        except RuntimeError as error:  # "can't start new thread", and since 3.12 also "… at interpreter shutdown"
            if "shutdown" in str(error):
                raise ShuttingDown from None
            return
        self._timer = timer

    def trace(self, event: str, details: dict[str, object]) -> None:
        """
        Take note of what httpcore tells.

        Raises:
            TooLate: the request is about to leave after its deadline; raising here keeps it from leaving.
        """
        match event:
            case "connection.connect_tcp.complete":
                self._hold(details["return_value"])
            case "http11.send_request_headers.started":
                if self.is_over:
                    raise TooLate
                self.may_have_left = True
            case "http11.send_request_headers.complete":
                self.headers_left = True
            case "http11.send_request_headers.failed" | "http11.send_request_body.failed":
                self.torn = True
            case _:
                pass

    def stop(self) -> None:
        """Give back the timer and the grip on the socket; may be called without ``start``."""
        if self._timer is not None:
            self._timer.cancel()
        with self._lock:
            if self._grip is not None:
                self._grip.close()
            self._grip = None

    def _hold(self, stream: object) -> None:
        """
        Keep a second descriptor of the connection.

        The stream's own socket is emptied when TLS begins, and its number may belong to another connection after it was
        closed; a duplicate is neither, and shutting it shuts the connection.
        """
        connection = getattr(stream, "get_extra_info")("socket")  # noqa: B009  # httpcore's types are not ours to name
        with self._lock:
            self._grip = connection.dup()
        if self.is_over:
            self._shut()

    def _shut(self) -> None:
        """End the connection for whoever waits on it."""
        with self._lock:
            self._over = True
            if self._grip is not None:
                with suppress(OSError):  # the other side was quicker
                    self._grip.shutdown(socket.SHUT_RDWR)
