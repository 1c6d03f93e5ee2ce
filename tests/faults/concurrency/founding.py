"""
Writes down what the present release stores, for every later one to read: ``python founding.py FOLDER``.

The folder gets ``format-1.db.gz``, which holds a connection of every kind, and ``format-1.json``, which says what each is.  Run it
once for each release that changes what is stored, under a new name, and keep the files of the earlier ones as they are.
"""

import gzip
import json
import sqlite3
import sys
from contextlib import closing, suppress
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from mailup_oauth import MailUpOAuth, MailUpOAuthError
from mailup_oauth.adapters.storage.sqlite import SqliteStore
from mailup_oauth.engine import noted, run
from mailup_oauth.journal import Context, TokenHandedOut
from mailup_oauth.sandbox.commands import Answer
from mailup_oauth.sandbox.faults import LOST_REQUEST, Target, Throttle
from mailup_oauth.testing.stage import Stage

NAME = "format-1"


class Dying:
    """A transport whose process dies when it sends."""

    def send(self, *_, **__):
        """Die."""
        raise SystemExit

    def close(self):
        """There is nothing to close."""


def denied(stage, name):
    """Let a user refuse."""
    start = stage.oauth.begin(name)
    with suppress(MailUpOAuthError):
        stage.oauth.complete(stage.visit(start, answer=Answer.DENY), binding=start.binding)


def refreshed(stage, name, *faults):
    """Connect, and refresh against faults."""
    stage.connect(name)
    stage.plan(*faults)
    with suppress(MailUpOAuthError):
        stage.oauth.refresh(name)


def in_flight(stage, name):
    """Die in a refresh."""
    stage.connect(name)
    with suppress(SystemExit):
        stage.client(MailUpOAuth, transport=Dying()).refresh(name)


def unidentified(stage, name):
    """Connect while nobody says who the user is."""
    stage.plan(LOST_REQUEST, target=Target.RESOURCE)
    stage.connect(name)


def held(stage, name):
    """Connect, and connect again while nobody says who the user is."""
    stage.connect(name)
    start = stage.oauth.begin(name)
    address = stage.visit(start)
    stage.plan(LOST_REQUEST, target=Target.RESOURCE)
    with suppress(MailUpOAuthError):
        stage.oauth.complete(address, binding=start.binding)


def dead(stage, name):
    """Connect another user, who takes the permission back."""
    stage.connect(name, username="m2")
    stage.revoke(username="m2")
    stage.clock.move(timedelta(minutes=2))
    with suppress(MailUpOAuthError):
        stage.oauth.refresh(name)


def disconnected(stage, name):
    """Connect, and end it."""
    stage.connect(name)
    stage.oauth.disconnect(name)


CONNECTIONS = {
    "waiting": lambda stage, name: stage.oauth.begin(name),
    "denied": denied,
    "authorized": lambda stage, name: stage.connect(name),
    "unidentified": unidentified,
    "held": held,
    "refreshed": refreshed,
    "in-flight": in_flight,
    "limited": lambda stage, name: refreshed(stage, name, Throttle()),
    "doubted": lambda stage, name: refreshed(stage, name, *[LOST_REQUEST] * 3),
    "dead": dead,
    "disconnected": disconnected,
}


def found(folder):
    """Write both files."""
    with TemporaryDirectory() as workshop:
        _found(folder, Path(workshop) / f"{NAME}.db")


def _found(folder, path):
    """Live every life in a database at *path*, and write both files."""
    stage = Stage(store=SqliteStore(path))
    for name, live in CONNECTIONS.items():
        live(stage, name)
    core, token = stage.oauth._core, stage.oauth.access_token("refreshed")
    run(
        noted(core.setting, TokenHandedOut(connection="refreshed", mark=token.mark, to="a test"), Context()), core.ports
    )
    told = {name: summary(stage.oauth, name) for name in CONNECTIONS}
    moment = stage.clock.now()
    stage.oauth.close()
    with closing(sqlite3.connect(path)) as database:
        database.execute("VACUUM")
    (folder / f"{NAME}.db.gz").write_bytes(gzip.compress(path.read_bytes(), mtime=0))
    text = json.dumps({"now": moment.isoformat(), "connections": told}, indent=2)
    (folder / f"{NAME}.json").write_text(f"{text}\n")


def summary(oauth, name):
    """Return what a later release must say of a connection, too."""
    status, row = oauth.status(name), oauth._core.ports.store.load(name)
    return {
        "state": status.state,
        "owed": status.owed,
        "reason": status.reason,
        "generation": status.generation,
        "user": status.user,
        "records": row.sequence,
        "head": row.head.hex(),
    }


if __name__ == "__main__":
    found(Path(sys.argv[1]))
