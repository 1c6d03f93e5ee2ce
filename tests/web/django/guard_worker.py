"""A process of its own that holds a guard beside Django's database; told which by its arguments."""

import os
import signal
import sys
import warnings
from datetime import timedelta

import django

django.setup()

from mailup_oauth.adapters.web.django.guard import DjangoGuard  # noqa: E402  # Django comes first
from mailup_oauth.adapters.web.django.store import DjangoStore  # noqa: E402
from mailup_oauth.ports import Busy, Commit  # noqa: E402
from mailup_oauth.testing.store_claims.changes import following  # noqa: E402

warnings.simplefilter("ignore", DeprecationWarning)  # to fork beside threads is what is tried here

MODE, ALIAS, NAME = sys.argv[1:]
GUARD, STORE = DjangoGuard(ALIAS), DjangoStore(ALIAS)
AT_ONCE, A_WHILE = timedelta(), timedelta(seconds=60)


def say(what):
    """Tell the test, at once."""
    sys.stdout.write(f"{what}\n")
    sys.stdout.flush()


def ready():
    """Say so, and wait for the word."""
    say("ready")
    sys.stdin.readline()


def hold():
    """Hold the name until told."""
    with GUARD.hold(NAME, patience=A_WHILE):
        ready()


def fork_inside():
    """Fork while holding the name; the child leaves the ``with``, uses the store, and ends as a program does."""
    with GUARD.hold(NAME, patience=A_WHILE):
        ready()
        number = os.fork()
        if number:
            say(f"child {os.waitpid(number, 0)[1]}")
            is_stored = STORE.commit(following(STORE, "of the parent")) is Commit.DONE
            say("still held and stored" if not is_free() and is_stored else "lost")
    if not number:
        signal.alarm(30)
        sys.exit(STORE.commit(following(STORE, "of the child")) is not Commit.DONE)


def is_free():
    """Say whether somebody else could hold it now."""
    try:
        with DjangoGuard(ALIAS).hold(NAME, patience=AT_ONCE):
            return True
    except Busy:
        return False


globals()[MODE]()
