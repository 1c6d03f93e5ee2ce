"""A store that lasts as long as the process: for tests, demonstrations and programs that connect anew each time."""

import itertools
import threading

from attrs import field, frozen

from ...ports import Absent, Change, Commit, Row

_SERIALS = itertools.count(1)


@frozen
class _Kept:
    """All that is kept at one moment; a commit is the step from one to the next, so nobody sees half of it."""

    rows: dict[str, Row] = field(factory=dict[str, Row])
    journals: dict[str, tuple[bytes, ...]] = field(factory=dict[str, tuple[bytes, ...]])
    nonces: dict[str, str] = field(factory=dict[str, str])

    def after(self, change: Change) -> "_Kept":
        """Return what is kept after *change*."""
        name = change.connection
        others = {nonce: owner for nonce, owner in self.nonces.items() if owner != name}
        return _Kept(
            rows={**self.rows, name: change.row},
            journals={**self.journals, name: (*self.journals.get(name, ()), *change.records)},
            nonces={**others, **dict.fromkeys(change.nonces, name)},
        )


class MemoryStore:
    """
    The Store port in memory; safe for threads.

    A forked child has a copy of its own, so processes do not share it: use ``SqliteStore`` for that.
    """

    def __init__(self) -> None:
        self._identity = f"memory:{next(_SERIALS)}"
        self._kept = _Kept()
        self._lock = threading.Lock()

    def begin_as(self, other: "MemoryStore") -> None:
        """Keep what *other* keeps at this moment; from here on they go ways of their own."""
        self._kept = other._kept  # noqa: SLF001  # another object of this class, and what is kept never changes

    @property
    def identity(self) -> str:
        """What it is: another one for every object."""
        return self._identity

    def load(self, connection: str) -> Row | Absent:
        """Return the newest row."""
        return self._kept.rows.get(connection, Absent())

    def version(self, connection: str) -> int:
        """Return the newest row's version, 0 if there is none."""
        row = self._kept.rows.get(connection)
        return 0 if row is None else row.version

    def commit(self, change: Change) -> Commit:
        """Make *change*, or find that somebody was faster."""
        with self._lock:
            if self.version(change.connection) != change.replaces:
                return Commit.CONFLICT
            self._kept = self._kept.after(change)
            return Commit.DONE

    def find(self, nonce: str) -> str | Absent:
        """Return the connection that the SHA-256 of a nonce leads to."""
        return self._kept.nonces.get(nonce, Absent())

    def records(self, connection: str, *, after: int = 0, limit: int = 1000) -> tuple[bytes, ...]:
        """Return at most *limit* journal records with a sequence greater than *after*."""
        return self._kept.journals.get(connection, ())[after : after + limit]

    def connections(self) -> tuple[str, ...]:
        """Return every name that has a row, sorted."""
        return tuple(sorted(self._kept.rows))

    def is_empty(self) -> bool:
        """Say whether no row holds anything sealed."""
        return not any(row.sealed for row in self._kept.rows.values())

    def close(self) -> None:
        """Keep everything; there is nothing to give back."""
