"""JSON in the one form that RFC 8785 allows it, and its digest; what the JSON means is not known here."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import cast

import rfc8785

LARGEST = 2**53 - 1
"""The largest whole number that every reader of JSON reads alike (RFC 8785 section 3.2.2.3)."""

_WRITER = json.JSONEncoder(sort_keys=True, ensure_ascii=False, separators=(",", ":"), check_circular=False)
"""Made once, because making it takes as long as writing a short text."""

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


def compact(value: Json) -> bytes:
    """
    Return the shortest way to write *value*, its members in the order of their names' code points.

    For text, and whole numbers up to ``LARGEST``, under names in ASCII, that is the canonical form, and is written many
    times as fast.  Whoever calls it for that answers for the value.

    Raises:
        ValueError: it holds text that is not Unicode.
    """
    return _WRITER.encode(value).encode()


def is_compact(value: Json, text: bytes) -> bool:
    """Say whether *text* is the shortest way to write *value*, its members in order, as ``compact`` writes it."""
    return compact(value) == text


def digest(text: bytes) -> bytes:
    """Return the SHA-256 of *text*, 32 bytes."""
    return hashlib.sha256(text).digest()


def framed(*parts: bytes) -> bytes:
    """Return *parts* one after the other, each behind its length in 8 bytes, so that no two lists look alike."""
    return b"".join([len(part).to_bytes(8, "big") + part for part in parts])
