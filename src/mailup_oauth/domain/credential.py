"""A secret together with the mark that may be shown in its place."""

from collections.abc import Callable
from typing import final

from attrs import frozen

from .secret import Secret


@final
@frozen
class Withheld:
    """The place where a secret was, after redaction; all withheld values are alike."""


WITHHELD = Withheld()


@frozen
class Mark:
    """
    What may be shown of a secret: a keyed digest that says "the same one again" and nothing else.

    Attributes:
        key: The id of the marking key, so that marks of different installations or keys are never taken for equal.
        digest: 32 lower-case hexadecimal digits, 128 bits of HMAC-SHA-256.
    Source: security.md row 51; ADR 0004.
    """

    key: str
    digest: str

    def __str__(self) -> str:
        return f"{self.key}:{self.digest}"


@frozen
class Credential:
    """A secret, or the place where it was, and the mark that was made once, where it was born."""

    value: Secret | Withheld
    mark: Mark


Marking = Callable[[Secret], Credential]
"""The Marker port's one deed, handed to the pure readers of answers so that a mark is made where a secret is born."""
