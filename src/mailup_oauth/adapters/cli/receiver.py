"""
A listener for one answer: the browser brings it to a loopback address of this machine (RFC 8252 section 7.3).

It knows no OAuth but who may come: whoever asks for another path, under another name, without the attempt's nonce or in
another way than a browser that was sent is answered politely and forgotten.
"""

import base64
import os
import socket
import threading
from collections.abc import Callable
from hashlib import sha256
from http.server import BaseHTTPRequestHandler
from queue import SimpleQueue
from socketserver import TCPServer, ThreadingMixIn
from types import TracebackType
from typing import ClassVar, Final, Self, cast
from urllib.parse import urlsplit

from ...domain.addresses import is_loopback
from .exits import Trouble

PATIENCE: Final = 10.0  # seconds for one request, and browsers open connections on which they never say anything
CURTSY: Final = 2.0  # seconds for the browser to fetch the last page
LOOK: Final = 0.1  # seconds after which the listener notices that it is to end
DONE: Final = "/done"

_STYLE: Final = ":root{color-scheme:light dark}body{font:1.1rem/1.6 system-ui,sans-serif;max-width:32rem;margin:20vh auto;padding:1rem}"
_STYLE_HASH: Final = base64.b64encode(sha256(_STYLE.encode()).digest()).decode()
HEADERS: Final = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
"""What every answer says of itself; security.md row 22."""

_PAGE: Final = (
    '<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
    "<title>{title}</title><style>{style}</style><main><h1>{title}</h1><p>{sentence}</p></main></html>"
)
_ARRIVED: Final = ("You can close this window", "The answer has reached the terminal; all else is told there.")
_STRAY: Final = ("Nothing is here", "This address waits for the end of a log-in, and this was not it.")


def can_receive(redirect_uri: str) -> bool:
    """Say whether a browser that is sent to *redirect_uri* comes to this machine, in the clear."""
    parts = urlsplit(redirect_uri)
    return parts.scheme == "http" and is_loopback(parts.hostname or "")


class Receiver:
    """
    Listens inside the ``with`` for the one answer that ``expect`` describes.

    Args:
        redirect_uri: A loopback address; its port may be 0.
    Raises:
        Trouble: the port cannot be had.
    """

    def __init__(self, redirect_uri: str) -> None:
        parts = urlsplit(redirect_uri)
        host, port = parts.hostname or "", parts.port if parts.port is not None else 80
        self._server = _listening(host, port, parts.path or "/")
        netloc = self._server.netloc
        self.redirect_uri = parts._replace(netloc=netloc).geturl()
        self.port = self._server.server_address[1]
        self._thread = threading.Thread(target=self._serve, name="mailup-oauth-receiver", daemon=True)
        self._gate = threading.Lock()
        self._is_serving = self._is_over = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop listening, after the browser that brought the answer has seen the last page."""
        with self._gate:
            self._is_over = True
        if self._is_serving:
            if self._server.has_answered.is_set():
                self._server.is_seen.wait(CURTSY)
            self._server.shutdown()
            self._thread.join()
        self._server.server_close()

    def expect(self, is_ours: Callable[[str], bool]) -> socket.socket:
        """Begin to answer, and return what becomes readable when the answer *is_ours* knows is there to be taken."""
        self._server.is_ours = is_ours
        self._thread.start()
        return self._server.bell

    def _serve(self) -> None:
        """Answer until told to stop; a thread that comes to run only when all is over touches nothing any more."""
        with self._gate:
            if self._is_over:
                return
            self._is_serving = True
        self._server.serve_forever(LOOK)

    def take(self) -> str:
        """Return the answer: the path and query that the browser asked for."""
        return self._server.answers.get_nowait()


class _Server(ThreadingMixIn, TCPServer):
    """The socket, and what its handlers share."""

    daemon_threads = True
    allow_reuse_address = True
    block_on_close = False

    def __init__(self, host: str, port: int, path: str) -> None:
        self.address_family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self.bell, self._rope = socket.socketpair()  # first, for whoever fails to bind closes everything
        super().__init__((host, port), _Handler)
        taken = self.server_address[1]
        self.netloc = f"[{host}]:{taken}" if ":" in host else f"{host}:{taken}"
        self.path = path
        self.is_ours: Callable[[str], bool] = lambda _: False
        self.answers: SimpleQueue[str] = SimpleQueue()
        self.has_answered, self.is_seen = threading.Event(), threading.Event()

    def answer(self, address: str) -> None:
        """Hand the first answer on; a reload is no second one."""
        if not self.has_answered.is_set():
            self.has_answered.set()
            self.answers.put(address)
            self._rope.send(b"\0")

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing of a browser that went away."""

    def server_close(self) -> None:
        """Give back every socket."""
        super().server_close()
        self.bell.close()
        self._rope.close()


def _listening(host: str, port: int, path: str) -> _Server:
    """Return a server that listens."""
    try:
        return _Server(host, port, path)
    except OSError as error:
        reason = os.strerror(error.errno or 0)
    raise Trouble(
        code="port_unavailable",
        message=f"The browser's answer cannot be received on {host} port {port}: {reason}.",
        remedy="Give mailup-oauth login another port with --port, or --port 0 for any that is free.",
    )


class _Handler(BaseHTTPRequestHandler):
    """Answers one request."""

    timeout: ClassVar[float | None] = PATIENCE
    server_version = "mailup-oauth"
    sys_version = ""

    def do_GET(self) -> None:
        """Take the answer and lead the browser on to an address without a query, or turn a stray away."""
        server, place = cast("_Server", self.server), self.path.partition("?")[0]
        if self.headers.get_all("Host", []) != [server.netloc]:
            self._page(421, _STRAY)
        elif place == server.path and server.is_ours(self.path):
            server.answer(self.path)  # first, for the browser may be at the last page before this method ends
            self._page(303, _ARRIVED, location=f"http://{server.netloc}{DONE}")
        elif self.path == DONE and server.has_answered.is_set():
            self._page(200, _ARRIVED)
            server.is_seen.set()
        else:
            self._page(400 if place == server.path else 404, _STRAY)

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:  # noqa: ARG002
        """Turn away whatever is no GET, or no HTTP, with our own page."""
        self._page(405 if code == 501 else code, _STRAY)  # noqa: PLR2004  # the base class has no other word for it

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the base class's name
        """Keep silent: what was asked for holds the code."""

    def _page(self, status: int, words: tuple[str, str], *, location: str = "") -> None:
        title, sentence = words
        body = _PAGE.format(title=title, sentence=sentence, style=_STYLE).encode()
        self.send_response(status)
        for name, value in HEADERS.items():
            self.send_header(name, value)
        if location:
            self.send_header("Location", location)
        if status == 405:  # noqa: PLR2004  # "Method Not Allowed", which must say what is
            self.send_header("Allow", "GET")
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)
