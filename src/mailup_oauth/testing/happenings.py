"""What has happened in a test, by the names of the events: in the journals of connections, and at MailUp."""

from collections.abc import Sequence
from difflib import Differ

from ..journal import read_record
from ..sandbox.events import BegunAgain
from .stage import CONNECTION, Stage

_ALL = 1_000_000
"""More records than any test writes."""


class Happenings:
    """
    Tells what has happened on *stage* since this was made, or since ``forget``.

    What a call began and did not wait for may still be under way; it is seen when it is stored.
    """

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self.forget()

    def forget(self) -> None:
        """Tell from here on only what happens later."""
        store = self._stage.store
        self._told = {name: len(store.records(name, limit=_ALL)) for name in store.connections()}
        self._seen = len(self._stage.sandbox.events)

    def journal(self, connection: str = CONNECTION) -> list[str]:
        """Return the events that a connection's journal has, oldest first; those of ``mailup_oauth.domain.events``."""
        lines = self._stage.store.records(connection, after=self._told.get(connection, 0), limit=_ALL)
        return [type(read_record(line).event).__name__ for line in lines]

    def mailup(self) -> list[str]:
        """Return the events that happened at MailUp, oldest first; those of ``mailup_oauth.sandbox.events``."""
        events = self._stage.sandbox.events
        since = 0 if events and isinstance(events[0], BegunAgain) else self._seen  # all before it was forgotten
        return [type(event).__name__ for event in events[since:]]

    def assert_events(self, expected: Sequence[str], connection: str = CONNECTION) -> None:
        """Claim that a connection's journal has exactly these events, in this order."""
        __tracebackhide__ = True  # pytest shows the line of the test
        happened = self.journal(connection)
        if [*expected] != happened:
            lines = Differ().compare(expected, happened)
            told = "\n".join((f"the journal of {connection!r} tells otherwise (- expected, + happened):", *lines))
            raise AssertionError(told)
