"""The rules by which Hypothesis plays with a town; whether what comes of it may be, is the referee's to say."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import TypeVar

import attrs
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from ...domain.attempts import AccountRule
from ...domain.secret import Secret
from ...domain.tokens import AccessToken
from ...domain.wire.http import SendingFault
from ...engine import Start
from ...sandbox.commands import Answer, ChangeSwitches, Order, RevokeApplication
from ...sandbox.faults import Fault, Target
from ...sandbox.switches import Switches
from ..visitor import Stranded
from . import drawing as draw
from .flight import Flight
from .founding import CONNECTIONS, PROCESSES, USERS, Keeping
from .peace import make_peace
from .process import Caller
from .store import Failing
from .town import Journey, Town

T = TypeVar("T")


def _has(found: "Callable[[ClientAndMailUp], Sequence[object]]") -> Callable[["ClientAndMailUp"], bool]:
    """Return a precondition: that something of a kind is there."""
    return lambda machine: bool(found(machine))


class ClientAndMailUp(RuleBasedStateMachine):
    """Three processes, two connections, two users and MailUp, in any order that they can meet in."""

    def __init__(self) -> None:
        super().__init__()
        self.town = self.founded()

    def founded(self) -> Town:
        """Return the town to play with; a variant returns one in which a promise is broken."""
        return Town()

    @property
    def starts(self) -> list[Start]:
        """Every beginning that a browser could be sent away with."""
        return [caller.answer for caller in self.town.callers if isinstance(caller.answer, Start)]

    @property
    def flights(self) -> list[Flight]:
        """Everything that is in the air."""
        return [mover for mover in self.town.movers if isinstance(mover, Flight)]

    @property
    def waiting(self) -> list[Caller]:
        """Everybody who has not got an answer yet."""
        return [caller for caller in self.town.callers if not caller.is_served]

    @initialize(many=st.integers(1, 2), switches=draw.habits)
    def begin_with(self, many: int, switches: Switches) -> None:
        """Begin with one or both of the connections made."""
        for connection, username in list(zip(CONNECTIONS, USERS, strict=True))[:many]:
            self.town.connect(connection, username)
        self.town.order(ChangeSwitches(switches))

    # -- what callers do, and how far it leads at once -----------------------------------------------------------------

    @rule(process=draw.processes, connection=draw.connections, span=draw.spans, moves=draw.moves)
    def want_a_token(self, process: str, connection: str, span: timedelta, moves: int | None) -> None:
        """After a while somebody asks."""
        self.town.pass_time(span)
        self._go_with(self.town.token(process, connection), moves)

    @rule(connection=draw.connections, faults=st.lists(draw.faults, max_size=3), moves=draw.moves_of_all)
    def all_want_a_token(self, connection: str, faults: list[Fault], moves: tuple[int | None, ...]) -> None:
        """A token has ended, a crowd asks, and MailUp has its troubles."""
        for fault in faults:
            self.town.wire.plan(Target.TOKEN, fault)
        self.town.pass_time(timedelta(minutes=61))
        for process, so_many in zip(PROCESSES, moves, strict=True):
            self._go_with(self.town.token(process, connection), so_many)

    @rule(process=draw.processes, connection=draw.connections, moves=draw.moves)
    def want_a_refresh(self, process: str, connection: str, moves: int | None) -> None:
        """Somebody asks for a new token, whatever the clock says."""
        self._go_with(self.town.refresh(process, connection), moves)

    @rule(process=draw.processes, connection=draw.connections, moves=draw.moves)
    def report_a_401(self, process: str, connection: str, moves: int | None) -> None:
        """Somebody whom the API refused asks for another token."""
        for caller in reversed(self.town.callers):
            if caller.connection == connection and isinstance(caller.answer, AccessToken):
                self._go_with(self.town.reject(process, connection, caller.answer), moves)
                return

    @rule(process=draw.processes, connection=draw.connections, rule=draw.account_rules, moves=draw.moves)
    def begin(self, process: str, connection: str, rule: AccountRule, moves: int | None) -> None:
        """Somebody begins an attempt."""
        self._go_with(self.town.begin(process, connection, rule), moves)

    @precondition(_has(lambda machine: machine.starts))
    @rule(place=draw.places, username=draw.users, answer=st.sampled_from([Answer.ALLOW, *Answer]))
    def visit(self, place: int, username: str, answer: Answer) -> None:
        """A browser goes to MailUp, and perhaps comes back."""
        try:
            self.town.visit(_at(self.starts, place), username, answer)
        except Stranded:
            return

    @precondition(_has(lambda machine: machine.town.journeys))
    @rule(process=draw.processes, place=draw.places, binding=draw.bindings, moves=draw.moves)
    def complete(self, process: str, place: int, binding: Secret | None, moves: int | None) -> None:
        """A browser comes back, for the first time or again; or a stranger brings what belongs to it."""
        journey = _at(self.town.journeys, place)
        brought = Journey(address=journey.address, binding=binding or journey.binding)
        self._go_with(self.town.complete(process, brought), moves)

    @rule(process=draw.processes, connection=draw.connections, username=draw.users, moves=draw.moves)
    def come_back(self, process: str, connection: str, username: str, moves: int | None) -> None:
        """A user authorizes again, and comes back at once."""
        start = self.town.ended(self.town.begin(process, connection))
        if isinstance(start, Start):
            self._go_with(self.town.complete(process, self.town.visit(start, username)), moves)

    @precondition(_has(lambda machine: machine.waiting))
    @rule(place=draw.places)
    def leave(self, place: int) -> None:
        """A caller waits no longer."""
        _at(self.waiting, place).leave()

    # -- how it goes on ------------------------------------------------------------------------------------------------

    @precondition(_has(lambda machine: machine.town.movers))
    @rule(place=draw.places, moves=draw.moves)
    def go_on(self, place: int, moves: int | None) -> None:
        """One goes on for a while, and all others stand still."""
        self.town.move(_at(self.town.movers, place), draw.ALL if moves is None else moves)

    @precondition(_has(lambda machine: machine.town.movers))
    @rule(turns=st.none() | st.integers(1, 12))
    def take_turns(self, turns: int | None) -> None:
        """All go on, in turns; perhaps until everybody has come to an end."""
        for _ in range(turns or 0):
            self.town.take_turn()
        if turns is None:
            self.town.rest()

    @precondition(_has(lambda machine: machine.flights))
    @rule(place=draw.places, moves=draw.moves)
    def die_on_the_way(self, place: int, moves: int | None) -> None:
        """A flight goes on for a while, and then its process is killed."""
        flight = _at(self.flights, place)
        self.town.move(flight, draw.ALL if moves is None else moves)
        self.town.kill(flight.name.partition("-")[0])

    @precondition(_has(lambda machine: machine.flights))
    @rule(place=draw.places, moves=st.integers(0, 1))
    def sever(self, place: int, moves: int) -> None:
        """A connection breaks under a request that has just left, or that has come to MailUp."""
        flight = _at(self.flights, place)
        self.town.send_off(flight)
        self.town.move(flight, moves)
        flight.sever()

    @precondition(lambda machine: machine.town.wire.has_strays)
    @rule()
    def stray(self) -> None:
        """A request that nobody waits for comes to MailUp all the same."""
        self.town.wire.stray()

    # -- what goes wrong -----------------------------------------------------------------------------------------------

    @rule(trouble=draw.troubles, after=st.integers(0, 3))
    def be_in_trouble(self, trouble: tuple[Target, Fault] | Failing | timedelta, after: int) -> None:
        """A request will meet a fault, or the store will fail at one of its next calls, or is away for a while."""
        match trouble:
            case target, fault:
                self.town.wire.plan(target, fault)
            case Failing():
                self.town.store.plan(trouble, after=after)
            case timedelta():
                self.town.store.go_away(trouble)

    @rule(what=draw.seldom, process=draw.processes, connection=draw.connections)
    def happen(self, what: Order | timedelta | SendingFault | Keeping | None, process: str, connection: str) -> None:
        """MailUp changes, or the clock is set, or a request will not leave, or a secret is lost, or a connection ended."""
        match what:
            case timedelta():
                self.town.set_clock(what)
            case Keeping():
                self.town.secret_manager.keeping = what
            case SendingFault():
                self.town.wire.cut_off(what)
            case None:
                self.town.disconnect(process, connection)
            case RevokeApplication():
                self.town.order(attrs.evolve(what, now=self.town.truth.now()))
            case _:
                self.town.order(what)

    def _go_with(self, caller: Caller, moves: int | None) -> None:
        """Move the flight of somebody so often; if there is no number, until they have what they want."""
        if moves is None:
            self.town.serve(caller)
        else:
            self.town.follow(caller, moves)

    def teardown(self) -> None:
        """Make peace."""
        make_peace(self.town)


def _at(items: Sequence[T], place: int) -> T:
    """Return the item at a place, counted round and round."""
    return items[place % len(items)]
