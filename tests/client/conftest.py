"""What the tests of the facades share: a stage, an asynchronous client as a synchronous one, and gates before MailUp."""

import asyncio
from threading import Event

import pytest

from mailup_oauth import AsyncMailUpOAuth
from mailup_oauth.adapters.storage.memory import MemoryStore
from mailup_oauth.testing.stage import Stage

PATIENCE = 10.0  # seconds after which a test that waits for a thread has failed


class Awaited:
    """An asynchronous client, each call of which is run to its end, so that a story need be told only once."""

    def __init__(self, oauth, runner):
        self.oauth = oauth
        self._runner = runner

    def __getattr__(self, name):
        method = getattr(self.oauth, name)

        def call(*args, **named):
            return self._runner.run(method(*args, **named))

        return call

    def journal(self, connection):
        """Return all records, as a list."""

        async def listed():
            return [record async for record in self.oauth.journal(connection)]

        return self._runner.run(listed())


class Gate:
    """A way to MailUp that is barred until it is opened; it counts who came, and whether it was given back."""

    def __init__(self, way):
        self._way = way
        self._opened = Event()
        self._reached = Event()
        self.closed = 0

    def send(self, request, *, deadline):
        """Wait until the gate is open."""
        self._reached.set()
        assert self._opened.wait(PATIENCE)
        return self._way.send(request, deadline=deadline)

    def close(self):
        """Count."""
        self.closed += 1

    def open(self):
        """Let everybody through, now and from now on."""
        self._opened.set()

    def wait_until_reached(self):
        """Return once somebody stands before the gate."""
        assert self._reached.wait(PATIENCE)


class CountingStore(MemoryStore):
    """A store that counts how often it is asked, changed and given back, and that breaks when it is told to."""

    def __init__(self):
        super().__init__()
        self.loads = self.commits = self.closed = 0
        self.breaks = None

    def load(self, connection):
        """Count a reading."""
        self.loads += 1
        if self.breaks:
            raise self.breaks
        return super().load(connection)

    def commit(self, change):
        """Count a change."""
        self.commits += 1
        return super().commit(change)

    def close(self):
        """Count."""
        self.closed += 1


@pytest.fixture
def store():
    """Give a store that counts."""
    return CountingStore()


@pytest.fixture
def stage(store):
    """Set a stage over a store that counts."""
    return Stage(store=store)


@pytest.fixture
def gate(stage):
    """Bar the way to MailUp; it is open again when the test is over."""
    bar = Gate(stage.transport)
    yield bar
    bar.open()


@pytest.fixture(scope="session")
def runner():
    """Run coroutines, one after the other, in one event loop."""
    with asyncio.Runner() as running:
        yield running


@pytest.fixture(scope="session")
def awaiting(runner):
    """Give the way to let an asynchronous client play on a stage."""

    def replaced(stage):
        stage.oauth = Awaited(stage.client(AsyncMailUpOAuth), runner)
        return stage

    return replaced
