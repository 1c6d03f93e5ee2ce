"""A store that lasts as long as the process: for tests, demonstrations and programs that connect anew each time."""

import itertools
import threading

from attrs import define, field

from ...ports import Absent, Change, Commit, Row

_SERIALS = itertools.count(1)


@define
class _Kept:
    """One connection: its row and its journal."""

    row: Row
    records: list[bytes] = field(factory=list[bytes])


class MemoryStore:
    """
    The Store port in memory; safe for threads.

    A forked child has a copy of its own, so processes do not share it: use ``SqliteStore`` for that.
    """

    def __init__(self) -> None:
        self._identity = f"memory:{next(_SERIALS)}"
        self._kept: dict[str, _Kept] = {}
        self._nonces: dict[str, str] = {}
        self._lock = threading.Lock()

    @property
    def identity(self) -> str:
        """What it is: another one for every object."""
        return self._identity

    def load(self, connection: str) -> Row | Absent:
        """Return the newest row."""
        kept = self._kept.get(connection)
        return Absent() if kept is None else kept.row

    def version(self, connection: str) -> int:
        """Return the newest row's version, 0 if there is none."""
        kept = self._kept.get(connection)
        return 0 if kept is None else kept.row.version

    def commit(self, change: Change) -> Commit:
        """Make *change*, or find that somebody was faster."""
        with self._lock:
            if self.version(change.connection) != change.replaces:
                return Commit.CONFLICT
            kept = self._kept.setdefault(change.connection, _Kept(change.row))
            kept.row = change.row
            kept.records.extend(change.records)
            others = {nonce: name for nonce, name in self._nonces.items() if name != change.connection}
            self._nonces = {**others, **dict.fromkeys(change.nonces, change.connection)}
            return Commit.DONE

    def find(self, nonce: str) -> str | Absent:
        """Return the connection that the SHA-256 of a nonce leads to."""
        return self._nonces.get(nonce, Absent())

    def records(self, connection: str, *, after: int = 0, limit: int = 1000) -> tuple[bytes, ...]:
        """Return at most *limit* journal records with a sequence greater than *after*."""
        kept = self._kept.get(connection)
        return () if kept is None else tuple(kept.records[after : after + limit])

    def connections(self) -> tuple[str, ...]:
        """Return every name that has a row, sorted."""
        return tuple(sorted(self._kept))

    def is_empty(self) -> bool:
        """Say whether no row holds anything sealed."""
        return not any(kept.row.sealed for kept in self._kept.values())

    def close(self) -> None:
        """Keep everything; there is nothing to give back."""
