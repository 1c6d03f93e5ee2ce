"""Hosts whose clocks are their own, over one store on a real disk, and a strict MailUp that goes by the true time."""

from concurrent.futures import wait
from datetime import timedelta

import pytest

from mailup_oauth import MailUpOAuth
from mailup_oauth.adapters.storage.sqlite import SqliteStore
from mailup_oauth.engine import FLIGHTS
from mailup_oauth.journal import Verified, verify
from mailup_oauth.sandbox.events import FamilyRevoked, ReuseDetected, TokensRotated
from mailup_oauth.sandbox.switches import ReuseKillsFamily, Switches
from mailup_oauth.testing.clock import FakeClock
from mailup_oauth.testing.stage import Stage


class Elsewhere(SqliteStore):
    """The same file as another machine sees it: nothing in memory is shared with other stores over it."""

    def __init__(self, path, host):
        super().__init__(path)
        self._host = host

    @property
    def identity(self):
        """What it is: another one for every host."""
        return f"{super().identity}#{self._host}"


class Wire:
    """A transport that counts, may let something happen before or after MailUp obeys, and may change what it says."""

    def __init__(self, inner):
        self._inner = inner
        self.sent = 0
        self.before = self.after = lambda: None
        self.changed = lambda exchange: exchange

    def send(self, request, *, deadline):
        """Count, and hand on."""
        self.sent += 1
        self.before()
        exchange = self._inner.send(request, deadline=deadline)
        self.after()
        return self.changed(exchange)

    def close(self):
        """Close what is behind."""
        self._inner.close()


class Host:
    """A machine: a clock of its own, which may be slow or fast, and a client."""

    def __init__(self, world, name, clock, pace):
        self.clock = clock
        self.pace = pace
        ports = world.stage.ports | {"transport": world.wire, "clock": clock}
        self.oauth = MailUpOAuth(world.stage.registration, store=Elsewhere(world.path, name), **ports)


class World:
    """A MailUp that goes by the true time, and hosts that do not."""

    def __init__(self, path):
        self.path = path
        self.stage = Stage(store=SqliteStore(path), switches=Switches(old_refresh=ReuseKillsFamily()))
        self.wire = Wire(self.stage.transport)
        self.hosts = []

    def host(self, *, ahead=timedelta(), pace=1.0, clock=None):
        """Add a host whose clock is ahead by so much, and goes faster by such a factor."""
        clock = FakeClock(self.stage.clock.now() + ahead) if clock is None else clock
        self.hosts.append(Host(self, len(self.hosts), clock, pace))
        return self.hosts[-1]

    def connect(self, host, connection="acme"):
        """Connect the user ``m1``."""
        start = host.oauth.begin(connection)
        return host.oauth.complete(self.stage.visit(start), binding=start.binding)

    def settle(self):
        """Wait for the flights that are under way, of whichever host."""
        for host in self.hosts:
            wait(FLIGHTS.aloft(host.oauth._core.ports.store.identity))

    def pass_(self, span):
        """Let time pass everywhere."""
        self.stage.clock.move(span)
        for host in self.hosts:
            host.clock.move(span * host.pace)

    @property
    def rotations(self):
        """How many refreshes MailUp saw, once those that are under way have ended."""
        self.settle()
        return self.stage.happened(TokensRotated)

    def audit(self):
        """Claim that MailUp saw no token twice, and that every journal proves its row."""
        assert (0, 0) == (self.stage.happened(ReuseDetected), self.stage.happened(FamilyRevoked))
        for host in self.hosts:
            host.oauth.close()
        store = SqliteStore(self.path)
        for name in store.connections():
            assert isinstance(verify(name, store.records(name, limit=100_000), store.load(name)), Verified)
        store.close()


@pytest.fixture
def worlds(tmp_path):
    """Make worlds, each with a database of its own; all are audited at the end."""
    made = []

    def make():
        made.append(World(tmp_path / f"mailup-{len(made)}.db"))
        return made[-1]

    yield make
    for world in made:
        world.audit()


@pytest.fixture
def world(worlds):
    """Give one world."""
    return worlds()
