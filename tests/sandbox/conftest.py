"""A sandbox with one user and one application, and the short words in which the claims are made."""

import itertools
import json
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from attrs import define, evolve, field

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


def staged(switches):
    """Return a play that begins under *switches*."""
    clock, numbers = Clock(), itertools.count()
    app = Application(client_id=CLIENT, client_secret=Secret(CLIENT_SECRET), name="Example <App>")
    other = Application(client_id="other", client_secret=Secret("canary-other"), name="Other")
    user = MailUpUser(username=USERNAME, password=Secret(PASSWORD), uid="321")
    world = founded([app, other], [user], switches)
    return Play(SandboxService(world, clock, lambda size: next(numbers).to_bytes(size)), clock)


@pytest.fixture
def play():
    """Give a play under MailUp's documented habits."""
    return staged(Switches())


@pytest.fixture(scope="session")
def stage():
    """Give the maker of plays, for claims that need many."""
    return staged
