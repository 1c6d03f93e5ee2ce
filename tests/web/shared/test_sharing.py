"""One pool of connections under many clients: a client that closes leaves it to the next, its owner closes it."""

import asyncio
import os

import httpx
import pytest

from mailup_oauth.adapters.web.sharing import Shared, SharedBySync

ADDRESS = "https://services.mailup.com/"


class Counting(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """Answers everything, and counts how often it was closed."""

    def __init__(self):
        self.closed = 0

    def handle_request(self, request):
        """Answer."""
        return httpx.Response(200, request=request)

    async def handle_async_request(self, request):
        """Answer."""
        return httpx.Response(200, request=request)

    def close(self):
        """Count."""
        self.closed += 1

    async def aclose(self):
        """Count."""
        self.closed += 1


async def asked(shared):
    """Return the status that a client over *shared* is answered with; then the client is closed."""
    async with httpx.AsyncClient(transport=shared.transport()) as client:
        return (await client.get(ADDRESS)).status_code


def test_a_brought_transport_outlives_clients_and_application():
    """Whoever brings a transport closes it."""
    brought = Counting()

    async def lived():
        shared = Shared(brought)
        before = await asked(shared)
        async with shared.opened():
            return before, await asked(shared), await asked(shared)

    assert (200, 200, 200) == asyncio.run(lived())
    assert 0 == brought.closed


def test_a_pool_is_shared_while_the_application_is_open_and_closed_with_it(monkeypatch):
    """Within the lifespan clients share a pool; before and after each has its own, and closes it."""
    made = []

    class Pool(Counting):
        def __init__(self):
            super().__init__()
            made.append(self)

        async def __aenter__(self):
            return self

        async def __aexit__(self, *ending):
            await self.aclose()

    monkeypatch.setattr(httpx, "AsyncHTTPTransport", Pool)

    async def lived():
        shared = Shared(None)
        await asked(shared)
        async with shared.opened():
            await asked(shared)
            await asked(shared)
            within = [pool.closed for pool in made]
        await asked(shared)
        return within

    within = asyncio.run(lived())

    assert [1, 0] == within
    assert [1, 1, 1] == [pool.closed for pool in made]


def test_a_brought_transport_outlives_synchronous_clients():
    """Closing what is shared does not close what was brought."""
    brought = Counting()
    shared = SharedBySync(brought)
    for _ in range(2):
        with httpx.Client(transport=shared.transport()) as client:
            assert 200 == client.get(ADDRESS).status_code
    shared.close()

    assert 0 == brought.closed


def test_each_process_has_a_pool_of_its_own(monkeypatch):
    """A child that was forked makes another pool, and closes no other than its own."""
    made = []

    class Pool(Counting):
        def __init__(self):
            super().__init__()
            made.append(self)

    monkeypatch.setattr(httpx, "HTTPTransport", Pool)
    shared = SharedBySync(None)
    for process in (1, 1, 2):
        monkeypatch.setattr(os, "getpid", lambda process=process: process)
        with httpx.Client(transport=shared.transport()) as client:
            client.get(ADDRESS)
    assert [0, 0] == [pool.closed for pool in made]
    shared.close()
    shared.close()

    assert [0, 1] == [pool.closed for pool in made]


@pytest.mark.parametrize("kind", [SharedBySync])
def test_what_nobody_used_is_closed_without_a_word(kind):
    """An application that made no client has nothing to give back."""

    assert kind(None).close() is None
