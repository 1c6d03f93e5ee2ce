"""One JSON object out of any bytes, strictly, or the reason why not; it knows no member's name."""

import codecs
import json
import math
import re
from collections.abc import Mapping
from typing import NoReturn, TypeGuard

from .outcomes import Defect

JsonObject = Mapping[str, object]

DEEPEST = 8
"""Objects and lists inside one another; security.md row 34."""

LONGEST_NUMBER = 64
"""Characters of a number; Python itself refuses integers of more than 4300 digits, and no honest answer has them."""

# A string without its end still is one string, and nothing is given back once matched: the walk is linear.
_STRING_OR_BRACKET = re.compile(r'"(?:[^"\\]++|\\.)*+"?+|[\[\]{}]', re.DOTALL)
_STEPS = {"{": 1, "[": 1, "}": -1, "]": -1}


class _RepeatedMember(ValueError):
    """Two members of one object have the same name and different values."""


def read_object(body: bytes) -> JsonObject | Defect:
    """
    Return the JSON object that *body* is, or what is wrong with it; never raises.

    Strict UTF-8 (RFC 8259 section 8.1; a byte order mark is put up with), no NaN and no Infinity, bounded depth and
    numbers, and no member said twice with different values, at any depth.  Takes time in proportion to the body.
    Source: security.md row 34.
    """
    try:
        text = body.removeprefix(codecs.BOM_UTF8).decode()
        _refuse_depth(text)
        value: object = _DECODER.decode(text)
    except _RepeatedMember:
        return Defect.REPEATED_MEMBER
    except ValueError:
        return Defect.NOT_JSON
    return value if _is_object(value) else Defect.NOT_AN_OBJECT


def _is_object(value: object) -> TypeGuard[JsonObject]:
    return isinstance(value, dict)


def _refuse_depth(text: str) -> None:
    """Measure before parsing, because the parser calls itself once for every level."""
    if text.count("{") + text.count("[") <= DEEPEST:
        return
    depth = 0
    for found in _STRING_OR_BRACKET.finditer(text):
        depth += _STEPS.get(found[0], 0)
        if depth > DEEPEST:
            raise ValueError


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """Refuse a name that stands for two values; ``repr`` tells 1, 1.0 and true apart, ``==`` does not."""
    members = dict(pairs)
    if len(members) < len(pairs) and any(repr(members[name]) != repr(value) for name, value in pairs):
        raise _RepeatedMember
    return members


def _integer(digits: str) -> int:
    """Refuse what is too long before Python does, in its own way, at 4300 digits."""
    return int(_bounded(digits))


def _fraction(digits: str) -> float:
    """Refuse what is beyond every float, such as 1e999, because infinity is no JSON number."""
    value = float(_bounded(digits))
    if math.isinf(value):
        raise ValueError
    return value


def _bounded(digits: str) -> str:
    if len(digits) > LONGEST_NUMBER:
        raise ValueError
    return digits


def _constant(name: str) -> NoReturn:
    """Refuse NaN and Infinity, which Python's parser would take."""
    raise ValueError(name)


_DECODER = json.JSONDecoder(
    object_pairs_hook=_object, parse_int=_integer, parse_float=_fraction, parse_constant=_constant
)
