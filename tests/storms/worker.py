"""A process of its own over a shared installation; told what to do by its one argument, and when by a line on stdin."""

import asyncio
import json
import sys
import threading
from datetime import timedelta

from mailup_oauth import AsyncMailUpOAuth, MailUpOAuth, Registration, Secret
from mailup_oauth.adapters.clock.shifted import ShiftedClock
from mailup_oauth.adapters.serving.sandbox import provider_at
from mailup_oauth.adapters.storage.sqlite import SqliteStore

ORDER = json.loads(sys.argv[1])


def client(kind):
    """Return a client in whose eyes the access token has expired."""
    clock = ShiftedClock()
    clock.move(timedelta(minutes=61))
    registration = Registration(
        client_id="11111111-2222-3333-4444-555555555555",
        client_secret=Secret("canary-client-secret"),
        redirect_uri="https://app.example/mailup/callback",
    )
    store = SqliteStore(ORDER["database"])
    return kind(registration, store=store, provider=provider_at(ORDER["base"]), clock=clock)


def ready():
    """Say that everything is loaded, and wait for the start."""
    print("ready", flush=True)
    sys.stdin.readline()


def threads():
    """Ask for a token on ten threads at once."""
    oauth, marks = client(MailUpOAuth), []
    crowd = [threading.Thread(target=lambda: marks.append(oauth.access_token("acme").mark)) for _ in range(10)]
    ready()
    for thread in crowd:
        thread.start()
    for thread in crowd:
        thread.join()
    print(json.dumps([str(mark) for mark in marks]), flush=True)


def tasks():
    """Ask for a token in fifty tasks at once."""

    async def crowd():
        oauth = client(AsyncMailUpOAuth)
        tokens = await asyncio.gather(*(oauth.access_token("acme") for _ in range(50)))
        print(json.dumps([str(token.mark) for token in tokens]), flush=True)

    ready()
    asyncio.run(crowd())


def interrupted():
    """Ask for a token on the main thread, and be interrupted by Ctrl-C while it waits."""
    oauth = client(MailUpOAuth)
    ready()
    try:
        oauth.access_token("acme")
    except KeyboardInterrupt:
        print("interrupted", flush=True)
        sys.exit(130)


{"threads": threads, "tasks": tasks, "interrupted": interrupted}[ORDER["mode"]]()
