"""Authorization servers that others wrote, each in a process of its own on loopback, and one user of one of them a test."""

import json
import socket
import struct
import subprocess
import sys
import threading
from datetime import timedelta
from html.parser import HTMLParser
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from pathlib import Path

import attrs
import httpx
import pytest

from mailup_oauth import STANDARD, MailUpOAuth, Registration, Secret
from mailup_oauth.adapters.clock.shifted import ShiftedClock
from mailup_oauth.adapters.storage.sqlite import SqliteStore
from mailup_oauth.domain.provider import ClientAuthentication
from mailup_oauth.journal import Verified, verify

HERE = Path(__file__).parent
CALLBACK = "https://app.example/mailup/callback"
HOUR = timedelta(minutes=61)
"""A little more than an access token lives."""

PROGRAMS = {
    "authlib": ("authlib_server.py",),
    "dot": ("dot_server.py", "0", "clear"),
    "dot-grace": ("dot_server.py", "30", "clear"),
    "dot-grace-hashed": ("dot_server.py", "30", "hashed"),
}
"""What serves each kind: two that are strict, and two that give a spent refresh token 30 s of grace, or mean to."""


def authlib_at(base):
    """Return what this library is told of the Authlib server."""
    return attrs.evolve(
        STANDARD,
        name="Authlib",
        authorize_url=f"{base}/authorize",
        token_url=f"{base}/token",
        api_hosts=frozenset({"127.0.0.1"}),
    )


def dot_at(base):
    """Return what this library is told of django-oauth-toolkit: it says who it is, and takes keys in the form too."""
    return attrs.evolve(
        STANDARD,
        name="django-oauth-toolkit",
        authorize_url=f"{base}/o/authorize/",
        token_url=f"{base}/o/token/",
        api_hosts=frozenset({"127.0.0.1"}),
        client_authentication=ClientAuthentication.BODY,
        issuer=f"{base}/o",
    )


class House:
    """A server in a process of its own, and the desk at which its owner sits."""

    def __init__(self, kind, folder):
        program, *arguments = PROGRAMS[kind]
        self.kind = kind
        self.process = subprocess.Popen(
            [sys.executable, str(HERE / program), str(folder / f"{kind}.db"), *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.base = json.loads(self.process.stdout.readline())
        self.provider = (authlib_at if kind == "authlib" else dot_at)(self.base)

    def order(self, *words):
        """Order something at the desk, and return what is answered."""
        self.process.stdin.write(json.dumps(words) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def close(self):
        """Let the process end."""
        self.process.stdin.close()
        self.process.wait(30)
        self.process.stdout.close()


class Relay(ThreadingHTTPServer):
    """The way to a token endpoint: it counts the requests, can hold them back, and can lose answers."""

    daemon_threads = True
    request_queue_size = 1024

    def __init__(self, base):
        super().__init__(("127.0.0.1", 0), Carrier)
        self.behind = httpx.URL(base)
        self.carried = 0
        self.lose()
        self.lock, self.arrived, self.passing = threading.Lock(), threading.Event(), threading.Event()
        self.passing.set()
        threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True).start()

    def led(self, provider):
        """Return a provider value whose token requests go this way."""
        url = httpx.URL(provider.token_url).copy_with(port=self.server_port)
        return attrs.evolve(provider, token_url=str(url))

    def hold(self):
        """Let no request pass until ``release``."""
        self.arrived.clear()
        self.passing.clear()

    def release(self):
        """Let everything pass."""
        self.passing.set()

    def lose(self, *, requests=0, answers=0):
        """Lose the next requests before the server sees them, or else the next answers after it has given them."""
        self.requests_to_lose, self.answers_to_lose = requests, answers

    def is_request_lost(self):
        """Say whether a request is one of those to be lost."""
        with self.lock:
            self.requests_to_lose -= 1
            return self.requests_to_lose >= 0

    def is_answer_lost(self):
        """Count a request that was carried, and say whether its answer is one of those to be lost."""
        with self.lock:
            self.carried += 1
            self.answers_to_lose -= 1
            return self.answers_to_lose >= 0


class Carrier(BaseHTTPRequestHandler):
    """Carries one request there, and its answer back or nowhere."""

    def do_POST(self):
        """Carry it."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.arrived.set()
        self.server.passing.wait()
        if self.server.is_request_lost():
            self.reset()
            return
        behind = HTTPConnection(self.server.behind.host, self.server.behind.port, timeout=30)
        behind.request("POST", self.path, body, dict(self.headers))
        answer = behind.getresponse()
        said = answer.read()
        behind.close()
        if self.server.is_answer_lost():
            self.reset()
            return
        self.send_response_only(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(said)

    def reset(self):
        """Break the connection as a network does; what lingers for no time is reset when it is closed."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()

    def log_message(self, format, *args):  # noqa: A002  # the standard library's name
        """Write nothing."""


class Form(HTMLParser):
    """The inputs of a page's form that have a name."""

    def __init__(self, page):
        super().__init__()
        self.inputs = {}
        self.feed(page)

    def handle_starttag(self, tag, attrs):  # noqa: D102  # called by the parser
        given = dict(attrs)
        if tag == "input" and "name" in given:
            self.inputs[given["name"]] = given.get("value") or ""


def visit(url, username, *, agrees=True):
    """Do what a user does: log on, and agree or not; return the address they are sent back to."""
    typed = {"username": username, "password": "canary-password"}
    with httpx.Client() as browser:
        answer = browser.get(url)
        for _ in range(10):
            if answer.is_redirect:
                url = str(answer.url.join(answer.headers["location"]))
                if url.startswith(CALLBACK):
                    return url
                answer = browser.get(url)
            else:
                inputs = Form(answer.text).inputs
                filled = {**inputs, **{name: value for name, value in typed.items() if name in inputs}}
                if not agrees:
                    filled.pop("allow", "")
                answer = browser.post(answer.url, data=filled)
    raise AssertionError(f"the visit ended at a page with status {answer.status_code}")


class Tenant:
    """One installation of an application: a user of a server, a database, and the way from one to the other."""

    def __init__(self, house, username, database):
        self.house, self.username, self.database = house, username, database
        self.relay = Relay(house.base)
        self.provider = self.relay.led(house.provider)
        self.registration = Registration(
            client_id="servers", client_secret=Secret("canary-client-secret"), redirect_uri=CALLBACK
        )
        house.order("enrol", username)

    def client(self, kind=MailUpOAuth, *, ahead=timedelta()):
        """Return a client of its own, over a store object of its own, whose clock is ahead by so much."""
        clock = ShiftedClock()
        clock.move(ahead)
        return kind(self.registration, store=SqliteStore(self.database), provider=self.provider, clock=clock)

    def late(self, kind=MailUpOAuth):
        """Return a client in whose eyes the access token has expired."""
        return self.client(kind, ahead=HOUR)

    def visit(self, url, *, agrees=True):
        """Let the user visit the server, and return where that ends."""
        return visit(url, self.username, agrees=agrees)

    def connect(self, oauth):
        """Connect the user as ``acme``, and return the status."""
        start = oauth.begin("acme")
        return oauth.complete(self.visit(start.url.reveal()), binding=start.binding)

    def connected(self):
        """Connect the user, and return the tenant; what is counted is counted from here on."""
        with self.client() as oauth:
            self.connect(oauth)
        self.relay.carried = 0
        self.seen = len(self.house.order("log"))
        return self

    def answered(self):
        """Return the statuses of the token endpoint's answers since the user was connected, as the server logged them."""
        lines = [line.split() for line in self.house.order("log")[self.seen :]]
        return [int(status) for method, path, status in lines if (method, self.house.base + path) == self._token_url]

    @property
    def _token_url(self):
        return "POST", self.house.provider.token_url

    def families(self):
        """Return of each authorization that the user gave how many refresh tokens were issued, and how many are alive."""
        return [tuple(family) for family in self.house.order("families", self.username)]

    def order(self, *, threads):
        """Return what a worker process is told."""
        return json.dumps(
            {
                "database": str(self.database),
                "ahead": HOUR.total_seconds(),
                "redirect_uri": CALLBACK,
                "authorize_url": self.provider.authorize_url,
                "token_url": self.provider.token_url,
                "client_authentication": self.provider.client_authentication.value,
                "threads": threads,
            }
        )

    def let_pass(self):
        """Let the requests that the relay holds pass, once one of them has come and the others have had their chance."""
        self.relay.arrived.wait()
        threading.Event().wait(0.2)  # makes a crowd of them; nothing is claimed of how large
        self.relay.release()

    def refresh_token(self):
        """Return the refresh token that the store holds, as whoever stole store and key would."""
        with self.client() as oauth:
            return oauth._core.held("acme").state.grant.refresh.value

    def replay(self, refresh):
        """Send a refresh token to the server, as a thief would who has the application's keys, and return the answer."""
        return self.ask(grant_type="refresh_token", refresh_token=refresh.reveal())

    def ask(self, secret="canary-client-secret", **form):
        """Send a form to the server's token endpoint, past the relay, and return the answer."""
        provider = self.house.provider
        if provider.client_authentication is ClientAuthentication.BASIC:
            return httpx.post(provider.token_url, data=form, auth=("servers", secret))
        return httpx.post(provider.token_url, data={**form, "client_id": "servers", "client_secret": secret})

    def audit(self):
        """Claim that the journal proves what is stored."""
        store = SqliteStore(self.database)
        assert isinstance(verify("acme", store.records("acme", limit=100_000), store.load("acme")), Verified)
        store.close()

    def close(self):
        """Close the way."""
        self.relay.release()
        self.relay.shutdown()
        self.relay.server_close()


@pytest.fixture(scope="session")
def houses(tmp_path_factory):
    """Give servers by kind; each is started when it is first asked for."""
    folder, started = tmp_path_factory.mktemp("servers"), {}

    def house(kind):
        if kind not in started:
            started[kind] = House(kind, folder)
        return started[kind]

    yield house
    for one in started.values():
        one.close()


NUMBERS = count(1)


@pytest.fixture
def tenant(houses, tmp_path):
    """Give a maker of tenants; their journals are verified when the test is over."""
    made = []

    def one(kind):
        number = next(NUMBERS)
        made.append(Tenant(houses(kind), f"user-{number}", tmp_path / f"tenant-{number}.db"))
        return made[-1]

    yield one
    for each in made:
        each.close()
        each.audit()
