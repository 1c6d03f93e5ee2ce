"""What a state may be made of: five fields, one changed, and the smallest machine that decides and evolves over it."""

import dataclasses
from collections import namedtuple
from collections.abc import Callable
from typing import Any

import attrs
from attrs import frozen

FIELDS = ("account", "access", "refresh", "expires", "version")
VALUES = ("acme", "access", "refresh", 3600, 1)


@frozen
class Shape:
    """A way of making classes of five fields, and of changing one field."""

    make: Callable[[str], Any]
    change: Callable[..., object]


SHAPES = {
    "attrs.frozen, slots": Shape(
        lambda name: attrs.make_class(name, FIELDS, frozen=True, slots=True),
        attrs.evolve,
    ),
    "dataclass, frozen, slots": Shape(
        lambda name: dataclasses.make_dataclass(name, FIELDS, frozen=True, slots=True),
        dataclasses.replace,
    ),
    "NamedTuple": Shape(
        lambda name: namedtuple(name, FIELDS),  # noqa: PYI024  # the same class, made by name
        lambda state, **changed: state._replace(**changed),
    ),
}


def constructed(shape: Shape) -> Callable[[], object]:
    """Construct one."""
    kind = shape.make("State")
    return lambda: kind(*VALUES)


def changed(shape: Shape) -> Callable[[], object]:
    """Change one field as the representation's own function does it."""
    state, change = shape.make("State")(*VALUES), shape.change
    return lambda: change(state, version=2)


def rebuilt(shape: Shape) -> Callable[[], object]:
    """Change one field by the constructor."""
    kind = shape.make("State")
    state = kind(*VALUES)
    return lambda: kind(state.account, state.access, state.refresh, state.expires, 2)


def moved(shape: Shape) -> Callable[[], object]:
    """One refresh of the smallest machine: two decisions and two events, dispatched by type; nothing real is decided."""
    authorized, refreshing, begun, issued = (shape.make(name) for name in ("A", "R", "B", "I"))
    decide = {
        authorized: lambda state, now: begun(state.account, state.access, state.refresh, now, state.version),
        refreshing: lambda state, now: issued(state.account, "new", "newer", now + 3600, state.version),
    }
    evolve = {
        (authorized, begun): lambda state, _: refreshing(
            state.account, state.access, state.refresh, state.expires, state.version + 1
        ),
        (refreshing, issued): lambda state, event: authorized(
            state.account, event.access, event.refresh, event.expires, state.version + 1
        ),
    }
    start = authorized(*VALUES)

    def refresh() -> object:
        state = start
        for now in (7, 8):
            event = decide[type(state)](state, now)
            state = evolve[type(state), type(event)](state, event)
        return state

    return refresh
