"""Chance that repeats: for tests alone, and refused by anything that talks to a real server."""

import threading
from base64 import urlsafe_b64encode
from hashlib import sha256

from ..domain.secret import Secret


class SeededEntropy:
    """
    The Entropy port for tests: the same seed gives the same tokens and chances, on every Python; safe for threads.

    Args:
        seed: Any text.
        marker: A text that every token holds, by which a test finds a leak.
    """

    is_predictable = True

    def __init__(self, seed: str = "seed", *, marker: str = "") -> None:
        self._seed = seed
        self._marker = marker
        self._drawn = 0
        self._lock = threading.Lock()

    def token(self) -> Secret:
        """Return 43 characters of base64url, or more with a marker."""
        return Secret(self._marker + urlsafe_b64encode(self._digest()).rstrip(b"=").decode("ascii"))

    def chance(self) -> float:
        """Return a number from 0 to 1."""
        return int.from_bytes(self._digest()[:4], "big") / 2**32

    def _digest(self) -> bytes:
        """Return the next 32 bytes."""
        with self._lock:
            self._drawn += 1
            return sha256(f"{self._seed}:{self._drawn}".encode()).digest()
