"""The sandbox in this process: a world that lasts between requests, and a Transport to it without sockets."""

import threading
from collections import deque
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import unquote, urlsplit

from ...domain.wire.http import Exchange, HttpRequest, HttpResponse, Silence, Unanswered
from ...sandbox.answers import render
from ...sandbox.commands import Command, Order
from ...sandbox.decide import decide
from ...sandbox.desk.sight import Sight, sight
from ...sandbox.events import BegunAgain, Event
from ...sandbox.evolve import evolve
from ...sandbox.heard import Heard, heard
from ...sandbox.messages import HungUp, Outcome, Request
from ...sandbox.router import route
from ...sandbox.world import World

MOST_EVENTS: Final = 100_000
"""Events that are kept for whoever looks; the oldest go first."""
MOST_HEARD: Final = 1_000
"""Requests that are remembered for whoever looks; the oldest go first."""
_ENTROPY: Final = 32
"""Bytes drawn for each request: 256 bits."""


class SandboxService:
    """
    A sandbox world between its requests.

    Safe to share between threads: one lock makes requests and orders happen one after the other.
    """

    def __init__(self, world: World, clock: Callable[[], datetime], draw: Callable[[int], bytes]) -> None:
        """
        Begin with *world*.

        Args:
            world: What MailUp holds at first.
            clock: Tells the system's moment, aware, in UTC; called once a request, under the lock.  ``MoveClock`` makes
                MailUp's own clock run ahead of it.
            draw: Gives as many unguessable bytes as it is asked for.
        """
        self._world = world
        self._clock = clock
        self._draw = draw
        self._events: deque[Event] = deque(maxlen=MOST_EVENTS)
        self._heard: deque[Heard] = deque(maxlen=MOST_HEARD)
        self._lock = threading.Lock()

    @property
    def world(self) -> World:
        """What MailUp holds now."""
        with self._lock:
            return self._world

    @property
    def events(self) -> tuple[Event, ...]:
        """What happened since the world began, oldest first; ``BegunAgain`` is the first of a new one."""
        with self._lock:
            return tuple(self._events)

    @property
    def sight(self) -> Sight:
        """What the owner is shown: the world, the requests since it began, and MailUp's time, all of one moment."""
        with self._lock:
            return sight(self._world, tuple(self._heard), self._moment())

    @property
    def now(self) -> datetime:
        """What MailUp's clock shows."""
        with self._lock:
            return self._moment()

    def handle(self, request: Request) -> Outcome:
        """Return what *request* comes to on the wire; a delay is told and not waited for."""
        with self._lock:
            world, now = self._world, self._moment()
            command = route(request, now=now, entropy=self._draw(_ENTROPY))
            outcome = self._obey(command)
            self._heard.append(heard(world, request, command, outcome, at=now))
            return outcome

    def order(self, order: Order) -> None:
        """Do what the owner of the sandbox orders."""
        with self._lock:
            self._obey(order)

    def _moment(self) -> datetime:
        return self._clock() + self._world.ahead

    def _obey(self, command: Command) -> Outcome:
        switches = self._world.switches
        events, reply = decide(self._world, command)
        for event in events:
            self._world = evolve(self._world, event)
            if isinstance(event, BegunAgain):
                self._events.clear()
                self._heard.clear()
        self._events.extend(events)
        return render(reply, switches)


class SandboxTransport:
    """
    A Transport whose other end is a ``SandboxService``.

    No time passes in it: an answer that is late for its deadline is a time-out at once, any other comes at once.
    """

    def __init__(self, service: SandboxService) -> None:
        """Send every request to *service*, whatever host its URL names."""
        self._service = service

    def send(self, request: HttpRequest, *, deadline: timedelta) -> Exchange:
        """Return what became of *request*; a request MailUp never obeyed cannot be told from a lost answer."""
        match self._service.handle(arriving(request)):
            case HungUp():
                return Unanswered(Silence.CLOSED)
            case response if response.delay >= deadline:
                return Unanswered(Silence.TIMEOUT)
            case response:
                return HttpResponse(
                    status=response.status, headers=response.headers, body=response.body, ending=response.ending
                )

    def close(self) -> None:
        """Do nothing: there is no socket to give back."""


def arriving(request: HttpRequest) -> Request:
    """Return *request* as it looks to the server that gets it."""
    parts = urlsplit(request.url)
    value = request.authorization.reveal()
    authorization = (("authorization", value),) if value else ()
    return Request(
        method=request.method,
        path=unquote(parts.path),
        query=parts.query,
        headers=(*request.headers, *authorization),
        body=request.body.reveal().encode("utf-8", "replace"),
    )
