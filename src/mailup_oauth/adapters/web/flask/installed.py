"""What an application holds of an extension: ``app.extensions["mailup_oauth"]``."""

from typing import Final, cast

import httpx
from attrs import frozen
from flask import current_app, g

from ....client import MailUpOAuth
from ..apis import api_base
from ..sharing import SharedBySync
from ..visit import Places

NAME: Final = "mailup_oauth"

Clients = dict[str, httpx.Client]
"""The clients of one application context, by connection."""

_CLIENTS: Final = "_mailup_oauth_clients"


@frozen(kw_only=True, eq=False)
class Installed:
    """
    An extension in one application; safe for all its threads and forked workers.

    Attributes:
        oauth: The facade.
        pool: What the clients send with.
        places: Where the pages are, as MailUp sends browsers there.
    """

    oauth: MailUpOAuth
    pool: SharedBySync
    places: Places

    def client_for(self, connection: str) -> httpx.Client:
        """Return a client that calls MailUp's API for *connection*."""
        base = api_base(self.oauth.core.setting.provider)
        return httpx.Client(auth=self.oauth.auth(connection), base_url=base, transport=self.pool.transport())

    def client_here(self, connection: str) -> httpx.Client:
        """Return the one client for *connection* of this application context, which ends with it."""
        clients = cast("Clients", g.setdefault(_CLIENTS, {}))
        client = clients.get(connection)
        if client is None or client.is_closed:
            client = clients[connection] = self.client_for(connection)
        return client


def installed() -> Installed:
    """
    Return what the current application holds.

    Raises:
        RuntimeError: nobody has called ``init_app`` with it, or there is no application context.
    """
    found = cast("Installed | None", current_app.extensions.get(NAME))
    if found is None:
        problem = "this Flask application has no MailUp; call init_app(app) first"
        raise RuntimeError(problem)
    return found


def close_clients(_: BaseException | None) -> None:
    """Close the clients of an application context that ends."""
    clients = cast("Clients", g.pop(_CLIENTS, {}))
    for client in clients.values():
        client.close()
