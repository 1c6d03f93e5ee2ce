"""What one line of a journal says, how it is chained to the line before, and where a journal ends."""

import importlib.metadata
from collections.abc import Iterable
from datetime import UTC, datetime

from attrs import field, fields, frozen

from ..domain.errors import StoreCorrupted
from ..domain.events import Event
from ..domain.redact import redact
from ..ports import Absent, Row
from .canonical import Json, compact, digest, framed, is_compact, parsed
from .codec import FORMAT, UNREADABLE, decode_event, encode_event
from .converter import as_members, as_number, as_text, read_moment, written_moment
from .installation import InstallationEvent

LONGEST_TEXT = 200
"""Characters of an actor, a reason or a correlation id."""

_GENESIS = b"mailup-oauth journal 1"


def version_of(distribution: str) -> str:
    """Return the version of an installed distribution; ``unknown`` if it runs without being installed."""
    try:
        return importlib.metadata.version(distribution)
    except importlib.metadata.PackageNotFoundError:
        return "unknown"


LIBRARY_VERSION = version_of("mailup-oauth")


def one_line(text: str) -> str:
    """Return *text* in at most 200 printable characters; what cannot be printed is escaped (ASVS 16.4.1)."""
    text = text[:LONGEST_TEXT].replace("\\", "\\\\")
    shown = (char if char.isprintable() else char.encode("unicode_escape").decode("ascii") for char in text)
    return "".join(shown)[:LONGEST_TEXT]


@frozen(kw_only=True)
class Context:
    """
    On whose behalf something is done; it travels with every call into the journal.

    Attributes:
        actor: Who, in the application's own terms.
        reason: Why.
        correlation_id: What ties the records to the application's other logs.
    """

    actor: str = field(default="", converter=one_line)
    reason: str = field(default="", converter=one_line)
    correlation_id: str = field(default="", converter=one_line)


@frozen(kw_only=True)
class Stamp:
    """What all records of one transaction have in common; *policy_hash* tells under which numbers it was decided."""

    now: datetime
    context: Context
    policy_hash: str


@frozen(kw_only=True)
class Tail:
    """
    Where a journal ends, and so where its next record begins.

    Attributes:
        sequence: How many records it has.
        head: The SHA-256 of the last one; of an empty journal, a digest of the connection's name.
        written_at: The time of the last one.
    """

    sequence: int
    head: bytes
    written_at: datetime


@frozen(kw_only=True)
class Record:
    """
    One line of a journal, free of secrets.

    Attributes:
        connection: Whose journal.
        sequence: Its place, from 1.
        previous: The SHA-256 of the record before, in hexadecimal digits.
        at: When; never before the record before.
        event: What happened, redacted.
        actor: Who caused it.
        reason: Why.
        correlation_id: What ties it to the application's other logs.
        library_version: Which release wrote it.
        policy_hash: Under which policy and provider it was decided.
    """

    connection: str
    sequence: int
    previous: str
    at: datetime
    event: Event | InstallationEvent
    actor: str
    reason: str
    correlation_id: str
    library_version: str
    policy_hash: str


_MEMBERS = frozenset({"format", *(part.name for part in fields(Record))})


def record_bytes(record: Record) -> bytes:
    """
    Return the canonical bytes, which are what is stored and chained.

    Raises:
        TypeError: the event was not redacted.
        ValueError: it cannot be written as JSON.
    """
    members: dict[str, Json] = {
        "format": FORMAT,
        "connection": record.connection,
        "sequence": as_number(record.sequence),
        "previous": record.previous,
        "at": written_moment(record.at),
        "event": encode_event(record.event),
        "actor": record.actor,
        "reason": record.reason,
        "correlation_id": record.correlation_id,
        "library_version": record.library_version,
        "policy_hash": record.policy_hash,
    }
    return compact(members)


def read_record(text: bytes) -> Record:
    """
    Return the record that was written.

    Raises:
        StoreCorrupted: these are not the bytes of a record, or not in their canonical form.
    """
    return record_of(said_by(text), text)


def said_by(text: bytes) -> Json:
    """Return what *text* says, or nothing where it is not JSON."""
    try:
        return parsed(text)
    except UNREADABLE:
        return None


def record_of(said: Json, text: bytes) -> Record:
    """
    Return the record that was written as *text*, which says *said*.

    Raises:
        StoreCorrupted: as for ``read_record``.
    """
    record = _read(said, text)
    if record is None:
        problem = "a journal record is not in the form in which this release writes it"
        raise StoreCorrupted(problem)
    return record


def _read(said: Json, text: bytes) -> Record | None:
    """Return the record, or nothing where it cannot be read."""
    try:
        told = as_members(said, _MEMBERS)
        if as_number(told["format"]) != FORMAT or not is_compact(told, text):
            return None
        return Record(
            connection=as_text(told["connection"]),
            sequence=as_number(told["sequence"]),
            previous=as_text(told["previous"]),
            at=read_moment(told["at"]),
            event=decode_event(told["event"]),
            actor=as_text(told["actor"]),
            reason=as_text(told["reason"]),
            correlation_id=as_text(told["correlation_id"]),
            library_version=as_text(told["library_version"]),
            policy_hash=as_text(told["policy_hash"]),
        )
    except (*UNREADABLE, StoreCorrupted):
        return None


def genesis(connection: str) -> bytes:
    """Return what the first record of a connection's journal is chained to."""
    return digest(framed(_GENESIS, connection.encode()))


def tail_of(connection: str, row: Row | Absent) -> Tail:
    """Return where the journal ends that belongs to *row*."""
    if isinstance(row, Absent):
        return Tail(sequence=0, head=genesis(connection), written_at=datetime.min.replace(tzinfo=UTC))
    return Tail(sequence=row.sequence, head=row.head, written_at=row.written_at)


def chain(
    connection: str, tail: Tail, events: Iterable[Event | InstallationEvent], stamp: Stamp
) -> tuple[tuple[bytes, ...], Tail]:
    """
    Return the bytes of the records that tell *events*, redacted, and where the journal ends after them.

    Their time is ``stamp.now``, or the time of the last record if the clock has gone back since.
    """
    records: list[bytes] = []
    at = max(stamp.now, tail.written_at)
    for event in events:
        record = Record(
            connection=connection,
            sequence=tail.sequence + 1,
            previous=tail.head.hex(),
            at=at,
            event=redact(event),
            actor=stamp.context.actor,
            reason=stamp.context.reason,
            correlation_id=stamp.context.correlation_id,
            library_version=LIBRARY_VERSION,
            policy_hash=stamp.policy_hash,
        )
        text = record_bytes(record)
        records.append(text)
        tail = Tail(sequence=record.sequence, head=digest(text), written_at=at)
    return tuple(records), tail
