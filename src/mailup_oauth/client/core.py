"""What both facades share: pictures of connections, flights under guards, and the way from outcomes to values."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, wait
from contextlib import suppress
from copy import copy
from datetime import datetime, timedelta
from threading import TIMEOUT_MAX
from typing import TypeVar

from ..domain import commands as c
from ..domain.attempts import AccountRule
from ..domain.credential import Mark
from ..domain.decide import Decision, decide
from ..domain.errors import BadConnection, MailUpOAuthError, TemporarilyUnavailable
from ..domain.instants import NO_TIME, later
from ..domain.patience import Enough, until_next_try
from ..domain.refusals import InProgress
from ..domain.secret import Secret
from ..domain.states import Authorized, Expired, Refreshed
from ..domain.tokens import AccessToken
from ..domain.work import Idle, SetbackKind
from ..engine import (
    FLIGHTS,
    Arrival,
    Asking,
    FlightKey,
    Flow,
    Held,
    NeedsFlight,
    Outcome,
    Setting,
    Start,
    arrive,
    begin,
    disconnect,
    exchange,
    judge,
    load,
    noted,
    renew,
    run,
    tidy,
)
from ..journal import Context, Record, TokenHandedOut
from ..ports import Absent, Busy, Ports
from .lull import Lull
from .pictures import Picture, Pictures
from .proof import read
from .standing import status_of
from .values import Farewell, Status
from .verdicts import usable_token, why_no_token, why_not_completed

T = TypeVar("T")

_BRIEFLY = timedelta(seconds=1)
_LONGEST_NAME = 255


class Core:
    """The synchronous half of both facades; safe for threads, and for tasks that call it on threads."""

    def __init__(self, setting: Setting, ports: Ports) -> None:
        self.setting = setting
        self.ports = ports
        self.pictures = Pictures(ports.clock)
        self.lull = Lull()

    def run(self, flow: Flow[T]) -> T:
        """Run a flow here."""
        return run(flow, self.ports)

    # -- the everyday path -------------------------------------------------------------------------------------------

    def token_or_flight(self, connection: str) -> "AccessToken | Future[Outcome]":
        """Return a usable token, having started its renewal if that is due, or the flight that will bring one."""
        held = self.held(connection)
        now = self.ports.clock.now()
        token = usable_token(held.state, now)
        if token is None:
            return self._flight_for(held, now)
        self._take(held, token, now)
        if self._decided(held, now) and self.lull.remaining(now) <= NO_TIME:
            self.board(connection, "renew", using, Context())
        return token

    def token_from(self, outcome: Outcome) -> AccessToken:
        """Return the token that a flight brought, or raise why it brought none."""
        now = self.ports.clock.now()
        token = usable_token(outcome.held.state, now)
        if token is None:
            raise why_no_token(outcome.held.state, now)
        self._take(outcome.held, token, now)
        return token

    def refreshed_from(self, outcome: Outcome) -> AccessToken:
        """Return the token that a forced refresh brought; an old one that still works is no success."""
        state = outcome.held.state
        if isinstance(state, Authorized | Expired | Refreshed) and not isinstance(state.work, Idle):
            raise why_no_token(state, self.ports.clock.now())
        return self.token_from(outcome)

    def token_instead_of(self, connection: str, rejected: Mark, context: Context) -> "AccessToken | Future[Outcome]":
        """Return a newer token than the rejected one, or a flight of its own, because others do not know it is bad."""
        held = self.held(connection)
        now = self.ports.clock.now()
        token = usable_token(held.state, now)
        if token is not None and token.mark != rejected:
            self._take(held, token, now)
            return token
        self.pictures.drop(connection, held.version + 1)
        kind = f"instead-of-{rejected}"
        return self.board(connection, kind, lambda now: c.ReportRejected(now=now, mark=rejected), context)

    def board(self, connection: str, kind: str, asking: Asking, context: Context) -> "Future[Outcome]":
        """Join or start the flight that renews a connection."""
        checked(connection)
        return self._boarded(connection, kind, lambda: renew(self.setting, connection, asking, context))

    # -- connecting and disconnecting --------------------------------------------------------------------------------

    def begin(self, connection: str, rule: AccountRule, context: Context) -> Start:
        """Begin an attempt."""
        return self.run(begin(self.setting, checked(connection), rule, context))

    def judged(
        self, callback: Secret, binding: Secret, context: Context
    ) -> "tuple[Arrival, Outcome | Future[Outcome]]":
        """Judge a callback, and board the flight that exchanges its code if there is one to exchange."""
        arrival = self.run(arrive(self.setting, callback, binding))
        outcome = self.run(judge(self.setting, arrival, context))
        if not isinstance(outcome, NeedsFlight):
            return arrival, outcome
        kind = f"exchange-{arrival.attempt}-{arrival.binding}"
        return arrival, self._boarded(arrival.connection, kind, lambda: exchange(self.setting, arrival, context))

    def completed(self, arrival: Arrival, outcome: Outcome) -> Status:
        """Return the status of a connection that was made, or raise why it was not."""
        now = self.ports.clock.now()
        problem = why_not_completed(outcome, arrival, now)
        if problem is not None:
            raise problem
        self.pictures.drop(arrival.connection, outcome.held.version)
        return status_of(arrival.connection, outcome.held.state, now)

    def disconnect(self, connection: str, context: Context) -> Farewell:
        """Erase what is held here."""
        before = self.held(connection).state
        outcome = self.run(disconnect(self.setting, connection, context))
        self.pictures.drop(connection, outcome.held.version)
        self.tidy(connection, context)
        return Farewell(
            was_connected=isinstance(before, Authorized | Expired | Refreshed),
            revoke_at=self.setting.provider.revocation_help,
        )

    def tidy(self, connection: str, context: Context) -> None:
        """See to what was spilled for a connection; who is at it already will have seen to it before they leave."""
        if isinstance(self.ports.spill.find(connection), Absent):
            return
        with suppress(Busy), self.ports.guard.hold(connection, patience=NO_TIME):
            self.run(tidy(self.setting, connection, context))

    def hand_out(self, connection: str, token: AccessToken, to: str, context: Context) -> None:
        """Tell the installation's journal that *token* leaves the library; what it cannot be told must not leave."""
        self.run(noted(self.setting, TokenHandedOut(connection=connection, mark=token.mark, to=to), context))

    # -- looking -----------------------------------------------------------------------------------------------------

    def held(self, connection: str) -> Held:
        """Return a connection as it is stored."""
        return self.run(load(self.setting, checked(connection)))

    def status(self, connection: str) -> Status:
        """Return a connection's status; writes nothing."""
        return status_of(connection, self.held(connection).state, self.ports.clock.now())

    def journal(self, connection: str) -> Iterator[Record]:
        """
        Return a connection's records, oldest first; they are read a page at a time.

        Raises:
            StoreCorrupted: one cannot be read, or is not in its place.
        """
        return read(self.ports.store, checked(connection))

    def recent(self, connection: str, count: int) -> tuple[Record, ...]:
        """
        Return a connection's newest records, oldest first, however long its journal is.

        Raises:
            StoreCorrupted: one of them cannot be read, or is not in its place.
        """
        row = self.held(connection).row
        if isinstance(row, Absent):
            return ()
        return tuple(read(self.ports.store, connection, after=max(0, row.sequence - count)))

    def close(self, patience: timedelta) -> None:
        """Wait for this store's flights, then give back sockets and files."""
        _, aloft = wait(FLIGHTS.aloft(self.ports.store.identity), timeout=in_seconds(patience))
        self.pictures.clear()
        if not aloft:
            self.ports.transport.close()
            self.ports.store.close()

    # -- inside ------------------------------------------------------------------------------------------------------

    def _decided(self, held: Held, now: datetime) -> Decision:
        """Return what it takes to have a usable token."""
        return decide(held.state, c.UseAccess(now=now), self.setting.policy, self.setting.provider)

    def _flight_for(self, held: Held, now: datetime) -> "Future[Outcome]":
        """Return the flight that will bring a token; raise at once where none can."""
        hopeless = not isinstance(self._decided(held, now), tuple | InProgress)
        if hopeless and isinstance(until_next_try(held.state, now, self.setting.policy), Enough):
            raise why_no_token(held.state, now)
        if (lull := self.lull.remaining(now)) > NO_TIME:
            raise TemporarilyUnavailable(SetbackKind.RATE_LIMITED.value, lull)
        return self.board(held.connection, "renew", using, Context())

    def _boarded(self, connection: str, kind: str, flow: "Callable[[], Flow[Outcome]]") -> "Future[Outcome]":
        """Join or start a flight under the connection's guard."""
        key = FlightKey(self.ports.store.identity, connection, kind)
        return FLIGHTS.board(key, lambda: self._flown(connection, flow()))

    def _flown(self, connection: str, flow: Flow[Outcome]) -> Outcome:
        """Run a flow under the connection's guard."""
        try:
            with self.ports.guard.hold(connection, patience=self.setting.policy.guard_patience):
                outcome = self.run(flow)
        except Busy:
            raise TemporarilyUnavailable("renewed-elsewhere", _BRIEFLY) from None
        self.lull.hear(outcome.held.state)
        return outcome

    def _take(self, held: Held, token: AccessToken, now: datetime) -> None:
        """Remember the picture until somebody needs to look again."""
        state = held.state
        refresh_at = state.access.refresh_at if isinstance(state, Authorized | Refreshed) else now
        due = refresh_at if refresh_at > now else later(now, _BRIEFLY)
        good_until = min(due, token.expires_at, later(now, self.setting.policy.snapshot_age))
        picture = Picture(token=token, version=held.version, seen_at=now, good_until=good_until)
        self.pictures.take(held.connection, picture)


def using(now: datetime) -> c.UseAccess:
    """Ask for a usable token."""
    return c.UseAccess(now=now)


def forcing(now: datetime) -> c.RefreshNow:
    """Ask for a refresh whatever the clock says."""
    return c.RefreshNow(now=now)


def checked(connection: str) -> str:
    """
    Return a connection's name, if it is one.

    Raises:
        BadConnection: it is empty, longer than 255 characters, not printable, or begins with ``@``.
    """
    if not 0 < len(connection) <= _LONGEST_NAME or connection.startswith("@") or not connection.isprintable():
        raise BadConnection
    return connection


def in_seconds(patience: timedelta) -> float:
    """Return how long a lock shall be waited for; what is too long for a lock is for ever."""
    return min(patience.total_seconds(), TIMEOUT_MAX)


def fresh(error: BaseException) -> BaseException:
    """Return a copy of an exception that several callers will raise, so that none adds to another's traceback."""
    return copy(error) if isinstance(error, MailUpOAuthError) else error
