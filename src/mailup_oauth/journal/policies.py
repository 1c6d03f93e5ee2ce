"""A short hash of the numbers and tolerances that a decision was made under, so that a change of them is seen."""

import enum
from datetime import timedelta
from functools import cache
from typing import cast

import attrs

from ..domain.policy import Policy
from ..domain.provider import Provider
from .canonical import Json, canonical, digest

_DIGITS = 16


@cache
def policy_hash(policy: Policy, provider: Provider) -> str:
    """Return 16 hexadecimal digits: the same for equal values, on every machine."""
    return digest(canonical({"policy": _shown(policy), "provider": _shown(provider)})).hex()[:_DIGITS]


def _shown(value: object) -> Json:
    """Return *value* as JSON that has no number in it, and so no number that is too large or not exact."""
    match value:
        case str():
            return value
        case enum.Enum():
            return _shown(value.value)
        case timedelta():
            return str(value // timedelta(microseconds=1))
        case tuple():
            return [_shown(item) for item in cast("tuple[object, ...]", value)]
        case frozenset():
            return sorted(str(_shown(item)) for item in cast("frozenset[object]", value))
        case Policy() | Provider():
            return {field.name: _shown(getattr(value, field.name)) for field in attrs.fields(type(value))}
        case _:
            return repr(value)
