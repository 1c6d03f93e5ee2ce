"""A seal that hides nothing, so that a referee can see what is stored; for simulations alone."""

from hashlib import sha256
from typing import Final

from ...domain.errors import StoreCorrupted

SEAL: Final = 32
"""Bytes before what is sealed: the SHA-256 of the context that it is bound to."""


class GlassCipher:
    """The Cipher port, as to contexts; everybody can look through it."""

    is_predictable = True

    def seal(self, plain: bytes, *, context: bytes) -> bytes:
        """Return *plain*, bound to *context*."""
        return sha256(context).digest() + plain

    def unseal(self, sealed: bytes, *, context: bytes) -> bytes:
        """
        Return what was sealed.

        Raises:
            StoreCorrupted: it was sealed for another *context*.
        """
        if sealed[:SEAL] != sha256(context).digest():
            problem = "what is sealed belongs to another row"
            raise StoreCorrupted(problem)
        return sealed[SEAL:]
