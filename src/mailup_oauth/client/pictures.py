"""Pictures of connections: the token to go on using while nothing is to be done; none is replaced by an older one."""

from datetime import datetime
from threading import Lock

from attrs import frozen

from ..domain.tokens import AccessToken
from ..ports import Clock


@frozen(kw_only=True)
class Picture:
    """
    A connection's token as it was last seen, for the path on which nothing is to be done.

    Attributes:
        version: Of the row in which it was seen.
        seen_at: When the store was asked; a clock that stands before it is not believed.
        good_until: Until when nobody needs to look again.
    """

    token: AccessToken
    version: int
    seen_at: datetime
    good_until: datetime


class Pictures:
    """
    The pictures of one facade; safe for threads, and looking at one takes no lock.

    Whoever notices late how a flight ended takes nobody back: not to an older token, and not past a disconnection, a new
    authorization or a 401 that was heard of meanwhile (I9).
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = Lock()
        self.clear()

    def clear(self) -> None:
        """Forget everything."""
        self._pictures: dict[str, Picture] = {}
        self._versions: dict[str, int] = {}

    def token(self, connection: str) -> AccessToken | None:
        """Return the token if nothing at all is to be done; no store, no lock, no event."""
        picture = self._pictures.get(connection)
        if picture is not None and picture.seen_at <= self._clock.now() < picture.good_until:
            return picture.token
        return None

    def take(self, connection: str, picture: Picture) -> None:
        """Remember *picture*, unless something newer is known."""
        with self._lock:
            if picture.version >= self._versions.get(connection, 0):
                self._versions[connection] = picture.version
                self._pictures[connection] = picture

    def drop(self, connection: str, version: int) -> None:
        """Forget the picture of a connection, and take none any more from a row older than *version*."""
        with self._lock:
            self._versions[connection] = max(version, self._versions.get(connection, 0))
            self._pictures.pop(connection, None)
