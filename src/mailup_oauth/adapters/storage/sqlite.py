"""The embedded store: one SQLite file, durable at every commit, fair between processes."""

import os
import sqlite3
import threading
from collections.abc import Generator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Any

from filelock import FileLock

from ...domain.errors import StoreCorrupted, StoreUnavailable
from ...ports import Absent, Change, Commit, Row
from .sqlite_file import complaints, identity_of, made, opened

_PATIENCE = 30.0  # seconds for the write lock; a commit takes milliseconds
_POLL = 0.005

_ROW = "SELECT version, clear, sealed, due_at, sequence, head, written_at FROM connection WHERE name = ?"
_UPSERT = (
    "INSERT INTO connection (name, version, clear, sealed, due_at, sequence, head, written_at)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (name) DO UPDATE SET version = excluded.version,"
    " clear = excluded.clear, sealed = excluded.sealed, due_at = excluded.due_at, sequence = excluded.sequence,"
    " head = excluded.head, written_at = excluded.written_at"
)


class _Opened(threading.local):
    """The connection of one thread, and the file and process that it was opened for."""

    connection: sqlite3.Connection | None = None
    file: tuple[int, int] = (0, 0)
    owner: int = 0


class SqliteStore:
    """
    The Store port over one SQLite file; safe for threads, processes and forks.

    The file is made with mode 0600 at the first commit; reading makes none.  A lock of the kernel around every write
    keeps processes from starving one another.  Not for network file systems.

    Args:
        path: The database; its key is kept beside it as ``<path>.key``, its locks in ``<path>.locks``.
        patience: How long a write waits for other processes, in seconds.
    Raises:
        StoreUnavailable: *path* asks SQLite for memory; ``MemoryStore`` is for that.
    Source: ADR 0010.
    """

    def __init__(self, path: "str | os.PathLike[str]", *, patience: float = _PATIENCE) -> None:
        if os.fspath(path) in {"", ":memory:"}:
            problem = "SqliteStore keeps a file; use MemoryStore for a store in memory"
            raise StoreUnavailable(problem)
        self._path = Path(path)
        self._patience = patience
        self._opened = _Opened()
        self._all: list[sqlite3.Connection] = []
        self._seen: tuple[int, int] | None = None
        self._lock = threading.Lock()

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

    def load(self, connection: str) -> Row | Absent:
        """Return the newest row."""
        found = self._select(_ROW, connection)
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
        found = self._select("SELECT version FROM connection WHERE name = ?", connection)
        return found[0][0] if found else 0

    def find(self, nonce: str) -> str | Absent:
        """Return the connection that the SHA-256 of a nonce leads to."""
        found = self._select("SELECT connection FROM nonce WHERE digest = ?", nonce)
        return found[0][0] if found else Absent()

    def records(self, connection: str, *, after: int = 0, limit: int = 1000) -> tuple[bytes, ...]:
        """Return at most *limit* journal records with a sequence greater than *after*, in order."""
        sql = "SELECT record FROM journal WHERE connection = ? AND sequence > ? ORDER BY sequence LIMIT ?"
        return tuple(record for (record,) in self._select(sql, connection, after, limit))

    def connections(self) -> tuple[str, ...]:
        """Return every name that has a row, sorted."""
        return tuple(sorted(name for (name,) in self._select("SELECT name FROM connection")))

    def is_empty(self) -> bool:
        """Say whether no row holds anything sealed."""
        return not self._select("SELECT 1 FROM connection WHERE length(sealed) > 0 LIMIT 1")

    def commit(self, change: Change) -> Commit:
        """Make *change* durable, or find that somebody was faster."""
        with self._writing(), self._connected(may_make=True) as database:
            database.execute("BEGIN IMMEDIATE")
            found = database.execute("SELECT version FROM connection WHERE name = ?", (change.connection,)).fetchone()
            if (found[0] if found else 0) != change.replaces:
                database.execute("ROLLBACK")
                return Commit.CONFLICT
            _write(database, change)
            database.execute("COMMIT")
            return Commit.DONE

    def close(self) -> None:
        """Close every connection of every thread; later calls open new ones."""
        with self._lock:
            for connection in self._all:
                connection.close()
            self._all.clear()
            self._opened = _Opened()

    def _select(self, sql: str, *values: str | int) -> list[tuple[Any, ...]]:
        """Return the rows of one SELECT; none while there is no file yet."""
        if self._seen is None and not self._path.is_symlink() and not self._path.exists():
            return []
        with self._connected(may_make=False) as database:
            return database.execute(sql, values).fetchall()

    @contextmanager
    def _writing(self) -> Generator[None, None, None]:
        """Hold the one write lock of this file, among threads and processes."""
        with complaints():
            self.lock_folder.mkdir(mode=0o700, exist_ok=True)
        lock = FileLock(
            self.lock_folder / "write.lock",
            thread_local=False,
            fallback_to_soft=False,
            poll_interval=_POLL,
            preserve_lock_file=True,
        )
        with complaints():
            lock.acquire(timeout=self._patience)
        try:
            yield
        finally:
            lock.release()

    @contextmanager
    def _connected(self, *, may_make: bool) -> Generator[sqlite3.Connection, None, None]:
        """Lend this thread's connection; whatever goes wrong with it, the next loan is of a new one."""
        with complaints():
            if may_make and self._seen is None:
                made(self._path)
            try:
                yield self._current()
            except BaseException:
                self._drop()
                raise

    def _current(self) -> sqlite3.Connection:
        """Return this thread's connection to the file that is there now."""
        file = self._file()
        mine = self._opened
        if mine.connection is None or (mine.file, mine.owner) != (file, os.getpid()):
            mine.connection = opened(self._path, self._patience)
            mine.file, mine.owner = file, os.getpid()
            with self._lock:
                self._all.append(mine.connection)
        return mine.connection

    def _file(self) -> tuple[int, int]:
        """Return the file's identity; it may not change while this object lives (S6)."""
        try:
            file = identity_of(self._path)
        except FileNotFoundError:
            file = (0, 0)
        self._seen = self._seen or file
        if file != self._seen or file == (0, 0):
            problem = "the database file was deleted or replaced while it was in use"
            raise StoreUnavailable(problem)
        return file

    def _drop(self) -> None:
        """Throw this thread's connection away; what it was in the middle of is rolled back."""
        mine = self._opened
        if mine.connection is not None and mine.owner == os.getpid():
            with self._lock, suppress(ValueError):
                self._all.remove(mine.connection)
            mine.connection.close()
        mine.connection = None


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
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        problem = "a moment in it is none"
    raise StoreCorrupted(problem)
