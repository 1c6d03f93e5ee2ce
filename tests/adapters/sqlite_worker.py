"""A process of its own over a SQLite store; told what to do by its arguments, and when by lines on its stdin."""

import os
import resource
import signal
import sqlite3
import sys
import threading
import warnings
from datetime import UTC, datetime
from pathlib import Path

from mailup_oauth.adapters.storage.sqlite import SqliteStore
from mailup_oauth.domain.errors import StorageError
from mailup_oauth.domain.events import Disconnected
from mailup_oauth.journal import Context, Stamp, chain, tail_of
from mailup_oauth.ports import Absent, Change, Commit, Row
from mailup_oauth.testing.store_claims.changes import commit, following

warnings.simplefilter("ignore", DeprecationWarning)  # to fork beside threads is what is tried here

MODE, DATABASE, *MORE = sys.argv[1:]
NOBODY = 65534
STAMP = Stamp(now=datetime(2026, 1, 1, tzinfo=UTC), context=Context(actor="worker"), policy_hash="p")


def say(what):
    """Tell the test."""
    print(what, flush=True)


def met(use):
    """Return what a use of the store meets with."""
    try:
        return f"{use()}"
    except StorageError as error:
        return f"{error.code}: {error.problem}"


def wait():
    """Say that everything is loaded, and wait for the start."""
    say("ready")
    sys.stdin.readline()


def hold_database():
    """Lock the database in SQLite's own way."""
    connection = sqlite3.connect(DATABASE, isolation_level=None)
    connection.execute("BEGIN EXCLUSIVE")
    wait()
    connection.close()


def hold_lock():
    """Take the lock around every write, and be slow."""
    with SqliteStore(DATABASE)._writing():
        wait()


def count_up():
    """Add to one connection together with others, and to one alone, as often as told."""
    name, turns = MORE
    store = SqliteStore(DATABASE)
    wait()
    for turn in range(int(turns)):
        while store.commit(following(store, records=[f"{name} {turn}".encode()])) is not Commit.DONE:
            pass
        commit(store, following(store, name))
    say("done")


def keep_journal():
    """Write a real journal for ever, and say each version that was committed."""
    store = SqliteStore(DATABASE)
    while True:
        row = store.load("acme")
        version = 0 if isinstance(row, Absent) else row.version
        told, tail = chain("acme", tail_of("acme", row), (Disconnected(),) * 3, STAMP)
        parts = {"due_at": tail.written_at, "written_at": tail.written_at, "clear": b"{}", "sealed": b"x" * 9000}
        row = Row(version=version + 1, sequence=tail.sequence, head=tail.head, **parts)
        commit(store, Change(connection="acme", replaces=version, row=row, records=told, nonces=frozenset()))
        say(row.version)


def fill_the_disk():
    """Let no file grow, as on a full disk, and then let files grow again."""
    store = SqliteStore(DATABASE)
    say(met(lambda: commit(store, following(store, records=[b"1"])).row.version))
    usual = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (Path(f"{DATABASE}-wal").stat().st_size, usual[1]))
    say(met(lambda: store.commit(following(store, records=[b"2"], nonces=["2"]))))
    resource.setrlimit(resource.RLIMIT_FSIZE, usual)
    say(met(lambda: (store.version("acme"), store.records("acme"))))
    say(met(lambda: commit(store, following(store, records=[b"3"])).row.version))


def begin_on_a_full_disk():
    """Find no space for even an empty database, and then find some."""
    store = SqliteStore(DATABASE)
    usual = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, usual[1]))
    say(met(lambda: commit(store, following(store))))
    resource.setrlimit(resource.RLIMIT_FSIZE, usual)
    say(met(lambda: commit(store, following(store)).row.version))


def be_nobody():
    """Use the store as somebody who may not; what a measuring tool writes in the end, it writes as before."""
    store, mighty = SqliteStore(DATABASE), os.geteuid() == 0
    change = following(store)
    store.close()
    if mighty:
        os.seteuid(NOBODY)
    say(met(store.is_empty))
    say(met(lambda: store.commit(change)))
    store.close()
    if mighty:
        os.seteuid(0)


def child(work):
    """Fork, do *work* in the child, and return its number; a child that hangs is ended."""
    number = os.fork()
    if number:
        return number
    signal.alarm(30)
    try:
        work()
    except BaseException as error:  # noqa: BLE001  # a child has no other way to say it
        say(repr(error))
        os._exit(1)
    os._exit(0)


def succeeded(number):
    """Wait for a child and say whether it ended well."""
    return os.waitstatus_to_exitcode(os.waitpid(number, 0)[1]) == 0


def outlive():
    """Use a store before and after a fork: what a child commits after its parent has closed everything is there."""
    store = SqliteStore(DATABASE)
    commit(store, following(store))
    hear, speak = os.pipe()

    def work():
        store.load("acme")
        os.read(hear, 1)
        commit(store, following(store))

    number = child(work)
    store.load("acme")
    store.close()
    os.write(speak, b"!")
    say(succeeded(number))


def fork_in_the_midst():
    """Fork again and again while threads commit; each child commits too."""
    store = SqliteStore(DATABASE)
    ended = threading.Event()

    def write(name):
        while not ended.is_set():
            commit(store, following(store, name))

    threads = [threading.Thread(target=write, args=(f"thread {number}",)) for number in range(3)]
    for thread in threads:
        thread.start()
    ends = [
        succeeded(child(lambda name=f"child {number}": commit(store, following(store, name)))) for number in range(8)
    ]
    ended.set()
    for thread in threads:
        thread.join()
    say(all(ends))


globals()[MODE]()
