"""One process of an application that is used all the time: a thread for each connection, until stdin ends or it is killed."""

import json
import sys
import threading

import attrs

from mailup_oauth import MailUpOAuth, ReauthorizationRequired, Registration, Secret, TryLater
from mailup_oauth.adapters.serving.sandbox import provider_at
from mailup_oauth.adapters.storage.sqlite import SqliteStore
from mailup_oauth.sandbox.router import TOKEN_PATH

ORDER = json.loads(sys.argv[1])
ENDED = threading.Event()
BETWEEN = 0.03
"""Seconds between two calls for one connection."""
TOLD_EVERY = 25
MOUTH = threading.Lock()


def say(**what):
    """Tell the soak, one line at a time."""
    with MOUTH:
        print(json.dumps(what), flush=True)


def client(server):
    """Return a client of a server, whose token requests go through the relay and carry this process's number."""
    base = ORDER["bases"][server]
    token_url = f"{ORDER['relay']}/{server}/{ORDER['incarnation']}{TOKEN_PATH}"
    return MailUpOAuth(
        Registration(client_id=ORDER["client_id"], client_secret=Secret("soak"), redirect_uri=ORDER["redirect_uri"]),
        store=SqliteStore(ORDER["database"]),
        provider=attrs.evolve(provider_at(base), token_url=token_url),
    )


def use(oauth, name):
    """Ask for a token again and again; losing the authorization, and being told to wait, are part of it."""
    served = 0
    while not ENDED.wait(BETWEEN):
        try:
            oauth.access_token(name)
        except (ReauthorizationRequired, TryLater):
            continue
        except Exception as error:  # noqa: BLE001  # whatever it is, the soak must hear of it
            say(complaint=f"{name}: {error!r}")
            continue
        served += 1
        if served == TOLD_EVERY:
            say(served=served)
            served = 0
    say(served=served)


clients = {server: client(server) for server in ORDER["bases"]}
users = [threading.Thread(target=use, args=(clients[name.partition("-")[0]], name)) for name in ORDER["connections"]]
for user in users:
    user.start()
sys.stdin.read()
ENDED.set()
for user in users:
    user.join()
for oauth in clients.values():
    oauth.close()
