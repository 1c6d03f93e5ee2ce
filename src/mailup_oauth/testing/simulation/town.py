"""Everything put together: one machine with its processes, two MailUp users, the wire between them, and the referee."""

from collections.abc import Callable
from datetime import timedelta
from typing import Final

from attrs import frozen

from ...adapters.guard.process import ProcessGuard
from ...adapters.observe.silent import SilentObserver
from ...adapters.transport.sandbox import SandboxService, SandboxTransport
from ...domain.attempts import AccountRule
from ...domain.policy import PRODUCTION, Policy
from ...domain.secret import Secret
from ...domain.tokens import AccessToken
from ...engine import Start
from ...ports import Guard, Ports
from ...sandbox.commands import Answer, Order
from ..canary import CANARY
from ..clock import FakeClock
from ..entropy import SeededEntropy
from ..stage import PASSWORD
from ..visitor import in_process, walk
from . import errands
from .facts import ClockSet, Fact, Visited
from .flight import Flight, Place
from .founding import PROCESSES, SecretManager, coins, mailup, setting
from .manners import Altered, unaltered
from .process import Caller, Errand, Mover, Process
from .referee import Referee, Violation
from .store import FrailStore
from .wall import WallClock
from .wire import Wire

SOON: Final = 12
"""Moves in which a flight that is going to send something has sent it."""

MOST_MOVES: Final = 20_000
"""After so many nobody believes any more that it will come to rest."""


@frozen(kw_only=True)
class Journey:
    """A browser that has been at MailUp: where it comes back to, and what it keeps."""

    address: Secret
    binding: Secret


class Town:
    """
    A simulation; everything in it happens when a method is called, and all chance is seeded.

    Args:
        policy: The client's numbers.
        guard: What excludes flights from each other.
        altered: What becomes of flows that need the guard; for showing that the referee sees the difference.
    """

    def __init__(
        self,
        *,
        policy: Policy = PRODUCTION,
        guard: Guard | None = None,
        altered: Altered = unaltered,
    ) -> None:
        self.truth = FakeClock()
        self.referee = Referee(self.truth.now)
        self.wall = WallClock(self.truth)
        self.mailup = SandboxService(mailup(), self.truth.now, coins)
        self.wire = Wire(self.mailup, self.truth, self.tell)
        self.store = FrailStore(self.truth.now, self.tell)
        self.callers: list[Caller] = []
        self.journeys: list[Journey] = []
        self.history: list[Fact] = []
        self._altered = altered
        self._lives = 0
        self.secret_manager = SecretManager()
        self._setting = setting(policy, self.secret_manager)
        self._place = Place(
            ports=self._ports(guard or ProcessGuard()), truth=self.truth, wire=self.wire, tell=self.tell
        )
        self.processes = {name: self._born(name) for name in PROCESSES}

    # -- what callers do -----------------------------------------------------------------------------------------------

    def call(self, process: str, connection: str, errand: Callable[[Process, str], Errand]) -> Caller:
        """Let somebody in a process want something of a connection."""
        whose = self.processes[process]
        caller = whose.call(len(self.callers), connection, errand(whose, connection))
        self.callers.append(caller)
        return caller

    def token(self, process: str, connection: str) -> Caller:
        """Let somebody want a token."""
        return self.call(process, connection, errands.token)

    def refresh(self, process: str, connection: str) -> Caller:
        """Let somebody want a refresh."""
        return self.call(process, connection, errands.refreshed)

    def reject(self, process: str, connection: str, rejected: AccessToken) -> Caller:
        """Let somebody tell that the API answered 401."""
        return self.call(process, connection, lambda whose, name: errands.another(whose, name, rejected.mark))

    def begin(self, process: str, connection: str, rule: AccountRule = AccountRule.SAME_USER) -> Caller:
        """Let somebody begin an attempt."""
        return self.call(process, connection, lambda whose, name: errands.started(whose, name, rule))

    def complete(self, process: str, journey: Journey) -> Caller:
        """Let somebody bring back what a browser brought."""
        return self.call(process, "", lambda whose, _: errands.completed(whose, journey.address, journey.binding))

    def disconnect(self, process: str, connection: str) -> Caller:
        """Let somebody end a connection."""
        return self.call(process, connection, errands.disconnected)

    def visit(self, start: Start, username: str = "m1", answer: Answer = Answer.ALLOW) -> Journey:
        """
        Send a browser to MailUp and back.

        Raises:
            Stranded: MailUp did not send it back.
        """
        known = len(self.mailup.events)
        try:
            address = walk(
                start.url.reveal(), username=username, password=PASSWORD, answer=answer, fetch=in_process(self.mailup)
            )
        finally:
            self.tell(Visited(self.mailup.events[known:]))
        self.journeys.append(Journey(address=Secret(address), binding=start.binding))
        return self.journeys[-1]

    def connect(self, connection: str, username: str, process: str = "one") -> None:
        """Connect a user, undisturbed."""
        start = self.ended(self.begin(process, connection))
        if isinstance(start, Start):
            self.ended(self.complete(process, self.visit(start, username)))

    # -- what happens to them ------------------------------------------------------------------------------------------

    @property
    def movers(self) -> tuple[Mover, ...]:
        """Everybody who may be able to move."""
        return tuple(mover for process in self.processes.values() for mover in process.movers)

    def move(self, mover: Mover, times: int = 1) -> bool:
        """Move somebody so often, letting time pass where it waits for nothing else; say whether that was possible."""
        for _ in range(times):
            if not mover.move():
                if not isinstance(mover, Flight) or mover.is_at_gate or mover.is_over:
                    return False
                self.pass_time(mover.due - self.truth.now())
        return True

    def follow(self, caller: Caller, moves: int) -> None:
        """Move the flight that a caller waits for so often; the caller takes no note of how it ends."""
        for _ in range(moves):
            for flight in self._flights_of(caller):
                self.move(flight)

    def serve(self, caller: Caller) -> object:
        """Let a caller get what it wants, as far as that needs nobody else, and return what it got."""
        while caller.move() or any(self.move(flight) for flight in self._flights_of(caller)):
            continue
        return caller.answer

    def send_off(self, flight: Flight) -> None:
        """Move a flight until a request of it is under way, if it soon sends one."""
        for _ in range(SOON):
            if not flight.is_on_wire:
                self.move(flight)

    def take_turn(self) -> None:
        """Let everybody make one move; if nobody can, let time pass until somebody can."""
        movers = self.movers
        moved = [mover for mover in movers if mover.move()]
        if movers and not moved:
            self.pass_time(min(mover.due for mover in movers) - self.truth.now())

    def rest(self) -> None:
        """Let everybody come to an end, in turns."""
        for _ in range(MOST_MOVES):
            if not self.movers:
                return
            self.take_turn()
        raise Violation("I7", "they never come to rest")

    def ended(self, caller: Caller) -> object:
        """Let everybody come to an end, and return what *caller* got."""
        self.rest()
        return caller.answer

    def kill(self, process: str) -> None:
        """Kill a process, and start it anew."""
        self.processes[process].die()
        self.processes[process] = self._born(process)

    def pass_time(self, span: timedelta) -> None:
        """Let time pass."""
        self.truth.move(span)
        self.wire.settle()

    def set_clock(self, span: timedelta) -> None:
        """Set the clock on the wall; what is astray is settled, since nobody measures its time any more."""
        self.wire.settle(all_at_once=True)
        self.wall.set_by(span)
        self.tell(ClockSet())

    def order(self, order: Order) -> None:
        """Let the owner of the sandbox, or a user at its console, have their way."""
        known = len(self.mailup.events)
        self.mailup.order(order)
        self.tell(Visited(self.mailup.events[known:]))

    def tell(self, fact: Fact) -> None:
        """Write down what happened, and let the referee hear it."""
        self.history.append(fact)
        self.referee.hear(fact)

    # -- inside --------------------------------------------------------------------------------------------------------

    def _flights_of(self, caller: Caller) -> tuple[Flight, ...]:
        """Return the flight that a caller waits for, if it waits for one in the air."""
        movers = (mover for mover in self.movers if isinstance(mover, Flight))
        return tuple(flight for flight in movers if caller.is_waiting_for(flight.future))

    def _born(self, name: str) -> Process:
        self._lives += 1
        return Process(f"{name}-{self._lives}", self._place, self._setting, self._altered)

    def _ports(self, guard: Guard) -> Ports:
        return Ports(
            transport=SandboxTransport(self.mailup),
            clock=self.wall,
            entropy=SeededEntropy("simulation", marker=CANARY),
            store=self.store,
            guard=guard,
            cipher=self._setting.cipher,
            marker=self._setting.marker,
            observer=SilentObserver(),
        )
