"""Marks: keyed digests that may be shown in place of secrets."""

import hmac

from ...domain.credential import Mark
from ...domain.secret import Secret
from .keys import KeyRing

_DIGITS = 32  # 128 bits (security.md row 51 asks for 96)
_PURPOSE = "mailup-oauth mark 1"


class HmacMarker:
    """The Marker port by HMAC-SHA-256 with a key of its own; safe for threads."""

    def __init__(self, ring: KeyRing) -> None:
        self._id = ring.newest.id
        self._begun = hmac.new(ring.newest.derived(_PURPOSE), digestmod="sha256")

    def mark(self, secret: Secret) -> Mark:
        """Return the mark: equal for equal secrets under one key, and telling nothing else."""
        text = secret.reveal().encode("utf-8", "surrogatepass")
        marking = self._begun.copy()  # with the key already in it, which is half of the work
        marking.update(text)
        return Mark(self._id, marking.hexdigest()[:_DIGITS])
