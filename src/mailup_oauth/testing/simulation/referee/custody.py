"""I2: what was received is stored before anything else is done, and what is stored never goes back."""

from datetime import timedelta
from typing import ClassVar, Final

from attrs import define, field

from ....domain.errors import StoreUnavailable
from .. import facts as f
from .chronicle import Chronicle, Letter, Turn
from .sight import Members, is_whole_grant, refresh_token_in, spilled_in
from .violation import Violation

PATIENCE: Final = timedelta(seconds=60)
"""For so long a store that fails is no excuse."""

_OTHER_AUTHORIZATION: Final = frozenset({"TokensIssued", "AuthorizationSalvaged", "Disconnected"})
"""After these nobody wants the answer to an earlier refresh any more."""


@define(eq=False)
class Custody:
    """
    Follows refresh tokens from the wire into the store.

    Attributes:
        owed: What was received and is not stored yet, with the letter that it answers.
        spilled: What waits in another place than the store; it outlives the process that put it there.
        unwanted: The letters without whose answers the connection has gone on.
        received: Every refresh token that ever came.
    """

    owed: dict[str, Letter] = field(factory=dict[str, Letter])
    spilled: dict[str, Letter] = field(factory=dict[str, Letter])
    unwanted: list[Letter] = field(factory=list[Letter])
    received: set[str] = field(factory=set[str])

    hears: ClassVar[frozenset[type[f.Fact]]] = frozenset({f.Departed, f.Heard, f.Spilled, f.Stored, f.Landed, f.Died})

    def hear(self, fact: f.Fact, known: Chronicle) -> None:
        """Follow the tokens."""
        match fact:
            case f.Departed():
                self._depart(fact, known)
            case f.Heard(message=number) if number in known.letters:
                self._receive(known.letters[number])
            case f.Spilled(sealed=sealed):
                safe = spilled_in(sealed)
                self.spilled |= {token: letter for token, letter in self.owed.items() if token in safe}
                self.owed = {token: letter for token, letter in self.owed.items() if token not in safe}
            case f.Stored(connection=connection):
                self._keep(known.turns[connection][-1], known)
            case f.Landed():
                self._land(fact, known)
            case f.Died(flights=flights):
                self.owed = {token: letter for token, letter in self.owed.items() if letter.flight not in flights}
            case _:
                pass

    def _depart(self, fact: f.Departed, known: Chronicle) -> None:
        """Complain of a request that leaves although something that came before is not in the store."""
        self._has_paid(fact.flight, "a request left before what had come was stored")
        if any(letter.connection == fact.connection for letter in self.spilled.values()):
            raise Violation("I2", "a request left while what had come before was waiting in a spill")
        letter = known.letters.get(fact.message)
        if letter is not None and not _is_awaited(letter, known):
            self.unwanted.append(letter)

    def _receive(self, letter: Letter) -> None:
        token = refresh_token_in(letter.heard) if letter.heard else ""
        if token and letter not in self.unwanted:
            self.owed[token] = letter
        if token:
            self.received.add(token)

    def _keep(self, turn: Turn, known: Chronicle) -> None:
        """Strike off what is stored now, or what nobody wants any more."""
        kinds = {event["type"] for event in turn.told}
        self.owed = {token: letter for token, letter in self.owed.items() if token not in turn.after.vault}
        for letter in known.letters.values():
            is_over = bool(kinds & _OTHER_AUTHORIZATION) if letter.refresh else "Disconnected" in kinds
            is_dropped = any(_is_given_up(event, letter, turn, known) for event in turn.told)
            if letter.connection == turn.connection and (is_over or is_dropped):
                self.unwanted.append(letter)
        self.owed = {token: letter for token, letter in self.owed.items() if letter not in self.unwanted}
        waiting = ((token, letter) for token, letter in self.spilled.items() if token not in turn.after.vault)
        self.spilled = {token: letter for token, letter in waiting if letter not in self.unwanted}
        self._check(turn)

    def _check(self, turn: Turn) -> None:
        """Complain of a row that has gone back, or has lost or invented a refresh token."""
        before, after = turn.before, turn.after
        if (after.epoch, after.generation) < (before.epoch, before.generation) and after.is_holding:
            raise Violation("I2", "a stored generation went back")
        if after.epoch < before.epoch:
            raise Violation("I2", "an epoch went back")
        if not after.is_holding:
            return
        if after.epoch == before.epoch and after.generation > before.generation + 1:
            raise Violation("I2", "a generation was left out")
        if not after.refresh:
            raise Violation("I2", "an authorization is held whose refresh token is not stored")
        is_same = (after.epoch, after.generation) == (before.epoch, before.generation)
        if is_same and after.refresh != before.refresh:
            raise Violation("I2", "a refresh token was replaced within its generation")
        if after.refresh not in self.received:
            raise Violation("I2", "a refresh token is stored that never came")

    def _land(self, fact: f.Landed, known: Chronicle) -> None:
        """Complain if a flight is over and something it received is not stored, unless the store was away for long."""
        is_store_to_blame = isinstance(fact.how, f.Raised) and isinstance(fact.how.problem, StoreUnavailable)
        for token, letter in tuple(self.owed.items()):
            is_excused = is_store_to_blame and (known.now() - letter.heard_at >= PATIENCE or not known.is_clock_right)
            if letter.flight == fact.flight and is_excused:
                del self.owed[token]
        self._has_paid(fact.flight, "a flight ended without storing what it received")

    def _has_paid(self, flight: str, complaint: str) -> None:
        if any(letter.flight == flight for letter in self.owed.values()):
            raise Violation("I2", complaint)


def _is_awaited(letter: Letter, known: Chronicle) -> bool:
    """Say whether the connection's row is waiting for the answer to *letter*."""
    row = known.row(letter.connection)
    if letter.refresh:
        return row.intent == letter.refresh
    return row.attempts.get(known.errands.get(letter.code, "")) == "Exchanging"


def _is_given_up(event: Members, letter: Letter, turn: Turn, known: Chronicle) -> bool:
    """Say whether a code's answer, broken as it was, was rightly dropped to keep a known user's place (ADR 0012)."""
    if event["type"] != "ExchangeFailed" or known.errands.get(letter.code) != event["attempt"]:
        return False
    is_protected = bool(turn.before.user) and turn.before.rules.get(event["attempt"]) == "same-user"
    return is_protected and letter.heard is not None and not is_whole_grant(letter.heard)
