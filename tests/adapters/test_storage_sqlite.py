"""The SQLite store's file: whose it is, how durable it is, and how often it is open (the port's contract is elsewhere)."""

import gc
import os
import stat
import threading
from contextlib import ExitStack
from pathlib import Path

import pytest

from mailup_oauth.adapters.storage.memory import MemoryStore
from mailup_oauth.adapters.storage.sqlite import SqliteStore
from mailup_oauth.adapters.storage.sqlite_file import made
from mailup_oauth.domain.errors import StoreCorrupted, StoreUnavailable
from mailup_oauth.ports import Absent, Housed
from mailup_oauth.testing.store_claims.changes import commit, following, loaded, nonce

FIRST = following(MemoryStore(), sealed=b"canary", nonces=["1"])
"""A change that can be committed where nothing is."""

READING = {
    "load": lambda store: store.load("acme"),
    "version": lambda store: store.version("acme"),
    "find": lambda store: store.find(nonce("1")),
    "records": lambda store: store.records("acme"),
    "connections": lambda store: store.connections(),
    "is_empty": lambda store: store.is_empty(),
}


@pytest.fixture
def path(tmp_path):
    """Where a database may be made."""
    return tmp_path / "store.db"


@pytest.fixture
def store(path):
    """A store that nobody has used."""
    one = SqliteStore(path)
    yield one
    one.close()


@pytest.fixture
def no_umask():
    """Let new files have every permission that is asked for."""
    usual = os.umask(0)
    yield
    os.umask(usual)


def open_files():
    """Return how many files this process has open, after whatever was forgotten is closed."""
    gc.collect()
    return sum(1 for _ in Path("/dev/fd").iterdir())


def test_sec_71_every_file_is_its_owners_alone(store, tmp_path, no_umask):
    """Database, log, index and locks are made for their owner, though the umask would let everybody do everything."""
    store.commit(FIRST)
    modes = {found.name: oct(stat.S_IMODE(found.lstat().st_mode)) for found in tmp_path.rglob("*")}

    assert {
        "store.db": "0o600",
        "store.db-wal": "0o600",
        "store.db-shm": "0o600",
        "store.db.locks": "0o700",
        "write.lock": "0o600",
    } == modes


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o777], ids=oct)
def test_sec_71_no_umask_changes_whose_a_file_is(path, umask):
    """A new file's owner may read and write it and nobody else may, whatever the umask; an old one is let be."""
    usual = os.umask(umask)
    made(path)
    os.umask(usual)
    modes = [stat.S_IMODE(path.stat().st_mode)]
    path.write_text("canary")
    path.chmod(0o640)
    made(path)

    assert [0o600, 0o640] == [*modes, stat.S_IMODE(path.stat().st_mode)]
    assert "canary" == path.read_text()


@pytest.mark.parametrize("content", [None, b"", b"canary", "a database"])
def test_sec_71_no_symbolic_link_is_followed(path, tmp_path, content):
    """A link in the database's place is refused, and what it points to is not made, changed or read."""
    real = tmp_path / "elsewhere"
    if content == "a database":
        other = SqliteStore(real)
        other.commit(FIRST)
        other.close()
    elif content is not None:
        real.write_bytes(content)
    before = real.read_bytes() if real.exists() else None
    path.symlink_to(real)
    for use in (*READING.values(), lambda store: store.commit(FIRST)):
        with pytest.raises(StoreCorrupted, match="the database is a link"):
            use(SqliteStore(path))

    assert before == (real.read_bytes() if real.exists() else None)


def test_sec_71_no_symbolic_link_is_locked(store, tmp_path):
    """A link in the lock's place is refused, and what it points to is not made."""
    real = tmp_path / "elsewhere"
    store.lock_folder.mkdir()
    (store.lock_folder / "write.lock").symlink_to(real)
    with pytest.raises(StoreUnavailable):
        store.commit(FIRST)

    assert not real.exists()


@pytest.mark.parametrize("reading", READING.values(), ids=READING)
def test_reading_makes_no_file(store, tmp_path, reading):
    """Whoever only asks leaves nothing behind."""
    reading(store)

    assert [] == list(tmp_path.iterdir())


def test_a_file_that_was_made_and_not_written_holds_nothing(store, path, tmp_path):
    """What a process leaves that dies before its first commit is an empty store, and reading leaves it so."""
    path.touch(mode=0o600)

    assert (Absent(), (), True) == (store.load("acme"), store.connections(), store.is_empty())
    assert ([path], 0) == (list(tmp_path.iterdir()), path.stat().st_size)
    assert FIRST == commit(store, FIRST)


@pytest.mark.parametrize("name", ["", ":memory:"])
def test_a_database_in_memory_is_refused(name):
    """SQLite's own name for a database in memory is answered with the store that is meant for that."""
    with pytest.raises(StoreUnavailable, match="use MemoryStore for a store in memory"):
        SqliteStore(name)


@pytest.mark.parametrize("name", ["a b.db", "?mode=memory", "100%41#.db", "file:x.db", "\u00e9\u6771.db", "'; --"])
def test_a_file_may_have_any_name(tmp_path, name):
    """Whatever the name means to SQLite's addresses, the file of that name is the database."""
    store = SqliteStore(tmp_path / name)
    store.commit(FIRST)
    store.close()

    assert {name, f"{name}.locks"} == {found.name for found in tmp_path.iterdir()}
    assert FIRST.row == loaded(SqliteStore(tmp_path / name))


def test_every_commit_waits_for_the_disk(store):
    """Every connection writes ahead and synchronises fully, whatever this SQLite was built to do by default."""
    store.commit(FIRST)
    for _ in range(2):
        with store._loans.lent(may_make=False) as connection:
            found = [connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("journal_mode", "synchronous")]
        store.close()

        assert ["wal", 2] == found


def test_key_and_locks_have_their_place_beside_the_database(store, path):
    """The store is housed: it says where its key and its locks are."""
    assert isinstance(store, Housed)
    assert (f"{path}.key", f"{path}.locks") == (str(store.key_file), str(store.lock_folder))


def test_one_file_has_one_identity_however_it_is_written(path, tmp_path, monkeypatch):
    """Relative, roundabout and linked ways to one file are one store; another file is another."""
    (tmp_path / "folder").mkdir()
    (tmp_path / "linked").symlink_to(tmp_path)
    monkeypatch.chdir(tmp_path)
    ways = [path, "store.db", "./store.db", "folder/../store.db", tmp_path / "linked" / "store.db"]

    assert {SqliteStore(path).identity} == {SqliteStore(way).identity for way in ways}
    assert SqliteStore(path).identity != SqliteStore("other.db").identity


def test_a_store_stays_where_it_was_when_its_process_moves(path, tmp_path, monkeypatch):
    """A relative path is that of the moment: a daemon that changes its directory keeps its store."""
    monkeypatch.chdir(tmp_path)
    store = SqliteStore("store.db")
    before = store.identity
    monkeypatch.chdir("/")
    store.commit(FIRST)

    assert before == store.identity
    assert FIRST.row == loaded(SqliteStore(path))


def test_threads_leave_no_files_open(store):
    """However many threads have used a store, each for a while, no more files are open than after the first."""
    store.commit(FIRST)
    before = open_files()
    for _ in range(500):
        thread = threading.Thread(target=lambda: loaded(store))
        thread.start()
        thread.join()

    assert before == open_files()


def test_a_crowd_leaves_few_files_open(store):
    """A crowd may have as many connections as it has heads; at rest few of them are kept."""
    before = open_files()
    store.commit(FIRST)
    with ExitStack() as crowd:
        for _ in range(16):
            crowd.enter_context(store._loans.lent(may_make=False))
        crowded = open_files()

    assert before < open_files() < crowded


def test_a_closed_store_has_nothing_open(store, path, tmp_path):
    """After ``close`` no file is open, and the log has gone into the database."""
    before = open_files()
    store.commit(FIRST)
    store.close()

    assert before == open_files()
    assert {path, store.lock_folder} == set(tmp_path.iterdir())


def test_what_is_in_use_while_the_store_is_closed_is_closed_afterwards(store):
    """A connection that is lent when somebody calls ``close`` goes on to its end, and is then not kept."""
    before = open_files()
    store.commit(FIRST)
    with store._loans.lent(may_make=False) as connection:
        store.close()
        assert [(1,)] == connection.execute("SELECT version FROM connection").fetchall()

    assert before == open_files()


def test_a_forgotten_store_has_nothing_open(path):
    """A store that nobody holds any more gives its files back, and nobody is warned of it."""
    before = open_files()
    SqliteStore(path).commit(FIRST)

    assert before == open_files()
