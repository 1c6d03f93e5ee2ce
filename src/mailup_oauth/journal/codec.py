"""States, events and what was received as canonical JSON and back; the format is final, and holds no secret."""

from collections.abc import Mapping
from functools import lru_cache
from typing import cast

from cattrs.errors import BaseValidationError

from ..domain.errors import StoreCorrupted
from ..domain.events import Event
from ..domain.states import State
from .canonical import Json, compact, parsed
from .converter import CONVERTER, TYPE, as_members, as_number, as_text
from .installation import Installation, InstallationEvent
from .names import EVENTS, RECEIVED, STATES
from .received import Received

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
    return compact({"format": FORMAT, "state": _written(state)})


@lru_cache(maxsize=64)
def decode_state(clear: bytes) -> State:
    """
    Return the redacted state that was written; one flight reads the same row several times, and decodes it once.

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


def encode_received(received: Received) -> bytes:
    """
    Return the canonical bytes of what was received, redacted, as a spill holds them.

    Raises:
        TypeError: a secret in it was not withheld.
    """
    return compact({"format": FORMAT, "received": _written(received)})


def decode_received(clear: bytes) -> Received:
    """
    Return what was written, redacted.

    Raises:
        StoreCorrupted: the bytes were not written by ``encode_received``.
    """
    received = _named(clear, "received", RECEIVED)
    if isinstance(received, Received):
        return received
    raise _unreadable("what was received")


def is_of_later_release(clear: bytes) -> bool:
    """Say whether bytes like those that are written here have a format that only a later release knows."""
    try:
        return as_number(cast("dict[str, Json]", parsed(clear))["format"]) > FORMAT
    except UNREADABLE:
        return False


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
    return _named(clear, "state", STATES)


def _named(clear: bytes, what: str, names: Mapping[str, type]) -> object:
    """Return the value that stands under the name *what* beside the format's number, or nothing where there is none."""
    try:
        members = as_members(parsed(clear), frozenset({"format", what}))
        return _read(members[what], names) if as_number(members["format"]) == FORMAT else None
    except UNREADABLE:
        return None


def _unreadable(what: str) -> StoreCorrupted:
    """
    Return the complaint.

    It is raised outside of every ``except``, so that no other exception and none of its values hang on to it.
    """
    return StoreCorrupted(f"{what} is not in the form in which this release writes it")
