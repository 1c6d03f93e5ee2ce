"""A clock that moves only when it is told to, or when somebody sleeps on it."""

import threading
from datetime import UTC, datetime, timedelta

EPOCH = datetime(2026, 1, 1, 12, tzinfo=UTC)


class FakeClock:
    """
    The Clock port for tests; safe for threads.

    Args:
        start: What time it is at first, in UTC.
    """

    def __init__(self, start: datetime = EPOCH) -> None:
        self._now = start
        self._lock = threading.Lock()

    def now(self) -> datetime:
        """Return the moment it shows."""
        return self._now

    def sleep(self, span: timedelta) -> None:
        """Let *span* pass at once."""
        self.move(span)

    def move(self, span: timedelta) -> None:
        """Let *span* pass; a negative one sets the clock back, as clocks are."""
        with self._lock:
            self._now += span
