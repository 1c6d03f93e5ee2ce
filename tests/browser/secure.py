"""An application behind a certificate, and its MailUp: ``python secure.py HOST CERTIFICATE KEY`` says where, and serves both."""

import socket
import sys

import uvicorn
from tests.web.starlette_app import application_of, whom

from mailup_oauth import AsyncMailUpOAuth, Registration
from mailup_oauth.adapters.serving.sandbox import provider_at, serve_scenario
from mailup_oauth.adapters.storage.memory import MemoryStore
from mailup_oauth.adapters.web.starlette import MailUp
from mailup_oauth.sandbox.scenario import DEMONSTRATION


def application_at(address, mailup):
    """Return an application at an address, before a sandbox."""
    [known] = DEMONSTRATION.applications
    registration = Registration(
        client_id=known.client_id, client_secret=known.client_secret, redirect_uri=f"{address}/mailup/complete"
    )
    oauth = AsyncMailUpOAuth(registration, store=MemoryStore(), provider=provider_at(mailup))
    return application_of(MailUp(oauth, who=whom))


def serve(host, certificate, key):
    """Serve until somebody ends it."""
    with serve_scenario() as mailup, socket.create_server(("127.0.0.1", 0)) as listening:
        address = f"https://{host}:{listening.getsockname()[1]}"
        print(address, mailup, flush=True)  # noqa: T201  # whoever started it reads it
        files = {"ssl_certfile": certificate, "ssl_keyfile": key}
        config = uvicorn.Config(application_at(address, mailup), **files, log_config=None, access_log=False)
        uvicorn.Server(config).run(sockets=[listening])


if __name__ == "__main__":
    serve(*sys.argv[1:])
