"""What SQLite complains of, told in sentences; and what becomes of a connection that failed in the middle."""

import re
import sqlite3

import pytest

from mailup_oauth.adapters.storage.memory import MemoryStore
from mailup_oauth.adapters.storage.sqlite import SqliteStore
from mailup_oauth.adapters.storage.sqlite_file import complaining
from mailup_oauth.domain.errors import StoreCorrupted, StoreUnavailable
from mailup_oauth.testing.store_claims.changes import commit, following, loaded, seen, with_row

FIRST = following(MemoryStore(), nonces=["1"])

CODES = {
    sqlite3.SQLITE_FULL: "the disk is full",
    sqlite3.SQLITE_READONLY: "the database or its folder is read-only",
    sqlite3.SQLITE_BUSY: "another process has locked the database",
    sqlite3.SQLITE_LOCKED: "the database is locked",
    sqlite3.SQLITE_PROTOCOL: "other processes keep the database locked",
    sqlite3.SQLITE_IOERR: "the disk failed to read or write",
    sqlite3.SQLITE_IOERR_FSYNC: "the disk failed to read or write",
    sqlite3.SQLITE_CANTOPEN: "the database cannot be opened",
    sqlite3.SQLITE_PERM: "the database may not be opened",
    sqlite3.SQLITE_AUTH: "the database may not be opened",
    sqlite3.SQLITE_NOMEM: "there is no memory left",
    None: "the connection to the database broke",
}


@pytest.fixture
def store(tmp_path):
    """A store with one connection in it."""
    one = SqliteStore(tmp_path / "store.db")
    one.commit(FIRST)
    yield one
    one.close()


def told(error):
    """Return what a store raises when SQLite or the system raises *error*."""

    @complaining
    def fail():
        raise error

    with pytest.raises((StoreUnavailable, StoreCorrupted)) as caught:
        fail()
    return caught.value


def failure(code):
    """Return an error as SQLite raises it, with values in its text."""
    error = sqlite3.OperationalError("canary")
    if code is not None:
        error.sqlite_errorcode = code
    return error


@pytest.mark.parametrize("code", CODES, ids=str)
def test_every_fault_of_the_system_is_told_as_what_to_mend(code):
    """What SQLite numbers becomes a sentence that says what is wrong and another that says what to do."""
    error = told(failure(code))

    assert (StoreUnavailable, CODES[code]) == (type(error), error.problem)
    assert re.fullmatch(r"The store cannot be used: [^.]+\. Mend the storage [^.]+\.", str(error))


@pytest.mark.parametrize("code", [sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CONSTRAINT])
def test_every_fault_of_the_file_is_told_as_damage(code):
    """What is wrong with the file itself is never a reason to try again."""
    error = told(failure(code))

    assert StoreCorrupted is type(error)
    assert re.fullmatch(r"The store is damaged or not ours: [^.]+\. Restore the store [^.]+\.", str(error))


@pytest.mark.parametrize("error", [failure(sqlite3.SQLITE_FULL), OSError(5, "Input/output error", "/canary")])
def test_no_error_carries_another(error):
    """What leaves the store is chained to nothing of SQLite's or the system's, and holds none of their values."""
    found = told(error)

    assert (None, None) == (found.__cause__, found.__context__)
    assert "canary" not in str(found)


def test_what_sqlite_really_raises_is_told_in_the_same_way(store):
    """An error out of the middle of a commit is chained to nothing either, and holds no value of the change."""
    clashing = with_row(following(store, records=[b"telltale"], sealed=b"canary"), sequence=FIRST.row.sequence)
    with pytest.raises(StoreCorrupted) as caught:
        store.commit(clashing)

    assert (None, None) == (caught.value.__cause__, caught.value.__context__)
    assert "telltale" not in f"{caught.value!r} {caught.value}"


def test_a_connection_that_failed_is_not_used_again(store):
    """After a commit that SQLite refuses in the middle, the next one is of a fresh connection and meets no remains."""
    before = seen(store, nonces=["1", "2"])
    clashing = with_row(following(store, nonces=["2"]), sequence=FIRST.row.sequence)
    with pytest.raises(StoreCorrupted):
        store.commit(clashing)

    assert before == seen(store, nonces=["1", "2"])
    assert 2 == commit(store, following(store)).row.version


def test_an_interrupted_loan_is_rolled_back(store):
    """Whatever ends a transaction early, Ctrl-C too, nothing of it stays."""

    def interrupted():
        with store._loans.lent(may_make=False) as connection:
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("DELETE FROM connection")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()

    assert FIRST.row == loaded(store)
    assert 2 == commit(store, following(store)).row.version
