"""The facade for asyncio programs: the same flights, awaited."""

import asyncio
from collections.abc import AsyncIterator, Callable
from concurrent.futures import Future
from contextlib import suppress
from datetime import timedelta
from types import TracebackType
from typing import TYPE_CHECKING, Self, Unpack

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
from .core import Core, forcing, fresh
from .defaults import Chosen, core_of
from .sync import GRACEFUL, PATIENCE, About
from .values import Farewell, Status

if TYPE_CHECKING:
    from ..adapters.auth.httpx import AsyncMailUpAuth


class AsyncMailUpOAuth:
    """
    ``MailUpOAuth`` with ``await``: same names, same promises, same flights.

    Safe for tasks and for several event loops; cancelling a task, or closing its loop, ends its wait and never the
    token request.  The store is called on threads, so no event loop is blocked.  Arguments and errors are those of
    ``MailUpOAuth``.
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

    async def begin(self, connection: str, *, allow_account_change: bool = False, **about: Unpack[About]) -> Start:
        """Prepare to connect a user, and say where to send their browser; as ``MailUpOAuth.begin``."""
        rule = AccountRule.ANY_USER if allow_account_change else AccountRule.SAME_USER
        return await asyncio.to_thread(self._core.begin, connection, rule, Context(**about))

    async def complete(
        self, callback_url: str, *, binding: Secret, timeout: timedelta = PATIENCE, **about: Unpack[About]
    ) -> Status:
        """Finish what ``begin`` began; as ``MailUpOAuth.complete``."""
        address = Secret(callback_url)
        del callback_url  # a traceback shows what names stand for
        arrival, outcome = await asyncio.to_thread(self._core.judged, address, binding, Context(**about))
        if isinstance(outcome, Future):
            outcome = await _landed(outcome, timeout)
        return self._core.completed(arrival, outcome)

    async def access_token(self, connection: str, *, timeout: timedelta = PATIENCE) -> AccessToken:
        """Return an access token to use now; as ``MailUpOAuth.access_token``."""
        token = self._core.pictures.token(connection)
        if token is not None:
            return token
        wanted = await asyncio.to_thread(self._core.token_or_flight, connection)
        return self._core.token_from(await _landed(wanted, timeout)) if isinstance(wanted, Future) else wanted

    async def refresh(self, connection: str, *, timeout: timedelta = PATIENCE, **about: Unpack[About]) -> AccessToken:
        """Refresh now, whatever the clock says; as ``MailUpOAuth.refresh``."""
        flight = self._core.board(connection, "refresh", forcing, Context(**about))
        return self._core.refreshed_from(await _landed(flight, timeout))

    async def report_rejected(
        self, connection: str, rejected: AccessToken, *, timeout: timedelta = PATIENCE, **about: Unpack[About]
    ) -> AccessToken:
        """Tell that MailUp's API answered 401 to *rejected*; as ``MailUpOAuth.report_rejected``."""
        context = Context(**about)
        wanted = await asyncio.to_thread(self._core.token_instead_of, connection, rejected.mark, context)
        return self._core.token_from(await _landed(wanted, timeout)) if isinstance(wanted, Future) else wanted

    async def status(self, connection: str) -> Status:
        """Return how the connection stands; as ``MailUpOAuth.status``."""
        return await asyncio.to_thread(self._core.status, connection)

    async def disconnect(self, connection: str, **about: Unpack[About]) -> Farewell:
        """Erase the tokens and attempts here; as ``MailUpOAuth.disconnect``."""
        return await asyncio.to_thread(self._core.disconnect, connection, Context(**about))

    async def journal(self, connection: str) -> AsyncIterator[Record]:
        """Yield the connection's records, oldest first; as ``MailUpOAuth.journal``."""
        records = self._core.journal(connection)
        while isinstance(record := await asyncio.to_thread(next, records, None), Record):
            yield record

    async def recent(self, connection: str, count: int = 10) -> tuple[Record, ...]:
        """Return the newest records; as ``MailUpOAuth.recent``."""
        return await asyncio.to_thread(self._core.recent, connection, count)

    @property
    def provider(self) -> Provider:
        """The authorization server and its API; as ``MailUpOAuth.provider``."""
        return self._core.setting.provider

    @property
    def core(self) -> Core:
        """What adapters build on; as ``MailUpOAuth.core``."""
        return self._core

    def auth(self, connection: str) -> "AsyncMailUpAuth":
        """Return an ``httpx.Auth`` for ``httpx.AsyncClient(auth=...)``."""
        from ..adapters.auth.httpx import AsyncMailUpAuth  # noqa: PLC0415  # adapters are loaded when used

        return AsyncMailUpAuth(self, connection)

    async def aclose(self, *, patience: timedelta = GRACEFUL) -> None:
        """Wait for the flights of this store, at most *patience*, then give back sockets and files."""
        await asyncio.to_thread(self._core.close, patience)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()


async def _landed(flight: "Future[Outcome]", timeout: timedelta) -> Outcome:
    """Wait for a flight; leaving it early does it no harm, and it does not complain about who left."""
    landed = asyncio.Event()
    flight.add_done_callback(_waking(asyncio.get_running_loop(), landed))
    with suppress(TimeoutError):
        async with asyncio.timeout(timeout.total_seconds()):
            await landed.wait()
    if not flight.done():
        raise StillRefreshing
    error = flight.exception()
    if error is not None:
        raise fresh(error)
    return flight.result()


def _waking(loop: asyncio.AbstractEventLoop, landed: asyncio.Event) -> "Callable[[Future[Outcome]], None]":
    """Return what a flight does for a task when it lands; where the loop was closed meanwhile, nobody waits."""

    def wake(_: "Future[Outcome]") -> None:
        with suppress(RuntimeError):
            loop.call_soon_threadsafe(landed.set)

    return wake
