"""The sandbox on a socket of this machine: uvicorn in a thread, begun and ended by a context manager."""

import asyncio
import socket
import threading
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any, Final

from .application import HANG_UP, Application, Message, Receive, Send, Service, application

try:
    import uvicorn
    from uvicorn.protocols.http.h11_impl import H11Protocol
except ModuleNotFoundError as missing:
    problem = 'the sandbox server needs uvicorn. Run: pip install "mailup-oauth[sandbox]"'
    raise ModuleNotFoundError(problem, name=missing.name) from None

STOPPING: Final = 5.0
"""Seconds after which a server that does not end is given up; it takes a fifth of one."""


class _HangingUp(H11Protocol):
    """uvicorn's protocol, which also lets the application close the connection: ASGI itself has no word for it."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as in uvicorn
        """Offer the closing of *transport* to the application, as an extension."""
        super().connection_made(transport)
        self.app = _offering(self.app, transport)

    def shutdown(self) -> None:
        """Hang up, though an answer is held back: since Python 3.12 a server ends when all its connections have."""
        super().shutdown()
        self.transport.close()


def _offering(inner: Any, transport: asyncio.Transport) -> Application:  # noqa: ANN401  # uvicorn's own ASGI types
    async def offer(scope: Message, receive: Receive, send: Send) -> None:
        extensions = {**scope.get("extensions", {}), HANG_UP: transport.close}
        await inner({**scope, "extensions": extensions}, receive, send)

    return offer


@contextmanager
def serve(service: Service, host: str = "127.0.0.1", port: int = 0) -> Generator[str, None, None]:
    """
    Serve *service* while the context lasts and yield its base URL, without a slash at the end.

    Args:
        service: Answers the requests, one at a time.
        host: An address of this machine; anything but a loopback address shows the sandbox to the network.
        port: 0 takes any free one.
    Raises:
        OSError: The address cannot be had.
    """
    listening = socket.create_server((host, port))
    config = uvicorn.Config(
        application(service),
        http=_HangingUp,
        loop="asyncio",
        ws="none",
        lifespan="off",
        interface="asgi3",
        proxy_headers=False,
        access_log=False,  # its lines would hold codes and secrets
        log_config=None,
        log_level="critical",
    )
    server = uvicorn.Server(config)
    # The socket listens already: who connects before the thread runs waits in the kernel's queue.
    # A daemon, for Ctrl-C may leave a thread that is just being begun waiting for ever.
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, name="mailup-sandbox", daemon=True)
    try:
        thread.start()
        yield f"http://{host}:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        server.force_exit = True  # answers that are held back are not waited for
        if thread.ident:  # Ctrl-C may have come before it was begun
            thread.join(STOPPING)
        listening.close()
