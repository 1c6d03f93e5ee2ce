"""Installations that are made once and copied for every life, and the lives that are led in them."""

import json
import os
import shutil
import signal
import subprocess
import sys
from datetime import timedelta
from functools import partial
from pathlib import Path

from attrs import define, field
from tests.steps.life import CLIENT_ID, CLIENT_SECRET, CONNECTION, POLICY
from tests.steps.passing import SharedClock

from mailup_oauth import MailUpOAuth, Registration, Secret
from mailup_oauth.adapters.cipher.cobblestone import CobblestoneCipher
from mailup_oauth.adapters.cipher.keyfile import open_key_file
from mailup_oauth.adapters.cipher.keys import KeyRing
from mailup_oauth.adapters.cipher.marker import HmacMarker
from mailup_oauth.adapters.serving.sandbox import provider_at
from mailup_oauth.adapters.spill.folder import FolderSpill
from mailup_oauth.adapters.storage.sqlite import SqliteStore
from mailup_oauth.adapters.transport.sandbox import SandboxService, SandboxTransport
from mailup_oauth.ports import Absent
from mailup_oauth.sandbox.commands import Answer
from mailup_oauth.sandbox.switches import Grace, ReuseKillsFamily, Switches
from mailup_oauth.sandbox.world import Application, MailUpUser, founded
from mailup_oauth.testing.visitor import in_process, walk

ROOT = Path(__file__).resolve().parents[2]
PASSWORD = Secret("canary-password")
SERVERS = {"strict": ReuseKillsFamily(), "grace": Grace(timedelta(seconds=60))}
"""What a MailUp does with a refresh token that was replaced: nobody has published which one the real one is."""


@define
class Case:
    """
    One installation and the MailUp that belongs to it.

    Attributes:
        folder: The store, its key, locks and spill, the clock, and what lives wrote down.
        service: MailUp.
        callback, binding: What a browser is about to bring back, if one is.
        sent: When each code and refresh token last came to MailUp's door.
        complaints: What came there and must not.
        arrived: The token requests that came there, whole or not.
        deadly: What MailUp has done when its door kills the sender of the next token request: ``unread`` for nothing,
            ``obeyed`` for all but the answer; empty if it kills nobody.
    """

    folder: Path
    base: str
    service: SandboxService
    callback: str = ""
    binding: str = ""
    sent: dict[str, object] = field(factory=dict)
    complaints: list[str] = field(factory=list)
    arrived: list[object] = field(factory=list)
    deadly: str = ""

    @property
    def database(self):
        """Where the store is."""
        return self.folder / "mailup.db"

    @property
    def clock(self):
        """What time it is, for everybody."""
        return SharedClock(self.folder / "clock")

    @property
    def keys(self):
        """Where its keys are."""
        return SqliteStore(self.database).key_file

    @property
    def ring(self):
        """The keys."""
        return open_key_file(self.keys, may_create=True)

    @property
    def cipher(self):
        """What opens the store."""
        return CobblestoneCipher(self.ring)

    def marks(self, secret):
        """Return the marks that *secret* may have, one a key."""
        return {HmacMarker(KeyRing((key,))).mark(secret) for key in self.ring.keys}

    @property
    def spill(self):
        """Where tokens wait."""
        return FolderSpill(SqliteStore(self.database).spill_folder)

    def has_spill(self):
        """Say whether something waits."""
        return not isinstance(self.spill.find(CONNECTION), Absent)

    def copied(self, folder):
        """Return the same installation once more, with a MailUp of its own that remembers the same."""
        shutil.copytree(self.folder, folder, copy_function=_copy)
        other = Case(folder, self.base, self.service, self.callback, self.binding, dict(self.sent))
        other.service = _service(self.service.world, other)
        return other

    def client(self):
        """Return a client in the process of the test, which needs no socket; close it."""
        return MailUpOAuth(
            Registration(
                client_id=CLIENT_ID,
                client_secret=Secret(CLIENT_SECRET),
                redirect_uri="https://app.example/mailup/callback",
            ),
            store=SqliteStore(self.database),
            provider=provider_at(self.base),
            policy=POLICY,
            transport=SandboxTransport(self.service),
            clock=self.clock,
        )

    def visit(self, url):
        """Let a user log on and allow, and return where the browser comes back to."""
        return walk(url, username="m1", password=PASSWORD, answer=Answer.ALLOW, fetch=in_process(self.service))


def _copy(source, target):
    """Copy a file; of room that is only reserved, and whose content is nothing, a second name will do."""
    if Path(source).name.startswith("reserve-"):
        os.link(source, target)
    else:
        shutil.copyfile(source, target)
        shutil.copymode(source, target)


def _service(world, case):
    """Return a MailUp that goes by the clock of *case*; its serial keeps its tokens apart."""
    return SandboxService(world, lambda: case.clock.now(), lambda count: b"steps".ljust(count, b"-")[:count])  # noqa: PLW0108


@define
class Ended:
    """
    How a life ended.

    Attributes:
        code: The exit code; negative for a signal, None if it is only stopped.
        said: What it said of its deed; empty if it did not come to that.
        calls: The names of its calls, in order; with a blank in front those inside of one.
    """

    process: int
    code: int | None
    said: dict[str, str]
    calls: list[str]

    @property
    def outer(self):
        """The numbered calls."""
        return [call for call in self.calls if not call.startswith(" ")]


class Lab:
    """The process that forks, MailUp's door, and the installations that cases are copied from."""

    def __init__(self, folder, base, door, *broken):
        self.folder = folder
        self.base = base
        self.door = door
        self._made = {}
        self._begun = set()
        self._count = 0
        words = [sys.executable, "-m", "tests.steps.forks", *map(str, broken)]
        self._forks = subprocess.Popen(words, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def close(self):
        """End the process that forks, and what a test that failed has left behind."""
        for process in self._begun:
            os.kill(process, signal.SIGKILL)
            self._ask(wait=process)
        self._forks.stdin.close()
        self._forks.wait(timeout=30)
        self._forks.stdout.close()

    def case(self, kind, server="strict"):
        """Return an installation of its own: ``new``, ``begun``, ``connected`` or ``expired``."""
        if (kind, server) not in self._made:
            self._made[kind, server] = MAKERS[kind](self, server)
        return self.copy(self._made[kind, server])

    def copy(self, case):
        """Return the same installation once more."""
        return case.copied(self.next_folder())

    def next_folder(self):
        """Return a place for one more installation."""
        self._count += 1
        return self.folder / str(self._count)

    def tidy(self):
        """Remove every installation but those that others are copied from."""
        kept = {case.folder for case in self._made.values()}
        for folder in self.folder.iterdir():
            if folder not in kept:
                shutil.rmtree(folder)

    def live(self, case, deed, **more):
        """
        Let a fresh process live one life in *case* to its end.

        *number*, *way* and *inner* say at which of its calls what happens; *plan* is for more than one.
        """
        return self._heard(case, self._ask(run=self._order(case, deed, more)), more)

    def start(self, case, deed, **more):
        """Let a fresh process begin a life in *case*, and return its number."""
        process = self._ask(fork=self._order(case, deed, more))["process"]
        self._begun.add(process)
        return process

    def wait(self, case, process, **more):
        """Return how a life ended that was begun before, or was stopped."""
        return self._heard(case, self._ask(wait=process), more)

    def _order(self, case, deed, more):
        self.door.case = case
        for name in ("said", "calls"):
            (case.folder / more.get(name, name)).unlink(missing_ok=True)
        told = {"folder": str(case.folder), "base": self.base, "callback": case.callback, "binding": case.binding}
        number, way, inner = (more.pop(name, 0) for name in ("number", "way", "inner"))
        plan = [*more.pop("plan", ()), *([(number, way, inner)] if number else [])]
        return {**told, "deed": deed, "plan": plan, **more}

    def _ask(self, **order):
        self._forks.stdin.write(json.dumps(order) + "\n")
        self._forks.stdin.flush()
        return json.loads(self._forks.stdout.readline())

    def _heard(self, case, answer, more):
        """Return how a life ended, by what the kernel says and what it wrote down."""
        status = answer["status"]
        code = None if os.WIFSTOPPED(status) else os.waitstatus_to_exitcode(status)
        if code is not None:
            self._begun.discard(answer["process"])
        assert code != -signal.SIGALRM, "a life did not end"
        said, calls = (case.folder / more.get(name, name) for name in ("said", "calls"))
        return Ended(
            process=answer["process"],
            code=code,
            said=json.loads(said.read_text()) if said.exists() else {},
            calls=calls.read_text().splitlines() if calls.exists() else [],
        )


# -- making installations ----------------------------------------------------------------------------------------------


def _new(lab, server):
    """Return an installation in which nothing has happened yet, but that it has a key, and room for a spill."""
    folder = lab.next_folder()
    folder.mkdir()
    case = Case(folder, lab.base, None)
    world = founded(
        (Application(client_id=CLIENT_ID, client_secret=Secret(CLIENT_SECRET), name="Steps"),),
        (MailUpUser(username="m1", password=PASSWORD, uid="1", company="Company 1"),),
        Switches(old_refresh=SERVERS[server]),
    )
    case.service = _service(world, case)
    case.ring  # noqa: B018  # makes the key
    case.has_spill()
    case.clock.move(timedelta())
    return case


def _begun(lab, server):
    """Return one whose user has been at MailUp and is about to come back."""
    case = _new(lab, server)
    with case.client() as oauth:
        start = oauth.begin(CONNECTION)
    case.callback, case.binding = case.visit(start.url.reveal()), start.binding.reveal()
    return case


def _connected(lab, server, *, later=timedelta()):
    """Return one whose user is connected, so much later."""
    case = _begun(lab, server)
    with case.client() as oauth:
        oauth.complete(case.callback, binding=Secret(case.binding))
    case.clock.move(later)
    return case


MAKERS = {
    "new": _new,
    "begun": _begun,
    "connected": _connected,
    "expired": partial(_connected, later=timedelta(minutes=61)),
}
