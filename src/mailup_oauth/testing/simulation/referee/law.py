"""I6: rows change only as the tables allow; they are read here as the law, without the deeds of ``evolve``."""

from collections.abc import Mapping
from typing import ClassVar

from attrs import define

from ....domain.transitions import ATTEMPT_TABLE, STATE_TABLE, WORK_TABLE, Gone, Impossible, Row, Table
from ....journal.names import EVENTS
from .. import facts as f
from .chronicle import Chronicle
from .sight import Members, Seen
from .violation import Violation


def _by_name(table: Table) -> Mapping[str, Row]:
    return {kind.__name__: row for kind, row in table.items()}


_STATES, _ATTEMPTS, _WORKS = map(_by_name, (STATE_TABLE, ATTEMPT_TABLE, WORK_TABLE))


class Law:
    """Holds every change against the tables."""

    hears: ClassVar[frozenset[type[f.Fact]]] = frozenset({f.Stored})

    def hear(self, fact: f.Fact, known: Chronicle) -> None:
        """Complain of a change that the tables do not allow."""
        if not isinstance(fact, f.Stored):
            return
        turn = known.turns[fact.connection][-1]
        course = _Course(kind=turn.before.kind, work=turn.before.work, attempts=dict(turn.before.attempts))
        for event in turn.told:
            course.meet(event)
        if course != _course_of(turn.after):
            raise Violation("I6", "the row is not where the tables lead")


@define
class _Course:
    """A connection as the tables see it; *work* is empty where nothing is held."""

    kind: str
    work: str
    attempts: dict[str, str]

    def meet(self, event: Members) -> None:
        """Go where the tables lead."""
        name = event["type"]
        self.kind = _led(_STATES, self.kind, name)
        if self.work:
            self.work = _led(_WORKS, self.work, name)
        elif name in {"TokensIssued", "AuthorizationSalvaged"}:
            self.work = "Idle"
        if name == "AuthorizationBegun":
            self.attempts[event["attempt"]["browser"]["id"]] = "AwaitingCallback"
            return
        for attempt in _named(event, self.attempts):
            self.attempts[attempt] = _led(_ATTEMPTS, self.attempts.get(attempt, ""), name)
        self.attempts = {attempt: kind for attempt, kind in self.attempts.items() if kind}


def _course_of(seen: Seen) -> _Course:
    return _Course(kind=seen.kind, work=seen.work, attempts=dict(seen.attempts))


def _named(event: Members, attempts: Mapping[str, str]) -> tuple[str, ...]:
    """Return the attempts that an event names."""
    if event["type"] == "Disconnected":
        return tuple(attempts)
    named = event.get("attempt", event.get("subject"))
    return (named,) if isinstance(named, str) else ()


def _led(table: Mapping[str, Row], origin: str, event: str) -> str:
    """Return the name of where an event leads; nothing if that is nowhere any more."""
    target = table[origin][EVENTS[event]] if origin in table else Impossible
    if target is Impossible:
        raise Violation("I6", f"{event} happened to {origin or 'nothing'}")
    return "" if target is Gone else target.__name__
