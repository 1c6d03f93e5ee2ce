"""One installation on a real disk in front of a strict MailUp, crowds of callers, and gates at every port."""

import json
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from tests.storms.conftest import Port, port

from mailup_oauth import MailUpOAuth
from mailup_oauth.adapters.storage.sqlite import SqliteStore
from mailup_oauth.journal import Verified, verify
from mailup_oauth.sandbox.events import ReuseDetected
from mailup_oauth.sandbox.switches import ReuseKillsFamily, Switches
from mailup_oauth.testing.stage import CONNECTION, Stage

__all__ = ["port"]

WORKER = Path(__file__).with_name("worker.py")
PATIENCE = 10.0  # seconds after which a test that waits for a thread or a process has failed
THREADS = 8
TASKS = 100
PROCESSES = 4


@pytest.fixture
def stage(tmp_path):
    """A client and a strict MailUp on one stage, the client's store on disk; audited at the end."""
    one = Stage(store=SqliteStore(tmp_path / "mailup.db"), switches=Switches(old_refresh=ReuseKillsFamily()))
    yield one
    one.oauth.close()

    assert 0 == one.happened(ReuseDetected)
    for name in one.store.connections():
        lines = one.store.records(name, limit=100_000)
        assert isinstance(verify(name, lines, one.store.load(name)), Verified)
    one.store.close()


class Gate:
    """A way to MailUp that is barred until it is opened; it counts who came."""

    def __init__(self, way):
        self._way = way
        self._opened = threading.Event()
        self._reached = threading.Event()
        self.sent = 0

    def send(self, request, *, deadline):
        """Wait until the gate is open."""
        self.sent += 1
        self._reached.set()
        assert self._opened.wait(PATIENCE)
        return self._way.send(request, deadline=deadline)

    def close(self):
        """Close what is behind."""
        self._way.close()

    def open(self):
        """Let everybody through, now and from now on."""
        self._opened.set()

    def wait_until_reached(self):
        """Return once somebody stands before the gate."""
        assert self._reached.wait(PATIENCE)


@pytest.fixture
def gate(stage):
    """Bar the way to MailUp; it is open again when the test is over."""
    bar = Gate(stage.transport)
    yield bar
    bar.open()


def client(stage, **ports):
    """Return one more synchronous client over the stage."""
    return stage.client(MailUpOAuth, **ports)


def expired(stage):
    """Connect a user, and let the access token come to its end; return the token."""
    token = stage.token(CONNECTION)
    stage.expire()
    return token


class Crew:
    """Processes over the installation of a port, each told what to do and when to begin."""

    def __init__(self, port: Port):
        self._port = port
        self.processes = []

    def start(self, mode, count=1, **more):
        """Start processes, and return them when each is ready."""
        order = {"database": str(self._port.database), "base": self._port.base, "mode": mode, **more}
        words = [sys.executable, str(WORKER), json.dumps(order)]
        pipes = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
        started = [subprocess.Popen(words, text=True, **pipes) for _ in range(count)]
        self.processes += started
        assert ["ready\n"] * count == [process.stdout.readline() for process in started]
        return started

    def told(self, processes):
        """Let processes begin at once, and return what each of them tells."""
        for process in processes:
            process.stdin.write("go\n")
            process.stdin.flush()
        answers = [process.communicate(timeout=60) for process in processes]

        assert [""] * len(processes) == [complaint for _, complaint in answers]
        return [json.loads(answer) for answer, _ in answers]


@pytest.fixture
def crew(port):
    """Start processes; none outlives the test."""
    all_hands = Crew(port)
    yield all_hands
    for process in all_hands.processes:
        process.kill()
        process.communicate()
