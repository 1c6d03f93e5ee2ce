"""States and events as canonical JSON and back; the format is final, and no secret can be written in it."""

from collections.abc import Mapping
from typing import cast

from cattrs.errors import BaseValidationError

from ..domain.errors import StoreCorrupted
from ..domain.events import Event
from ..domain.states import State
from .canonical import Json, canonical, parsed
from .converter import CONVERTER, TYPE, as_members, as_number, as_text
from .installation import Installation, InstallationEvent
from .names import EVENTS, STATES

FORMAT = 1
"""Of rows and of records; a release that writes another one goes on reading this one."""

UNREADABLE = (TypeError, ValueError, KeyError, RecursionError, BaseValidationError)
"""What reading raises when the bytes are not what was written."""


def encode_state(state: State | Installation) -> bytes:
    """
    Return the canonical bytes of a redacted state, as a row holds them.

    Raises:
        TypeError: a secret in it was not withheld.
        ValueError: it holds a number beyond 2**53, a moment without a zone, or text that is not Unicode.
    """
    return canonical({"format": FORMAT, "state": _written(state)})


def decode_state(clear: bytes) -> State:
    """
    Return the redacted state that was written.

    Raises:
        StoreCorrupted: the bytes were not written by ``encode_state`` for a connection.
    """
    state = _state(clear)
    if isinstance(state, State):
        return state
    raise _unreadable("a state")


def decode_installation(clear: bytes) -> Installation:
    """
    Return the installation's state that was written.

    Raises:
        StoreCorrupted: the bytes were not written by ``encode_state`` for an installation.
    """
    state = _state(clear)
    if isinstance(state, Installation):
        return state
    raise _unreadable("an installation")


def encode_event(event: Event | InstallationEvent) -> Json:
    """
    Return a redacted event as the object that a record holds.

    Raises:
        TypeError: a secret in it was not withheld.
        ValueError: it holds a number beyond 2**53, or a moment without a zone.
    """
    return _written(event)


def decode_event(value: Json) -> Event | InstallationEvent:
    """
    Return the redacted event that was written.

    Raises:
        StoreCorrupted: *value* was not made by ``encode_event``.
    """
    event = _event(value)
    if isinstance(event, Event | InstallationEvent):
        return event
    raise _unreadable("an event")


def _written(value: object) -> Json:
    return cast("Json", CONVERTER.unstructure(value))


def _read(value: Json, names: Mapping[str, type]) -> object:
    """Return the value of whichever class it names."""
    kind = names[as_text(cast("dict[str, Json]", value)[TYPE])]
    return cast("object", CONVERTER.structure(value, kind))


def _event(value: Json) -> object:
    """Return the event, or nothing where it cannot be read."""
    try:
        return _read(value, EVENTS)
    except UNREADABLE:
        return None


def _state(clear: bytes) -> object:
    """Return the state of either kind, or nothing where it cannot be read."""
    try:
        row = as_members(parsed(clear), frozenset({"format", "state"}))
        return _read(row["state"], STATES) if as_number(row["format"]) == FORMAT else None
    except UNREADABLE:
        return None


def _unreadable(what: str) -> StoreCorrupted:
    """
    Return the complaint.

    It is raised outside of every ``except``, so that no other exception and none of its values hang on to it.
    """
    return StoreCorrupted(f"{what} is not in the form in which this release writes it")
