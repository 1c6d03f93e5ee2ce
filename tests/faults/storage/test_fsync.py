"""An ``fsync`` that fails: what was not made durable is not called stored, and its connection is used no more."""

import os
import sqlite3
import tempfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import timedelta

import pytest
from tests.conversations.misfortunes.test_disk import Mender
from tests.faults.storage.conftest import client_over
from tests.faults.storage.curse import curse_this_thread

from mailup_oauth import StoreUnavailable
from mailup_oauth.adapters.spill.folder import FolderSpill
from mailup_oauth.adapters.spill.memory import MemorySpill
from mailup_oauth.adapters.storage import sqlite_loans
from mailup_oauth.adapters.storage.memory import MemoryStore
from mailup_oauth.adapters.storage.sqlite import SqliteStore
from mailup_oauth.ports import Absent, Commit
from mailup_oauth.testing.stage import CONNECTION
from mailup_oauth.testing.store_claims.changes import commit, following, loaded

FAILED = "the disk failed to read or write"


def test_the_curse_fails_for_its_thread_alone(cursed):
    """Both ways to make a file durable fail there, and nowhere else."""

    def tried():
        told = []
        with tempfile.TemporaryFile() as file:
            for call in (os.fsync, os.fdatasync):
                try:
                    told.append(call(file.fileno()))
                except OSError as error:
                    told.append(error.strerror)
        return told

    assert ["Input/output error"] * 2 == cursed(tried)
    assert [None] * 2 == tried()


def test_fault_S07_what_is_not_durable_is_not_reported_as_stored(tmp_path, cursed):
    """A commit whose ``fsync`` fails is refused, and not to be read before it was made durable in another place."""
    store = SqliteStore(tmp_path / "store.db")
    commit(store, following(store))
    change = following(store, sealed=b"canary")
    for deed in (lambda: store.commit(change), lambda: store.load("acme"), lambda: store.commit(change)):
        with pytest.raises(StoreUnavailable, match=FAILED):
            cursed(deed)
    log = tmp_path / "store.db-wal"
    before = log.stat().st_size

    assert change.row == loaded(store)
    assert (True, 0) == (before > 0, log.stat().st_size)
    assert Commit.CONFLICT is store.commit(change)


def test_fault_S07_what_nobody_could_see_is_not_stored_later(tmp_path, cursed):
    """While others have the database open, the refused change is nowhere to be read, and is made by the next try."""
    store, other = SqliteStore(tmp_path / "store.db"), SqliteStore(tmp_path / "store.db")
    first = commit(store, following(store))
    loaded(other)
    change = following(store, sealed=b"canary")
    with pytest.raises(StoreUnavailable, match=FAILED):
        cursed(lambda: store.commit(change))

    assert (first.row, first.row) == (loaded(other), loaded(store))
    assert Commit.DONE is store.commit(change)
    assert change.row == loaded(other)


def test_fault_S07_nobody_settles_what_others_are_reading(tmp_path, cursed):
    """Where others read for longer than the patience, it is not called settled; once they are done, it is."""
    store = SqliteStore(tmp_path / "store.db", patience=0.05)
    first = commit(store, following(store))
    with closing(sqlite3.connect(tmp_path / "store.db", isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM connection").fetchall()
        with pytest.raises(StoreUnavailable, match=FAILED):
            cursed(lambda: store.commit(following(store)))
        with pytest.raises(StoreUnavailable, match="others keep it"):
            store.load("acme")

    assert first.row == loaded(store)


def test_fault_S07_a_connection_that_failed_is_thrown_away(tmp_path, cursed, monkeypatch):
    """After a failure nothing goes through the connection that saw it, for nobody knows what it believes to be on disk."""
    store, opened = SqliteStore(tmp_path / "store.db"), []

    def opening(*args, **named):
        opened.append(true(*args, **named))
        return opened[-1]

    true = sqlite_loans.opened
    monkeypatch.setattr(sqlite_loans, "opened", opening)
    commit(store, following(store))
    with pytest.raises(StoreUnavailable):
        cursed(lambda: store.commit(following(store)))
    commit(store, following(store))

    assert 2 == len(opened)
    with pytest.raises(Exception, match="closed database"):
        opened[0].execute("SELECT 1")


def test_fault_S07_a_database_whose_beginning_is_not_durable_is_not_begun(tmp_path, cursed):
    """Where not even the tables can be made durable, the first commit is refused, and made later."""
    store, change = SqliteStore(tmp_path / "store.db"), following(MemoryStore())
    with pytest.raises(StoreUnavailable, match=FAILED):
        cursed(lambda: store.commit(change))

    assert Absent() == store.load("acme")
    assert Commit.DONE is store.commit(change)


def test_fault_S07_an_intent_that_is_not_durable_sends_nothing(house, cursed):
    """A refresh whose intent cannot be made durable is a typed error, leaves the state alone, and goes on later."""
    oauth, before = house.client(), house.oauth.status(CONNECTION)
    with pytest.raises(StoreUnavailable, match=FAILED):
        cursed(lambda: oauth.access_token(CONNECTION))

    assert (before, 2) == (house.oauth.status(CONNECTION), len(house.wire.sent))  # the code, and who the user is
    assert house.goes_on()


class OnceCursed(SqliteStore):
    """A store whose *which*-th commit is made on a thread for which no ``fsync`` succeeds."""

    def __init__(self, path, which):
        super().__init__(path)
        self._which = which
        self.commits = 0

    def commit(self, change):
        """Commit here, or there."""
        self.commits += 1
        if self.commits != self._which:
            return super().commit(change)
        with ThreadPoolExecutor(1, initializer=curse_this_thread) as thread:
            return thread.submit(super().commit, change).result()


def test_fault_S07_received_tokens_that_are_not_durable_are_stored_by_the_next_try(house):
    """When the ``fsync`` of the answer fails once, the caller gets the new token after it was made durable, and once."""
    store = OnceCursed(house.database, 2)
    clock = Mender(house.stage.clock, lambda: None, after=1)
    token = client_over(house, store, clock=clock).access_token(CONNECTION)

    assert ([timedelta(milliseconds=200)], 3) == (clock.waits, store.commits)
    assert token.mark == house.client().access_token(CONNECTION).mark != house.token.mark
    assert 3 == len(house.wire.sent)


def test_fault_S07_a_spill_that_is_not_durable_is_none(tmp_path, cursed):
    """What cannot be made durable in the spill either is not called kept, and what was kept before is still there."""
    spill = FolderSpill(tmp_path / "spill")
    spill.keep("acme", b"older")
    with pytest.raises(StoreUnavailable, match="cannot be written"):
        cursed(lambda: spill.keep("acme", b"newer"))

    assert b"older" == spill.find("acme")


def test_fault_S07_tokens_wait_elsewhere_while_nothing_can_be_made_durable(house, cursed):
    """When ``fsync`` fails from the moment the request has left, the tokens are spilled, and stored once it works again."""
    spill = MemorySpill()
    house.wire.meanwhile = curse_this_thread  # on the flight's own thread, which sends and stores
    oauth = house.client(spill=spill)
    with pytest.raises(StoreUnavailable, match=FAILED):
        oauth.access_token(CONNECTION)
    house.wire.meanwhile = lambda: None
    sent = len(house.wire.sent)

    assert house.token.mark != house.client(spill=spill).access_token(CONNECTION).mark
    assert (Absent(), sent) == (spill.find(CONNECTION), len(house.wire.sent))
