"""I3: every journal is chained, and leads to its row, change by change."""

from hashlib import sha256
from typing import ClassVar

from attrs import define, field

from ....domain.evolve import evolve
from ....domain.states import INITIAL, State
from ....journal import InstallationEvent, decode_event, encode_state, genesis
from .. import facts as f
from .chronicle import Chronicle
from .sight import record_of
from .violation import Violation


@define(eq=False)
class _End:
    """Where a journal has come to, and the state that it leads to."""

    head: str
    sequence: int = 0
    state: State = INITIAL


@define(eq=False)
class Journals:
    """Walks along every journal as it grows."""

    ends: dict[str, _End] = field(factory=dict[str, _End])

    hears: ClassVar[frozenset[type[f.Fact]]] = frozenset({f.Stored})

    def hear(self, fact: f.Fact, known: Chronicle) -> None:  # noqa: ARG002  # a journal needs nobody's word
        """Complain of a link that does not fit, or of a row that is not where its journal leads."""
        if not isinstance(fact, f.Stored):
            return
        end = self.ends.setdefault(fact.connection, _End(genesis(fact.connection).hex()))
        for text in fact.records:
            _walk_on(end, text)
        if (fact.row.head.hex(), fact.row.sequence) != (end.head, end.sequence):
            raise Violation("I3", "the row does not stand at the end of its journal")
        if encode_state(end.state) != fact.row.clear:
            raise Violation("I3", "the journal leads to another state than the row's")


def _walk_on(end: _End, text: bytes) -> None:
    """Go on by one record."""
    told = record_of(text)
    if (told["previous"], told["sequence"]) != (end.head, end.sequence + 1):
        raise Violation("I3", "a record is not chained to the one before")
    event = decode_event(told["event"])
    if isinstance(event, InstallationEvent):
        raise Violation("I3", "a record of another kind of journal")
    end.state = evolve(end.state, event)
    end.head, end.sequence = sha256(text).hexdigest(), end.sequence + 1
