"""Everything put together: one machine with its processes, two MailUp users, the wire between them, and the referee."""

from collections.abc import Callable
from datetime import timedelta
from typing import Final

from attrs import frozen

from ...adapters.guard.process import ProcessGuard
from ...adapters.transport.sandbox import SandboxService
from ...domain.attempts import AccountRule
from ...domain.policy import PRODUCTION, Policy
from ...domain.secret import Secret
from ...domain.tokens import AccessToken
from ...engine import Start
from ...ports import Entropy, Guard
from ...sandbox.commands import Answer, Order
from ..canary import CANARY
from ..clock import FakeClock
from ..entropy import SeededEntropy
from . import errands
from .browsing import walked
from .dawn import Dawn
from .facts import Befell, ClockSet, Fact, Visited
from .flight import Flight, Place
from .founding import ONE_HOST, Hosts, SecretManager, coins, machine, mailup, setting
from .manners import Altered, unaltered
from .mishaps import Mishap
from .process import Caller, Errand, Mover, Process
from .referee import Referee, Violation
from .spill import FrailSpill
from .store import FrailStore
from .wall import RIGHT, WallClock
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
        guard: What excludes flights from each other, on whatever machine they are.
        altered: What becomes of flows that need the guard; for showing that the referee sees the difference.
        hosts: The processes of each machine; the machines share store, guard and spill, and have clocks of their own.
        demands_met: Whether machines that share a store have what that demands: one spill, and either clocks that agree
            or no request that is still under way when its connection has broken, since waits are told by the clock.
        dawn: What has happened before.
        seed: Of the client's chance.
    """

    def __init__(  # noqa: PLR0913  # a town has so many parts
        self,
        *,
        policy: Policy = PRODUCTION,
        guard: Guard | None = None,
        altered: Altered = unaltered,
        hosts: Hosts = ONE_HOST,
        demands_met: bool = True,
        dawn: Dawn | None = None,
        seed: str = "simulation",
    ) -> None:
        self.truth = FakeClock() if dawn is None else FakeClock(dawn.at)
        self.referee = Referee(self.truth.now) if dawn is None else dawn.referee.copied(self.truth.now)
        self.walls = tuple(WallClock(self.truth) for _ in hosts)
        spill = FrailSpill(self.tell)
        self.spills = tuple(spill if demands_met else FrailSpill(self.tell) for _ in hosts)
        self.mailup = SandboxService(mailup() if dawn is None else dawn.world, self.truth.now, coins)
        self.wire = Wire(self.mailup, self.truth, self.tell)
        self.store = FrailStore(self.truth.now, self.tell)
        self.callers: list[Caller] = []
        self.journeys: list[Journey] = []
        self.history: list[Fact] = []
        self._altered = altered
        self._hosts = hosts
        self._demands_met = demands_met
        self._lives = 0 if dawn is None else dawn.lives
        if dawn is not None:
            self.wire.begin_at(dawn.sent)
            self.store.begin_as(dawn.store)
        self.secret_manager = SecretManager()
        self._setting = setting(policy, self.secret_manager)
        entropy = SeededEntropy(seed, marker=CANARY)
        shared = guard or ProcessGuard()
        places = [self._place(host, entropy, shared) for host in range(len(hosts))]
        self._places = {name: places[host] for host, names in enumerate(hosts) for name in names}
        self.processes = {name: self._born(name) for name in self._places}

    @property
    def dawn(self) -> Dawn:
        """What has happened so far, for other towns to go on from; nobody may be under way."""
        return Dawn(
            at=self.truth.now(),
            world=self.mailup.world,
            store=self.store,
            referee=self.referee,
            sent=len(self.referee.known.letters) + len(self.history),
            lives=self._lives,
        )

    @property
    def first_processes(self) -> tuple[str, ...]:
        """One process of each machine."""
        return tuple(names[0] for names in self._hosts)

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
            address = walked(self.mailup, start.url.reveal(), username, answer)
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
        processes = [process for process in self.processes.values() if process.is_busy]
        return tuple([mover for process in processes for mover in process.movers])

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
            flight = caller.flight
            if flight is None:
                return
            self.move(flight)

    def serve(self, caller: Caller) -> object:
        """Let a caller get what it wants, as far as that needs nobody else, and return what it got."""
        while caller.move() or (caller.flight is not None and self.move(caller.flight)):
            continue
        return caller.answer

    def send_off(self, flight: Flight) -> None:
        """Move a flight until a request of it is under way, if it soon sends one."""
        for _ in range(SOON):
            if not flight.is_on_wire:
                self.move(flight)

    def take_turn(self) -> bool:
        """Let everybody make one move; if nobody can, let time pass until somebody can; say whether there is anybody."""
        movers = self.movers
        moved = [mover for mover in movers if mover.move()]
        if movers and not moved:
            self.pass_time(min(mover.due for mover in movers) - self.truth.now())
        return bool(movers)

    def rest(self) -> None:
        """Let everybody come to an end, in turns."""
        for _ in range(MOST_MOVES):
            if not self.take_turn():
                return
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

    def set_clock(self, span: timedelta, host: int = 0) -> None:
        """Set a machine's clock."""
        self._tamper(Mishap.SET_FORWARD if span > timedelta() else Mishap.SET_BACK)
        self.walls[host].set_by(span)

    def let_drift(self, pace: int, host: int = 0) -> None:
        """Let a machine's clock run fast or slow from here on."""
        self._tamper(Mishap.RUNS_FAST if pace > RIGHT else Mishap.RUNS_SLOW)
        self.walls[host].run_at(pace)

    def order(self, order: Order) -> None:
        """Let the owner of the sandbox, or a user at its console, have their way."""
        known = len(self.mailup.events)
        self.mailup.order(order)
        self.tell(Visited(self.mailup.events[known:]))

    def end(self) -> None:
        """Forget everything, so that what is in it goes at once and waits for no collector of garbage."""
        vars(self).clear()

    def tell(self, fact: Fact) -> None:
        """Write down what happened, and let the referee hear it."""
        self.history.append(fact)
        self.referee.hear(fact)

    # -- inside --------------------------------------------------------------------------------------------------------

    def _tamper(self, mishap: Mishap) -> None:
        """Tell of a clock that will be wrong; what is astray is settled, since nobody measures its time any more."""
        self.wire.settle(all_at_once=True)
        self.wire.is_settled = len(self._hosts) > 1 and self._demands_met
        for connection in self.store.connections():
            self.tell(Befell(mishap, connection))
        self.tell(ClockSet())

    def _born(self, name: str) -> Process:
        self._lives += 1
        return Process(f"{name}-{self._lives}", self._places[name], self._setting, self._altered)

    def _place(self, host: int, entropy: Entropy, guard: Guard) -> Place:
        """Return a machine."""
        wall = self.walls[host]
        ports = machine(self._setting, self.mailup, wall, entropy, self.store, self.spills[host], guard)
        return Place(ports=ports, truth=self.truth, wall=wall, wire=self.wire, tell=self.tell)
