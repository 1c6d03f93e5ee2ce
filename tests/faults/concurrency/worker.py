"""A process of its own over a shared installation; told what to do by its one argument, and when by a line on stdin."""

import json
import sys
import threading
from datetime import timedelta

from mailup_oauth import (
    CallbackRefused,
    MailUpOAuth,
    MailUpOAuthError,
    ReauthorizationRequired,
    Registration,
    Secret,
)
from mailup_oauth.adapters.clock.shifted import ShiftedClock
from mailup_oauth.adapters.serving.sandbox import provider_at
from mailup_oauth.adapters.storage.sqlite import SqliteStore

ORDER = json.loads(sys.argv[1])
THREADS = 8
REASONED = (ReauthorizationRequired, CallbackRefused)


class NeverSends:
    """A transport that tells that it was reached, and sends nothing before its process is killed."""

    def send(self, *_, **__):
        """Stand still."""
        say("holding")
        threading.Event().wait()

    def close(self):
        """There is nothing to close."""


def say(what):
    """Tell one thing."""
    sys.stdout.write(f"{what}\n")
    sys.stdout.flush()


def ready():
    """Say that everything is loaded, and wait for the start."""
    say("ready")
    sys.stdin.readline()


def client(**ports):
    """Return a client whose clock is ahead as ordered."""
    clock = ShiftedClock()
    clock.move(timedelta(minutes=ORDER.get("ahead", 61)))
    registration = Registration(
        client_id="11111111-2222-3333-4444-555555555555",
        client_secret=Secret("canary-client-secret"),
        redirect_uri="https://app.example/mailup/callback",
    )
    store, provider = SqliteStore(ORDER["database"]), provider_at(ORDER["base"])
    return MailUpOAuth(registration, store=store, provider=provider, clock=clock, **ports)


def came_of(deed):
    """Return what a deed came to, in words."""
    try:
        return str(deed())
    except MailUpOAuthError as error:
        return f"{type(error).__name__} {error.reason.value if isinstance(error, REASONED) else ''}"


def crowd(deed):
    """Do a deed on eight threads at once, and tell what it came to on each."""
    came = []
    threads = [threading.Thread(target=lambda: came.append(came_of(deed))) for _ in range(THREADS)]
    ready()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    say(json.dumps(came))


def tokens():
    """Ask for a token on every thread."""
    oauth = client()
    crowd(lambda: oauth.access_token("acme").mark)


def callback():
    """Bring the same callback on every thread."""
    oauth = client()
    crowd(lambda: oauth.complete(ORDER["address"], binding=Secret(ORDER["binding"])).state)


def leader():
    """Ask for a token, take the guard, store the intent, and send nothing."""
    oauth = client(transport=NeverSends())
    ready()
    oauth.access_token("acme")


def follower():
    """Ask for a token, once, and tell its mark."""
    oauth = client()
    ready()
    say(json.dumps([came_of(lambda: oauth.access_token("acme").mark)]))


{"tokens": tokens, "callback": callback, "leader": leader, "follower": follower}[ORDER["mode"]]()
