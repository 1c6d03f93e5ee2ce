"""A spill that lasts as long as the process, for stores that do."""

from ...ports import Absent


class MemorySpill:
    """The Spill port in memory; safe for threads.  Nothing in it survives the process."""

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}
        self._aside: dict[str, bytes] = {}

    def find(self, connection: str) -> bytes | Absent:
        """Return what is kept for a connection."""
        return self._kept.get(connection, Absent())

    def keep(self, connection: str, sealed: bytes) -> None:
        """Keep *sealed* in place of what was kept before."""
        self._kept[connection] = sealed

    def drop(self, connection: str) -> None:
        """Keep it no longer."""
        self._kept.pop(connection, None)

    def set_aside(self, connection: str) -> None:
        """Keep it where ``find`` finds it no more."""
        self._aside[connection] = self._kept.pop(connection, b"")
