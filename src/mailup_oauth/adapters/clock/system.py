"""The system's clock."""

import time
from datetime import UTC, datetime, timedelta


class SystemClock:
    """The Clock port by the system's clock; safe for threads."""

    def now(self) -> datetime:
        """Return the moment, aware, in UTC."""
        return datetime.now(UTC)

    def sleep(self, span: timedelta) -> None:
        """Return after *span*."""
        time.sleep(span.total_seconds())
