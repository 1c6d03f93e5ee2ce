"""One pool of connections under many clients: each is closed after its request, and the pool stays."""

import os
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import httpx


class Shared:
    """
    The transport of an application's asynchronous clients.

    A pool belongs to the event loop that it was made in.  So it is shared while the application is open, which is in one
    loop; at other times, as in a test that does not enter the lifespan, each client has a pool of its own and closes it.

    Args:
        transport: The application's own, which it closes itself; a pool unless it brings one.
    """

    def __init__(self, transport: httpx.AsyncBaseTransport | None) -> None:
        self._shared = transport
        self._is_brought = transport is not None

    @asynccontextmanager
    async def opened(self) -> AsyncGenerator[None, None]:
        """Share a pool while the context lasts, then give back its sockets."""
        if self._is_brought:
            yield
            return
        async with httpx.AsyncHTTPTransport() as pool:
            self._shared = pool
            try:
                yield
            finally:
                self._shared = None

    def transport(self) -> httpx.AsyncBaseTransport:
        """Return the transport for one client."""
        return httpx.AsyncHTTPTransport() if self._shared is None else _Lent(self._shared)


class _Lent(httpx.AsyncBaseTransport):
    """The shared transport as one client sees it, which must not close it."""

    def __init__(self, inner: httpx.AsyncBaseTransport) -> None:
        self._inner = inner

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send."""
        return await self._inner.handle_async_request(request)


class SharedBySync:
    """
    The transport of an application's synchronous clients, made in each process when the first of them is used.

    A forked child begins with a pool of its own: sockets that it inherited are its parent's.

    Args:
        transport: The application's own, which it closes itself; a pool unless it brings one.
    """

    def __init__(self, transport: httpx.BaseTransport | None) -> None:
        self._brought = transport
        self._pools: dict[int, httpx.BaseTransport] = {}

    def transport(self) -> httpx.BaseTransport:
        """Return the transport for one client."""
        if self._brought is not None:
            return _LentToSync(self._brought)
        pool = self._pools.get(os.getpid())
        return _LentToSync(pool or self._pools.setdefault(os.getpid(), httpx.HTTPTransport()))

    def close(self) -> None:
        """Give back this process's sockets; a client that is used later gets new ones."""
        pool = self._pools.pop(os.getpid(), None)
        if pool is not None:
            pool.close()


class _LentToSync(httpx.BaseTransport):
    """The shared transport as one client sees it, which must not close it."""

    def __init__(self, inner: httpx.BaseTransport) -> None:
        self._inner = inner

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send."""
        return self._inner.handle_request(request)
