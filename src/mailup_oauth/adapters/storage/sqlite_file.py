"""A SQLite file of this library: made for its owner alone, recognised before it is used, and never quietly replaced."""

import os
import sqlite3
import stat
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import ParamSpec, TypeVar

from ...domain.errors import MailUpOAuthError, StoreCorrupted, StoreUnavailable

P = ParamSpec("P")
T = TypeVar("T")

APPLICATION_ID = 0x4D55504F  # "MUPO"
SCHEMA_VERSION = 1

_SCHEMA = """
CREATE TABLE IF NOT EXISTS connection (
    name TEXT PRIMARY KEY, version INTEGER NOT NULL, clear BLOB NOT NULL, sealed BLOB NOT NULL,
    due_at TEXT NOT NULL, sequence INTEGER NOT NULL, head BLOB NOT NULL, written_at TEXT NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS connection_due ON connection (due_at);
CREATE TABLE IF NOT EXISTS journal (
    connection TEXT NOT NULL, sequence INTEGER NOT NULL, record BLOB NOT NULL, PRIMARY KEY (connection, sequence)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS nonce (digest TEXT PRIMARY KEY, connection TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS nonce_connection ON nonce (connection);
"""

_RECOGNITION = (
    "SELECT application_id, user_version, (SELECT count(*) FROM sqlite_schema)"
    " FROM pragma_application_id, pragma_user_version"
)

_UNAVAILABLE = {
    sqlite3.SQLITE_FULL: "the disk is full",
    sqlite3.SQLITE_READONLY: "the database or its folder is read-only",
    sqlite3.SQLITE_BUSY: "another process has locked the database",
    sqlite3.SQLITE_LOCKED: "the database is locked",
    sqlite3.SQLITE_PROTOCOL: "other processes keep the database locked",
    sqlite3.SQLITE_IOERR: "the disk failed to read or write",
    sqlite3.SQLITE_CANTOPEN: "the database cannot be opened",
    sqlite3.SQLITE_PERM: "the database may not be opened",
    sqlite3.SQLITE_NOMEM: "there is no memory left",
    sqlite3.SQLITE_AUTH: "the database may not be opened",
}
_PRIMARY = 0xFF  # the lower octet of SQLite's extended result codes


def complaining(method: Callable[P, T]) -> Callable[P, T]:
    """Turn whatever SQLite or the system complains of into one of the two errors a store may raise."""

    @wraps(method)
    def told(*args: P.args, **kwargs: P.kwargs) -> T:
        complaint: MailUpOAuthError
        try:
            return method(*args, **kwargs)
        except sqlite3.Error as error:
            complaint = complaint_of(error)
        except UnicodeDecodeError:
            complaint = StoreCorrupted("SQLite finds in it text that is none")
        except OSError as error:
            complaint = StoreUnavailable(f"the database cannot be opened ({error.strerror})")
        raise complaint

    return told


def complaint_of(error: sqlite3.Error) -> MailUpOAuthError:
    """Return what a SQLite error means to the person who has to mend it; never its text, which may quote values."""
    code = getattr(error, "sqlite_errorcode", None)
    problem = _UNAVAILABLE.get(code & _PRIMARY) if isinstance(code, int) else "the connection to the database broke"
    return StoreUnavailable(problem) if problem else StoreCorrupted("SQLite does not find in it what belongs there")


def made(path: Path) -> None:
    """Make an empty file for its owner alone, whatever the umask, if there is none."""
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    except FileExistsError:
        return
    try:
        os.fchmod(descriptor, 0o600)
    finally:
        os.close(descriptor)


def plain(path: Path) -> os.stat_result:
    """
    Return what is known of the file without opening it.

    Raises:
        FileNotFoundError: there is no such file.
        StoreCorrupted: it is a link or not a plain file, and so not one that this library made.
    """
    found = path.lstat()
    if not stat.S_ISREG(found.st_mode):
        problem = "the database is a link, or not a plain file"
        raise StoreCorrupted(problem)
    return found


def opened(path: Path, patience: float, *, may_make: bool) -> sqlite3.Connection:
    """
    Return a connection to a database of this library, with its schema made if the file is empty and that may be.

    Raises:
        StoreCorrupted: it is another program's, a newer release's, or no database.
        sqlite3.Error: as SQLite has it.
    """
    address = f"{path.as_uri()}?mode=rw"  # never makes a file
    connection = sqlite3.connect(address, uri=True, timeout=patience, isolation_level=None, check_same_thread=False)
    try:
        connection.text_factory = bytes.decode  # raises on its own what SQLite tells without a number
        _recognise(connection, may_make=may_make)
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
    except BaseException:
        connection.close()
        raise
    return connection


def _recognise(connection: sqlite3.Connection, *, may_make: bool) -> None:
    """Find that the database is ours, or empty and so about to be ours; write nothing into anybody else's."""
    application, version, tables = connection.execute(_RECOGNITION).fetchone()
    if may_make and (application, version, tables) == (0, 0, 0):
        _make_schema(connection)
    elif application != APPLICATION_ID:
        problem = "it is another program's database"
        raise StoreCorrupted(problem)
    elif version != SCHEMA_VERSION:
        problem = f"its schema is version {version}, made by another release than this one"
        raise StoreCorrupted(problem)


def _make_schema(connection: sqlite3.Connection) -> None:
    """Make the tables, all or none; whoever was faster has made the same ones."""
    connection.execute("BEGIN EXCLUSIVE")
    for statement in _SCHEMA.split(";"):
        connection.execute(statement)
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
    connection.execute("COMMIT")


def is_unsettled(error: BaseException) -> bool:
    """Say whether a change that was refused with *error* may be found whole by whoever opens the file anew."""
    return getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_IOERR_FSYNC


def settle(connection: sqlite3.Connection) -> None:
    """
    Make durable whatever is to be read, by writing it to another place: into the database itself.

    The system calls a page clean whose ``fsync`` failed, so that the next ``fsync`` of it succeeds and means nothing.

    Raises:
        StoreUnavailable: others read for so long that it cannot be done.
        sqlite3.Error: the disk still fails.
    """
    is_busy, _, _ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    if is_busy:
        problem = "the disk failed, and others keep it from being settled what it holds"
        raise StoreUnavailable(problem)
