"""A store in memory that fails when it is told to, and tells of every change that was made."""

import enum
from collections import deque
from collections.abc import Callable
from datetime import datetime, timedelta

from ...adapters.storage.memory import MemoryStore
from ...domain.errors import StoreUnavailable
from ...ports import Absent, Change, Commit, Row
from .facts import Stored, StoreFailed


@enum.unique
class Failing(enum.Enum):
    """When a store fails: as it is read, before a change is made, or after it was made and before anybody knows."""

    READING = "reading"
    BEFORE = "before"
    AFTER = "after"


class FrailStore(MemoryStore):
    """
    The Store port of a simulation.

    Args:
        now: Tells the true time.
        tell: Hears of every change that was made, and of every failure.
    """

    def __init__(self, now: Callable[[], datetime], tell: Callable[[Stored | StoreFailed], None]) -> None:
        super().__init__()
        self._now = now
        self._tell = tell
        self._loads: deque[bool] = deque()
        self._commits: deque[Failing | None] = deque()
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

    def load(self, connection: str) -> Row | Absent:
        """Return the newest row, or fail."""
        if self._loads and self._loads.popleft():
            raise self._failure()
        return super().load(connection)

    def find(self, nonce: str) -> str | Absent:
        """Return the connection that a nonce leads to, or fail."""
        if self._loads and self._loads.popleft():
            raise self._failure()
        return super().find(nonce)

    def commit(self, change: Change) -> Commit:
        """Make *change*, or find that somebody was faster, or fail on either side of it."""
        failing = self._commits.popleft() if self._commits else None
        if failing is Failing.BEFORE or self._now() < self._back_at:
            raise self._failure()
        commit = super().commit(change)
        if commit is Commit.DONE:
            self._tell(Stored(connection=change.connection, row=change.row, records=change.records))
        if failing is Failing.AFTER:
            raise self._failure()
        return commit

    def _failure(self) -> StoreUnavailable:
        """Return the failure, having told of it."""
        self._tell(StoreFailed())
        problem = "it was told to fail"
        return StoreUnavailable(problem)
