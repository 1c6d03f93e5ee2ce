"""
Thousands of connections in one store that were all made within a minute, and a MailUp that may take only so many requests.

As a program (``python town.py COUNT LIMIT``) it lives through the minute in which all are used, and tells how that went.
"""

import heapq
import json
import sys
import threading
from collections import Counter
from datetime import timedelta
from urllib.parse import urlencode

import attrs

from mailup_oauth import PRODUCTION, MailUpOAuth, Secret, TemporarilyUnavailable
from mailup_oauth.adapters.observe.silent import SilentObserver
from mailup_oauth.adapters.spill.memory import MemorySpill
from mailup_oauth.domain.states import Authorized
from mailup_oauth.domain.tokens import Grant, access_from
from mailup_oauth.domain.wire.http import HttpResponse
from mailup_oauth.domain.wire.outcomes import User
from mailup_oauth.domain.work import Idle
from mailup_oauth.journal import Context, prepare
from mailup_oauth.ports import Absent, Commit
from mailup_oauth.sandbox.events import ReuseDetected, TokensRotated
from mailup_oauth.sandbox.messages import FORM, Request
from mailup_oauth.sandbox.router import TOKEN_PATH
from mailup_oauth.sandbox.switches import ReuseKillsFamily, Switches
from mailup_oauth.testing.stage import CLIENT_ID, CLIENT_SECRET, PASSWORD, Stage

HOUR = timedelta(hours=1)
TOO_MANY = HttpResponse(
    status=429,
    headers=(("content-type", "application/json"),),
    body=json.dumps(
        {"ErrorCode": "429", "ErrorDescription": "too_many_requests", "ErrorName": None, "ErrorStack": None}
    ).encode(),
)


class Shelves:
    """A store in memory with room for many: a commit costs the same however many connections there are."""

    identity = "shelves"

    def __init__(self):
        self._rows = {}
        self._lock = threading.Lock()
        self.commits = 0

    def load(self, connection):
        """Return the newest row."""
        return self._rows.get(connection, Absent())

    def commit(self, change):
        """Make a change, or find that somebody was faster."""
        with self._lock:
            row = self._rows.get(change.connection)
            if (row.version if row is not None else 0) != change.replaces:
                return Commit.CONFLICT
            self._rows[change.connection] = change.row
            self.commits += 1
            return Commit.DONE

    def rows(self):
        """Return all rows."""
        return self._rows.values()

    def close(self):
        """There is nothing to give back."""


class Limited:
    """A way to MailUp that lets so many requests through in a second, refuses the others with 429, and counts both."""

    def __init__(self, way, clock, limit):
        self._way = way
        self._clock = clock
        self._limit = limit
        self._second = None
        self._taken = 0
        self.sent = self.refused = 0

    def send(self, request, *, deadline):
        """Let through, or refuse."""
        second = self._clock.now().replace(microsecond=0)
        if second != self._second:
            self._second, self._taken = second, 0
        self._taken += 1
        self.sent += 1
        if self._taken > self._limit:
            self.refused += 1
            return TOO_MANY
        return self._way.send(request, deadline=deadline)

    def close(self):
        """Close what is behind."""
        self._way.close()


class Town:
    """So many connections, all made within one minute, each with a refresh token that MailUp knows."""

    def __init__(self, count, *, limit=10**9):
        self.stage = Stage(store=Shelves(), switches=Switches(old_refresh=ReuseKillsFamily()))
        self.wire = Limited(self.stage.transport, self.stage.clock, limit)
        self.oauth = self.stage.client(MailUpOAuth, transport=self.wire, spill=MemorySpill(), observer=SilentObserver())
        self.names = [f"tenant-{number}" for number in range(count)]
        self.began = self.stage.clock.now()
        for name in self.names:
            self._connect(name)
            self.stage.clock.move(timedelta(minutes=1) / count)

    def _connect(self, name):
        """Connect one, by the password grant, and store it as if by a code."""
        form = {"grant_type": "password", "username": "m1", "password": PASSWORD.reveal()}
        form |= {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET.reveal()}
        request = Request(
            method="POST",
            path=TOKEN_PATH,
            query="",
            headers=(("content-type", FORM),),
            body=urlencode(form).encode(),
        )
        told = json.loads(self.stage.sandbox.handle(request).body)
        core, now = self.oauth._core, self.stage.clock.now()
        seal, refresh = core.setting.credential, Secret(told["refresh_token"])
        access = access_from(
            seal(Secret(told["access_token"])),
            life=HOUR,
            asked_at=now,
            policy=PRODUCTION,
            chance=self.stage.entropy.chance(),
        )
        user = User(uid="1", username="m1")
        grant = Grant(generation=0, refresh=seal(refresh), user=user, authorized_at=now, born_at=now)
        change, _ = prepare(
            name,
            Absent(),
            Authorized(epoch=1, attempts=(), grant=grant, work=Idle(), access=access),
            (),
            now=now,
            context=Context(),
            cipher=core.setting.cipher,
            policy_hash=core.setting.policy_hash,
        )
        assert Commit.DONE is self.stage.store.commit(attrs.evolve(change, row=attrs.evolve(change.row, sequence=1)))

    def counted(self):
        """Return how many refreshes and reuses MailUp saw."""
        return self.stage.happened(TokensRotated), self.stage.happened(ReuseDetected)

    def ask(self):
        """
        Let everybody ask within one minute, and come again when they are told to, until all have a token.

        Return when the last one had it, and how often anybody asked.
        """
        begins, asked, clock = self.stage.clock.now(), 0, self.stage.clock
        spread = timedelta(minutes=1) / len(self.names)
        waiting = [(begins + spread * place, name) for place, name in enumerate(self.names)]
        while waiting:
            at, name = heapq.heappop(waiting)
            clock.move(max(timedelta(), at - clock.now()))
            asked += 1
            try:
                self.oauth.access_token(name)
            except TemporarilyUnavailable as error:
                heapq.heappush(waiting, (clock.now() + error.retry_after, name))
        return clock.now() - begins, asked


def lived(count, limit):
    """Return how it goes when all connections are used in the minute after their tokens have ended."""
    town = Town(count, limit=limit)
    due = [row.due_at.replace(microsecond=0) for row in town.stage.store.rows()]
    town.stage.clock.move(HOUR)
    took, asked = town.ask()
    rotations, reuses = town.counted()
    return {
        "seconds over which renewals were due": (max(due) - min(due)).total_seconds(),
        "most due in one second": max(Counter(due).values()),
        "seconds until the last had a token": took.total_seconds(),
        "asked": asked,
        "sent": town.wire.sent,
        "refused": town.wire.refused,
        "rotations": rotations,
        "reuses": reuses,
    }


if __name__ == "__main__":
    sys.stdout.write(json.dumps(lived(*map(int, sys.argv[1:]))))
