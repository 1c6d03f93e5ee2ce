"""
Proving that a journal is whole and that it leads to what is stored; it needs no key.

What it cannot see: that a whole older row was put back together with its whole older journal.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar, cast

from attrs import frozen

from ..domain.errors import StoreCorrupted
from ..domain.evolve import ImpossibleEvent, evolve
from ..domain.states import INITIAL, State
from ..ports import Row
from .canonical import Json, digest
from .codec import UNREADABLE, encode_state
from .converter import written_moment
from .installation import INSTALLATION, UNTOUCHED, Installation, InstallationEvent, counted
from .records import genesis, record_of, said_by

S = TypeVar("S")


@frozen(kw_only=True)
class Verified:
    """All *records* are as they were written, and none is missing; *head* is the SHA-256 of the last, in hexadecimal."""

    records: int
    head: str


@frozen(kw_only=True)
class Broken:
    """
    The journal is not what was written.

    Attributes:
        sequence: The first bad one; a missing one is bad, and where two neighbours claim one number, that number is.
        what: What is wrong, in words without values.
    """

    sequence: int
    what: str


def verify(connection: str, records: Iterable[bytes], row: Row) -> Verified | Broken:
    """
    Say whether *records*, all of them from the first, are the journal of *connection* and lead to *row*.

    They are chained without a gap up to the row's head, their times never go back, every event was possible where it
    happened, and together they give the row's state, byte for byte.
    """
    state = _walked(connection, records, row, _beginning(connection), _after)
    if isinstance(state, Broken):
        return state
    if encode_state(state) != row.clear:
        return Broken(sequence=row.sequence, what="the row holds another state than the journal leads to")
    return Verified(records=row.sequence, head=row.head.hex())


def verify_chain(connection: str, records: Iterable[bytes], row: Row) -> Verified | Broken:
    """Say whether *records* are chained without a gap up to the row's head; the events themselves are not looked at."""
    broken = _walked(connection, records, row, None, lambda nothing, _, __: nothing)
    return broken or Verified(records=row.sequence, head=row.head.hex())


def replay(connection: str, records: Iterable[bytes]) -> State | Installation | Broken:
    """Return the redacted state that *records* lead to, or the first that cannot be; the chain is not looked at."""
    state = _beginning(connection)
    for place, text in enumerate(records, start=1):
        after = _after(state, place, _Said(said_by(text), text))
        if isinstance(after, Broken):
            return after
        state = after
    return state


def _beginning(connection: str) -> State | Installation:
    return UNTOUCHED if connection == INSTALLATION else INITIAL


@frozen
class _Said:
    """A record: what it says, and its bytes."""

    what: Json
    text: bytes


def _after(state: State | Installation, place: int, said: _Said) -> State | Installation | Broken:
    """Return the state after the record at *place*."""
    try:
        event = record_of(said.what, said.text).event
        if isinstance(state, Installation):
            return counted(state, event) if isinstance(event, InstallationEvent) else _foreign(place)
        return _foreign(place) if isinstance(event, InstallationEvent) else evolve(state, event)
    except StoreCorrupted:
        return Broken(sequence=place, what="not in the form in which this release writes it")
    except ImpossibleEvent:
        return Broken(sequence=place, what="an event that cannot have happened there")


def _foreign(place: int) -> Broken:
    return Broken(sequence=place, what="an event of another kind of journal")


@frozen
class _Link:
    """A record, as far as the chain goes."""

    said: _Said
    sequence: int
    previous: str
    connection: str
    at: str


def _walked(
    connection: str, records: Iterable[bytes], row: Row, state: S, step: Callable[[S, int, _Said], S | Broken]
) -> S | Broken:
    """Return the state that the steps over all records lead to, or the first record that is not what was written."""
    head, at, place = genesis(connection).hex(), "", 0
    rest = iter(records)
    for place, text in enumerate(rest, start=1):
        link = _read(text)
        if link is None:
            return Broken(sequence=place, what="not a record")
        if link.sequence != place:
            return _misplaced(link, place, head)
        if link.previous != head:
            return _unchained(link, rest, row)
        what = _oddity(link, connection, at, row)
        if what:
            return Broken(sequence=place, what=what)
        after = step(state, place, link.said)
        if isinstance(after, Broken):
            return after
        state, head, at = after, digest(text).hex(), link.at
    return _broken_end(place, head, at, row) or state


def _read(text: bytes) -> _Link | None:
    """Return what chains a record, or nothing where it cannot be read."""
    said = said_by(text)
    try:
        told = cast("dict[str, Json]", said)
        sequence, previous, whose, at = told["sequence"], told["previous"], told["connection"], told["at"]
    except UNREADABLE:
        return None
    if isinstance(sequence, int) and isinstance(previous, str) and isinstance(whose, str) and isinstance(at, str):
        return _Link(_Said(said, text), sequence, previous, whose, at)
    return None


def _misplaced(link: _Link, place: int, head: str) -> Broken:
    """Tell which number is bad where a record has another one than its place."""
    if link.sequence == place - 1 and link.previous != head:
        return Broken(sequence=link.sequence, what="two records claim this number")
    return Broken(sequence=place, what="another record stands in its place")


def _unchained(link: _Link, rest: Iterator[bytes], row: Row) -> Broken:
    """
    Tell which of two records that are not chained is bad.

    It is the second, if what comes after it does not vouch for it either; else it speaks the truth about the first.
    """
    follower = next(rest, None)
    after = None if follower is None else _read(follower)
    vouched = row.head.hex() if follower is None else after and after.previous
    is_second_bad = link.sequence == 1 or digest(link.said.text).hex() != vouched
    return Broken(sequence=link.sequence - (not is_second_bad), what="not what its neighbour was chained to")


def _oddity(link: _Link, connection: str, at: str, row: Row) -> str:
    """Return what is wrong with a record that is chained; nothing if it is as it should be."""
    if link.connection != connection:
        return "a record of another connection"
    if link.at < at:
        return "its time is before that of the record before"
    if link.sequence > row.sequence:
        return "the row counts fewer records"
    return ""


def _broken_end(records: int, head: str, at: str, row: Row) -> Broken | None:
    """Return what is wrong with the end of the journal, if anything is."""
    if records < row.sequence:
        return Broken(sequence=records + 1, what="missing")
    if head != row.head.hex() or at != written_moment(row.written_at):
        return Broken(sequence=records, what="not the record at which the row says the journal ends")
    return None
