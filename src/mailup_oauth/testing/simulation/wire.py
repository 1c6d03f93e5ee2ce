"""The way between processes and MailUp: a request takes one move to get there, and its answer another to get back."""

import enum
from collections import deque
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from attrs import define, frozen

from ...adapters.transport.sandbox import SandboxService, arriving
from ...domain.wire.http import Exchange, HttpRequest, HttpResponse, NotSent, SendingFault, Silence, Unanswered
from ...sandbox.answers import render
from ...sandbox.commands import PlanFault
from ...sandbox.decide import decide
from ...sandbox.events import Event, TokensIssued, TokensRotated
from ...sandbox.faults import Fault, Target
from ...sandbox.messages import HungUp, Outcome
from ...sandbox.router import TOKEN_PATH, route
from ...sandbox.world import World
from ..clock import FakeClock
from .facts import Befell, Departed, Heard, Reached, Repeated, Vanished
from .mishaps import Mishap, of_fault

LONGEST_STRAY: Final = timedelta(seconds=1.8)
"""How long a request can still arrive after its connection broke: what clients let settle, by a clock that is fast."""

LONGEST_LAG: Final = timedelta(seconds=30)
"""How long a replica of MailUp can be behind."""


@enum.unique
class Detour(enum.Enum):
    """
    What a network can do to a request, other than losing it or its answer.

    It comes twice and the first answer is heard; or somebody on the way asks again, and the second answer is; or it
    comes to a replica that does not know yet what MailUp gave last.
    """

    TWICE = "twice"
    AGAIN = "again"
    REPLICA = "replica"


@frozen
class _Reply:
    """What MailUp answers, and when it is here."""

    exchange: Exchange
    due: datetime


@define(eq=False, kw_only=True)
class Message:
    """A request under way; *deadline* is when its sender gives up."""

    number: int
    connection: str
    request: HttpRequest
    deadline: datetime
    reply: _Reply | None = None


@frozen
class _Behind:
    """What a replica knows that has not heard yet what MailUp gave *since* then."""

    world: World
    since: datetime


WireFact = Departed | Reached | Repeated | Heard | Vanished | Befell
"""What a wire tells."""


class Wire:
    """
    The network of a simulation.

    A request that its sender waits for no longer, because the connection broke or the sender died, is a stray: for
    ``LONGEST_STRAY`` it can still come to MailUp, and then it cannot.

    Attributes:
        is_settled: Whether there are no strays, and what nobody waits for is lost at once.
    """

    def __init__(self, service: SandboxService, truth: FakeClock, tell: Callable[[WireFact], None]) -> None:
        self._service = service
        self._truth = truth
        self._tell = tell
        self._sent = 0
        self._strays: list[tuple[Message, datetime]] = []
        self._planned: dict[Target, deque[Fault | Detour]] = {target: deque() for target in Target}
        self._cut_off: deque[SendingFault] = deque()
        self.is_settled = False
        self._behind = _Behind(service.world, truth.now() - LONGEST_LAG * 2)

    # -- what its owner can do -----------------------------------------------------------------------------------------

    def begin_at(self, sent: int) -> None:
        """Go on numbering where another history has come to."""
        self._sent = sent

    def plan(self, target: Target, trouble: Fault | Detour) -> None:
        """Let one of the next requests that come to *target* meet *trouble*."""
        self._planned[target].append(trouble)

    def cut_off(self, fault: SendingFault) -> None:
        """Let one of the next requests never leave."""
        self._cut_off.append(fault)

    def mend(self) -> None:
        """Forget everything that was planned."""
        self._cut_off.clear()
        for troubles in self._planned.values():
            troubles.clear()

    @property
    def has_strays(self) -> bool:
        """Whether a request that nobody waits for can still arrive."""
        return bool(self._strays)

    def stray(self) -> None:
        """Let the oldest stray come to MailUp, if there is one."""
        if self._strays:
            message, _ = self._strays.pop(0)
            self._tell(Befell(Mishap.ARRIVED_LATE, message.connection))
            self._deliver(message)

    def settle(self, *, all_at_once: bool = False) -> None:
        """Let strays vanish whose time is over, or all of them."""
        since = self._truth.now() - LONGEST_STRAY
        over = [message for message, left_at in self._strays if all_at_once or left_at <= since]
        self._strays = [stray for stray in self._strays if stray[0] not in over]
        for message in over:
            self._tell(Vanished(message=message.number))

    # -- what senders do -----------------------------------------------------------------------------------------------

    def send(self, request: HttpRequest, deadline: timedelta, *, flight: str, connection: str) -> Message | NotSent:
        """Let a request leave, if anything can leave."""
        if self._cut_off:
            self._tell(Befell(Mishap.NEVER_LEFT, connection))
            return NotSent(self._cut_off.popleft())
        self._sent += 1
        message = Message(
            number=self._sent, connection=connection, request=request, deadline=self._truth.now() + deadline
        )
        self._tell(Departed(message=self._sent, flight=flight, connection=connection, request=request))
        return message

    def due(self, message: Message) -> datetime:
        """Return when there is something to be done for *message*."""
        if message.reply is None:
            return self._truth.now()
        return min(message.reply.due, message.deadline)

    def carry(self, message: Message) -> Exchange | None:
        """Carry a request there, or its answer back; return what its sender hears, if that is anything yet."""
        if self._truth.now() >= message.deadline:
            self._tell(Befell(Mishap.TIMED_OUT, message.connection))
            return self._silence(message, Silence.TIMEOUT)
        if message.reply is None:
            self._reach(message)
            return None
        self._tell(Heard(message=message.number, exchange=message.reply.exchange))
        return message.reply.exchange

    def sever(self, message: Message) -> Exchange:
        """Break the connection, and return what the sender hears of it."""
        broken = Mishap.BROKE_THERE if message.reply is None else Mishap.BROKE_BACK
        self._tell(Befell(broken, message.connection))
        return self._silence(message, Silence.RESET)

    def forsake(self, message: Message) -> None:
        """Wait for *message* no longer."""
        if message.reply is None and self.is_settled:
            self._tell(Vanished(message=message.number))
        elif message.reply is None:
            self._strays.append((message, self._truth.now()))

    def _silence(self, message: Message, silence: Silence) -> Exchange:
        self.forsake(message)
        exchange = Unanswered(silence)
        self._tell(Heard(message=message.number, exchange=exchange))
        return exchange

    def _reach(self, message: Message) -> None:
        """Hand a request to MailUp, or let it meet what was planned."""
        planned = self._planned[_target(message)]
        trouble = planned.popleft() if planned else None
        match trouble:
            case None:
                self._deliver(message)
            case Detour.REPLICA:
                self._refuse(message)
            case Detour.TWICE:
                self._tell(Befell(Mishap.CAME_TWICE, message.connection))
                self._deliver(message)
                self._repeat(message)
            case Detour.AGAIN:
                self._tell(Befell(Mishap.ASKED_AGAIN, message.connection))
                self._repeat(message)
                self._deliver(message)
            case _:
                self._tell(Befell(of_fault(trouble), message.connection))
                self._service.order(PlanFault(_target(message), trouble))
                self._deliver(message)

    def _deliver(self, message: Message) -> None:
        before = self._service.world
        outcome, events = self._handled(message)
        if any(isinstance(event, TokensIssued | TokensRotated) for event in events):
            self._behind = _Behind(before, self._truth.now())
        message.reply = _reply(outcome, self._truth.now())
        self._tell(Reached(message=message.number, before=before, events=events))

    def _repeat(self, message: Message) -> None:
        """Hand a request to MailUp whose answer nobody hears."""
        _, events = self._handled(message)
        self._tell(Repeated(message=message.number, events=events))

    def _refuse(self, message: Message) -> None:
        """Let a replica refuse a refresh token that it does not know yet; where there is no such thing, MailUp is asked."""
        behind = self._behind
        unknown = self._service.world.refreshes.keys() - behind.world.refreshes.keys()
        is_unknown = any(f"={value}" in body for value, body in self._shown(message, sorted(unknown)))
        if not is_unknown or self._truth.now() - behind.since > LONGEST_LAG:
            self._deliver(message)
            return
        self._tell(Befell(Mishap.REPLICA, message.connection))
        _, reply = decide(behind.world, route(arriving(message.request), now=self._truth.now(), entropy=b""))
        message.reply = _reply(render(reply, behind.world.switches), self._truth.now())
        self._tell(Reached(message=message.number, before=behind.world, events=()))

    def _shown(self, message: Message, keys: list[str]) -> list[tuple[str, str]]:
        """Return the refresh tokens of these keys, each beside what *message* says."""
        body = message.request.body.reveal()
        return [(self._service.world.refreshes[key].value.reveal(), body) for key in keys]

    def _handled(self, message: Message) -> tuple[Outcome, tuple[Event, ...]]:
        known = len(self._service.events)
        outcome = self._service.handle(arriving(message.request))
        return outcome, self._service.events[known:]


def _target(message: Message) -> Target:
    return Target.TOKEN if message.request.url.endswith(TOKEN_PATH) else Target.RESOURCE


def _reply(outcome: Outcome, now: datetime) -> _Reply:
    """Return what a sender that still listens will hear."""
    if isinstance(outcome, HungUp):
        return _Reply(Unanswered(Silence.CLOSED), now)
    response = HttpResponse(status=outcome.status, headers=outcome.headers, body=outcome.body, ending=outcome.ending)
    return _Reply(response, now + outcome.delay)
