"""Actions of whoever decides who goes on: moves, turns, time, deaths, connections that break."""

from datetime import timedelta

from attrs import frozen

from ..flight import Flight
from ..town import Town
from .actions import ALL, TO_THE_END, Action, at, so_far


@frozen(kw_only=True)
class GoOn(Action):
    """One goes on for a while, and all others stand still."""

    place: int
    moves: int

    def play(self, town: Town) -> None:
        """Move somebody, if anybody can move."""
        movers = town.movers
        if movers:
            town.move(at(movers, self.place), ALL if self.moves == TO_THE_END else self.moves)

    def told(self) -> str:
        """Return it in words."""
        return f"somebody who is under way goes on {so_far(self.moves)}"


@frozen(kw_only=True)
class TakeTurns(Action):
    """All go on, in turns."""

    turns: int

    def play(self, town: Town) -> None:
        """Take so many turns, or all that there are."""
        if self.turns == TO_THE_END:
            town.rest()
            return
        for _ in range(self.turns):
            town.take_turn()

    def told(self) -> str:
        """Return it in words."""
        return "everybody comes to an end" if self.turns == TO_THE_END else f"everybody makes {self.turns} moves"


@frozen(kw_only=True)
class PassTime(Action):
    """Time passes."""

    seconds: int

    def play(self, town: Town) -> None:
        """Let it pass."""
        town.pass_time(timedelta(seconds=self.seconds))

    def told(self) -> str:
        """Return it in words."""
        return f"{self.seconds} seconds pass"


@frozen(kw_only=True)
class KillOnTheWay(Action):
    """A flight goes on for a while, and then its process is killed."""

    place: int
    moves: int

    def play(self, town: Town) -> None:
        """Kill, if anything is in the air."""
        flights = _flights(town)
        if flights:
            flight = at(flights, self.place)
            town.move(flight, self.moves)
            town.kill(flight.name.partition("-")[0])

    def told(self) -> str:
        """Return it in words."""
        return f"a flight goes on for {self.moves} moves, and then its process is killed"


@frozen(kw_only=True)
class Kill(Action):
    """A process is killed, whatever it does."""

    process: str

    def play(self, town: Town) -> None:
        """Kill."""
        town.kill(self.process)

    def told(self) -> str:
        """Return it in words."""
        return f"process {self.process} is killed"


@frozen(kw_only=True)
class Sever(Action):
    """A connection breaks under a request that has just left, or that has come to MailUp."""

    place: int
    moves: int

    def play(self, town: Town) -> None:
        """Break it, if a flight soon sends something."""
        flights = _flights(town)
        if flights:
            flight = at(flights, self.place)
            town.send_off(flight)
            town.move(flight, self.moves)
            flight.sever()

    def told(self) -> str:
        """Return it in words."""
        return f"a request leaves, and its connection breaks {'behind' if self.moves else 'before'} MailUp"


@frozen(kw_only=True)
class Stray(Action):
    """A request that nobody waits for comes to MailUp all the same."""

    def play(self, town: Town) -> None:
        """Let it come, if there is one."""
        town.wire.stray()

    def told(self) -> str:
        """Return it in words."""
        return "a request that nobody waits for any more comes to MailUp"


def _flights(town: Town) -> list[Flight]:
    return [mover for mover in town.movers if isinstance(mover, Flight)]
