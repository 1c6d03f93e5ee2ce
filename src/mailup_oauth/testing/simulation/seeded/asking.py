"""Actions of callers, users and browsers."""

from typing import Final

from attrs import frozen

from ....domain.attempts import AccountRule
from ....domain.secret import Secret
from ....domain.tokens import AccessToken
from ....engine import Start
from ....sandbox.commands import Answer
from ...canary import CANARY
from ...visitor import Stranded
from ..facts import Befell
from ..mishaps import Mishap
from ..process import Caller
from ..town import Journey, Town
from .actions import ALL, TO_THE_END, Action, at, so_far

_JUDGING: Final = 3
"""Moves until it is known whether a callback needs a flight."""


@frozen(kw_only=True)
class WantToken(Action):
    """Somebody asks for a token."""

    process: str
    connection: str
    moves: int

    def play(self, town: Town) -> None:
        """Ask."""
        _go_with(town, town.token(self.process, self.connection), self.moves)

    def told(self) -> str:
        """Return it in words."""
        return f"somebody in {self.process} wants a token of {self.connection}; that goes {so_far(self.moves)}"


@frozen(kw_only=True)
class WantRefresh(Action):
    """Somebody asks for a new token whatever the clock says."""

    process: str
    connection: str
    moves: int

    def play(self, town: Town) -> None:
        """Ask."""
        _go_with(town, town.refresh(self.process, self.connection), self.moves)

    def told(self) -> str:
        """Return it in words."""
        return f"somebody in {self.process} wants {self.connection} refreshed; that goes {so_far(self.moves)}"


@frozen(kw_only=True)
class Report401(Action):
    """Somebody whom the API refused asks for another token than the one that was handed out last."""

    process: str
    connection: str
    moves: int

    def play(self, town: Town) -> None:
        """Ask, if a token was ever handed out."""
        for caller in reversed(town.callers):
            if caller.connection == self.connection and isinstance(caller.answer, AccessToken):
                _go_with(town, town.reject(self.process, self.connection, caller.answer), self.moves)
                return

    def told(self) -> str:
        """Return it in words."""
        return f"somebody in {self.process} reports a 401 for {self.connection}; that goes {so_far(self.moves)}"


@frozen(kw_only=True)
class Begin(Action):
    """Somebody begins an attempt."""

    process: str
    connection: str
    rule: str
    moves: int

    def play(self, town: Town) -> None:
        """Begin."""
        _go_with(town, town.begin(self.process, self.connection, AccountRule(self.rule)), self.moves)

    def told(self) -> str:
        """Return it in words."""
        return f"somebody in {self.process} begins an attempt for {self.connection} ({self.rule}), {so_far(self.moves)}"


@frozen(kw_only=True)
class Visit(Action):
    """A browser goes to MailUp, and perhaps comes back."""

    place: int
    user: str
    answer: str

    def play(self, town: Town) -> None:
        """Go, if somebody was sent away."""
        starts = [caller.answer for caller in town.callers if isinstance(caller.answer, Start)]
        if starts:
            try:
                town.visit(at(starts, self.place), self.user, Answer(self.answer))
            except Stranded:
                return

    def told(self) -> str:
        """Return it in words."""
        return f"user {self.user} goes to MailUp and says {self.answer}"


@frozen(kw_only=True)
class Complete(Action):
    """A browser comes back, for the first time or again; or a stranger brings what belongs to it."""

    process: str
    place: int
    binding: str
    moves: int

    def play(self, town: Town) -> None:
        """Come back, if somebody has been at MailUp."""
        if town.journeys:
            journey = at(town.journeys, self.place)
            binding = journey.binding if self.binding == "own" else Secret(f"{CANARY}-of-a-stranger")
            brought = Journey(address=journey.address, binding=binding)
            _come_with(town, town.complete(self.process, brought), self.moves)

    def told(self) -> str:
        """Return it in words."""
        who = "a browser" if self.binding == "own" else "a stranger's browser"
        return f"{who} comes back to {self.process}; that goes {so_far(self.moves)}"


@frozen(kw_only=True)
class Authorize(Action):
    """A user authorizes, and comes back at once."""

    process: str
    connection: str
    user: str
    moves: int

    def play(self, town: Town) -> None:
        """Begin, visit, complete."""
        start = town.serve(town.begin(self.process, self.connection))
        if isinstance(start, Start):
            _come_with(town, town.complete(self.process, town.visit(start, self.user)), self.moves)

    def told(self) -> str:
        """Return it in words."""
        return f"user {self.user} authorizes {self.connection} through {self.process}; that goes {so_far(self.moves)}"


@frozen(kw_only=True)
class Part(Action):
    """Somebody disconnects."""

    process: str
    connection: str
    moves: int

    def play(self, town: Town) -> None:
        """Disconnect."""
        _go_with(town, town.disconnect(self.process, self.connection), self.moves)

    def told(self) -> str:
        """Return it in words."""
        return f"somebody in {self.process} disconnects {self.connection}; that goes {so_far(self.moves)}"


@frozen(kw_only=True)
class Leave(Action):
    """A caller waits no longer."""

    place: int

    def play(self, town: Town) -> None:
        """Leave, if anybody waits."""
        waiting = [caller for caller in town.callers if not caller.is_served]
        if waiting:
            caller = at(waiting, self.place)
            if caller.connection:
                town.tell(Befell(Mishap.LEFT, caller.connection))
            caller.leave()

    def told(self) -> str:
        """Return it in words."""
        return "somebody who waits leaves"


def _go_with(town: Town, caller: Caller, moves: int) -> None:
    """Move the flight of somebody so often, or until they have what they want."""
    if moves == TO_THE_END:
        town.serve(caller)
    else:
        town.follow(caller, moves)


def _come_with(town: Town, caller: Caller, moves: int) -> None:
    """Move the walk in which a callback is judged, and then the flight that exchanges its code."""
    if moves == TO_THE_END or moves <= _JUDGING:
        _go_with(town, caller, moves)
        return
    town.follow(caller, ALL)
    caller.move()
    town.follow(caller, moves - _JUDGING)
