"""The sandbox as an ASGI application; it reads, waits, writes and hangs up, and decides nothing."""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Final, Protocol, assert_never

from ...domain.wire.http import Ending
from ...sandbox.messages import HungUp, Outcome, Request, Response
from ...sandbox.router import LARGEST_BODY

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Message, Receive, Send], Awaitable[None]]

HANG_UP: Final = "mailup_oauth.hang_up"
"""Our ASGI extension: a callable that closes the connection after what was written; ``server.py`` offers it."""
_MISSING: Final = 1
"""Bytes that are announced beyond those that are sent when an answer is to break in the middle."""


class Service(Protocol):
    """Whoever answers requests: a ``SandboxService``, or anything like it; it must not block."""

    def handle(self, request: Request) -> Outcome:
        """Return what *request* comes to on the wire."""
        ...


def application(service: Service) -> Application:
    """
    Return an ASGI application in front of *service*.

    Raises, when an answer is to be lost or broken, under a server that does not offer the extension ``HANG_UP``.
    """

    async def answer(scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":  # no lifespan, no websocket
            return
        outcome = service.handle(await _read(scope, receive))
        match outcome:
            case HungUp():
                await _hang_up(scope, receive)
            case Response():
                await _wait(outcome, scope)
                await _write(outcome, send)
                if outcome.ending is Ending.CUT:
                    await _hang_up(scope, receive)
            case _ as never:
                assert_never(never)

    return answer


async def _read(scope: Message, receive: Receive) -> Request:
    body, more = b"", True
    # One byte over the limit is enough for the router to refuse; the rest is read and dropped.
    while more:
        message = await receive()
        body = (body + message.get("body", b""))[: LARGEST_BODY + 1]
        more = message.get("more_body", False)
    return Request(
        method=scope["method"],
        path=scope["path"],
        peer=(scope.get("client") or ("",))[0],
        query=scope["query_string"].decode("latin-1"),
        headers=tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"]),
        body=body,
    )


async def _write(response: Response, send: Send) -> None:
    cut = response.ending is Ending.CUT
    length = len(response.body) + (_MISSING if cut else 0)
    headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in response.headers]
    headers.append((b"content-length", str(length).encode("ascii")))
    await send({"type": "http.response.start", "status": response.status, "headers": headers})
    await send({"type": "http.response.body", "body": response.body, "more_body": cut})


async def _wait(response: Response, scope: Message) -> None:
    try:
        await asyncio.sleep(response.delay.total_seconds())
    except asyncio.CancelledError:
        # The server stops: whoever waits gets silence, not the server's own error page.
        _extension(scope)()
        raise


async def _hang_up(scope: Message, receive: Receive) -> None:
    _extension(scope)()
    # Until the server has noticed, returning would make it answer with an error of its own.
    while (await receive())["type"] != "http.disconnect":
        pass  # pragma: no cover


def _extension(scope: Message) -> Callable[[], None]:
    hang_up: Callable[[], None] = scope["extensions"][HANG_UP]
    return hang_up
