"""The embedded store: one SQLite file, durable at every commit, fair between processes."""

import os
import sqlite3
from collections.abc import Generator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from ...domain.errors import StoreCorrupted, StoreUnavailable
from ...ports import Absent, Change, Commit, Row
from .sqlite_file import complaining
from .sqlite_loans import Loans

_PATIENCE = 30.0  # seconds for the write lock; a commit takes milliseconds
_POLL = 0.005

_ROW = "SELECT version, clear, sealed, due_at, sequence, head, written_at FROM connection WHERE name = ?"
_KINDS = (int, bytes, bytes, str, int, bytes, str)
_UPSERT = (
    "INSERT INTO connection (name, version, clear, sealed, due_at, sequence, head, written_at)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (name) DO UPDATE SET version = excluded.version,"
    " clear = excluded.clear, sealed = excluded.sealed, due_at = excluded.due_at, sequence = excluded.sequence,"
    " head = excluded.head, written_at = excluded.written_at"
)


class SqliteStore:
    """
    The Store port over one SQLite file; safe for threads, processes and forks.

    The file is made with mode 0600 at the first commit; reading makes none.  A lock of the kernel around every write
    keeps processes from starving one another.  Not for network file systems.

    Args:
        path: The database; its key is kept beside it as ``<path>.key``, its locks in ``<path>.locks``, and in ``<path>.spill``
            what it could not take.
        patience: How long a write waits for other processes, in seconds.
    Raises:
        StoreUnavailable: *path* asks SQLite for memory; ``MemoryStore`` is for that.
    Source: ADR 0010.
    """

    def __init__(self, path: "str | os.PathLike[str]", *, patience: float = _PATIENCE) -> None:
        if os.fspath(path) in {"", ":memory:"}:
            problem = "SqliteStore keeps a file; use MemoryStore for a store in memory"
            raise StoreUnavailable(problem)
        self._path = Path(path).absolute()
        self._patience = patience
        self._loans = Loans(self._path, patience)

    @property
    def identity(self) -> str:
        """What it is: the same for every object over the same file."""
        return f"sqlite:{os.path.realpath(self._path)}"

    @property
    def key_file(self) -> Path:
        """Where its key is kept, unless the environment gives one."""
        return self._path.with_name(f"{self._path.name}.key")

    @property
    def lock_folder(self) -> Path:
        """Where the processes of this machine meet."""
        return self._path.with_name(f"{self._path.name}.locks")

    @property
    def spill_folder(self) -> Path:
        """Where received tokens wait while the store takes nothing."""
        return self._path.with_name(f"{self._path.name}.spill")

    def load(self, connection: str) -> Row | Absent:
        """Return the newest row."""
        found = self._select(_ROW, _KINDS, connection)
        if not found:
            return Absent()
        ((version, clear, sealed, due_at, sequence, head, written_at),) = found
        return Row(
            version=version,
            clear=clear,
            sealed=sealed,
            due_at=_read(due_at),
            sequence=sequence,
            head=head,
            written_at=_read(written_at),
        )

    def version(self, connection: str) -> int:
        """Return the newest row's version, 0 if there is none."""
        found = self._select("SELECT version FROM connection WHERE name = ?", (int,), connection)
        return found[0][0] if found else 0

    def find(self, nonce: str) -> str | Absent:
        """Return the connection that the SHA-256 of a nonce leads to."""
        found = self._select("SELECT connection FROM nonce WHERE digest = ?", (str,), nonce)
        return found[0][0] if found else Absent()

    def records(self, connection: str, *, after: int = 0, limit: int = 1000) -> tuple[bytes, ...]:
        """Return at most *limit* journal records with a sequence greater than *after*, in order."""
        sql = "SELECT record FROM journal WHERE connection = ? AND sequence > ? ORDER BY sequence LIMIT ?"
        return tuple(record for (record,) in self._select(sql, (bytes,), connection, after, limit))

    def connections(self) -> tuple[str, ...]:
        """Return every name that has a row, sorted."""
        return tuple(sorted(name for (name,) in self._select("SELECT name FROM connection", (str,))))

    def is_empty(self) -> bool:
        """Say whether no row holds anything sealed."""
        return not self._select("SELECT 1 FROM connection WHERE length(sealed) > 0 LIMIT 1", (int,))

    @complaining
    def commit(self, change: Change) -> Commit:
        """Make *change* durable, or find that somebody was faster."""
        with self._writing(), self._loans.lent(may_make=True) as database:
            database.execute("BEGIN IMMEDIATE")
            found = database.execute("SELECT version FROM connection WHERE name = ?", (change.connection,)).fetchone()
            if (found[0] if found else 0) != change.replaces:
                database.execute("ROLLBACK")
                return Commit.CONFLICT
            _write(database, change)
            database.execute("COMMIT")
            return Commit.DONE

    def close(self) -> None:
        """Give back every open file; later calls open it anew."""
        self._loans.close()

    @complaining
    def _select(self, sql: str, kinds: tuple[type, ...], *values: str | int) -> list[tuple[Any, ...]]:
        """
        Return the rows of one SELECT; none while nobody has written anything, and reading makes no file.

        Raises:
            StoreCorrupted: a row has values of other *kinds*, as a damaged page may say though the table is strict.
        """
        if self._loans.is_untouched:
            return []
        with self._loans.lent(may_make=False) as database:
            found = database.execute(sql, values).fetchall()
        if any(tuple(map(type, row)) != kinds for row in found):
            problem = "a row of it holds what no row can hold"
            raise StoreCorrupted(problem)
        return found

    @contextmanager
    def _writing(self) -> Generator[None, None, None]:
        """Hold the one write lock of this file, among threads and processes."""
        self.lock_folder.mkdir(mode=0o700, exist_ok=True)
        lock = FileLock(
            self.lock_folder / "write.lock",
            mode=0o600,
            thread_local=False,
            fallback_to_soft=False,
            poll_interval=_POLL,
            preserve_lock_file=True,
        )
        if not _acquired(lock, self._patience):
            problem = "another process or thread has kept it locked"
            raise StoreUnavailable(problem)
        try:
            yield
        finally:
            lock.release()


def _acquired(lock: FileLock, patience: float) -> bool:
    """Acquire *lock*, or find that others held it for all of *patience*, in seconds."""
    try:
        lock.acquire(timeout=patience)
    except Timeout:
        return False
    return True


def _write(database: sqlite3.Connection, change: Change) -> None:
    """Write the row, its records and its nonces."""
    row, name = change.row, change.connection
    first = row.sequence - len(change.records) + 1
    moments = (_written(row.due_at), row.sequence, row.head, _written(row.written_at))
    database.execute(_UPSERT, (name, row.version, row.clear, row.sealed, *moments))
    database.executemany(
        "INSERT INTO journal (connection, sequence, record) VALUES (?, ?, ?)",
        ((name, sequence, record) for sequence, record in enumerate(change.records, start=first)),
    )
    database.execute("DELETE FROM nonce WHERE connection = ?", (name,))
    database.executemany("INSERT INTO nonce (digest, connection) VALUES (?, ?)", ((n, name) for n in change.nonces))


def _written(moment: datetime) -> str:
    """Return a moment as text that sorts as moments do."""
    return moment.isoformat(timespec="microseconds")


def _read(text: str) -> datetime:
    """
    Return the moment that was written.

    Raises:
        StoreCorrupted: nobody wrote this.
    """
    moment = None
    with suppress(ValueError):
        moment = datetime.fromisoformat(text)
    if moment is None or moment.tzinfo is None:
        problem = "a moment in it is none"
        raise StoreCorrupted(problem)
    return moment
