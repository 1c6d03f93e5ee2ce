"""The facade for synchronous programs."""

from collections.abc import Iterator
from concurrent.futures import Future
from concurrent.futures import TimeoutError as NotYet
from datetime import timedelta
from types import TracebackType
from typing import TYPE_CHECKING, Self, TypedDict, TypeVar, Unpack

from ..domain.attempts import AccountRule
from ..domain.errors import StillRefreshing
from ..domain.policy import PRODUCTION, Policy
from ..domain.provider import MAILUP, Provider
from ..domain.registration import Registration
from ..domain.secret import Secret
from ..domain.tokens import AccessToken
from ..engine import Outcome, Start
from ..journal import Context, Record
from ..ports import Store
from .core import Core, forcing, fresh, in_seconds
from .defaults import Chosen, core_of
from .values import Farewell, Status

if TYPE_CHECKING:
    from ..adapters.auth.httpx import MailUpAuth

T = TypeVar("T")

PATIENCE = timedelta(seconds=30)
"""How long a call waits for a flight unless it is told otherwise."""

GRACEFUL = timedelta(seconds=65)
"""How long ``close`` waits for flights: one token request's deadline and a little (reliability.md 4.3)."""


class About(TypedDict, total=False):
    """What the journal is told of a call: who, why, and which request of yours it belongs to."""

    actor: str
    reason: str
    correlation_id: str


class MailUpOAuth:
    """
    Connects MailUp users to this program and keeps them connected.

    One object serves any number of connections, threads and forked workers; several objects over one store share their
    flights.  Every method that may wait says for how long at most; nothing a caller does, or stops doing, ends a token
    request that has left.

    Args:
        registration: The application's keys.
        store: Where connections are kept; ``SqliteStore`` or ``MemoryStore`` to begin with.
        provider: The authorization server; MailUp unless told otherwise.
        policy: The numbers.
        ports: ``transport=``, ``clock=``, ``entropy=``, ``cipher=``, ``marker=``, ``spill=``, ``guard=``, ``observer=``:
            any port in place of the default one.
    Raises:
        BadRegistration: the redirect URI already uses the name that carries the provider's nonce.
        PredictableEntropy: chance that repeats was brought, and no transport of the program's own.
        KeyUnavailable: the key that seals the tokens is missing or must not be used.
    """

    def __init__(
        self,
        registration: Registration,
        *,
        store: Store,
        provider: Provider = MAILUP,
        policy: Policy = PRODUCTION,
        **ports: Unpack[Chosen],
    ) -> None:
        self._core = core_of(registration, store, provider, policy, ports)

    def begin(self, connection: str, *, allow_account_change: bool = False, **about: Unpack[About]) -> Start:
        """
        Prepare to connect a user, and say where to send their browser.

        A connection that is there goes on working until the new authorization has come.

        Args:
            connection: Your name for it, such as your tenant's id: 1 to 255 printable characters, not beginning with @.
            allow_account_change: Let another MailUp user take the place of the connected one.
            about: ``actor``, ``reason``, ``correlation_id`` for the journal.
        Raises:
            BadConnection: the name cannot be used.
            TemporarilyUnavailable: every attempt that is remembered is being exchanged right now.
            StorageError: the store cannot be used.
        """
        rule = AccountRule.ANY_USER if allow_account_change else AccountRule.SAME_USER
        return self._core.begin(connection, rule, Context(**about))

    def complete(
        self, callback_url: str, *, binding: Secret, timeout: timedelta = PATIENCE, **about: Unpack[About]
    ) -> Status:
        """
        Finish what ``begin`` began, with what the browser brought back.

        Finds its connection by the nonce inside; a reload in the same browser is answered as the first time, and the
        code is sent at most once, ever.

        Args:
            callback_url: The address the browser came to; its path and query, or its query alone, will do.
            binding: What was kept with that browser.
            timeout: How long to wait for MailUp; the exchange goes on if it passes.
            about: For the journal.
        Raises:
            CallbackRefused: it is not accepted; ``reason`` says why.
            ReauthorizationRequired: the code gave no tokens; begin again.
            AccountMismatch: another MailUp user logged in than the connected one.
            ClientRejected, ServerNotTrusted, ContractNotSigned: as they say.
            TemporarilyUnavailable, StillRefreshing, StorageError: as they say.
        """
        address = Secret(callback_url)
        del callback_url  # a traceback shows what names stand for
        arrival, outcome = self._core.judged(address, binding, Context(**about))
        if isinstance(outcome, Future):
            outcome = _landed(outcome, timeout)
        return self._core.completed(arrival, outcome)

    def access_token(self, connection: str, *, timeout: timedelta = PATIENCE) -> AccessToken:
        """
        Return an access token to use now; refreshes when it must, once for everybody who asks.

        Raises:
            NotConnected, ReauthorizationRequired: only the user can help.
            ClientRejected, ContractNotSigned: your keys, or MailUp's terms.
            ServerNotTrusted: whoever answers cannot prove to be MailUp.
            TemporarilyUnavailable: MailUp cannot be asked now; see ``retry_after``.
            StillRefreshing: *timeout* passed; the refresh goes on.
            StorageError: the store cannot be used; nothing was sent.
        """
        token = self._core.pictures.token(connection) or self._core.token_or_flight(connection)
        if isinstance(token, Future):
            return self._core.token_from(_landed(token, timeout))
        return token

    def refresh(self, connection: str, *, timeout: timedelta = PATIENCE, **about: Unpack[About]) -> AccessToken:
        """Refresh now, whatever the clock says, and return the new token; raises as ``access_token`` does."""
        flight = self._core.board(connection, "refresh", forcing, Context(**about))
        return self._core.refreshed_from(_landed(flight, timeout))

    def report_rejected(
        self, connection: str, rejected: AccessToken, *, timeout: timedelta = PATIENCE, **about: Unpack[About]
    ) -> AccessToken:
        """
        Tell that MailUp's API answered 401 to *rejected*, and return a token to try once more with.

        If a newer one is there already, that is returned and nothing is sent.  Raises as ``access_token`` does.
        """
        token = self._core.token_instead_of(connection, rejected.mark, Context(**about))
        if isinstance(token, Future):
            return self._core.token_from(_landed(token, timeout))
        return token

    def status(self, connection: str) -> Status:
        """Return how the connection stands; writes and sends nothing.  Raises ``StorageError``."""
        return self._core.status(connection)

    def disconnect(self, connection: str, **about: Unpack[About]) -> Farewell:
        """
        Erase the tokens and attempts here, and say where a person ends the authorization at MailUp.

        MailUp has no address for programs to revoke a token; a refresh under way is let finish, and dropped.

        Raises:
            StorageError: the tokens, or those that wait in the spill, cannot be erased now.
        """
        return self._core.disconnect(connection, Context(**about))

    def journal(self, connection: str) -> Iterator[Record]:
        """Return the connection's records, oldest first; read as they are asked for.  Raises ``StorageError``."""
        return self._core.journal(connection)

    def recent(self, connection: str, count: int = 10) -> tuple[Record, ...]:
        """Return the newest *count* records, oldest first, without reading the others.  Raises ``StorageError``."""
        return self._core.recent(connection, count)

    @property
    def provider(self) -> Provider:
        """The authorization server, and the API behind it, that this object is for."""
        return self._core.setting.provider

    @property
    def core(self) -> Core:
        """What adapters build on; not for applications, and free to change with any release."""
        return self._core

    def auth(self, connection: str) -> "MailUpAuth":
        """Return an ``httpx.Auth`` for ``httpx.Client(auth=...)``."""
        from ..adapters.auth.httpx import MailUpAuth  # noqa: PLC0415  # adapters are loaded when used

        return MailUpAuth(self, connection)

    def close(self, *, patience: timedelta = GRACEFUL) -> None:
        """Wait for the flights of this store, at most *patience*, then give back sockets and files."""
        self._core.close(patience)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _landed(flight: "Future[Outcome]", timeout: timedelta) -> Outcome:
    """Wait for a flight; leaving it early does it no harm."""
    try:
        error = flight.exception(in_seconds(timeout))
    except NotYet:
        raise StillRefreshing from None
    if error is not None:
        raise fresh(error)
    return flight.result()
