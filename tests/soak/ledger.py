"""The journals of one store, verified as far as they go whenever that is asked for, and read no more than once."""

from hashlib import sha256

from facts import Entry

from mailup_oauth.domain.evolve import evolve
from mailup_oauth.domain.states import INITIAL
from mailup_oauth.journal import Verified, read_record, verify
from mailup_oauth.journal.codec import encode_state
from mailup_oauth.journal.records import genesis


class Ledger:
    """
    What is known of one connection's journal: how far it goes, its last digest, and the state it leads to.

    Reading disturbs nobody: the row is read first, and of the records only those up to it.
    """

    def __init__(self, store, connection):
        self.store, self.connection = store, connection
        self.sequence, self.head, self.state = 0, genesis(connection).hex(), INITIAL
        self.entries = []

    def check(self):
        """Read what is new, and return what is wrong with it, or an empty text."""
        row = self.store.load(self.connection)
        for line in self.store.records(self.connection, after=self.sequence, limit=row.sequence - self.sequence):
            record = read_record(line)
            if (record.sequence, record.previous) != (self.sequence + 1, self.head):
                return f"{self.connection}: record {self.sequence + 1} is not chained to the one before"
            self.sequence, self.head = record.sequence, sha256(line).hexdigest()
            self.state = evolve(self.state, record.event)
            self.entries.append(entry(record))
        if (self.sequence, self.head, encode_state(self.state)) != (row.sequence, row.head.hex(), row.clear):
            return f"{self.connection}: the row is not what {self.sequence} records lead to"
        return ""

    def check_all(self):
        """Let the library verify the journal from its first record, and return what is wrong, or an empty text."""
        row = self.store.load(self.connection)
        lines = self.store.records(self.connection, limit=row.sequence)
        found = verify(self.connection, lines, row)
        return "" if isinstance(found, Verified) else f"{self.connection}: {found}"


def entry(record):
    """Return what the referee wants to know of a record."""
    event, name = record.event, type(record.event).__name__
    refresh, code = getattr(event, "refresh", None), getattr(event, "code", None)
    cause = getattr(event, "cause", None) or getattr(event, "end", None)
    return Entry(
        event=name,
        refresh=str(refresh.mark) if name != "RefreshStarted" and hasattr(refresh, "mark") else "",
        code=str(code.mark) if code else "",
        attempt=event.attempt if isinstance(getattr(event, "attempt", None), str) else "",
        cause=cause.value if cause else "",
        actor=record.actor,
    )
