"""Several processes over one SQLite store: nobody loses, nobody starves, and whoever is killed leaves nothing undone."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from mailup_oauth.adapters.storage.sqlite import SqliteStore
from mailup_oauth.journal import Verified, verify_chain
from mailup_oauth.ports import Commit
from mailup_oauth.testing.store_claims.changes import commit, following, loaded

WORKER = Path(__file__).with_name("sqlite_worker.py")
PATIENCE = 60  # seconds until a worker that hangs is given up


@pytest.fixture
def store(tmp_path):
    """The test's own object over the database."""
    one = SqliteStore(tmp_path / "store.db")
    yield one
    one.close()


@pytest.fixture
def worker(tmp_path):
    """Start a process over the database that works in some mode; none outlives the test."""
    started = []

    def start(mode, *more):
        words = [sys.executable, str(WORKER), mode, str(tmp_path / "store.db"), *more]
        pipes = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
        started.append(subprocess.Popen(words, text=True, **pipes))
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.communicate()


def said(process, word=""):
    """Give a process its word, wait for its end and return what it said; it may not complain."""
    told, complaint = process.communicate(word, timeout=PATIENCE)

    assert ("", 0) == (complaint, process.returncode)
    return told.splitlines()


def begin(*processes):
    """Let processes that have said that they are ready begin at once."""
    assert ["ready\n"] * len(processes) == [process.stdout.readline() for process in processes]
    for process in processes:
        process.stdin.write("go\n")
        process.stdin.flush()


def test_fault_S13_no_process_loses_an_update_or_starves(worker, store):
    """Four processes that begin on no database at all commit to one connection and to others until each is done."""
    names, turns = ["a", "b", "c", "d"], 12
    workers = [worker("count_up", name, str(turns)) for name in names]
    begin(*workers)

    assert [["done"]] * 4 == [said(process) for process in workers]
    records = store.records("acme")
    assert 4 * turns == store.version("acme") == len(records) == len(set(records))
    for name in names:
        own = [record for record in records if record.startswith(name.encode())]
        assert [f"{name} {turn}".encode() for turn in range(turns)] == own
        assert turns == store.version(name)


def test_fault_P10_whatever_was_acknowledged_outlives_a_kill(worker, store):
    """A writer killed in the middle of its commits leaves all that it has said, nothing half, and no lock."""
    for acknowledged in (3, 11, 19):
        process = worker("keep_journal")
        versions = [int(process.stdout.readline())]
        while versions[-1] < acknowledged:
            versions.append(int(process.stdout.readline()))
        process.kill()
        versions += map(int, process.stdout.read().split())  # communicate() knows nothing of lines that were read ahead
        process.communicate(timeout=PATIENCE)
        row = loaded(store)

        assert row.version - versions[-1] in {0, 1}
        assert Verified(records=3 * row.version, head=row.head.hex()) == verify_chain(
            "acme", store.records("acme"), row
        )
        assert 1 == commit(store, following(store, f"after {acknowledged}")).row.version


def test_a_slow_writer_is_waited_for(worker, store):
    """While another process holds the lock around writes, readers go on, and a commit is made as soon as it is free."""
    commit(store, following(store))
    process = worker("hold_lock")
    assert "ready\n" == process.stdout.readline()
    change = following(store)
    with ThreadPoolExecutor(1) as other:
        committing = other.submit(store.commit, change)

        assert (1, False) == (loaded(store).version, committing.done())
        assert [] == said(process, "go")
        assert Commit.DONE is committing.result()
    assert change.row == loaded(store)


def test_fault_P27_a_child_locks_for_itself(worker, store):
    """What a forked child commits is not lost when its parent closes the store and with it the database's log."""
    assert ["True"] == said(worker("outlive"))
    assert 2 == store.version("acme")


def test_fault_P27_a_fork_waits_for_those_who_are_at_it(worker, store):
    """A process may fork while its threads commit: no child hangs, and everybody's commits are there."""
    assert ["True"] == said(worker("fork_in_the_midst"))
    assert [1] * 8 == [store.version(f"child {number}") for number in range(8)]
