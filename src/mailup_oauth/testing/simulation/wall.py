"""The clock on the wall, which all processes of a machine read and which somebody may set."""

from datetime import datetime, timedelta

from ..clock import FakeClock


class WallClock:
    """
    The Clock port of one machine: *truth*, and by how much the clock is wrong.

    Its processes sleep by moves of the simulation, so ``sleep`` is not for them.
    """

    def __init__(self, truth: FakeClock) -> None:
        self._truth = truth
        self._wrong = timedelta()

    def now(self) -> datetime:
        """Return the moment that it shows."""
        return self._truth.now() + self._wrong

    def sleep(self, span: timedelta) -> None:
        """Let *span* pass."""
        self._truth.move(span)

    def set_by(self, span: timedelta) -> None:
        """Set it forward, or back."""
        self._wrong += span
