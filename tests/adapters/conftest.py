"""Servers of a few lines, on real loopback sockets, that behave as badly as a test wants."""

import socket
import ssl
import struct
import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest
import trustme

from mailup_oauth.adapters.transport.httpx import HttpxTransport
from mailup_oauth.domain.secret import Secret
from mailup_oauth.domain.wire.http import HttpRequest

PATIENCE = 10.0  # seconds a server waits for a client that ought to come


class Line:
    """One connection, seen from the server."""

    def __init__(self, connection, peer):
        self._connection = connection
        self._peer = peer

    def hear(self):
        """Read one whole request, and keep it."""
        heard = b""
        while b"\r\n\r\n" not in heard:
            if not (piece := self._connection.recv(65536)):
                return
            heard += piece
        head, _, body = heard.partition(b"\r\n\r\n")
        lengths = [line.split(b":")[1] for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")]
        while len(body) < sum(map(int, lengths)):
            body += self._connection.recv(65536)
        self._peer.heard.append(head + b"\r\n\r\n" + body)

    def glimpse(self):
        """Read one byte and leave the rest, so that hanging up now is a reset."""
        self._connection.recv(1)

    def drain(self):
        """Read what has come so far, so that hanging up now is an orderly end."""
        self._connection.recv(65536)

    def say(self, *words):
        """Send *words* as they are."""
        for word in words:
            self._connection.sendall(word)

    def drip(self, words, pause):
        """Send *words* byte by byte with a pause, in seconds, between; end when the test does."""
        for index in range(len(words)):
            self._connection.sendall(words[index : index + 1])
            if self._peer.ended.wait(pause):
                return

    def flood(self, words):
        """Send *words* until the client hangs up; return how many bytes were taken."""
        taken = 0
        with suppress(OSError):
            while not self._peer.ended.is_set():
                taken += self._connection.send(words)
        self._peer.taken = taken

    def wait(self):
        """Say nothing until the client hangs up."""
        with suppress(OSError):
            while self._connection.recv(65536):
                pass
        self._peer.left.set()

    def reset(self):
        """Tear the connection down, as a crashed machine does: RST, not FIN."""
        self._connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._connection.close()

    def shake(self, context):
        """Speak TLS from here on."""
        self._connection = context.wrap_socket(self._connection, server_side=True)

    def close(self):
        """Hang up."""
        self._connection.close()


class Peer:
    """A server that plays one script with everybody who connects."""

    def __init__(self, script: Callable[[Line], object], tls: ssl.SSLContext | None):
        self._script = script
        self._tls = tls
        self._door = socket.create_server(("127.0.0.1", 0), backlog=64)
        self._door.settimeout(PATIENCE)
        self._threads = [threading.Thread(target=self._admit)]
        self.heard = []
        self.connections = 0
        self.taken = 0
        self.left = threading.Event()
        self.ended = threading.Event()
        self.port = self._door.getsockname()[1]
        self.url = f"{'https' if tls else 'http'}://127.0.0.1:{self.port}/token"
        self._threads[0].start()

    def _admit(self):
        """Take every connection until the end."""
        while True:
            try:
                connection, _ = self._door.accept()
            except OSError:
                return
            if self.ended.is_set():
                connection.close()
                return
            self.connections += 1
            self._threads.append(threading.Thread(target=self._play, args=(connection,)))
            self._threads[-1].start()

    def _play(self, connection):
        """Play the script to its end; what the client breaks is the client's right."""
        connection.settimeout(PATIENCE)
        line = Line(connection, self)
        with suppress(OSError):
            if self._tls:
                line.shake(self._tls)
            self._script(line)
        line.close()

    def end(self):
        """Stop, and wait for every thread."""
        self.ended.set()
        with suppress(OSError), socket.create_connection(("127.0.0.1", self.port)):
            pass  # wakes the one that accepts
        for thread in list(self._threads):
            thread.join(PATIENCE)
        self._door.close()


@pytest.fixture
def peer():
    """Start a server that plays a script, in TLS if a context is given; it ends with the test."""
    peers = []

    def start(script, *, tls=None):
        peers.append(Peer(script, tls))
        return peers[-1]

    yield start
    for one in peers:
        one.end()


@pytest.fixture
def answering(peer):
    """Start a server that reads a request and says some words, then hangs up."""

    def start(*words, tls=None):
        def script(line):
            line.hear()
            line.say(*words)

        return peer(script, tls=tls)

    return start


@pytest.fixture
def transport():
    """A transport with the usual roots."""
    way = HttpxTransport()
    yield way
    way.close()


@pytest.fixture
def asking():
    """Make a POST with two secrets, to a server or an address."""

    def make(target, **changes):
        given = {
            "method": "POST",
            "url": getattr(target, "url", target),
            "headers": (("Accept", "application/json"), ("Accept-Encoding", "identity")),
            "authorization": Secret("Basic canary-authorization"),
            "body": Secret("grant_type=refresh_token&refresh_token=canary-refresh"),
        }
        return HttpRequest(**given | changes)

    return make


@pytest.fixture
def post(transport, asking):
    """Send one POST and return what became of it; two seconds unless told."""

    def send(target, *, seconds=2.0, **changes):
        return transport.send(asking(target, **changes), deadline=timedelta(seconds=seconds))

    return send


class Authority:
    """A certificate authority of the test's own."""

    def __init__(self, folder: Path):
        self._ca = trustme.CA()
        self.roots = folder / "roots.pem"
        self._ca.cert_pem.write_to_path(str(self.roots))

    def serving(self, *names, **details):
        """Return a server's TLS settings with a certificate for *names*."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._ca.issue_cert(*names, **details).configure_cert(context)
        return context


@pytest.fixture
def authority(tmp_path):
    """A certificate authority that nobody trusts unless told."""
    return Authority(tmp_path)
