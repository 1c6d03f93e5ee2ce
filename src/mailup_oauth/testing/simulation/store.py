"""A store in memory that fails when it is told to, and tells of every change that was made."""

import enum
from collections import deque
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from ...adapters.storage.memory import MemoryStore
from ...domain.errors import StoreUnavailable
from ...ports import Absent, Change, Commit, Row
from .facts import Befell, Stored, StoreFailed
from .mishaps import Mishap


@enum.unique
class Failing(enum.Enum):
    """
    When a store fails: as it is read, before a change is made, or after it was made and before anybody knows.

    A change can also be under way while its writer hears of a failure; it is made before anybody else's change, and
    until then the old row is read.
    """

    READING = "reading"
    BEFORE = "before"
    AFTER = "after"
    LATE = "late"


_SEEN_OLD: Final = 2
"""How often the old row is read, at most, while a change is under way."""


class FrailStore(MemoryStore):
    """
    The Store port of a simulation.

    Args:
        now: Tells the true time.
        tell: Hears of every change that was made, and of every failure.
    """

    def __init__(self, now: Callable[[], datetime], tell: Callable[[Stored | StoreFailed | Befell], None]) -> None:
        super().__init__()
        self._now = now
        self._tell = tell
        self._loads: deque[bool] = deque()
        self._commits: deque[Failing | None] = deque()
        self._under_way: list[Change] = []
        self._reads_left = 0
        self._back_at = now()

    def plan(self, failing: Failing, *, after: int = 0) -> None:
        """Let one call fail so, *after* so many more than are planned already."""
        if failing is Failing.READING:
            self._loads.extend((*[False] * after, True))
        else:
            self._commits.extend((*[None] * after, failing))

    def go_away(self, span: timedelta) -> None:
        """Take no changes for so long."""
        self._back_at = self._now() + span

    def mend(self) -> None:
        """Fail no more."""
        self._back_at = self._now()
        self._loads.clear()
        self._commits.clear()
        self._arrive()

    def load(self, connection: str) -> Row | Absent:
        """Return the newest row, or fail."""
        self._read(connection)
        return super().load(connection)

    def find(self, nonce: str) -> str | Absent:
        """Return the connection that a nonce leads to, or fail."""
        found = super().find(nonce)
        self._read(found if isinstance(found, str) else "")
        return found

    def commit(self, change: Change) -> Commit:
        """Make *change*, or find that somebody was faster, or fail on either side of it."""
        self._arrive()
        failing = self._commits.popleft() if self._commits else None
        if self._now() < self._back_at:
            raise self._failure(Mishap.STORE_AWAY, change.connection)
        if failing is Failing.BEFORE:
            raise self._failure(Mishap.COMMIT_FAILED, change.connection)
        if failing is Failing.LATE:
            self._under_way.append(change)
            self._reads_left = _SEEN_OLD
            raise self._failure(Mishap.COMMIT_LATE, change.connection)
        commit = self._made(change)
        if failing is Failing.AFTER:
            raise self._failure(Mishap.COMMIT_UNKNOWN, change.connection)
        return commit

    def _made(self, change: Change) -> Commit:
        commit = super().commit(change)
        if commit is Commit.DONE:
            self._tell(Stored(connection=change.connection, row=change.row, records=change.records))
        return commit

    def _arrive(self) -> None:
        """Let changes be made that are under way."""
        under_way, self._under_way = self._under_way, []
        for change in under_way:
            self._made(change)

    def _read(self, connection: str) -> None:
        """Fail if that is planned; let what is under way arrive when the old row was seen often enough."""
        if self._under_way:
            self._reads_left -= 1
            if self._reads_left < 0:
                self._arrive()
        if self._loads and self._loads.popleft():
            raise self._failure(Mishap.LOAD_FAILED, connection)

    def _failure(self, mishap: Mishap, connection: str) -> StoreUnavailable:
        """Return the failure, having told of it."""
        if connection:
            self._tell(Befell(mishap, connection))
        self._tell(StoreFailed())
        problem = "it was told to fail"
        return StoreUnavailable(problem)
