"""
One process of an application that is used all the time, until stdin ends or it is killed.

Each connection has a thread, or a task: the order says which.
"""

import asyncio
import json
import sys
import threading
from random import Random

import attrs
from caller import Caller

from mailup_oauth import AsyncMailUpOAuth, MailUpOAuth, Registration, Secret
from mailup_oauth.adapters.serving.sandbox import provider_at
from mailup_oauth.adapters.storage.sqlite import SqliteStore
from mailup_oauth.sandbox.router import TOKEN_PATH

ORDER = json.loads(sys.argv[1])
ACTOR = str(ORDER["incarnation"])
"""What the journal is told of who exchanges a code."""
BETWEEN = 0.03
"""Seconds between two calls for one connection."""
PATIENCES = (0.01, 30, 30, 30)
"""Seconds after one of which a task cancels its call: what was sent must go on all the same."""
CHANCE = Random()  # noqa: S311  # how patient a task is
MOUTH = threading.Lock()


def say(**what):
    """Tell the soak, one line at a time."""
    with MOUTH:
        print(json.dumps(what), flush=True)


def client(kind, server):
    """Return a client of a server, whose token requests go through the relay and carry this process's number."""
    base = ORDER["bases"][server]
    token_url = f"{ORDER['relay']}/{server}/{ORDER['incarnation']}{TOKEN_PATH}"
    return kind(
        Registration(client_id=ORDER["client_id"], client_secret=Secret("soak"), redirect_uri=ORDER["redirect_uri"]),
        store=SqliteStore(ORDER["database"]),
        provider=attrs.evolve(provider_at(base), token_url=token_url),
    )


def parts(kind):
    """Return the clients by server, and every connection's caller with the client that it uses."""
    clients, store = {server: client(kind, server) for server in ORDER["bases"]}, SqliteStore(ORDER["database"])
    callers = [Caller(name, store, say, may_begin=name in ORDER["begun_anew"]) for name in ORDER["connections"]]
    return clients, [(clients[caller.name.partition("-")[0]], caller) for caller in callers]


# -- threads -----------------------------------------------------------------------------------------------------------


def use(oauth, caller, ended):
    """Ask for a token again and again, on a thread."""
    while not ended.wait(BETWEEN):
        with caller.hearing():
            if caller.begins_anew():
                start = oauth.begin(caller.name)
                oauth.complete(caller.visited(start), binding=start.binding, actor=ACTOR)
            else:
                oauth.access_token(caller.name)
    caller.close()


def by_threads():
    """Use every connection, each on a thread of its own."""
    ended = threading.Event()
    clients, uses = parts(MailUpOAuth)
    users = [threading.Thread(target=use, args=(oauth, caller, ended)) for oauth, caller in uses]
    for user in users:
        user.start()
    sys.stdin.read()
    ended.set()
    for user in users:
        user.join()
    for oauth in clients.values():
        oauth.close()


# -- tasks -------------------------------------------------------------------------------------------------------------


async def use_awaiting(oauth, caller, ended):
    """Ask for a token again and again, in a task that is not always patient."""
    while not ended.is_set():
        await asyncio.sleep(BETWEEN)
        with caller.hearing():
            if caller.begins_anew():
                start = await oauth.begin(caller.name)
                arrived = await asyncio.to_thread(caller.visited, start)
                await oauth.complete(arrived, binding=start.binding, actor=ACTOR)
            else:
                async with asyncio.timeout(CHANCE.choice(PATIENCES)):
                    await oauth.access_token(caller.name)
    caller.close()


async def by_tasks():
    """Use every connection, each in a task of its own."""
    ended = asyncio.Event()
    clients, uses = parts(AsyncMailUpOAuth)
    async with asyncio.TaskGroup() as users:
        for oauth, caller in uses:
            users.create_task(use_awaiting(oauth, caller, ended))
        await asyncio.to_thread(sys.stdin.read)
        ended.set()
    for oauth in clients.values():
        await oauth.aclose()


if ORDER["style"] == "tasks":
    asyncio.run(by_tasks())
else:
    by_threads()
