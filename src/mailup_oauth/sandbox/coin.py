"""New tokens, codes and cookies out of chance that was handed in; it never asks for chance itself."""

from hashlib import sha256, shake_256
from string import ascii_letters, digits
from typing import Final

from attrs import frozen

from ..domain.secret import Secret

TOKEN_PAIRS: Final = 64
"""128 characters, as in both recordings; mailup-wire.md section 8."""
SHORT_PAIRS: Final = 16
"""Codes, cookies and page tokens: 32 characters, more than 128 bits."""
_FIRST: Final = bytes(b"01234"[byte % 5] for byte in range(256))
"""Which digit each byte of chance becomes."""
_ALPHANUMERICS: Final = (digits + ascii_letters).encode("ascii")
_SECOND: Final = bytes(_ALPHANUMERICS[byte % len(_ALPHANUMERICS)] for byte in range(256))
"""Which alphanumeric each byte of chance becomes."""


@frozen
class Chance:
    """
    What a decision may draw on.

    Attributes:
        entropy: Unguessable bytes; two requests may even share them, *serial* keeps their coins apart.
        serial: How many events the world has seen.
    """

    entropy: bytes
    serial: int

    def coin(self, purpose: str, pairs: int = SHORT_PAIRS) -> Secret:
        """Return a new value of *pairs* times a digit 0-4 and an alphanumeric; each *purpose* has its own."""
        raw = shake_256(f"{purpose}:{self.serial}:".encode() + self.entropy).digest(2 * pairs)
        letters = bytearray(2 * pairs)
        letters[::2], letters[1::2] = raw[::2].translate(_FIRST), raw[1::2].translate(_SECOND)
        return Secret(letters.decode("ascii"))


def key_of(secret: Secret) -> str:
    """Return the name under which the world keeps *secret*: a digest, so that no key of a mapping is a secret."""
    return sha256(secret.reveal().encode("utf-8", "surrogatepass")).hexdigest()
