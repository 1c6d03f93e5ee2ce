"""A spill in memory that fails when it is told to, and tells of everything that is kept in it."""

from collections.abc import Callable

from ...domain.errors import StoreUnavailable
from ...ports import Absent
from .facts import Befell, Spilled, StoreFailed
from .mishaps import Mishap


class FrailSpill:
    """
    The Spill port of one machine; it outlives its processes.

    Args:
        tell: Hears of everything that is kept, and of every failure.
    """

    def __init__(self, tell: Callable[[Spilled | StoreFailed | Befell], None]) -> None:
        self._tell = tell
        self._kept: dict[str, bytes] = {}
        self._refusals = 0

    def plan(self, times: int) -> None:
        """Keep nothing so many times."""
        self._refusals += times

    def mend(self) -> None:
        """Fail no more."""
        self._refusals = 0

    def find(self, connection: str) -> bytes | Absent:
        """Return what is kept for a connection."""
        return self._kept.get(connection, Absent())

    def keep(self, connection: str, sealed: bytes) -> None:
        """Keep *sealed*, or fail."""
        if self._refusals:
            self._refusals -= 1
            self._tell(Befell(Mishap.SPILL_FAILED, connection))
            self._tell(StoreFailed())
            problem = "it was told to fail"
            raise StoreUnavailable(problem)
        self._kept[connection] = sealed
        self._tell(Spilled(connection=connection, sealed=sealed))

    def drop(self, connection: str) -> None:
        """Keep it no longer."""
        self._kept.pop(connection, None)

    def set_aside(self, connection: str) -> None:
        """Keep it where it is not found."""
        self._kept.pop(connection, None)
