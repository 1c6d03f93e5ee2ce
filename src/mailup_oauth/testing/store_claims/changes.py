"""Changes to commit, and what became of them; what they hold means nothing, for a store does not look into it."""

import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from hashlib import sha256
from typing import TypeVar, cast

import attrs

from ...domain.instants import END_OF_TIME
from ...ports import Absent, Change, Commit, Row, Store

T = TypeVar("T")

Opened = Callable[[], Store]
"""Opens one more object over the storage of a test."""

ACME = "acme"
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def nonce(name: str) -> str:
    """Return what the index knows a nonce by."""
    return sha256(name.encode()).hexdigest()


def following(
    store: Store,
    connection: str = ACME,
    *,
    records: Iterable[bytes] = (b"{}",),
    nonces: Iterable[str] = (),
    sealed: bytes = b"",
) -> Change:
    """Return a change that follows on what *store* holds now."""
    before, told = store.load(connection), tuple(records)
    version, sequence = (0, 0) if isinstance(before, Absent) else (before.version, before.sequence)
    row = Row(
        version=version + 1,
        clear=f"{connection} {version + 1}".encode(),
        sealed=sealed,
        due_at=END_OF_TIME,
        sequence=sequence + len(told),
        head=sha256(b"".join(told)).digest(),
        written_at=NOON,
    )
    return Change(
        connection=connection,
        replaces=version,
        row=row,
        records=told,
        nonces=frozenset(map(nonce, nonces)),
    )


def with_row(change: Change, **parts: object) -> Change:
    """Return *change* with other parts in its row."""
    evolve = cast("Callable[..., Row]", attrs.evolve)
    return attrs.evolve(change, row=evolve(change.row, **parts))


def decided_on(change: Change, version: int) -> Change:
    """Return *change* as somebody would make it who has read another version."""
    return attrs.evolve(with_row(change, version=version + 1), replaces=version)


def commit(store: Store, change: Change) -> Change:
    """Commit *change*, which nothing stands in the way of, and return it."""
    assert Commit.DONE is store.commit(change)
    return change


def loaded(store: Store, connection: str = ACME) -> Row:
    """Return the row that is there."""
    row = store.load(connection)
    assert isinstance(row, Row)
    return row


def seen(store: Store, connection: str = ACME, nonces: Iterable[str] = ()) -> tuple[object, ...]:
    """Return all that a store shows of a connection."""
    return (
        store.load(connection),
        store.version(connection),
        store.records(connection),
        store.connections(),
        {name: store.find(nonce(name)) for name in nonces},
        store.is_empty(),
    )


def together(*jobs: Callable[[], T]) -> list[T]:
    """Do all *jobs* at the same time, each on a thread, and return what they return."""
    start = threading.Barrier(len(jobs))

    def started(job: Callable[[], T]) -> T:
        start.wait()
        return job()

    with ThreadPoolExecutor(len(jobs)) as crowd:
        return list(crowd.map(started, jobs))
