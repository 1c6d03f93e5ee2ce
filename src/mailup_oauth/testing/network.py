"""What an application's httpx calls instead of the network: a sandbox in this process; no socket, and no time passes."""

from datetime import timedelta
from typing import Final

import httpx

from ..adapters.transport.sandbox import SandboxService
from ..domain.wire.http import Ending
from ..sandbox.messages import HungUp, Outcome, Request

_FOR_EVER: Final = timedelta.max


class Network(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """
    Leads every request of an ``httpx.Client`` or ``httpx.AsyncClient`` to a sandbox, whatever host it names.

    It keeps nothing, so one serves any number of clients.
    """

    def __init__(self, service: SandboxService) -> None:
        self._service = service

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """
        Return the sandbox's answer.

        Raises:
            httpx.RemoteProtocolError: The sandbox was told to hang up, or to break its answer.
            httpx.ReadTimeout: The answer would be later than the client waits.
        """
        request.read()
        return _read(request, self._service.handle(_arriving(request)))

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Return the sandbox's answer; raises as ``handle_request`` does."""
        await request.aread()
        return _read(request, self._service.handle(_arriving(request)))


def _arriving(request: httpx.Request) -> Request:
    """Return a request as it looks to the server that gets it."""
    return Request(
        method=request.method,
        path=request.url.path,
        query=request.url.query.decode("ascii"),
        headers=tuple(request.headers.multi_items()),
        body=request.content,
    )


def _read(request: httpx.Request, outcome: Outcome) -> httpx.Response:
    """Return what the client gets to see of an outcome, or raise as a socket would make httpx do."""
    if isinstance(outcome, HungUp):
        raise httpx.RemoteProtocolError("the sandbox closed the connection without an answer", request=request)
    if outcome.delay >= _patience(request):
        raise httpx.ReadTimeout("the sandbox held its answer back", request=request)
    if outcome.ending is Ending.CUT:
        raise httpx.RemoteProtocolError("the sandbox broke its answer", request=request)
    return httpx.Response(outcome.status, headers=outcome.headers, content=outcome.body, request=request)


def _patience(request: httpx.Request) -> timedelta:
    """Return how long the client waits for an answer."""
    seconds: float | None = request.extensions.get("timeout", {}).get("read")
    return _FOR_EVER if seconds is None else timedelta(seconds=seconds)
