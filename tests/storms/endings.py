"""A program that ends while a refresh is under way; its first argument says how, the others where."""

import contextlib
import signal
import sys
import threading
from datetime import timedelta

import attrs
import uvicorn
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from mailup_oauth import PRODUCTION, AsyncMailUpOAuth, MailUpOAuth, Registration, Secret, StillRefreshing
from mailup_oauth.adapters.clock.shifted import ShiftedClock
from mailup_oauth.adapters.serving.sandbox import provider_at
from mailup_oauth.adapters.storage.sqlite import SqliteStore
from mailup_oauth.domain.errors import StoreUnavailable

MODE, DATABASE, BASE = sys.argv[1:]
AT_ONCE = timedelta()
A_MOMENT = timedelta(milliseconds=200)


def client(kind, **ports):
    """Return a client in whose eyes the access token has expired."""
    clock = ShiftedClock()
    clock.move(timedelta(minutes=61))
    registration = Registration(
        client_id="11111111-2222-3333-4444-555555555555",
        client_secret=Secret("canary-client-secret"),
        redirect_uri="https://app.example/mailup/callback",
    )
    usual = {"store": SqliteStore(DATABASE), "provider": provider_at(BASE), "clock": clock}
    return kind(registration, **(usual | ports))


def leave(oauth):
    """Ask for a token, and do not wait for it."""
    with contextlib.suppress(StillRefreshing):
        oauth.access_token("acme", timeout=AT_ONCE)


def script():
    """A plain script with the handler of docs/reliability.md."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    oauth = client(MailUpOAuth)
    leave(oauth)
    threading.Event().wait()


def block():
    """A ``with`` block that is left at once."""
    with client(MailUpOAuth) as oauth:
        leave(oauth)


def careless():
    """A program that asks, closes without patience, and ends."""
    oauth = client(MailUpOAuth)
    leave(oauth)
    oauth.close(patience=AT_ONCE)


def server():
    """A web application under uvicorn, which closes its client in its lifespan."""
    oauth = client(AsyncMailUpOAuth)

    @contextlib.asynccontextmanager
    async def lifespan(_):
        print("ready", flush=True)
        with contextlib.suppress(StillRefreshing):
            await oauth.access_token("acme", timeout=AT_ONCE)
        yield
        await oauth.aclose()

    async def home(_):
        return PlainTextResponse("home")

    app = Starlette(routes=[Route("/", home)], lifespan=lifespan)
    uvicorn.run(app, host="127.0.0.1", port=0, log_level="critical", timeout_graceful_shutdown=70)


class TakesOne(SqliteStore):
    """A store that takes one commit, the intent, and then no other."""

    taken = 0

    def commit(self, change):
        """Take the first."""
        self.taken += 1
        if self.taken > 1:
            raise StoreUnavailable("gone for good")
        return super().commit(change)


class Nowhere:
    """A spill without a place."""

    def find(self, connection):
        """Find what is in any other."""
        return real_spill().find(connection)

    def keep(self, connection, sealed):  # noqa: ARG002  # whatever it is
        """Refuse."""
        raise StoreUnavailable("no place")


def real_spill():
    """Return the spill that a store on this disk has."""
    from mailup_oauth.adapters.spill.folder import FolderSpill  # noqa: PLC0415

    return FolderSpill(SqliteStore(DATABASE).spill_folder)


class Loud:
    """An observer that prints."""

    def notice(self, notice):
        """Print."""
        print(notice.what, flush=True)


def hopeless():
    """A program whose tokens can be put nowhere."""
    policy = attrs.evolve(PRODUCTION, store_patience=A_MOMENT, store_retry_wait=A_MOMENT, store_long_wait=A_MOMENT)
    leave(client(MailUpOAuth, store=TakesOne(DATABASE), spill=Nowhere(), policy=policy, observer=Loud()))


{
    "script": script,
    "block": block,
    "careless": careless,
    "server": server,
    "hopeless": hopeless,
}[MODE]()
