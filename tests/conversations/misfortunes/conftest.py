"""An installation on a real disk, whose every request is counted, and the ways in which a disk lets it down."""

import ctypes
import os
import resource
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest

from mailup_oauth import MailUpOAuth
from mailup_oauth.adapters.storage.sqlite import SqliteStore
from mailup_oauth.client.defaults import KEY_VARIABLE
from mailup_oauth.domain.errors import MailUpOAuthError
from mailup_oauth.journal import Verified, verify
from mailup_oauth.sandbox.events import FamilyRevoked, ReuseDetected
from mailup_oauth.testing.stage import CONNECTION, Stage

_NO_CAPABILITY = (0, 0, 0, 0, 0, 0)
_CAPABILITIES_3 = (0x20080522, 0)  # of Linux: version 3, this thread


class Wire:
    """A transport that counts what is handed to it, and lets something happen in the world meanwhile."""

    def __init__(self, inner):
        self.inner = inner
        self.sent = []
        self.meanwhile: Callable[[], object] = lambda: None

    def send(self, request, *, deadline):
        """Count, and hand on."""
        self.sent.append(request)
        self.meanwhile()
        return self.inner.send(request, deadline=deadline)

    def close(self):
        """Close what is behind."""
        self.inner.close()


class Ledger:
    """An observer that remembers."""

    def __init__(self):
        self.told = []

    def notice(self, notice):
        """Take note of the connection and of what happened."""
        self.told.append((notice.connection, notice.what))


class Return:
    """What one browser brings back, and the deed of bringing it."""

    def __init__(self, address, binding):
        self.address = address
        self.binding = binding

    def __call__(self, oauth, *, address=None, binding=None):
        """Bring it, or something else in its place."""
        return oauth.complete(address or self.address, binding=binding or self.binding)


class House:
    """One installation: a database in a folder of its own with its key beside it, a MailUp, and one client."""

    def __init__(self, folder, *, seed="seed"):
        folder.mkdir(exist_ok=True)
        self.folder = folder
        self.database = folder / "mailup.db"
        self.key = folder / "mailup.db.key"
        self.stage = Stage(seed=seed)
        self.wire = Wire(self.stage.transport)
        self.observer = Ledger()
        self.clients = []
        self.oauth = self.client()

    def client(self, **other):
        """Return a client of its own, as another process would have it, with *other* parts than the usual ones."""
        stage, store = self.stage, SqliteStore(self.database, patience=0.05)
        usual = {"transport": self.wire, "clock": stage.clock, "entropy": stage.entropy, "observer": self.observer}
        oauth = MailUpOAuth(stage.registration, store=store, **(usual | other))
        self.clients.append(oauth)
        return oauth

    def rest(self):
        """Let every client give back its files, so that SQLite puts all it has into one."""
        for oauth in self.clients:
            oauth.close()

    def returning(self, connection=CONNECTION):
        """Begin an attempt, let the user log on, and return the deed of coming back."""
        start = self.oauth.begin(connection)
        return Return(self.stage.visit(start), start.binding)

    def connect(self):
        """Connect a user, and let the access token grow old."""
        self.returning()(self.oauth)
        self.token = self.oauth.access_token(CONNECTION)
        self.stage.expire()

    def goes_on(self):
        """Say that the connection renews its token, in the eyes of a new process too, and is a generation older."""
        before = self.client().status(CONNECTION).generation
        token = self.client().access_token(CONNECTION)
        status = self.client().status(CONNECTION)
        return token.mark != self.token.mark and ("Refreshed", before + 1) == (status.state, status.generation)

    def files(self):
        """Return every octet that is kept, by name: not the locks, which hold none, nor SQLite's map of its memory."""
        kept = {path.name: path.read_bytes() for path in self.folder.iterdir() if path.is_file()}
        return {name: octets for name, octets in kept.items() if octets and not name.endswith("-shm")}

    def endured(self, deed):
        """Return the error that *deed* ends in, having seen that nothing was sent and no stored octet changed."""
        self.rest()
        before, sent = self.files(), len(self.wire.sent)
        with pytest.raises(MailUpOAuthError) as caught:
            deed()
        self.rest()

        assert (before, sent) == (self.files(), len(self.wire.sent))
        assert caught.value.remedy in str(caught.value)
        assert caught.value.__cause__ is caught.value.__context__ is None
        return caught.value

    def audit(self):
        """Claim that the journal proves the row, and that MailUp never saw a refresh token twice."""
        store = SqliteStore(self.database)
        row, lines = store.load(CONNECTION), store.records(CONNECTION)
        store.close()

        assert isinstance(verify(CONNECTION, lines, row), Verified)
        assert (0, 0) == (self.stage.happened(ReuseDetected), self.stage.happened(FamilyRevoked))


@pytest.fixture(autouse=True)
def no_key_of_the_developer_s_own(monkeypatch):
    """Let the environment give no key unless a test says so."""
    monkeypatch.delenv(KEY_VARIABLE, raising=False)


@pytest.fixture
def houses(tmp_path):
    """Build installations, each in a folder of its own."""
    built = []

    def build(name):
        built.append(House(tmp_path / name, seed=name))
        return built[-1]

    yield build
    for house in built:
        house.rest()


@pytest.fixture
def house(houses):
    """One installation, with a connection whose access token has expired; audited at the end."""
    home = houses("home")
    home.connect()
    yield home
    home.rest()
    home.audit()


@pytest.fixture
def full_disk():
    """Let no file grow beyond a size while inside: writes fail as they do on a full disk."""

    @contextmanager
    def limited(size):
        before = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
        try:
            yield lambda: resource.setrlimit(resource.RLIMIT_FSIZE, before)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)

    return limited


@pytest.fixture
def mortal():
    """Do a deed on a thread that permissions count for; root's right to pass over them is a thread's own."""

    def humbled():
        if os.geteuid() == 0:
            header, none = (ctypes.c_uint32 * 2)(*_CAPABILITIES_3), (ctypes.c_uint32 * 6)(*_NO_CAPABILITY)
            assert 0 == ctypes.CDLL(None).capset(header, none)

    def done(deed):
        with ThreadPoolExecutor(1, initializer=humbled) as thread:
            return thread.submit(deed).result()

    return done
