"""What a caller is told at the end of a flight, by the words of the real facade."""

from types import SimpleNamespace

from tests.exhaustive.moments import NOW, ticks_of

from mailup_oauth.client.core import Core
from mailup_oauth.domain.errors import ReauthorizationRequired, TryLater
from mailup_oauth.testing.clock import FakeClock

TOKEN, REAUTHORIZE, LATER = "token", "reauthorize", "later"


class Verdicts:
    """Asks the facade once for every outcome, and remembers what it said."""

    def __init__(self, flows, setting):
        self._flows = flows
        self._setting = setting
        self._said = {}

    def of(self, number, *, forces):
        """Return whether there is a token, a definite end, or a wait; why; and its generation, or its ticks."""
        key = (number, forces)
        if key not in self._said:
            self._said[key] = self._asked(self._flows.legs[number].step.outcome, forces=forces)
        return self._said[key]

    def _asked(self, outcome, *, forces):
        """Ask a facade of the moment at which the flight ended."""
        core = Core(self._setting, SimpleNamespace(clock=FakeClock(NOW)))
        try:
            token = core.refreshed_from(outcome) if forces else core.token_from(outcome)
        except ReauthorizationRequired as error:
            return REAUTHORIZE, error.reason.value, 0
        except TryLater as error:
            return LATER, error.cause, ticks_of(error.retry_after)
        return TOKEN, "", int(token.mark.digest.removeprefix("a"))
