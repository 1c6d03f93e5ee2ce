"""The way to the token endpoints: every request is written down, and every answer is held back a little."""

import json
import threading
import time
from collections.abc import Callable
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from random import Random
from urllib.parse import parse_qs, urlsplit

from referee import Passage

LONGEST_HOLD = 0.15
"""Seconds for which an answer is held back at most, so that kills fall between the server's commit and the store's."""


class Relay(ThreadingHTTPServer):
    """
    Carries ``/SERVER/INCARNATION/...`` to the server of that name.

    Args:
        bases: Where the servers are, by name.
        mark: Makes what may be written down of a token.
    """

    daemon_threads = True
    request_queue_size = 1024

    def __init__(self, bases: dict[str, str], mark: Callable[[str], str]) -> None:
        super().__init__(("127.0.0.1", 0), Carrier)
        self.bases, self.mark, self.chance = bases, mark, Random()  # noqa: S311  # how long to hold
        self.lock, self.seen = threading.Lock(), []
        self.base = f"http://127.0.0.1:{self.server_port}"
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()

    @property
    def passages(self) -> tuple[Passage, ...]:
        """Return what has passed so far."""
        with self.lock:
            return tuple(self.seen)

    def write_down(self, passage: Passage) -> None:
        """Keep a passage."""
        with self.lock:
            self.seen.append(passage)


class Carrier(BaseHTTPRequestHandler):
    """Carries one request there, writes it down, and carries the answer back to whoever is left."""

    server: Relay

    def do_POST(self) -> None:
        """Carry it."""
        form = self.rfile.read(int(self.headers["Content-Length"]))
        asked = time.monotonic()
        _, name, incarnation, path = self.path.split("/", 3)
        status, headers, answer = self.asked_for(name, f"/{path}", form)
        answered = time.monotonic()
        mark = self.server.mark
        born = json.loads(answer).get("refresh_token", "") if status == 200 else ""
        self.server.write_down(
            Passage(
                server=name,
                incarnation=int(incarnation),
                spent=mark(parse_qs(form.decode())["refresh_token"][0]),
                asked=asked,
                status=status,
                born=mark(born) if born else "",
                answered=answered,
            )
        )
        time.sleep(self.server.chance.uniform(0, LONGEST_HOLD))
        try:
            self.answer(status, headers, answer)
        except OSError:  # nobody is left to take it
            self.close_connection = True

    def asked_for(self, name: str, path: str, form: bytes) -> tuple[int, dict[str, str], bytes]:
        """Return the server's answer."""
        there = HTTPConnection(urlsplit(self.server.bases[name]).netloc, timeout=30)
        there.request("POST", path, form, dict(self.headers))
        answer = there.getresponse()
        body = answer.read()
        there.close()
        return answer.status, dict(answer.headers), body

    def answer(self, status: int, headers: dict[str, str], body: bytes) -> None:
        """Pass the answer on."""
        self.send_response_only(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the standard library's name
        """Write nothing."""
