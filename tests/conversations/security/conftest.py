"""A client on the stage whose requests are kept, and may be answered by a script instead of MailUp."""

from collections import deque
from urllib.parse import parse_qsl, urlsplit

import pytest

from mailup_oauth import MailUpOAuth
from mailup_oauth.domain.credential import Withheld
from mailup_oauth.domain.redact import credentials
from mailup_oauth.journal import open_row
from mailup_oauth.testing.stage import CONNECTION


class Wire:
    """A transport that keeps what is handed to it; token requests get the answers of a script while it lasts."""

    def __init__(self, inner):
        self._inner = inner
        self.sent = []
        self.script = deque()
        self.meanwhile = lambda: None

    def send(self, request, *, deadline):
        """Keep, let something happen meanwhile, and hand on."""
        self.sent.append(request)
        self.meanwhile()
        if self.script and request.method == "POST":
            return self.script.popleft()
        return self._inner.send(request, deadline=deadline)

    def close(self):
        """Close what is behind."""
        self._inner.close()

    @property
    def forms(self):
        """The members of every token request, in the order in which they left."""
        return [dict(parse_qsl(one.body.reveal())) for one in self.sent if one.method == "POST"]


class Dice:
    """An entropy that keeps what it gave."""

    def __init__(self, inner):
        self._inner = inner
        self.drawn = []

    def token(self):
        """Keep a token, and give it."""
        self.drawn.append(self._inner.token())
        return self.drawn[-1]

    def chance(self):
        """Give a chance."""
        return self._inner.chance()


class Return:
    """What one browser was sent away with and brings back, and the deed of bringing it."""

    def __init__(self, start, address):
        self.start = start
        self.address = address

    @property
    def asked(self):
        """The members of the authorization URL."""
        return dict(parse_qsl(urlsplit(self.start.url.reveal()).query))

    @property
    def query(self):
        """The members of the address that the browser came back to."""
        return dict(parse_qsl(urlsplit(self.address).query))

    def __call__(self, oauth, *, address=None, binding=None):
        """Bring it, or something else in its place."""
        return oauth.complete(address or self.address, binding=binding or self.start.binding)


@pytest.fixture
def wire(stage):
    """What the client sends by."""
    return Wire(stage.transport)


@pytest.fixture
def dice(stage):
    """What the client draws from."""
    return Dice(stage.entropy)


@pytest.fixture
def oauth(stage, wire, dice):
    """The client."""
    return stage.client(MailUpOAuth, transport=wire, entropy=dice)


@pytest.fixture
def returning(stage, oauth):
    """Begin an attempt, let the user log on, and return what the browser brings back."""

    def begun(client=oauth, connection=CONNECTION, **changes):
        start = client.begin(connection, **changes)
        return Return(start, stage.visit(start))

    return begun


@pytest.fixture
def connected(stage, oauth, returning):
    """Connect a user with the client, and let the access token grow old."""
    back = returning()
    back(oauth)
    stage.expire()
    return back


@pytest.fixture
def vault(stage, oauth):
    """Read every secret that the store holds for a connection."""

    def opened(connection=CONNECTION):
        held = credentials(open_row(connection, stage.store.load(connection), oauth._core.setting.cipher))
        assert not any(isinstance(secret, Withheld) for secret in held.values())
        return {secret.reveal() for secret in held.values()}

    return opened
