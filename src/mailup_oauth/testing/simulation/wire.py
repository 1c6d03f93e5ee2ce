"""The way between processes and MailUp: a request takes one move to get there, and its answer another to get back."""

from collections import deque
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from attrs import define, frozen

from ...adapters.transport.sandbox import SandboxService, arriving
from ...domain.wire.http import Exchange, HttpRequest, HttpResponse, NotSent, SendingFault, Silence, Unanswered
from ...sandbox.commands import PlanFault
from ...sandbox.faults import Fault, Target
from ...sandbox.messages import HungUp, Outcome
from ...sandbox.router import TOKEN_PATH
from ..clock import FakeClock
from .facts import Departed, Heard, Reached, Vanished

LONGEST_STRAY: Final = timedelta(seconds=2)
"""How long a request can still arrive after its connection broke: what clients are told to let settle."""


@frozen
class _Reply:
    """What MailUp answers, and when it is here."""

    exchange: Exchange
    due: datetime


@define(eq=False, kw_only=True)
class Message:
    """A request under way; *deadline* is when its sender gives up."""

    number: int
    request: HttpRequest
    deadline: datetime
    reply: _Reply | None = None


class Wire:
    """
    The network of a simulation.

    A request that its sender waits for no longer, because the connection broke or the sender died, is a stray: for
    ``LONGEST_STRAY`` it can still come to MailUp, and then it cannot.
    """

    def __init__(
        self, service: SandboxService, truth: FakeClock, tell: Callable[[Departed | Reached | Heard | Vanished], None]
    ) -> None:
        self._service = service
        self._truth = truth
        self._tell = tell
        self._sent = 0
        self._strays: list[tuple[Message, datetime]] = []
        self._planned: dict[Target, deque[Fault]] = {target: deque() for target in Target}
        self._cut_off: deque[SendingFault] = deque()

    # -- what its owner can do -----------------------------------------------------------------------------------------

    def plan(self, target: Target, fault: Fault) -> None:
        """Let one of the next requests that come to *target* meet *fault*."""
        self._planned[target].append(fault)

    def cut_off(self, fault: SendingFault) -> None:
        """Let one of the next requests never leave."""
        self._cut_off.append(fault)

    def mend(self) -> None:
        """Forget everything that was planned."""
        self._cut_off.clear()
        for faults in self._planned.values():
            faults.clear()

    @property
    def has_strays(self) -> bool:
        """Whether a request that nobody waits for can still arrive."""
        return bool(self._strays)

    def stray(self) -> None:
        """Let the oldest stray come to MailUp, if there is one."""
        if self._strays:
            message, _ = self._strays.pop(0)
            self._reach(message)

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
            return NotSent(self._cut_off.popleft())
        self._sent += 1
        message = Message(number=self._sent, request=request, deadline=self._truth.now() + deadline)
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
            return self.sever(message, Silence.TIMEOUT)
        if message.reply is None:
            self._reach(message)
            return None
        self._tell(Heard(message=message.number, exchange=message.reply.exchange))
        return message.reply.exchange

    def sever(self, message: Message, silence: Silence = Silence.RESET) -> Exchange:
        """Break the connection, and return what the sender hears of it."""
        self.forsake(message)
        exchange = Unanswered(silence)
        self._tell(Heard(message=message.number, exchange=exchange))
        return exchange

    def forsake(self, message: Message) -> None:
        """Wait for *message* no longer."""
        if message.reply is None:
            self._strays.append((message, self._truth.now()))

    def _reach(self, message: Message) -> None:
        """Hand a request to MailUp."""
        target = Target.TOKEN if message.request.url.endswith(TOKEN_PATH) else Target.RESOURCE
        if self._planned[target]:
            self._service.order(PlanFault(target, self._planned[target].popleft()))
        before, known = self._service.world, len(self._service.events)
        outcome = self._service.handle(arriving(message.request))
        message.reply = _reply(outcome, self._truth.now())
        self._tell(Reached(message=message.number, before=before, events=self._service.events[known:]))


def _reply(outcome: Outcome, now: datetime) -> _Reply:
    """Return what a sender that still listens will hear."""
    if isinstance(outcome, HungUp):
        return _Reply(Unanswered(Silence.CLOSED), now)
    response = HttpResponse(status=outcome.status, headers=outcome.headers, body=outcome.body, ending=outcome.ending)
    return _Reply(response, now + outcome.delay)
