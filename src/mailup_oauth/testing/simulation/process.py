"""A running program with the client in it: its flights, its callers, and a memory that ends with it."""

from collections.abc import Callable, Generator
from concurrent.futures import Future
from datetime import datetime
from functools import partial
from typing import TypeVar, cast

from ...client.core import Core, fresh
from ...engine import Arrival, Flow, Outcome, Setting, exchange, tidy
from ...journal import Context
from ...ports import Absent
from .facts import Answered, Called, Died, Raised, untraced
from .flight import OVER, Flight, Landing, Place
from .manners import Altered

Errand = Generator[Future[object], object, object]
"""What somebody wants of the client: it yields the flights it has to wait for, and returns what it got."""

T = TypeVar("T")

CONTEXT = Context(actor="simulation")


class Process(Core):
    """
    The client's own core, with flights that are taken a move at a time in place of threads.

    Several processes share a place as the processes of one machine do; pictures, flights and callers are each one's own.

    Args:
        name: Of this life of the process; no other has the same.
        place: The machine.
        setting: What the application was started with.
        altered: What becomes of the flows that need the guard.
    """

    def __init__(self, name: str, place: Place, setting: Setting, altered: Altered) -> None:
        super().__init__(setting, place.ports)
        self.name = name
        self.callers: list[Caller] = []
        self._place = place
        self._altered = altered
        self._begun = 0
        self._flights: dict[tuple[str, str], Flight] = {}

    @property
    def is_busy(self) -> bool:
        """Whether there is anybody in it who may be able to move; if not, this is known without looking closely."""
        return bool(self._flights or self.callers)

    @property
    def flights(self) -> tuple[Flight, ...]:
        """The flights in the air, oldest first."""
        return tuple([flight for flight in self._flights.values() if flight.posture is not OVER])

    @property
    def movers(self) -> "tuple[Mover, ...]":
        """Everybody in it who may be able to move: flights, and callers whose flight has landed."""
        if not self.callers:
            return self.flights
        self.callers = [caller for caller in self.callers if not caller.is_served]
        return (*self.flights, *[caller for caller in self.callers if caller.is_ready])

    def walk(self, connection: str, flow: Flow[T]) -> Future[object]:
        """Begin a flow that needs no guard and is shared with nobody."""
        return self._begin(connection, f"walk-{self._begun}", flow, guarded=False).future

    def call(self, number: int, connection: str, errand: Errand) -> "Caller":
        """Let somebody ask for something."""
        self._place.tell(Called(caller=number, process=self.name, connection=connection))
        caller = Caller(number, connection, errand, self._place)
        self.callers.append(caller)
        return caller

    def exchanging(self, arrival: Arrival) -> "Future[Outcome]":
        """Board the flight that exchanges a callback's code, as ``judged`` does."""
        kind = f"exchange-{arrival.attempt}-{arrival.binding}"
        return self._boarded(arrival.connection, kind, lambda: exchange(self.setting, arrival, CONTEXT))

    def forget(self, left: Outcome) -> None:
        """Drop what is remembered of a connection, as ``disconnect`` does."""
        self.pictures.drop(left.held.connection, left.held.version)

    def tidy(self, connection: str, context: Context) -> None:
        """See to what was spilled in a flight of its own, a move at a time, whoever else is at the connection."""
        if not isinstance(self.ports.spill.find(connection), Absent):
            self._boarded(connection, "tidy", lambda: tidy(self.setting, connection, context))

    def die(self) -> None:
        """Stop as by ``kill -9``: nothing is undone, said or stored."""
        flights = self.flights
        for flight in flights:
            flight.die()
        self._place.tell(Died(process=self.name, flights=frozenset(flight.name for flight in flights)))

    def _boarded(self, connection: str, kind: str, flow: Callable[[], Flow[Outcome]]) -> "Future[Outcome]":
        """Join or start a flight under the connection's guard."""
        flight = self._flights.get((connection, kind))
        if flight is None or flight.is_over:
            flight = self._begin(connection, kind, self._altered(flow()), guarded=True)
        return cast("Future[Outcome]", flight.future)

    def _begin(self, connection: str, kind: str, flow: Flow[object], *, guarded: bool) -> Flight:
        """Start a flight."""
        self._begun += 1
        self._flights = {key: flight for key, flight in self._flights.items() if not flight.is_over}
        patience = self.setting.policy.guard_patience if guarded else None
        flight = Flight(self._place, f"{self.name}.{self._begun}", connection, flow, patience)
        self._flights[connection, kind] = flight
        return flight


class Caller:
    """Somebody who asked a process for something, and may be waiting for a flight."""

    def __init__(self, number: int, connection: str, errand: Errand, place: Place) -> None:
        self.number = number
        self.connection = connection
        self._errand = errand
        self._place = place
        self._awaited: Future[object] | None = None
        self._answer: object = None
        self._go_on(partial(next, errand))

    @property
    def is_served(self) -> bool:
        """Whether it has got its answer, or a failure, or has left."""
        return self._awaited is None

    @property
    def is_ready(self) -> bool:
        """Whether the flight that it waits for has landed."""
        return self._awaited is not None and self._awaited.done()

    @property
    def flight(self) -> Flight | None:
        """The flight that it waits for, if it waits for one in the air."""
        return self._awaited.flight if isinstance(self._awaited, Landing) else None

    @property
    def due(self) -> datetime:
        """When there is something for it to do: now, or whenever its flight lands."""
        return self._place.truth.now()

    @property
    def answer(self) -> object:
        """What it got; a failure is ``Raised``, and nothing is ``None``."""
        return self._answer

    def move(self) -> bool:
        """Take note of how the flight ended, if it has."""
        if self._awaited is None or not self._awaited.done():
            return False
        landed, error = self._awaited, self._awaited.exception()
        if error is not None:
            copied = fresh(error)
            self._go_on(partial(self._errand.throw, copied))
        else:
            self._go_on(partial(self._errand.send, landed.result()))
        return True

    def leave(self) -> None:
        """Wait no longer; what was begun goes on without."""
        self._awaited = None

    def _go_on(self, onwards: Callable[[], Future[object]]) -> None:
        try:
            self._awaited = onwards()
        except StopIteration as stop:
            self._end(stop.value)
        except Exception as error:  # noqa: BLE001  # whether it may be raised is the referee's to say
            self._end(Raised(untraced(error)))

    def _end(self, answer: object) -> None:
        self._awaited = None
        self._answer = answer
        self._place.tell(Answered(caller=self.number, answer=answer))


Mover = Flight | Caller
"""Whoever can be moved."""
