"""The system's clock with a hand on it: an hour passes when the demonstration says so."""

import threading
from datetime import UTC, datetime, timedelta


class ShiftedClock:
    """
    The Clock port for a demonstration or a served sandbox; safe for threads.

    It goes with the system's clock, ahead of it by what it was told; sleeping moves it instead of waiting.
    """

    def __init__(self) -> None:
        self._ahead = timedelta()
        self._lock = threading.Lock()

    def now(self) -> datetime:
        """Return the moment it shows, in UTC."""
        with self._lock:
            return datetime.now(UTC) + self._ahead

    def sleep(self, span: timedelta) -> None:
        """Let *span* pass at once."""
        self.move(span)

    def move(self, span: timedelta) -> None:
        """Go ahead by *span*."""
        with self._lock:
            self._ahead += span
