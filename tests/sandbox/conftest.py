"""A sandbox with one user and one application, and the short words in which the claims are made."""

import itertools
import json
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from attrs import define, evolve, field

from mailup_oauth.adapters.serving.desk import Desk
from mailup_oauth.adapters.transport.sandbox import SandboxService
from mailup_oauth.domain.secret import Secret
from mailup_oauth.sandbox.asking import Door
from mailup_oauth.sandbox.commands import Answer, ChangeSwitches
from mailup_oauth.sandbox.messages import FORM, Request
from mailup_oauth.sandbox.router import INFO_PATH, TOKEN_PATH
from mailup_oauth.sandbox.switches import Switches
from mailup_oauth.sandbox.world import Application, MailUpUser, founded
from mailup_oauth.testing.visitor import in_process, walk

NOON = datetime(2030, 1, 1, 12, tzinfo=UTC)
CLIENT, CLIENT_SECRET = "11111111-2222-3333-4444-555555555555", "canary-client-secret"
USERNAME, PASSWORD = "m4321", "canary-password"
CALLBACK = "https://app.example/mailup/callback"


@define
class Clock:
    """A clock that stands still until it is moved."""

    moment: datetime = NOON

    def __call__(self):
        """Return the moment."""
        return self.moment

    def move(self, **span):
        """Let *span* pass, in the words of ``timedelta``."""
        self.moment += timedelta(**span)


@define
class Play:
    """A MailUp, its user, and an application with its keys."""

    service: SandboxService
    clock: Clock
    client: dict = field(factory=lambda: {"client_id": CLIENT, "client_secret": CLIENT_SECRET})

    def switch(self, **habits):
        """Change MailUp's habits."""
        self.service.order(ChangeSwitches(evolve(self.service.world.switches, **habits)))
        return self

    def url(self, door=Door.LOG_ON, **more):
        """Return the address to which the user is sent."""
        asked = {"client_id": CLIENT, "response_type": "code", "redirect_uri": CALLBACK, "state": "canary-state"}
        return f"https://mailup.example{door.value}?{urlencode({**asked, **more})}"

    def visit(self, url, answer=Answer.ALLOW, password=PASSWORD):
        """Return the final address of a visit."""
        fetch = in_process(self.service)
        return walk(url, username=USERNAME, password=Secret(password), answer=answer, fetch=fetch)

    def callback(self, door=Door.LOG_ON, answer=Answer.ALLOW, **more):
        """Return the query of the callback, in order."""
        return parse(self.visit(self.url(door, **more), answer))

    def code(self, door=Door.LOG_ON, **more):
        """Return the code of a visit."""
        return self.callback(door, **more)["code"]

    def get(self, path, query="", **headers):
        """Return the answer to a GET."""
        return self.service.handle(Request(method="GET", path=path, query=query, headers=tuple(headers.items())))

    def token(self, query="", headers=(), **form):
        """Return the answer to a form at the token endpoint."""
        posted = Request(
            method="POST",
            path=TOKEN_PATH,
            query=query,
            headers=(("Content-Type", FORM), *headers),
            body=urlencode(form).encode(),
        )
        return self.service.handle(posted)

    def exchange(self, code, **more):
        """Bring a code with the right client."""
        return self.token(**{"grant_type": "authorization_code", "code": code, **self.client, **more})

    def refresh(self, token, **more):
        """Bring a refresh token with the right client."""
        return self.token(**{"grant_type": "refresh_token", "refresh_token": token, **self.client, **more})

    def connect(self, **more):
        """Return the members of a first token reply."""
        return members(self.exchange(self.code(**more)))

    def info(self, token):
        """Ask who the user is."""
        return self.get(INFO_PATH, Authorization=f"Bearer {token}")

    def happened(self, kind):
        """Count the events of one kind."""
        return sum(isinstance(event, kind) for event in self.service.events)


def parse(location):
    """Return the query of an address, each name once."""
    return {name: value for name, [value] in parse_qs(urlsplit(location).query).items()}


def members(response):
    """Return the JSON of an answer with status 200."""
    assert response.status == 200, response
    return json.loads(response.body)


APPLICATIONS = (
    Application(client_id=CLIENT, client_secret=Secret(CLIENT_SECRET), name="Example <App>"),
    Application(client_id="other", client_secret=Secret("canary-other"), name="Other"),
)


def staged(switches, *users):
    """Return a play that begins under *switches*, with *users*, or with the one that all others are about."""
    clock, numbers = Clock(), itertools.count()
    user = MailUpUser(username=USERNAME, password=Secret(PASSWORD), uid="321")
    world = founded(APPLICATIONS, users or [user], switches)
    return Play(SandboxService(world, clock, lambda size: next(numbers).to_bytes(size)), clock)


@define
class Owner:
    """Whoever runs the sandbox, as a program on its machine or with its own page."""

    service: SandboxService
    peer: str = "127.0.0.1"
    host: str = "127.0.0.1:8025"

    def ask(self, method, word, body=b"", **headers):
        """Return the answer to a request at a control address."""
        sent = tuple((name.replace("_", "-"), value) for name, value in {"host": self.host, **headers}.items())
        path, _, query = f"/__sandbox__/{word}".partition("?")
        request = Request(method=method, path=path, query=query, headers=sent, body=body, peer=self.peer)
        return Desk(self.service).handle(request)

    def get(self, word=""):
        """Look at something."""
        return self.ask("GET", word)

    def post(self, word, **members):
        """Order something as a program does."""
        body = json.dumps(members).encode()
        return self.ask("POST", word, body, content_type="application/json", x_mailup_sandbox="1")

    def fill(self, word, **form):
        """Order something with the page's form."""
        body = urlencode(form).encode()
        return self.ask("POST", word, body, content_type=FORM, origin=f"http://{self.host}")

    def state(self):
        """Return what is told as JSON."""
        return members(self.get("state"))


@pytest.fixture
def play():
    """Give a play under MailUp's documented habits."""
    return staged(Switches())


@pytest.fixture
def owner(play):
    """Give the owner of the play's sandbox."""
    return Owner(play.service)


@pytest.fixture(scope="session")
def stage():
    """Give the maker of plays, for claims that need many."""
    return staged
