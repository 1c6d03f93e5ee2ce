"""A pause that one 429 begins for every connection of a client, because MailUp counts what an application asks."""

from datetime import datetime, timedelta

from ..domain.instants import NO_TIME, Wait, later
from ..domain.states import Authorized, Expired, Refreshed, State
from ..domain.work import Deferred, Setback, SetbackKind

LONGEST = timedelta(minutes=1)
"""Nobody waits longer for what another connection was told, which may have been meant for that one alone."""


class Lull:
    """
    How long connections that have not been refused themselves should leave MailUp alone; safe for threads.

    Without it each of ten thousand connections that end in one minute is refused five times before its turn comes; with it
    one is, and the others learn of it here (N15, K12).  It is forgotten with the process.
    """

    def __init__(self) -> None:
        self._wait: Wait | None = None

    def hear(self, state: State) -> None:
        """Begin a lull, if the last that was heard from MailUp about a connection is that there are too many requests."""
        work = state.work if isinstance(state, Authorized | Expired | Refreshed) else None
        match work:
            case Deferred(wait=wait, setbacks=(*_, Setback(kind=SetbackKind.RATE_LIMITED))):
                self._begin(Wait(since=wait.since, span=min(wait.span, LONGEST)))
            case _:
                pass

    def remaining(self, now: datetime) -> timedelta:
        """Return how long it still lasts; no time if there is none."""
        wait = self._wait
        return NO_TIME if wait is None else wait.remaining(now)

    def _begin(self, wait: Wait) -> None:
        """Let it last as long as the latest refusal says."""
        if self._wait is None or later(self._wait.since, self._wait.span) < later(wait.since, wait.span):
            self._wait = wait
