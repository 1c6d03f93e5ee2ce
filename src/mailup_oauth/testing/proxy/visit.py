"""One token request on its way through a proxy: what it meets, and every station that it comes to."""

import json
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from typing import Final, assert_never, cast

from attrs import evolve, frozen

from ...domain.secret import Secret
from ...ports import Marker
from ...sandbox.faults import Done
from .faults import Altered, Broken, Cut, Doubled, Dripped, End, Fault, Flooded, Held, Replaced, Torn
from .line import Asked, Line, body_of
from .plan import Meeting
from .sightings import Logbook, Sighting, Station

_TOKENS: Final = ("refresh_token", "code")


@frozen(kw_only=True)
class World:
    """What visits are made in: how to ask the server, the time, marks, and who keeps what was seen."""

    ask: Callable[[Asked], bytes]
    now: Callable[[], datetime]
    marker: Marker
    logbook: Logbook


class Visit:
    """One token request; ``pass_on`` brings it to its end."""

    def __init__(self, world: World, line: Line, asked: Asked, number: int, meeting: Meeting | None) -> None:
        self._world = world
        self._line = line
        self._asked = asked
        self._meeting = meeting
        self._is_released = False
        token = next((asked.form[name] for name in _TOKENS if asked.form.get(name)), "")
        self._seen = Sighting(
            request=number,
            station=Station.ARRIVED,
            at=world.now(),
            grant=asked.form.get("grant_type", ""),
            sent=self._mark(token),
            fault=type(meeting.fault).__name__ if meeting else "",
        )

    def pass_on(self) -> None:
        """Let the request meet its fault, or go through unharmed."""
        self._tell(Station.ARRIVED)
        try:
            with suppress(OSError):  # the client's right
                self._meet()
        finally:
            self._release()
            self._line.end()
            self._tell(Station.ENDED)

    def _meet(self) -> None:
        if self._meeting is None:
            self._deliver(self._obeyed())
            return
        if not isinstance(self._meeting.fault, Held):
            self._meeting.met.set()
        self._suffer(self._meeting.fault, self._meeting)

    def _suffer(self, fault: Fault, meeting: Meeting) -> None:
        match fault:
            case Torn():
                self._break(End.RESET)
            case Broken(done=done, end=end):
                self._obeyed_if(done)
                self._break(end)
            case Held(done=done):
                self._hold(done, meeting)
            case Dripped(pause=pause, piece=piece):
                answer = self._obeyed()
                self._release()
                self._line.drip(answer, pause, piece)
                self._tell(Station.DELIVERED)
            case Cut(keep=keep, end=end):
                answer = self._obeyed()
                self._release()
                self._line.say(answer[: len(answer) - len(body_of(answer)) + keep])
                self._line.end(end)
            case Replaced(words=words, done=done):
                self._obeyed_if(done)
                self._deliver(words)
            case Altered(change=change):
                self._deliver(change(self._obeyed()))
            case Flooded(words=words, piece=piece, done=done):
                self._obeyed_if(done)
                self._release()
                self._line.say(words)
                self._line.flood(piece)
            case Doubled():
                first, _ = self._obeyed(), self._obeyed()
                self._deliver(first)
            case _ as never:
                assert_never(never)

    def _hold(self, done: Done, meeting: Meeting) -> None:
        if done is Done.NOTHING:
            meeting.hold()
            self._deliver(self._obeyed())
        else:
            answer = self._obeyed()
            meeting.hold()
            self._deliver(answer)

    def _obeyed_if(self, done: Done) -> None:
        if done is Done.COMMITTED:
            self._obeyed()

    def _obeyed(self) -> bytes:
        """Let the server have the request, and return its answer."""
        self._tell(Station.FORWARDED)
        answer = self._world.ask(self._asked)
        status = answer[9:12]
        self._seen = evolve(
            self._seen, status=int(status) if status.isdigit() else 0, brought=self._mark(_refresh_token(answer))
        )
        self._tell(Station.COMMITTED)
        return answer

    def _deliver(self, answer: bytes) -> None:
        """Let the client have an answer, if it is still there."""
        if self._line.is_left:
            self._tell(Station.ABANDONED)
            return
        self._release()
        self._line.say(answer)
        self._tell(Station.DELIVERED)

    def _break(self, end: End) -> None:
        """End the connection without a byte of an answer."""
        self._release()
        self._line.end(end)

    def _release(self) -> None:
        """Write down, once, that the client may send again from here on."""
        if not self._is_released:
            self._is_released = True
            self._tell(Station.RELEASED)

    def _tell(self, station: Station) -> None:
        self._seen = evolve(self._seen, station=station, at=self._world.now())
        self._world.logbook.write(self._seen)

    def _mark(self, token: str) -> str:
        return str(self._world.marker.mark(Secret(token))) if token else ""


def _refresh_token(answer: bytes) -> str:
    """Return the refresh token in a server's answer, or nothing."""
    try:
        members: object = json.loads(body_of(answer))
    except ValueError:
        return ""
    token = cast("dict[str, object]", members).get("refresh_token") if isinstance(members, dict) else ""
    return token if isinstance(token, str) else ""
