"""The Store port over Django's ORM, on connections of its own."""

from collections.abc import Sequence
from datetime import datetime
from itertools import count

from django.db import connections, transaction

from ....domain.errors import StoreCorrupted
from ....ports import Absent, Change, Commit, Row
from .complaints import complaining
from .loans import loans_of
from .models import Connection, JournalRecord, Nonce

_COLUMNS = ("version", "clear", "sealed", "due_at", "sequence", "head", "written_at")
_FORGET = "DELETE FROM mailup_oauth_nonce WHERE connection_id = %s"  # the ORM's own would ask everybody's signals
_BATCH = 100  # rows a statement


class DjangoStore:
    """
    The Store port over the tables of this app; safe for threads, tasks, processes and forks.

    Commits are made on a connection of the library's own: they are durable when they return, they neither wait for a
    transaction that the caller has open nor end with it, and what the caller has not committed they do not see.

    Args:
        alias: What ``DATABASES`` calls the database; SQLite in a file, or PostgreSQL.
    Source: ADR 0021.
    """

    def __init__(self, alias: str = "default") -> None:
        self._loans = loans_of(alias)

    @property
    def alias(self) -> str:
        """What ``DATABASES`` calls the database."""
        return self._loans.alias

    @property
    def identity(self) -> str:
        """What it is: the same for every object over the same database."""
        return self._loans.identity

    @complaining
    def load(self, connection: str) -> Row | Absent:
        """Return the newest row."""
        with self._loans.lent():
            found = Connection.objects.using(self.alias).filter(name=connection).values_list(*_COLUMNS).first()
        return Absent() if found is None else _row(found)

    @complaining
    def version(self, connection: str) -> int:
        """Return the newest row's version, 0 if there is none."""
        with self._loans.lent():
            rows = Connection.objects.using(self.alias).filter(name=connection)
            found: int | None = rows.values_list("version", flat=True).first()
        return found or 0

    @complaining
    def commit(self, change: Change) -> Commit:
        """Make *change* durable, or find that somebody was faster."""
        with self._loans.lent(), transaction.atomic(using=self.alias, durable=True):
            if not self._replaced(change):
                return Commit.CONFLICT
            self._append(change)
        return Commit.DONE

    @complaining
    def find(self, nonce: str) -> str | Absent:
        """Return the connection that the SHA-256 of a nonce leads to."""
        with self._loans.lent():
            leading = Nonce.objects.using(self.alias).filter(digest=nonce)
            found: str | None = leading.values_list("connection_id", flat=True).first()
        return Absent() if found is None else found

    @complaining
    def records(self, connection: str, *, after: int = 0, limit: int = 1000) -> tuple[bytes, ...]:
        """Return at most *limit* journal records with a sequence greater than *after*, in order."""
        with self._loans.lent():
            lines = JournalRecord.objects.using(self.alias).filter(connection_id=connection, sequence__gt=after)
            found = list(lines.order_by("sequence").values_list("line", flat=True)[:limit])
        return tuple(map(_octets, found))

    @complaining
    def connections(self) -> tuple[str, ...]:
        """Return every name that has a row, sorted."""
        with self._loans.lent():
            found: list[str] = list(Connection.objects.using(self.alias).values_list("name", flat=True))
        return tuple(sorted(found))

    @complaining
    def is_empty(self) -> bool:
        """Say whether no row holds anything sealed."""
        with self._loans.lent():
            return not Connection.objects.using(self.alias).exclude(sealed=b"").exists()

    def close(self) -> None:
        """Give back connections; later calls open them anew."""
        self._loans.close()

    def _replaced(self, change: Change) -> bool:
        """Write the row in place of the version that was decided on, and say whether that was still there."""
        row, rows = change.row, Connection.objects.using(self.alias)
        members = {
            "version": row.version,
            "clear": row.clear,
            "sealed": row.sealed,
            "due_at": row.due_at,
            "sequence": row.sequence,
            "head": row.head,
            "written_at": row.written_at,
        }
        if not change.replaces:  # a row to replace; whoever was faster has made theirs, and this one makes none
            rows.bulk_create([Connection(name=change.connection, **(members | {"version": 0}))], ignore_conflicts=True)
        return bool(rows.filter(name=change.connection, version=change.replaces).update(**members))

    def _append(self, change: Change) -> None:
        """Write the journal records, and the nonces in place of those before."""
        name, numbers = change.connection, count(change.row.sequence - len(change.records) + 1)
        records = [
            JournalRecord(connection_id=name, sequence=n, line=line)
            for line, n in zip(change.records, numbers, strict=False)
        ]
        JournalRecord.objects.using(self.alias).bulk_create(records, batch_size=_BATCH)
        with connections[self.alias].cursor() as cursor:
            cursor.execute(_FORGET, [name])
        nonces = [Nonce(digest=digest, connection_id=name) for digest in sorted(change.nonces)]
        Nonce.objects.using(self.alias).bulk_create(nonces, batch_size=_BATCH)


def _octets(value: object) -> bytes:
    """
    Return what a binary column holds.

    Raises:
        StoreCorrupted: it holds something else, as SQLite lets any column do.
    """
    if isinstance(value, memoryview):  # as psycopg 2 has it
        return value.tobytes()
    if isinstance(value, bytes):
        return value
    problem = "a row of it holds what no row can hold"
    raise StoreCorrupted(problem)


def _row(found: Sequence[object]) -> Row:
    """
    Return a row as it was committed.

    Raises:
        StoreCorrupted: somebody else wrote it.
    """
    match found:
        case (int(version), clear, sealed, datetime() as due_at, int(sequence), head, datetime() as written_at):
            return Row(
                version=version,
                clear=_octets(clear),
                sealed=_octets(sealed),
                due_at=due_at,
                sequence=sequence,
                head=_octets(head),
                written_at=written_at,
            )
        case _:
            problem = "a row of it holds what no row can hold"
            raise StoreCorrupted(problem)
