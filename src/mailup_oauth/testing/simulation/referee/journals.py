"""I3: every journal is chained, and leads to its row, change by change; read without the client's code."""

import json
from hashlib import sha256
from typing import ClassVar, Final

from attrs import define, field, frozen

from .. import facts as f
from .chronicle import Chronicle
from .fold import BEGINNING, state_after
from .sight import Members, record_of
from .violation import Violation

FORMAT: Final = 1
"""Of the rows and records that are read here."""

_WRITER: Final = json.JSONEncoder(sort_keys=True, ensure_ascii=False, separators=(",", ":"))
"""Writes texts and whole numbers under ASCII names as RFC 8785 wants it."""


@frozen
class _End:
    """Where a journal has come to, and the state that it leads to; it never changes, and copies of the judge share it."""

    head: str
    sequence: int
    state: Members


@define(eq=False)
class Journals:
    """Walks along every journal as it grows."""

    ends: dict[str, _End] = field(factory=dict[str, _End])

    hears: ClassVar[frozenset[type[f.Fact]]] = frozenset({f.Stored})

    def hear(self, fact: f.Fact, known: Chronicle) -> None:  # noqa: ARG002  # a journal needs nobody's word
        """Complain of a link that does not fit, or of a row that is not, to the byte, where its journal leads."""
        if not isinstance(fact, f.Stored):
            return
        end = self.ends.get(fact.connection) or _beginning(fact.connection)
        for text in fact.records:
            end = _further(end, fact.connection, text)
        if (fact.row.head.hex(), fact.row.sequence) != (end.head, end.sequence):
            raise Violation("I3", "the row does not stand at the end of its journal")
        if _WRITER.encode({"format": FORMAT, "state": end.state}).encode() != fact.row.clear:
            raise Violation("I3", "the journal leads to another state than the row's")
        self.ends[fact.connection] = end


def _beginning(connection: str) -> _End:
    """Return where a journal begins: at a digest of its format and its name, each behind its length."""
    parts = (b"mailup-oauth journal 1", connection.encode())
    framed = b"".join(len(part).to_bytes(8, "big") + part for part in parts)
    return _End(sha256(framed).hexdigest(), 0, BEGINNING)


def _further(end: _End, connection: str, text: bytes) -> _End:
    """Return where a journal has come to with one record more."""
    told = record_of(text)
    if (told["previous"], told["sequence"]) != (end.head, end.sequence + 1):
        raise Violation("I3", "a record is not chained to the one before")
    if (told["format"], told["connection"]) != (FORMAT, connection):
        raise Violation("I3", "a record of another kind of journal")
    return _End(sha256(text).hexdigest(), end.sequence + 1, state_after(end.state, told["event"]))
