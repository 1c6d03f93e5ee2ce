"""
The referee: hears what happens, and shares no decision and no deed with the client that it judges.

Rows and records are read as plain JSON (``sight``), and journals are chained, folded and compared with their rows by what
is written here for that alone (``fold``, ``journals``): no judge knows ``decide``, ``evolve``, ``react``, ``resume``, a flow
of the engine, the writing and reading of the journal, or a number of the policy.

Three things are shared.  The words in which a judge is told: rows, requests, answers, failures, and tokens as callers get
them.  The law: the tables of ``domain.transitions`` and the names of events, which ``law`` holds rows against; the deeds that
the client does by it are not looked at there.  And the auditor's tool: ``audit`` lets ``journal.verify`` read what a history
has left behind, after all judges and in place of none; it runs the client's own ``evolve``, and would not see that wrong.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import cache

from ....journal import Verified, verify
from ....ports import Absent, Store
from ..facts import Fact
from .chronicle import Chronicle
from .copying import copied
from .custody import Custody
from .deaths import Deaths
from .failures import Failures
from .handing import Handing
from .journals import Journals
from .judge import Judge
from .law import Law
from .secrecy import Secrecy
from .sending import Sending
from .violation import Violation

__all__ = ["Referee", "Violation"]


def all_judges() -> tuple[Judge, ...]:
    """Return a judge for every promise, each with nothing in mind."""
    return Sending(), Custody(), Journals(), Law(), Secrecy(), Deaths(), Failures(), Handing()


@cache
def _concerned(judges: tuple[type[Judge], ...], fact: type) -> tuple[int, ...]:
    """Return the places of those judges whose business a kind of fact is."""
    return tuple(place for place, judge in enumerate(judges) if fact in judge.hears)


class Referee:
    """
    All judges over one history.

    Args:
        now: Tells the true time.
        judges: All of them, unless told otherwise.
    """

    def __init__(self, now: Callable[[], datetime], judges: Sequence[Judge] = ()) -> None:
        self.known = Chronicle(now)
        self.has_spoken = False
        self._judges = judges or all_judges()
        self._kinds = tuple([type(judge) for judge in self._judges])

    def hear(self, fact: Fact) -> None:
        """
        Judge what has just happened.

        Raises:
            Violation: a promise was broken.
        """
        self.known.note(fact)
        kind: type = type(fact)
        try:
            for place in _concerned(self._kinds, kind):
                self._judges[place].hear(fact, self.known)
        except Violation:
            self.has_spoken = True
            raise

    def copied(self, now: Callable[[], datetime]) -> "Referee":
        """Return a referee who knows the same, and goes by another clock."""
        known: dict[int, object] = {}
        copy = Referee(now, [copied(judge, known) for judge in self._judges])
        copy.known = copied(self.known, known)
        copy.known.now = now
        return copy

    @staticmethod
    def audit(store: Store) -> None:
        """
        Read every journal from its beginning, as an auditor does.

        Raises:
            Violation: one of them does not prove its row.
        """
        for connection in store.connections():
            row = store.load(connection)
            records = store.records(connection, limit=100_000)
            if isinstance(row, Absent) or not isinstance(verify(connection, records, row), Verified):
                raise Violation("I3", "a journal does not verify")
