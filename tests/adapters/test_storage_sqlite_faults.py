"""What the system does to a SQLite store: full, read-only, locked, gone; told in sentences, and nothing is lost."""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from mailup_oauth.adapters.storage.memory import MemoryStore
from mailup_oauth.adapters.storage.sqlite import SqliteStore
from mailup_oauth.domain.errors import StoreUnavailable
from mailup_oauth.testing.store_claims.changes import commit, following, loaded

FIRST = following(MemoryStore(), sealed=b"canary", nonces=["1"])
WORKER = Path(__file__).with_name("sqlite_worker.py")
NO_PATIENCE = 0.05


@pytest.fixture
def path(tmp_path):
    """Where a database may be made."""
    return tmp_path / "store.db"


@pytest.fixture
def store(path):
    """A store with one connection in it."""
    one = SqliteStore(path)
    one.commit(FIRST)
    yield one
    one.close()


@pytest.fixture
def open_folder():
    """A folder that everybody may go into, unlike the tests' own."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        yield Path(name)


@pytest.fixture
def worker(path):
    """Start a process over the database; none outlives the test."""
    started = []

    def start(mode, database=path):
        pipes = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
        started.append(subprocess.Popen([sys.executable, str(WORKER), mode, str(database)], text=True, **pipes))
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.communicate()


def said(process):
    """Wait for the end of a process and return what it said; it may not complain."""
    told, complaint = process.communicate("go\n", timeout=60)

    assert ("", 0) == (complaint, process.returncode)
    return told.splitlines()


def unavailable(problem):
    """Return how a worker tells of a store that cannot be used."""
    return f"store_unavailable: {problem}"


def test_fault_S01_a_full_disk_stops_a_commit_and_costs_nothing(worker):
    """A commit for which there is no space is refused and not half made; with space, the next one is made."""
    full = unavailable("the disk failed to read or write")

    assert ["1", full, "(1, (b'1',))", "2"] == said(worker("fill_the_disk"))


def test_fault_S01_a_store_can_be_begun_on_a_full_disk_later(worker):
    """Where not even an empty database has space, the first commit is refused, and made when there is."""
    assert [unavailable("the disk failed to read or write"), "1"] == said(worker("begin_on_a_full_disk"))


@pytest.mark.parametrize("mode", ["hold_database", "hold_lock"])
def test_fault_S03_a_database_that_stays_locked_is_given_up(worker, store, path, mode):
    """Whoever has waited long enough for another process is told so; reading never waits, and later all is well."""
    process = worker(mode)
    assert "ready\n" == process.stdout.readline()
    with pytest.raises(StoreUnavailable, match=r"another process .*locked"):
        SqliteStore(path, patience=NO_PATIENCE).commit(following(store))

    assert FIRST.row == loaded(SqliteStore(path, patience=NO_PATIENCE))
    assert [] == said(process)
    assert 2 == commit(store, following(store)).row.version


def test_fault_S04_a_folder_that_may_not_be_written_to(worker, open_folder):
    """Where nothing can be made, an empty store is empty, a commit is refused, and nothing is made."""
    open_folder.chmod(0o555)

    assert ["True", unavailable("the database cannot be opened (Permission denied)")] == said(
        worker("be_nobody", open_folder / "store.db")
    )
    assert [] == list(open_folder.iterdir())


def test_fault_S04_a_folder_that_may_not_be_entered(worker, open_folder):
    """A store that cannot be looked into is not taken for an empty one, for which a new key would be made."""
    open_folder.chmod(0o600)

    assert [unavailable("the database cannot be opened (Permission denied)")] * 2 == said(
        worker("be_nobody", open_folder / "store.db")
    )


def test_fault_S04_a_file_that_may_not_be_written_to(worker, open_folder, store, path):
    """A database that can only be read is read; a commit is refused and changes nothing."""
    copy = open_folder / "store.db"
    store.close()
    shutil.copy(path, copy)
    copy.chmod(0o444)
    open_folder.chmod(0o777)
    before = copy.read_bytes()

    assert ["False", unavailable("the database or its folder is read-only")] == said(worker("be_nobody", copy))
    assert before == copy.read_bytes()


@pytest.mark.parametrize("closed_before", [False, True])
@pytest.mark.parametrize("replaced", [False, True])
def test_fault_S06_a_file_that_goes_away_is_missed(store, path, tmp_path, replaced, closed_before):
    """A store whose file was deleted or replaced says so, and makes and changes none; a new object may begin anew."""
    if closed_before:
        store.close()
    path.rename(tmp_path / "old.db")
    if replaced:
        other = SqliteStore(path)
        other.commit(FIRST)
        other.close()
    before = path.read_bytes() if replaced else None
    for use in (store.is_empty, lambda: store.load("acme"), lambda: store.commit(FIRST)):
        with pytest.raises(StoreUnavailable, match="deleted or replaced while it was in use"):
            use()

    assert before == (path.read_bytes() if path.exists() else None)


def test_a_folder_that_is_not_there(tmp_path):
    """Where the folder is missing, nothing is stored yet, and a commit says what is missing."""
    store = SqliteStore(tmp_path / "missing" / "store.db")

    assert store.is_empty()
    with pytest.raises(StoreUnavailable, match="No such file or directory"):
        store.commit(FIRST)


def test_a_file_in_a_files_place(tmp_path):
    """Where a file stands in the folder's place, reading and writing say so."""
    (tmp_path / "file").write_text("canary")
    store = SqliteStore(tmp_path / "file" / "store.db")
    for use in (store.is_empty, lambda: store.commit(FIRST)):
        with pytest.raises(StoreUnavailable, match="Not a directory"):
            use()
