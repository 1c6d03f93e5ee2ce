"""A copy of what judges have in mind, so that many histories can go on from one beginning."""

from collections import Counter
from collections.abc import Callable
from functools import cache
from typing import TypeVar, cast

import attrs

T = TypeVar("T")


def copied(value: T, known: dict[int, object]) -> T:
    """Return *value* with everything copied in it that can change; what is one object stays one, by what is *known*."""
    return cast("T", _copied(value, known))


def _copied(value: object, known: dict[int, object]) -> object:
    kind: type = type(value)
    way = _way(kind)
    return value if way is None else way(value, known)


_Way = Callable[[object, dict[int, object]], object]


@cache
def _way(kind: type) -> _Way | None:
    """Return how values of a kind are copied; nothing for those that never change."""
    if kind is dict or kind is Counter:
        return lambda value, known: _copied_members(cast("dict[object, object]", value), known)
    if kind is list:
        return lambda value, known: [_copied(one, known) for one in cast("list[object]", value)]
    if kind is set:
        return lambda value, _: {*cast("set[object]", value)}
    if attrs.has(kind) and kind.__setattr__ is object.__setattr__:
        names = tuple(field.name for field in attrs.fields(kind))
        return lambda value, known: known.get(id(value)) or _copied_whole(value, names, known)
    return None


def _copied_members(members: dict[object, object], known: dict[int, object]) -> dict[object, object]:
    copy = members.copy()
    if any(map(_way, set(map(type, members.values())))):
        for key, one in members.items():
            copy[key] = _copied(one, known)
    return copy


def _copied_whole(value: object, names: tuple[str, ...], known: dict[int, object]) -> object:
    """Return the copy of a changeable object, which is known from then on."""
    copy = known[id(value)] = object.__new__(type(value))
    for name in names:
        setattr(copy, name, _copied(getattr(value, name), known))
    return copy
