"""The command line over a real file, in this process; and a hand that forges what is in the file."""

import fcntl
import os
import pty
import select
import shutil
import signal
import sqlite3
import struct
import subprocess
import sys
import termios
from contextlib import closing, suppress
from datetime import timedelta
from pathlib import Path

import attrs
import httpx
import pytest

from mailup_oauth import MailUpOAuth, Registration, Secret
from mailup_oauth.adapters.cli.app import main
from mailup_oauth.adapters.clock.shifted import ShiftedClock
from mailup_oauth.adapters.entropy.system import octets
from mailup_oauth.adapters.serving.desk import Desk
from mailup_oauth.adapters.serving.sandbox import provider_at
from mailup_oauth.adapters.serving.server import serve
from mailup_oauth.adapters.storage.sqlite import SqliteStore
from mailup_oauth.adapters.transport.sandbox import SandboxService
from mailup_oauth.journal import genesis, read_record, record_bytes
from mailup_oauth.journal.canonical import digest
from mailup_oauth.sandbox.accounts import Application, MailUpUser
from mailup_oauth.sandbox.commands import Answer, ChangeSwitches, Effect, PlanFault, RevokeApplication
from mailup_oauth.sandbox.faults import Target
from mailup_oauth.sandbox.scenario import Scenario
from mailup_oauth.sandbox.switches import DOCUMENTED
from mailup_oauth.sandbox.world import begun
from mailup_oauth.testing.stage import Stage
from mailup_oauth.testing.visitor import over_http, walk

PATIENCE = 60.0  # seconds after which a program that says nothing, or does not end, hangs


@pytest.fixture(autouse=True)
def home(tmp_path_factory, monkeypatch):
    """A home of its own for every test: whoever runs it has settings, a browser and connections that are not meant."""
    folder = tmp_path_factory.mktemp("home")
    for name in ("HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME"):
        monkeypatch.setenv(name, str(folder))
    for name in [*os.environ]:
        if name.startswith(("MAILUP_OAUTH_", "SSH_")) or name in {
            "BROWSER",
            "CODESPACES",
            "DISPLAY",
            "WAYLAND_DISPLAY",
        }:
            monkeypatch.delenv(name)
    return folder


@attrs.frozen
class Said:
    """What a command came to: its exit code, its results and its complaints."""

    code: int
    out: str
    err: str


@pytest.fixture
def command(capfd):
    """Run a command of the command line and return what it said."""

    def run(*arguments):
        capfd.readouterr()
        try:
            code = main([str(argument) for argument in arguments])
        except SystemExit as end:
            code = end.code
        return Said(code, *capfd.readouterr())

    return run


@pytest.fixture(scope="session")
def original(tmp_path_factory):
    """A database in which ``acme`` has lived through a refresh and ``beta`` was just connected; nobody has it open."""
    path = tmp_path_factory.mktemp("original") / "mailup.db"
    stage = Stage(store=SqliteStore(path))
    stage.connect("acme", username="m1")
    stage.expire()
    stage.oauth.access_token("acme")
    stage.connect("beta", username="m2")
    stage.oauth.close()
    return path


@pytest.fixture
def database(original, tmp_path):
    """A copy of the original, in a folder of its own."""
    return Path(shutil.copy(original, tmp_path))


class Forger:
    """Somebody who may write the file, and so everything that stands in it in the clear."""

    def __init__(self, path):
        self._path = path

    def obey(self, sql, *values):
        """Run one statement, and return the rows it gives."""
        with closing(sqlite3.connect(self._path)) as database, database:
            return database.execute(sql, values).fetchall()

    def flip(self, connection, sequence, place):
        """Change one bit of the octet at *place* of a record."""
        where = (connection, sequence)
        ((record,),) = self.obey("SELECT record FROM journal WHERE connection = ? AND sequence = ?", *where)
        changed = bytearray(record)
        changed[place % len(record)] ^= 1
        self.obey("UPDATE journal SET record = ? WHERE connection = ? AND sequence = ?", bytes(changed), *where)

    def rewrite(self, connection, *, name=None, **members):
        """Write a whole journal anew with other members, chained as it should be, under another name if one is given."""
        name = connection if name is None else name
        head = genesis(name)
        told = self.obey("SELECT record FROM journal WHERE connection = ? ORDER BY sequence", connection)
        for (record,) in told:
            other = attrs.evolve(read_record(record), connection=name, previous=head.hex(), **members)
            head = digest(record_bytes(other))
            self.obey(
                "UPDATE journal SET connection = ?, record = ? WHERE connection = ? AND sequence = ?",
                name,
                record_bytes(other),
                connection,
                other.sequence,
            )
        self.obey("UPDATE connection SET name = ?, head = ? WHERE name = ?", name, head, connection)


@pytest.fixture
def forger(database):
    """Forges the database."""
    return Forger(database)


CLIENT_ID = "11111111-2222-3333-4444-555555555555"
CLIENT_SECRET = Secret("canary-client-secret")
PASSWORD = Secret("canary-password")
SCENARIO = Scenario(
    applications=(Application(client_id=CLIENT_ID, client_secret=CLIENT_SECRET, name="Tests"),),
    users=tuple(MailUpUser(username=f"m{number}", password=PASSWORD, uid=f"{number}") for number in (1, 2)),
)
PROGRAM = Path(sys.executable).with_name("mailup-oauth")
BROWSER = """#!{python}
import os, sys, httpx
from mailup_oauth.domain.secret import Secret
from mailup_oauth.sandbox.commands import Answer
from mailup_oauth.testing.visitor import over_http, walk

with httpx.Client(trust_env=False) as browser:
    who, says = os.environ.get("WHO", "m1"), Answer[os.environ.get("SAYS", "ALLOW")]
    back = walk(sys.argv[1], username=who, password=Secret("canary-password"), answer=says, fetch=over_http(browser))
    browser.get(back, follow_redirects=True)
"""


@attrs.define
class Mailup:
    """A MailUp on a socket, and a person's environment in which the command line knows it."""

    base: str
    service: SandboxService
    clock: ShiftedClock
    database: Path

    def visit(self, url, *, username="m1", answer=Answer.ALLOW):
        """Walk the log-on and consent pages, and return where the browser is sent then."""
        with httpx.Client(trust_env=False) as browser:
            return walk(url, username=username, password=PASSWORD, answer=answer, fetch=over_http(browser))

    def connect(self, connection="default", *, username="m1", ago=timedelta()):
        """Connect a user without the command line, as if some time ago."""
        clock = ShiftedClock()
        clock.move(-ago)
        self.database.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        registration = Registration(
            client_id=CLIENT_ID, client_secret=CLIENT_SECRET, redirect_uri="http://127.0.0.1:8000/callback"
        )
        store, provider = SqliteStore(self.database), provider_at(self.base)
        with MailUpOAuth(registration, store=store, provider=provider, clock=clock) as oauth:
            start = oauth.begin(connection)
            oauth.complete(self.visit(start.url.reveal(), username=username), binding=start.binding)

    def plan(self, fault, target=Target.TOKEN):
        """Let the next request meet a fault."""
        self.service.order(PlanFault(target, fault))

    def switch(self, **habits):
        """Give the server other habits."""
        self.service.order(ChangeSwitches(attrs.evolve(DOCUMENTED, **habits)))

    def revoke(self):
        """Let the first user take the permission back."""
        self.service.order(
            RevokeApplication(username="m1", client_id=CLIENT_ID, effect=Effect.IMMEDIATE, now=self.clock.now())
        )


@pytest.fixture
def mailup(home, monkeypatch):
    """Serve a MailUp, and set its address, the application's keys and an obedient browser in the environment."""
    browser = home / "browser"
    browser.write_text(BROWSER.format(python=sys.executable))
    browser.chmod(0o700)
    clock = ShiftedClock()
    service = SandboxService(begun(SCENARIO, system=clock.now()), clock.now, octets)
    with serve(Desk(service)) as base:
        settings = {"SERVER": base, "CLIENT_ID": CLIENT_ID, "CLIENT_SECRET": CLIENT_SECRET.reveal()}
        for name, value in settings.items():
            monkeypatch.setenv(f"MAILUP_OAUTH_{name}", value)
        monkeypatch.setenv("BROWSER", str(browser))
        yield Mailup(base, service, clock, home / "mailup-oauth" / "sandbox.db")


@pytest.fixture
def connected(mailup):
    """The same, with a user who is connected already."""
    mailup.connect()
    return mailup


@pytest.fixture
def program():
    """Run the command line in a process of its own, and return what it said."""

    def run(*words, **environment):
        done = subprocess.run(
            [PROGRAM, *map(str, words)],
            env=os.environ | environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        return Said(done.returncode, done.stdout, done.stderr)

    return run


class Terminal:
    """A person at a terminal, who reads and types; ``code`` is how the program ended."""

    def __init__(self, words, environment, columns):
        self._master, line = pty.openpty()
        fcntl.ioctl(line, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
        clean = {name: value for name, value in os.environ.items() if name not in {"COLUMNS", "NO_COLOR"}}
        program = [PROGRAM, *map(str, words)]
        self.process = subprocess.Popen(
            program, stdin=line, stdout=line, stderr=line, env=clean | {"TERM": "xterm"} | environment, close_fds=True
        )
        os.close(line)
        self._seen = b""
        self.code = None

    def until(self, words):
        """Read until *words* are seen, and return all that was seen since the last time."""
        while words.encode() not in self._seen:
            ready, _, _ = select.select([self._master], [], [], PATIENCE)
            assert ready, self._seen
            self._seen += os.read(self._master, 65536)
        seen, self._seen = self._seen, b""
        return seen.decode().replace("\r\n", "\n")

    def type(self, line, *, end="\n"):
        """Type a line."""
        os.write(self._master, f"{line}{end}".encode())

    def interrupt(self):
        """
        Press Ctrl-C at a prompt of getpass's, and again if nothing comes of it.

        Python does not see a signal that comes in the instant before it begins to read; what is ours looks up, getpass does not.
        """
        for _ in range(3):
            self.process.send_signal(signal.SIGINT)
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(5)
                break

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        if kind:
            self.process.kill()
        with suppress(OSError):  # how Linux says that nobody has the line open any more
            while select.select([self._master], [], [], PATIENCE)[0] and os.read(self._master, 65536):
                pass
        try:
            self.code = self.process.wait(PATIENCE)
        finally:
            self.process.kill()  # unless it has ended
            self.process.wait()
            os.close(self._master)


@pytest.fixture
def terminal():
    """Sit down at a terminal, so wide that no sentence is broken unless told otherwise, and start the command line there."""
    return lambda *words, columns=500, **environment: Terminal(words, environment, columns)


@pytest.fixture
def program_path():
    """Give the command line's place."""
    return PROGRAM
