"""A flow under way, taken a move at a time; a move is one call of a port that somebody else could notice."""

from collections.abc import Callable
from concurrent.futures import Future
from contextlib import ExitStack
from datetime import datetime, timedelta
from typing import Final, cast

from attrs import frozen

from ...domain.errors import MailUpOAuthError, TemporarilyUnavailable
from ...domain.wire.http import NotSent
from ...engine import Flow, Step
from ...engine.steps import Chance, DrawToken, FindSpill, IsLastCall, NoSecret, Now, Pause, ReadSecret, Send, Tell
from ...ports import Busy, Ports
from ..clock import FakeClock
from ..stage import CLIENT_SECRET
from .facts import WELL, Befell, Fact, Landed, Raised, Told, Well, untraced
from .mishaps import Mishap, of_death_before
from .wall import WallClock
from .wire import Message, Wire

_UNNOTICED: Final = frozenset({Now, Chance, DrawToken, FindSpill, IsLastCall, ReadSecret, Tell})
"""Steps that change nothing for anybody else, and so need no move of their own."""

_BRIEFLY: Final = timedelta(seconds=1)


@frozen(kw_only=True)
class Place:
    """Where flights fly: what they share with all others of one machine."""

    ports: Ports
    truth: FakeClock
    wall: WallClock
    wire: Wire
    tell: Callable[[Fact], None]


@frozen
class AtGate:
    """It waits for the connection's guard, until then at most."""

    until: datetime


@frozen
class AtStep:
    """It is about to take a step."""

    step: Step[object]


@frozen
class Asleep:
    """It lets time pass."""

    until: datetime


@frozen
class OnWire:
    """It waits for an answer."""

    message: Message


@frozen
class Over:
    """It has landed, or died."""


OVER: Final = Over()

Onwards = Callable[[object], Step[object]]
"""How a flow goes on: by being sent something, or by being thrown it."""

Posture = AtGate | AtStep | Asleep | OnWire | Over


class Landing(Future[object]):
    """How a flight ends, for those who wait for it; *flight* is the flight while it is in the air."""

    def __init__(self, flight: "Flight") -> None:
        super().__init__()
        self.flight: Flight | None = flight


class Flight:
    """
    One flow in one process.

    Args:
        place: Where it flies.
        name: Of the flight; no other has the same.
        connection: Whose guard it needs.
        flow: What it does.
        patience: How long it waits for the guard; none at all if it flies without.
    """

    def __init__(
        self, place: Place, name: str, connection: str, flow: Flow[object], patience: timedelta | None
    ) -> None:
        self.name = name
        self.connection = connection
        self.future = Landing(self)
        self.future.set_running_or_notify_cancel()
        self._place = place
        self._flow = flow
        self._guard = ExitStack()
        self.posture: Posture = OVER
        if patience is None:
            self._go_on(flow.send, None)
        else:
            self.posture = AtGate(place.truth.now() + patience)

    @property
    def is_over(self) -> bool:
        """Whether it has landed, or died."""
        return self.posture is OVER

    @property
    def is_at_gate(self) -> bool:
        """Whether it waits for others to give back the guard."""
        return isinstance(self.posture, AtGate)

    @property
    def is_on_wire(self) -> bool:
        """Whether it waits for an answer."""
        return isinstance(self.posture, OnWire)

    @property
    def due(self) -> datetime:
        """When there is something for it to do, unless somebody else makes it earlier."""
        match self.posture:
            case AtGate(until=until) | Asleep(until=until):
                return until
            case OnWire(message=message):
                return self._place.wire.due(message)
            case AtStep() | Over():
                return self._place.truth.now()

    def move(self) -> bool:
        """Do the next thing, and say whether there was one to do at this moment."""
        match self.posture:
            case AtGate():
                return self._enter()
            case AtStep(step=step):
                self._take(step)
                return True
            case Asleep(until=until):
                return self._is_time(until) and self._go_on(self._flow.send, None)
            case OnWire(message=message):
                return self._is_time(self.due) and self._listen(message)
            case Over():
                return False

    def sever(self) -> None:
        """Break the connection that it waits on, if it does."""
        if isinstance(self.posture, OnWire):
            self._go_on(self._flow.send, self._place.wire.sever(self.posture.message))

    def die(self) -> None:
        """Stop where it is, and do nothing more: the kernel frees the guard, and the connection breaks."""
        if self.connection and not self.is_over:
            self._place.tell(Befell(self._death(), self.connection))
        if isinstance(self.posture, OnWire):
            self._place.wire.forsake(self.posture.message)
        self.posture = OVER
        self.future.flight = None
        self._guard.close()

    def _death(self) -> Mishap:
        """Return the name of its death."""
        match self.posture:
            case AtGate():
                return Mishap.KILLED_AT_GATE
            case AtStep(step=step):
                return of_death_before(step)
            case OnWire(message=message):
                return Mishap.KILLED_THERE if message.reply is None else Mishap.KILLED_BACK
            case Asleep() | Over():
                return Mishap.KILLED_PAUSING

    def _is_time(self, moment: datetime) -> bool:
        return self._place.truth.now() >= moment

    def _enter(self) -> bool:
        """Take the guard and set out; give up when the patience is over."""
        try:
            self._guard.enter_context(self._place.ports.guard.hold(self.connection, patience=timedelta()))
        except Busy:
            return self._is_time(self.due) and self._fail(TemporarilyUnavailable("renewed-elsewhere", _BRIEFLY))
        return self._go_on(self._flow.send, None)

    def _take(self, step: Step[object]) -> None:
        """Take one step; what has to wait for others waits."""
        if isinstance(step, Pause):
            self.posture = Asleep(self._place.truth.now() + self._place.wall.truly(step.span))
        elif isinstance(step, Send):
            self._send(step)
        else:
            self._go_on(*self._taken(step))

    def _send(self, step: Send) -> None:
        sent = self._place.wire.send(step.request, step.deadline, flight=self.name, connection=self.connection)
        if isinstance(sent, NotSent):
            self._go_on(self._flow.send, sent)
        else:
            self.posture = OnWire(sent)

    def _taken(self, step: Step[object]) -> "tuple[Onwards, object]":
        """Call a port, and return how the flow goes on: with what came back, or with what was raised."""
        try:
            result = step.take(self._place.ports)
        except MailUpOAuthError as error:
            return cast("Onwards", self._flow.throw), error
        if isinstance(step, Tell):
            self._place.tell(Told(step.notices))
        elif isinstance(step, ReadSecret) and result != CLIENT_SECRET:
            gone = isinstance(result, NoSecret)
            self._place.tell(Befell(Mishap.KEYS_GONE if gone else Mishap.KEYS_WRONG, self.connection))
        return self._flow.send, result

    def _listen(self, message: Message) -> bool:
        """Go on if there is something to hear."""
        exchange = self._place.wire.carry(message)
        return exchange is None or self._go_on(self._flow.send, exchange)

    def _go_on(self, onwards: "Onwards", what: object) -> bool:
        """Let the flow go on up to the next step that somebody could notice."""
        step = self._next(onwards, what)
        while step is not None and type(step) in _UNNOTICED:
            step = self._next(*self._taken(step))
        if step is not None:
            self.posture = AtStep(step)
        return True

    def _next(self, onwards: "Onwards", what: object) -> Step[object] | None:
        """Return the flow's next step; none when it is over."""
        try:
            return onwards(what)
        except StopIteration as stop:
            self._land()
            self.future.set_result(stop.value)
        except Exception as error:  # noqa: BLE001  # whether it may be raised is the referee's to say
            self._fail(error)
        return None

    def _fail(self, error: Exception) -> bool:
        self._land(Raised(untraced(error)))
        self.future.set_exception(error)
        return True

    def _land(self, how: Well | Raised = WELL) -> None:
        """Give back the guard, and only then let others see that it is over."""
        self.posture = OVER
        self.future.flight = None
        self._guard.close()
        self._place.tell(Landed(flight=self.name, how=how))
