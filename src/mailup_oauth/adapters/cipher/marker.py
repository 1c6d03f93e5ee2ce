"""Marks: keyed digests that may be shown in place of secrets."""

import hmac
from hashlib import sha256

from ...domain.credential import Mark
from ...domain.secret import Secret
from .keys import KeyRing

_DIGITS = 32  # 128 bits (security.md row 51 asks for 96)
_PURPOSE = "mailup-oauth mark 1"


class HmacMarker:
    """The Marker port by HMAC-SHA-256 with a key of its own; safe for threads."""

    def __init__(self, ring: KeyRing) -> None:
        self._id = ring.newest.id
        self._key = ring.newest.derived(_PURPOSE)

    def mark(self, secret: Secret) -> Mark:
        """Return the mark: equal for equal secrets under one key, and telling nothing else."""
        text = secret.reveal().encode("utf-8", "surrogatepass")
        return Mark(self._id, hmac.new(self._key, text, sha256).hexdigest()[:_DIGITS])
