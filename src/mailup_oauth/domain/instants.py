"""Moments, lives and waits, by arithmetic alone; a clock that once was wrong must not stop anybody for long."""

from datetime import UTC, datetime, timedelta

from attrs import frozen

NO_TIME = timedelta()
END_OF_TIME = datetime.max.replace(tzinfo=UTC)


def later(moment: datetime, span: timedelta) -> datetime:
    """Return *moment* plus *span*, or the last moment there is; it never overflows."""
    return END_OF_TIME if span >= END_OF_TIME - moment else moment + span


@frozen(kw_only=True)
class Wait:
    """
    A span that began at a moment.

    A clock that was wrong when the wait began cannot make it last for ever: whoever finds the beginning in the future
    waits at most the span, and whoever finds it further in the future than the span itself does not wait at all.

    Attributes:
        since: When it began, in UTC.
        span: How long it lasts; zero or more.
    Source: architecture.md section 2, property 4; ADR 0006.
    """

    since: datetime
    span: timedelta

    def remaining(self, now: datetime) -> timedelta:
        """Return how long is still to wait at *now*; zero when it is over."""
        if later(now, self.span) < self.since:
            return NO_TIME
        return max(NO_TIME, min(self.span, later(self.since, self.span) - now))

    def is_over(self, now: datetime) -> bool:
        """Say whether nothing is left to wait."""
        return self.remaining(now) <= NO_TIME


def stretched(span: timedelta, *, spread: float, chance: float) -> timedelta:
    """
    Return *span*, longer by up to *spread* of itself, so that many waits do not end at once.

    Args:
        span: The shortest it may be.
        spread: The greatest share to add, 0 to 1.
        chance: Drawn by the Entropy port, 0 (nothing is added) to 1.
    """
    return span * (1 + spread * chance)
