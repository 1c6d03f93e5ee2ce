"""The clock on the wall, which all processes of a machine read, which somebody may set, and which may run wrong."""

from datetime import datetime, timedelta
from typing import Final

from ..clock import FakeClock

RIGHT: Final = 1000
"""The pace of a clock that runs right: so many seconds in a thousand."""


class WallClock:
    """
    The Clock port of one machine: what it showed last, when that was in *truth*, and how fast it has run since.

    Its processes sleep by moves of the simulation, so ``sleep`` is not for them.
    """

    def __init__(self, truth: FakeClock) -> None:
        self._truth = truth
        self._shown = self._since = truth.now()
        self._pace = RIGHT

    def now(self) -> datetime:
        """Return the moment that it shows."""
        gone_by = self._truth.now() - self._since
        return self._shown + (gone_by if self._pace == RIGHT else gone_by * self._pace // RIGHT)

    def sleep(self, span: timedelta) -> None:
        """Let *span* pass."""
        self._truth.move(self.truly(span))

    def truly(self, span: timedelta) -> timedelta:
        """Return how long it takes until this clock has gone on by *span* at least."""
        return -(span * -RIGHT // self._pace)

    def set_by(self, span: timedelta) -> None:
        """Set it forward, or back."""
        self._shown, self._since = self.now() + span, self._truth.now()

    def run_at(self, pace: int) -> None:
        """Let it run at another pace from here on; 1100 is a tenth too fast."""
        self.set_by(timedelta())
        self._pace = pace
