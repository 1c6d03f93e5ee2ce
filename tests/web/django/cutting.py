"""A way to PostgreSQL that breaks around a COMMIT: before the server hears it, or after it has obeyed."""

import socket
import threading
from contextlib import suppress

COMMIT = b"COMMIT"


class Cutter:
    """
    Carries sessions between a socket of its own and the server's, inside the ``with``.

    Args:
        folder: Where its socket is, which a client is told as the host.
        behind: The server's own socket.
    """

    def __init__(self, folder, behind):
        self._behind = behind
        self._own = socket.socket(socket.AF_UNIX)
        self._own.bind(str(folder / ".s.PGSQL.5432"))
        self._own.listen(64)
        self._when, self._passing, self.cut = "", 0, 0
        threading.Thread(target=self._serve, daemon=True).start()

    def arm(self, when, *, passing=0):
        """Cut one COMMIT, ``before`` or ``after`` the server has it; *passing* pass untouched first."""
        self._when, self._passing = when, passing

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._own.shutdown(socket.SHUT_RDWR)
        self._own.close()

    def _serve(self):
        """Take every session that comes."""
        while True:
            try:
                client, _ = self._own.accept()
            except OSError:
                return
            server = socket.socket(socket.AF_UNIX)
            server.connect(str(self._behind))
            mute = threading.Event()
            threading.Thread(target=self._there, args=(client, server, mute), daemon=True).start()
            threading.Thread(target=carry, args=(server, client, mute), daemon=True).start()

    def _there(self, client, server, mute):
        """Carry what the client says, and look for its COMMIT."""
        while said := heard(client):
            if COMMIT in said and self._is_due():
                self.cut += 1
                if self._cut == "after":
                    mute.set()  # the server's answer ends the session in place of being carried
                    server.sendall(said)
                    return
                break
            server.sendall(said)
        shut(client)
        shut(server)

    def _is_due(self):
        """Say whether this COMMIT is the one."""
        if not self._when:
            return False
        if self._passing:
            self._passing -= 1
            return False
        self._cut, self._when = self._when, ""
        return True


def carry(server, client, mute):
    """Carry what the server says until it ends, or is to find nobody."""
    while (said := heard(server)) and not mute.is_set():
        try:
            client.sendall(said)
        except OSError:
            break
    shut(server)
    shut(client)


def heard(side):
    """Return what one side says; nothing when it is over."""
    try:
        return side.recv(65536)
    except OSError:
        return b""


def shut(side):
    """Hang up."""
    with suppress(OSError):
        side.shutdown(socket.SHUT_RDWR)
    side.close()
