"""A client with a file and real sockets, a MailUp that uvicorn serves, and between them a proxy that does harm."""

import asyncio
import json
from contextlib import contextmanager
from datetime import timedelta

import attrs
import pytest
import trustme

from mailup_oauth import PRODUCTION, AsyncMailUpOAuth, MailUpOAuth, Registration
from mailup_oauth.adapters.serving.sandbox import provider_at
from mailup_oauth.adapters.serving.server import serve
from mailup_oauth.adapters.storage.sqlite import SqliteStore
from mailup_oauth.adapters.transport.httpx import HttpxTransport
from mailup_oauth.domain.errors import (
    DeathCause,
    MailUpOAuthError,
    ReauthorizationRequired,
    TemporarilyUnavailable,
)
from mailup_oauth.domain.tokens import AccessToken
from mailup_oauth.domain.wire.http import HttpResponse
from mailup_oauth.journal import Verified, verify
from mailup_oauth.sandbox.events import CodeReplayed, ReuseDetected
from mailup_oauth.sandbox.switches import DOCUMENTED, Grace, ReuseKillsFamily
from mailup_oauth.testing.proxy import FaultProxy, Station, overlaps
from mailup_oauth.testing.stage import CLIENT_ID, CLIENT_SECRET, Stage

CONNECTION = "acme"
OTHER = "umbrella"
"""A second connection, whose code meets what the first one's refresh token has met."""

PATIENT = timedelta(minutes=1)
STRICT = ReuseKillsFamily()
GRACE = Grace(timedelta(seconds=60))

ONE_REQUEST = attrs.evolve(PRODUCTION, inline_wait=timedelta())
"""A flight sits nothing out, so that every request of a caller is one request to MailUp."""


class Witness:
    """The transport that is tested, and what it returned; *patience* shortens its real deadline."""

    def __init__(self, inner):
        self.inner = inner
        self.came = []
        self.patience = PATIENT

    def send(self, request, *, deadline):
        """Send, and keep what became of it; the identity page is not what this is about."""
        exchange = self.inner.send(request, deadline=min(deadline, self.patience))
        if request.method == "POST":
            self.came.append(exchange)
        return exchange

    def close(self):
        """Close the transport."""
        self.inner.close()


class Synchronous:
    """The facade for threads."""

    kind = MailUpOAuth

    @staticmethod
    def ended(result):
        """Return what a method returned."""
        return result

    @staticmethod
    def close(oauth):
        """Close it."""
        oauth.close()


class Asynchronous:
    """The facade for tasks; each call has an event loop of its own."""

    kind = AsyncMailUpOAuth

    @staticmethod
    def ended(result):
        """Return what a coroutine returns."""
        return asyncio.run(result)

    @staticmethod
    def close(oauth):
        """Close it."""
        asyncio.run(oauth.aclose())


class Switchboard:
    """What is served; each test puts its own MailUp behind it."""

    def __init__(self):
        self.service = None

    def handle(self, request):
        """Let the present MailUp answer."""
        return self.service.handle(request)


class Site:
    """One installation behind a proxy, and everything that a test asks of it."""

    def __init__(self, facade, folder, base, *, old_refresh=STRICT, policy=ONE_REQUEST):
        self.facade = facade
        self.folder = folder
        self.policy = policy
        self.stage = Stage(switches=attrs.evolve(DOCUMENTED, old_refresh=old_refresh))
        self.is_strict = old_refresh == STRICT
        self.clock = self.stage.clock
        self.client_secret = CLIENT_SECRET
        self.proxy = FaultProxy(base, now=self.clock.now)
        self.authority = trustme.CA()
        self.roots = folder / "roots.pem"
        self.transport = HttpxTransport()
        self.reuses = 0
        self.together = ()
        self.is_sound = True
        self.clients = []
        self.restart()
        self.reader = self.client()

    # -- the client --------------------------------------------------------------------------------------------------

    def restart(self, **changes):
        """Go on with a new client over the same file, as after a restart, with *changes* to its parts."""
        self.witness = Witness(changes.pop("transport", self.transport))
        self.oauth = self.client(transport=self.witness, **changes)

    def client(self, *, provider=None, policy=None, **parts):
        """Return one more client over the same file."""
        usual = {"clock": self.clock, "entropy": self.stage.entropy, "transport": self.witness}
        registration = Registration(
            client_id=CLIENT_ID,
            client_secret=lambda: self.client_secret,
            redirect_uri="https://app.example/mailup/callback",
        )
        oauth = self.facade.kind(
            registration,
            store=SqliteStore(self.folder / "mailup.db"),
            provider=provider or self.provider,
            policy=policy or self.policy,
            **(usual | parts),
        )
        self.clients.append(oauth)
        return oauth

    @property
    def provider(self):
        """MailUp, behind the proxy."""
        return provider_at(self.proxy.url)

    def said(self, method, *args, oauth=None, **kwargs):
        """Return what a method of the facade says, or the error that it raises."""
        try:
            return self.facade.ended(getattr(oauth or self.oauth, method)(*args, **kwargs))
        except MailUpOAuthError as error:
            return typed(error)

    def begun(self, connection=CONNECTION):
        """Begin an attempt and log on; return what its browser brings back."""
        start = self.said("begin", connection)
        return self.stage.visit(start), start.binding

    def complete(self, returned, **kwargs):
        """Bring it back."""
        return self.said("complete", returned[0], binding=returned[1], **kwargs)

    def connect(self, connection=CONNECTION):
        """Connect a user."""
        assert self.complete(self.begun(connection)).connected

    def token(self, connection=CONNECTION, **kwargs):
        """Return an access token, or the error."""
        return self.said("access_token", connection, **kwargs)

    def status(self, connection=CONNECTION):
        """Return how a connection stands in the file, as another client reads it."""
        return self.said("status", connection, oauth=self.reader)

    def expire(self):
        """Let the access token come to its end."""
        self.clock.move(timedelta(minutes=61))

    def events(self, kind, connection=CONNECTION):
        """Return the events of one kind in a connection's journal."""
        store = SqliteStore(self.folder / "mailup.db")
        row, lines = store.load(connection), store.records(connection)
        store.close()
        verdict = verify(connection, lines, row)

        assert isinstance(verdict, Verified)
        with MailUpOAuth(self.stage.registration, store=SqliteStore(self.folder / "mailup.db")) as reader:
            return [record.event for record in reader.journal(connection) if isinstance(record.event, kind)]

    def row(self, connection):
        """Return a connection's row."""
        store = SqliteStore(self.folder / "mailup.db")
        row = store.load(connection)
        store.close()
        return row

    @contextmanager
    def hurried(self, seconds):
        """Let the transport's own, real deadline be short."""
        self.witness.patience = timedelta(seconds=seconds)
        yield
        self.witness.patience = PATIENT

    # -- what becomes of a refresh and of an exchange -----------------------------------------------------------------

    def goes_on(self, connection=CONNECTION, by=1):
        """Claim that a token comes now, by one renewal, and that the file has the next generation."""
        before = self.status(connection).generation
        token = self.token(connection)
        status = self.status(connection)

        assert isinstance(token, AccessToken)
        assert ("Refreshed", before + by, "nothing") == (status.state, status.generation, status.owed)
        assert token.mark == self.token(connection).mark

    def waits(self, error, cause, least, most=None):
        """Claim that *error* is to be waited for, about so long (chance adds a quarter), and let that time pass."""
        longest = (most or least) * 1.25

        assert (TemporarilyUnavailable, cause) == (type(error), error.cause)
        assert least <= error.retry_after.total_seconds() <= longest
        self.clock.move(error.retry_after)

    def ends(self, connection, cause, reuses=0):
        """Claim that only the user can help, for this reason, and that they can."""
        error = self.token(connection)
        self.reuses += reuses

        assert (ReauthorizationRequired, cause) == (type(error), error.reason)
        assert ("reauthorization", cause.value) == (self.status(connection).owed, self.status(connection).reason)
        self.connect(connection)
        self.expire()
        self.goes_on(connection)

    def doubts(self, fault, came, *, committed, wait=2, most=None):
        """Claim of a refresh that meets *fault*: nobody knows, it is waited, and then there is a token or an end."""
        self.connect()
        self.expire()
        before = self.status()
        self.proxy.meet(fault)
        error = self.token()
        after = self.status()

        assert_came(came, self.witness.came[-1])
        assert ("refresh-unanswered", "unanswered", before.generation) == (after.owed, after.reason, after.generation)
        self.waits(error, "unanswered", wait, most)
        self.settles(committed=committed)

    def settles(self, *, committed):
        """Claim that a doubt ends: in a token, or, where MailUp obeyed and is strict, with the user."""
        if committed and self.is_strict:
            self.ends(CONNECTION, DeathCause.ROTATION_OUTCOME_LOST, reuses=1)
        else:
            self.goes_on()

    def loses_a_code(self, fault, came):
        """Claim of an exchange that meets *fault*: its code is never sent again, and the user begins anew."""
        returned = self.begun(OTHER)
        self.proxy.meet(fault)
        error = self.complete(returned)
        forwarded = len(self.witness.came)
        again = self.complete(returned)

        assert_came(came, self.witness.came[-1])
        assert_lost(error)
        assert_lost(again)
        assert ("Unregistered", "exchange-failed") == (self.status(OTHER).state, self.status(OTHER).reason)
        assert forwarded == len(self.witness.came)
        self.connect(OTHER)

    def keeps_token(self, fault, came, *, error, moved):
        """Claim of a refresh that meets *fault*: it is refused for now in this way, and the same token works later."""
        self.connect()
        self.expire()
        before = self.status()
        self.proxy.meet(fault)
        refused = self.token()
        after = self.status()

        assert_came(came, self.witness.came[-1])
        assert (type(error), repr_of(error)) == (type(refused), repr_of(refused))
        assert ("refresh-deferred", before.generation) == (after.owed, after.generation)
        self.clock.move(moved)
        self.goes_on()

    # -- the end ------------------------------------------------------------------------------------------------------

    def audit(self):
        """Claim what holds whatever happened: journals verify, no token was used twice, and every fault was met."""
        store = SqliteStore(self.folder / "mailup.db")
        found = {name: verify(name, store.records(name), store.load(name)) for name in store.connections()}
        store.close()
        seen = self.proxy.logbook
        codes = [one.sent for one in seen.at(Station.FORWARDED) if one.grant == "authorization_code"]

        assert {Verified} == {type(verdict) for verdict in found.values()}
        assert self.together == overlaps(seen.sightings)
        assert () == self.proxy.unmet
        assert sorted(set(codes)) == sorted(codes)
        assert (self.reuses, 0) == (self.stage.happened(ReuseDetected), self.stage.happened(CodeReplayed))

    def close(self):
        """Give back threads, files and sockets."""
        self.proxy.close()
        for oauth in self.clients:
            self.facade.close(oauth)


def typed(error):
    """Return an error of the library, having seen that it says what to do and hides no other library's."""
    assert error.remedy in str(error)
    assert error.__cause__ is None
    assert error.__suppress_context__ or error.__context__ is None
    return error


def assert_came(expected, exchange):
    """Claim that a transport returned this; of an answer only the status, and how its body ended, are told."""
    if isinstance(exchange, HttpResponse):
        exchange = (exchange.status, exchange.ending)

    assert expected == exchange


def assert_lost(error):
    """Claim that a code is spent or as good as spent."""

    assert (ReauthorizationRequired, DeathCause.EXCHANGE_OUTCOME_LOST) == (type(error), error.reason)


def repr_of(error):
    """Return what an error says for sure: chance draws its wait."""
    return {name: value for name, value in attrs.asdict(error).items() if name != "retry_after"}


@pytest.fixture(scope="session")
def switchboard():
    """Serve, on a socket of this machine, whatever MailUp a test has."""
    board = Switchboard()
    with serve(board) as base:
        yield board, base


@pytest.fixture(params=[Synchronous, Asynchronous], ids=["sync", "async"])
def facade(request):
    """One facade after the other."""
    return request.param


@pytest.fixture
def sites(facade, tmp_path, switchboard):
    """Build installations; the last one's MailUp is served, and all are audited at the end."""
    board, base = switchboard
    built = []

    def build(**habits):
        built.append(Site(facade, tmp_path, base, **habits))
        board.service = built[-1].stage.sandbox
        return built[-1]

    yield build
    for site in built:
        site.close()
    for site in built:
        if site.is_sound:
            site.audit()


@pytest.fixture(params=[STRICT, GRACE], ids=["strict", "grace"])
def site(request, sites):
    """One installation, before a MailUp that punishes reuse, and before one that answers again for a minute."""
    return sites(old_refresh=request.param)


@pytest.fixture
def strict(sites):
    """One installation, before a MailUp that punishes reuse."""
    return sites()


def said(status, body=b"", *headers):
    """Return an answer as it travels."""
    lines = [b"HTTP/1.1 %d Said" % status, b"Content-Length: %d" % len(body), *headers]
    return b"\r\n".join((*lines, b"", body))


def told(members, status=200, *headers):
    """Return an answer in JSON as it travels."""
    return said(status, json.dumps(members).encode(), b"Content-Type: application/json", *headers)


def altered(change):
    """Return what changes the members of a server's answer, and keeps its status and the way it is framed."""

    def changed(answer):
        head, _, body = answer.partition(b"\r\n\r\n")
        new = change(json.loads(body))
        return said(int(head[9:12]), new if isinstance(new, bytes) else json.dumps(new).encode(), JSON_TYPE)

    return changed


JSON_TYPE = b"Content-Type: application/json"


@pytest.fixture
def wire():
    """Write answers as they travel."""
    return Wire


class Wire:
    """How answers are written."""

    said = staticmethod(said)
    told = staticmethod(told)
    altered = staticmethod(altered)
