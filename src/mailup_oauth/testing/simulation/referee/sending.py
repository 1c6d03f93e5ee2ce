"""I1, I10, I11: one request at a time for one secret, meant before it is sent; no storm; and a code once for ever."""

from collections import Counter
from datetime import datetime, timedelta
from typing import ClassVar, Final

from attrs import define, field

from .. import facts as f
from .chronicle import Chronicle, Letter, Turn
from .violation import Violation

_AT_ONCE: Final = 2
_BREATH: Final = timedelta(seconds=1)
"""So many requests of one flight may leave within such a time."""


@define(eq=False)
class Sending:
    """
    Watches what leaves.

    Attributes:
        meant: How often it was stored that a refresh token, or the code of an attempt, was about to be sent.
        sent: How often it was.
        times: When each flight sent something.
    """

    meant: Counter[str] = field(factory=Counter[str])
    sent: Counter[str] = field(factory=Counter[str])
    times: dict[str, list[datetime]] = field(factory=dict[str, list[datetime]])

    hears: ClassVar[frozenset[type[f.Fact]]] = frozenset({f.Stored, f.Departed})

    def hear(self, fact: f.Fact, known: Chronicle) -> None:
        """Count what was meant, and hold what leaves against it."""
        match fact:
            case f.Stored(connection=connection):
                self._mean(known.turns[connection][-1])
            case f.Departed(message=number) if number in known.letters:
                self._depart(number, known)
            case _:
                pass

    def _mean(self, turn: Turn) -> None:
        for event in turn.told:
            if event["type"] == "RefreshStarted":
                self.meant[turn.after.intent] += 1
            elif event["type"] == "CallbackAccepted":
                self.meant[event["attempt"]] += 1

    def _depart(self, number: int, known: Chronicle) -> None:
        letter = known.letters[number]
        others = (other for place, other in known.letters.items() if place != number and other.is_in_flight)
        if any(_is_the_same(letter, other) for other in others):
            raise Violation("I1", "two requests with one secret are in flight")
        name = letter.refresh or known.errands.get(letter.code, "")
        self.sent[name] += 1
        self._count(letter.flight, known.now())
        if self.sent[name] > self.meant[name]:
            raise Violation("I2", "a request left that no stored intent tells of")
        if letter.code and self.sent[name] > 1:
            raise Violation("I11", "a code was sent twice")
        if letter.code and not _is_expected(name, letter.connection, known):
            raise Violation("I9", "a code was sent for another connection than its browser set out for")

    def _count(self, flight: str, now: datetime) -> None:
        """Complain of a flight that sends again and again without a pause; once again it may, after a salvage."""
        times = self.times.setdefault(flight, [])
        times.append(now)
        if len(times) > _AT_ONCE and now - times[-1 - _AT_ONCE] < _BREATH:
            raise Violation("I10", "a flight sends and sends")


def _is_the_same(one: Letter, other: Letter) -> bool:
    return (one.refresh, one.code) == (other.refresh, other.code)


def _is_expected(attempt: str, connection: str, known: Chronicle) -> bool:
    """Say whether this connection ever awaited this attempt."""
    return any(attempt in turn.after.attempts for turn in known.turns.get(connection, ()))
