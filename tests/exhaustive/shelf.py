"""What lies in the store, by numbers: each state once."""

from tests.exhaustive.moments import canonical, left, phases, waited

from mailup_oauth.domain.redact import redact
from mailup_oauth.domain.work import Dead, InFlight, Retrying


class Shelf:
    """
    Gives every stored state a number, and says of a number what the exploration wants to know.

    Attributes:
        states: By number.
        left: How much is left of its wait, in ticks.
        generations: Which generation is the newest in it.
        intents: Which generation is stored as about to be sent; 0 for none.
        dead: Whether only the user can help.
    """

    def __init__(self):
        self.states = []
        self.left = []
        self.generations = []
        self.intents = []
        self.dead = []
        self._numbers = {}
        self._later = {}
        self._phases = {}

    def number(self, state):
        """Return the number of *state*."""
        plain = canonical(state)
        key = redact(plain)  # secrets cannot be looked up, but their marks can
        if key not in self._numbers:
            self._numbers[key] = len(self.states)
            self.states.append(plain)
            self.left.append(left(plain))
            self.generations.append(plain.grant.generation)
            self.intents.append(_meant(plain.work))
            self.dead.append(isinstance(plain.work, Dead))
        return self._numbers[key]

    def later(self, number, ticks):
        """Return what a state is when so much more of its wait is over."""
        if not self.left[number]:
            return number
        key = (number, ticks)
        if key not in self._later:
            self._later[key] = self.number(waited(self.states[number], ticks))
        return self._later[key]

    def phases(self, number, *, is_flown):
        """Return what else time can make of a state: the names, and the numbers."""
        key = (number, is_flown)
        if key not in self._phases:
            found = phases(self.states[number], is_flown=is_flown)
            self._phases[key] = tuple((name, self.number(state)) for name, state in found)
        return self._phases[key]


def _meant(work):
    return work.intent.generation if isinstance(work, InFlight | Retrying) else 0
