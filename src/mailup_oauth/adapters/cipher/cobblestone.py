"""Sealing by PyCA cryptography's Cobblestone recipe: AES-256-GCM in the C2SP chunked form, bound to a context."""

from functools import lru_cache

from cryptography.cobblestone import Cobblestone256Decryptor, Cobblestone256Encryptor
from cryptography.exceptions import InvalidTag

from ...domain.errors import StoreCorrupted
from .keys import ID_DIGITS, Key, KeyRing

_FORMAT = b"\x01"
_HEAD = len(_FORMAT) + ID_DIGITS
_PURPOSE = "mailup-oauth seal 1"


class CobblestoneCipher:
    """
    The Cipher port; safe for threads.

    A sealed message begins with one octet for the format and eight for the key's id; the rest is Cobblestone's: a fresh
    key for every message, and nothing comes out before all of it is authenticated.
    Source: ADR 0008; security.md row 50.
    """

    def __init__(self, ring: KeyRing) -> None:
        self._ring = ring

    def seal(self, plain: bytes, *, context: bytes) -> bytes:
        """Return *plain* sealed with the newest key and bound to *context*."""
        key = self._ring.newest
        sealing = Cobblestone256Encryptor(_sealing_key(key), context=context)
        return b"".join((_FORMAT, key.id.encode("ascii"), sealing.update(plain), sealing.finalize()))

    def unseal(self, sealed: bytes, *, context: bytes) -> bytes:
        """
        Return what was sealed.

        Raises:
            KeyUnavailable: its key is not in the key ring.
            StoreCorrupted: it was changed, or sealed for another *context*.
        """
        if len(sealed) < _HEAD or not sealed.startswith(_FORMAT):
            problem = "what is sealed does not begin as this release begins it"
            raise StoreCorrupted(problem)
        key = self._ring.named(sealed[len(_FORMAT) : _HEAD].decode("latin-1"))
        opening = Cobblestone256Decryptor(_sealing_key(key), context=context)
        try:
            return opening.update(sealed[_HEAD:]) + opening.finalize()
        except (InvalidTag, ValueError):
            problem = "what is sealed was changed, or belongs to another row"
        raise StoreCorrupted(problem)


@lru_cache(maxsize=64)
def _sealing_key(key: Key) -> bytes:
    """Return the key for sealing that is derived from *key*."""
    return key.derived(_PURPOSE)
