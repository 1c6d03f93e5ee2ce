"""What a proxy saw of token requests: where each was and when, with marks in place of secrets."""

import enum
import threading
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from attrs import frozen


@enum.unique
class Station(enum.Enum):
    """How far a token request has come."""

    ARRIVED = "arrived"
    """It was read whole from the client."""
    FORWARDED = "forwarded"
    """The server is about to get it: from here on it may be obeyed."""
    COMMITTED = "committed"
    """The server's answer was read whole, and nothing of it has gone on yet: whatever it decided is decided."""
    RELEASED = "released"
    """The client is about to get the first byte of an answer, or the end of its connection: now it may send again."""
    DELIVERED = "delivered"
    """The last byte of an answer was handed to this machine's kernel, and the client had not hung up before."""
    ABANDONED = "abandoned"
    """The client had hung up before its answer came."""
    ENDED = "ended"
    """Its connection is closed; always the last."""


@frozen(kw_only=True)
class Sighting:
    """
    One token request at one station.

    Attributes:
        request: Which request, counted from 1 for each proxy.
        station: Where.
        at: When, by the proxy's clock.
        grant: ``authorization_code``, ``refresh_token`` or whatever else it called itself.
        sent: The mark of its code or refresh token, as text; empty if there was none.
        fault: The class of the fault that it met, by name; empty if it met none.
        status: The server's, from ``COMMITTED`` on; 0 if the server was not asked or did not answer.
        brought: The mark of the refresh token in the server's answer, as text; empty if there was none.
    """

    request: int
    station: Station
    at: datetime
    grant: str
    sent: str
    fault: str = ""
    status: int = 0
    brought: str = ""


Listener = Callable[[Sighting], object]
"""Is told of a sighting before the request goes on, on that request's thread; it may be called by several at once."""


def unheard(_: Sighting) -> None:
    """Tell nobody."""


class Logbook:
    """Keeps every sighting in the order in which they happened; safe for threads."""

    def __init__(self, listener: Listener = unheard) -> None:
        self._listener = listener
        self._written: list[Sighting] = []
        self._changed = threading.Condition()

    def write(self, sighting: Sighting) -> None:
        """Keep a sighting, then tell the listener."""
        with self._changed:
            self._written.append(sighting)
            self._changed.notify_all()
        self._listener(sighting)

    @property
    def sightings(self) -> tuple[Sighting, ...]:
        """Everything that was seen so far, oldest first."""
        with self._changed:
            return tuple(self._written)

    def at(self, station: Station) -> tuple[Sighting, ...]:
        """Return what was seen at one station."""
        return tuple(one for one in self.sightings if one.station is station)

    def wait_for(self, station: Station, number: int, patience: timedelta) -> bool:
        """Return whether, within *patience*, so many requests have come to a station."""
        with self._changed:
            return self._changed.wait_for(lambda: self._count(station) >= number, patience.total_seconds())

    def _count(self, station: Station) -> int:
        return sum(one.station is station for one in self._written)

    def forwarded(self) -> Counter[str]:
        """Return how often the server was given each code and each refresh token, by mark."""
        return Counter(one.sent for one in self.at(Station.FORWARDED))


def overlaps(sightings: Iterable[Sighting]) -> tuple[tuple[int, int], ...]:
    """
    Return the pairs of requests that carried the same code or refresh token and were under way at the same time.

    A request is under way from ``ARRIVED`` to ``RELEASED``: its client cannot have begun later, nor have known of an
    end before, unless it gave up; and then the server may still be about to get it.
    """
    under_way: dict[int, str] = {}
    found: list[tuple[int, int]] = []
    for one in sightings:
        if one.station is Station.ARRIVED and one.sent:
            found += [(other, one.request) for other, mark in under_way.items() if mark == one.sent]
            under_way[one.request] = one.sent
        elif one.station is Station.RELEASED:
            under_way.pop(one.request, None)
    return tuple(found)
