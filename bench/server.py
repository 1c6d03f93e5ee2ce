"""
An authorization server as strict as RFC 9700 section 4.14.2 allows, in a process of its own: it is the referee of the storms.

Refresh tokens rotate, a reused one ends the family, a token request takes 150 ms.  It shares no code with the library.
"""

import json
import secrets
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

DELAY = 0.15
"""Seconds that a token request takes."""

FIRST = {"access_token": "a0", "refresh_token": "r0"}
"""What a code gives, and everybody begins with; the access token has expired."""


class Family:
    """One authorization: the refresh token that is good, those that were, and what was counted."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.refresh, self.spent, self.accesses = FIRST["refresh_token"], set(), set()
        self.requests = self.reuses = 0
        self.revoked = False

    def rotate(self, refresh: str) -> dict[str, object] | None:
        """Return new tokens for the good refresh token; end the family for one that was used before."""
        with self.lock:
            self.requests += 1
            if refresh in self.spent:
                self.reuses += 1
                self.revoked = True
            if self.revoked or refresh != self.refresh:
                return None
            self.spent.add(refresh)
            self.refresh, access = secrets.token_hex(32), secrets.token_hex(32)
            self.accesses.add(access)
            return {"access_token": access, "refresh_token": self.refresh, "expires_in": 3600, "token_type": "Bearer"}


class Server(ThreadingHTTPServer):
    """A thread for each connection, as many as come at once."""

    daemon_threads = True
    request_queue_size = 1024
    family = Family()


class Handler(BaseHTTPRequestHandler):
    """``POST /token``, ``GET /api``, ``GET /counts``, ``POST /reset``."""

    protocol_version = "HTTP/1.1"
    server: Server

    def do_POST(self) -> None:
        """Answer a token request, or begin anew."""
        body = self.rfile.read(int(self.headers.get("Content-Length", "0"))).decode()
        if self.path == "/reset":
            self.server.family = Family()
            return self._say(200, {})
        asked = {name: values[0] for name, values in parse_qs(body).items()}
        if asked.get("grant_type") == "authorization_code":
            return self._say(200, {**FIRST, "expires_in": 3600, "token_type": "Bearer"})
        time.sleep(DELAY)
        tokens = self.server.family.rotate(asked.get("refresh_token", ""))
        return self._say(200, tokens) if tokens else self._say(400, {"error": "invalid_grant"})

    def do_GET(self) -> None:
        """Answer an API call, or tell what was counted."""
        family = self.server.family
        if self.path == "/counts":
            return self._say(200, {"requests": family.requests, "reuses": family.reuses, "revoked": family.revoked})
        good = self.headers.get("Authorization", "").removeprefix("Bearer ") in family.accesses and not family.revoked
        return self._say(200 if good else 401, {})

    def _say(self, status: int, members: dict[str, object]) -> None:
        body = json.dumps(members).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


if __name__ == "__main__":
    with Server(("127.0.0.1", 0), Handler) as server:
        print(server.server_address[1], flush=True)
        threading.Thread(target=lambda: (sys.stdin.read(), server.shutdown()), daemon=True).start()
        server.serve_forever(poll_interval=0.05)
