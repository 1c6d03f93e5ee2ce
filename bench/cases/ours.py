"""This library with one valid token, as an application has it: the real clock, a real store, no socket."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx

from mailup_oauth import AsyncMailUpOAuth, MailUpOAuth, Registration, Secret
from mailup_oauth.adapters.clock.system import SystemClock
from mailup_oauth.adapters.entropy.system import SystemEntropy
from mailup_oauth.adapters.storage.sqlite import SqliteStore
from mailup_oauth.adapters.transport.sandbox import SandboxService, SandboxTransport
from mailup_oauth.sandbox.commands import Answer
from mailup_oauth.sandbox.world import Application, MailUpUser, founded
from mailup_oauth.testing.visitor import in_process, walk

from .flows import flowing
from .peers import URL, Silent

CONNECTION = "acme"
PASSWORD = Secret("a password of the bench")
REGISTRATION = Registration(
    client_id="11111111-2222-3333-4444-555555555555",
    client_secret=Secret("66666666-7777-8888-9999-000000000000"),
    redirect_uri="https://app.example/mailup/callback",
)


def mailup() -> SandboxService:
    """Return a MailUp in this process, with one application and one user."""
    application = Application(
        client_id=REGISTRATION.client_id, client_secret=REGISTRATION.client_secret(), name="Bench"
    )
    user = MailUpUser(username="m1", password=PASSWORD, uid="1")
    entropy = SystemEntropy()
    world = founded((application,), (user,))
    return SandboxService(world, SystemClock().now, lambda count: entropy.token().reveal().encode()[:count])


def connected(folder: Path, kind: type[Any] = MailUpOAuth) -> Any:
    """Return a client of one kind with a connection in a SQLite file."""
    service, store = mailup(), SqliteStore(folder / "bench.db")
    with MailUpOAuth(REGISTRATION, store=store, transport=SandboxTransport(service)) as oauth:
        connect(oauth, service, CONNECTION)
    return kind(REGISTRATION, store=store, transport=SandboxTransport(service))


def connect(oauth: MailUpOAuth, service: SandboxService, connection: str) -> None:
    """Connect the one user under a name."""
    start = oauth.begin(connection)
    fetch = in_process(service)
    arrived = walk(start.url.reveal(), username="m1", password=PASSWORD, answer=Answer.ALLOW, fetch=fetch)
    oauth.complete(arrived, binding=start.binding)


def attaching(folder: Path) -> Callable[[], object]:
    """A request through ``httpx.Client(auth=oauth.auth(...))``."""
    client = httpx.Client(transport=Silent(), auth=connected(folder).auth(CONNECTION))
    return lambda: client.get(URL)


def attaching_async(folder: Path) -> Any:
    """The same through ``httpx.AsyncClient``."""
    client = httpx.AsyncClient(transport=Silent(), auth=connected(folder, AsyncMailUpOAuth).auth(CONNECTION))
    return lambda: client.get(URL)


def flowing_alone(folder: Path) -> Callable[[], object]:
    """The flow of the auth alone, without a client."""
    return flowing(connected(folder).auth(CONNECTION))


def deciding(folder: Path) -> Callable[[], object]:
    """The decision alone: is there a token to use?"""
    oauth = connected(folder)
    oauth.access_token(CONNECTION)
    return lambda: oauth.access_token(CONNECTION)
