"""The keys of an installation: the newest seals and marks, the older ones still open what they sealed."""

import base64
import re
import secrets
from hashlib import sha256

from attrs import Attribute, field, frozen
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from ...domain.errors import KeyUnavailable

KEY_OCTETS = 32
ID_DIGITS = 8
_KEY_TEXT = re.compile(r"[A-Za-z0-9_-]{43}")  # RFC 4648 section 5, without padding


def _of_the_right_size(instance: object, attribute: "Attribute[bytes]", value: bytes) -> None:  # noqa: ARG001
    """Refuse a key that is not 256 bits."""
    size = len(value)
    del value  # a traceback shows what names stand for
    if size != KEY_OCTETS:
        problem = f"a key has {KEY_OCTETS} octets, and this one has {size}"
        raise KeyUnavailable(problem)


def _at_least_one(instance: object, attribute: "Attribute[tuple[Key, ...]]", value: "tuple[Key, ...]") -> None:  # noqa: ARG001
    """Refuse a key ring without a key."""
    if not value:
        problem = "the key ring is empty"
        raise KeyUnavailable(problem)


@frozen
class Key:
    """
    One key of 256 bits, from which the keys for sealing and marking are derived.

    Attributes:
        octets: The key itself; never shown.
    Raises:
        KeyUnavailable: it does not have 32 octets.
    """

    octets: bytes = field(validator=_of_the_right_size, repr=False)

    @property
    def id(self) -> str:
        """Eight hexadecimal digits that tell it from others and nothing else."""
        return sha256(b"mailup-oauth key id 1\0" + self.octets).hexdigest()[:ID_DIGITS]

    def derived(self, purpose: str) -> bytes:
        """Return 32 octets for one purpose (RFC 5869); other purposes have others."""
        return HKDF(algorithm=SHA256(), length=KEY_OCTETS, salt=None, info=purpose.encode()).derive(self.octets)

    def text(self) -> str:
        """Return the key as 43 characters of base64url, to be kept in a file or secret manager."""
        return base64.urlsafe_b64encode(self.octets).rstrip(b"=").decode("ascii")


@frozen
class KeyRing:
    """
    The keys in the order of their age, newest first; at least one.

    Raises:
        KeyUnavailable: there is none.
    """

    keys: tuple[Key, ...] = field(validator=_at_least_one)

    @property
    def newest(self) -> Key:
        """The key that seals and marks."""
        return self.keys[0]

    def named(self, name: str) -> Key:
        """
        Return the key with the id *name*.

        Raises:
            KeyUnavailable: it is not in the ring.
        """
        for key in self.keys:
            if key.id == name:
                return key
        problem = f"the key {name!a} is not in the key ring"
        raise KeyUnavailable(problem)


def new_key() -> Key:
    """Return a fresh key from the operating system."""
    return Key(secrets.token_bytes(KEY_OCTETS))


def read_keys(text: str) -> KeyRing:
    """
    Return the keys in *text*, one a line or separated by commas, newest first; blank lines are passed over.

    Raises:
        KeyUnavailable: a line is not a key; the message says which line, and not what stands there.
    """
    lines = [line.strip() for line in text.replace(",", "\n").splitlines()]
    wrong = [number for number, line in enumerate(lines, start=1) if line and not _KEY_TEXT.fullmatch(line)]
    del text
    if wrong:
        del lines  # what is nearly a key must not stand in a traceback either
        problem = f"line {wrong[0]} is not a key of 43 characters of base64url"
        raise KeyUnavailable(problem)
    return KeyRing(tuple(Key(base64.urlsafe_b64decode(f"{line}=")) for line in lines if line))
