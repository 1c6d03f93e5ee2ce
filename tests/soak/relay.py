"""The way to the token endpoints: every request is written down, and answers are held back a little, or never come."""

import json
import threading
import time
from collections.abc import Callable
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from random import Random
from urllib.parse import parse_qsl, urlsplit

import attrs
from facts import EXCHANGE, REFRESH, Passage

LONGEST_HOLD = {REFRESH: 0.15, EXCHANGE: 0.5}
"""
Seconds for which an answer is held back at most, so that kills fall between the server's commit and the store's.

Codes are fewer than refresh tokens, so theirs are held longer.
"""
DROPPED = 0.01
"""How many requests are dropped before the server gets them, and their connections closed, until that is to end."""


class Relay(ThreadingHTTPServer):
    """
    Carries ``/SERVER/INCARNATION/...`` to the server of that name.

    Args:
        bases: Where the servers are, by name.
        mark: Makes what may be written down of a token or code.
    """

    daemon_threads = True
    request_queue_size = 1024

    def __init__(self, bases: dict[str, str], mark: Callable[[str], str]) -> None:
        super().__init__(("127.0.0.1", 0), Carrier)
        self.bases, self.mark, self.chance = bases, mark, Random()  # noqa: S311  # how long to hold, what to drop
        self.dropped = DROPPED
        self.lock, self.seen = threading.Lock(), []
        self.base = f"http://127.0.0.1:{self.server_port}"
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()

    @property
    def passages(self) -> tuple[Passage, ...]:
        """Return what has passed so far."""
        with self.lock:
            return tuple(self.seen)

    def write_down(self, passage: Passage) -> None:
        """Keep a passage, as it is over here."""
        with self.lock:
            self.seen.append(attrs.evolve(passage, answered=time.monotonic()))


class Carrier(BaseHTTPRequestHandler):
    """Carries one request there, writes it down, and carries the answer back to whoever is left."""

    server: Relay

    def do_POST(self) -> None:
        """Carry it, or drop it."""
        form = self.rfile.read(int(self.headers["Content-Length"]))
        _, name, incarnation, path = self.path.split("/", 3)
        passage = self.begun(name, int(incarnation), dict(parse_qsl(form.decode())))
        if self.server.chance.random() < self.server.dropped:
            self.server.write_down(passage)
            self.close_connection = True
            return
        status, headers, answer = self.asked_for(name, f"/{path}", form)
        born = json.loads(answer).get("refresh_token", "") if status == 200 else ""
        self.server.write_down(
            attrs.evolve(passage, status=status, born=self.server.mark(born) if born else ""),
        )
        time.sleep(self.server.chance.uniform(0, LONGEST_HOLD[passage.grant]))
        try:
            self.answer(status, headers, answer)
        except OSError:  # nobody is left to take it
            self.close_connection = True

    def begun(self, server: str, incarnation: int, form: dict[str, str]) -> Passage:
        """Return what there is to write down of a request before it goes on."""
        grant = form["grant_type"]
        sent = form["refresh_token"] if grant == REFRESH else form["code"]
        now = time.monotonic()
        told = {"server": server, "incarnation": incarnation, "grant": grant, "spent": self.server.mark(sent)}
        return Passage(**told, asked=now, answered=now)

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
