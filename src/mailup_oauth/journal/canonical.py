"""JSON in the one form that RFC 8785 allows it, and its digest; what the JSON means is not known here."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import cast

import rfc8785

Json = str | int | float | bool | None | Sequence["Json"] | Mapping[str, "Json"]


def canonical(value: Json) -> bytes:
    """
    Return the bytes of *value*: the same for equal values, on every machine.

    Raises:
        ValueError: it holds a number beyond 2**53, or text that is not Unicode.
    """
    return rfc8785.dumps(cast("dict[str, str]", value))


def parsed(text: bytes) -> Json:
    """
    Return what *text* says, whether or not it says it canonically.

    Raises:
        ValueError: it is not JSON in UTF-8.
        RecursionError: it is nested too deep.
    """
    return cast("Json", json.loads(text.decode()))


def is_compact(value: Json, text: bytes) -> bool:
    """
    Say whether *text* is the shortest way to write *value*, its members in order.

    For text and whole numbers under names in ASCII that is the canonical form, and is found ten times as fast.
    """
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode() == text


def digest(text: bytes) -> bytes:
    """Return the SHA-256 of *text*, 32 bytes."""
    return hashlib.sha256(text).digest()


def framed(*parts: bytes) -> bytes:
    """Return *parts* one after the other, each behind its length in 8 bytes, so that no two lists look alike."""
    return b"".join(len(part).to_bytes(8, "big") + part for part in parts)
