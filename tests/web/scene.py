"""
What every web adapter is tested in: MailUp's sandbox on a socket, a clock with a hand on it, people with browsers.

``Scene`` is MailUp and time; ``scene.facade(AsyncMailUpOAuth)`` is the library before it.  ``Person`` is a browser with
cookies of its own and somebody at it; it asks an application through a ``Send``, which is made by ``over_httpx`` (a
``TestClient`` of Starlette or FastAPI, or an ``httpx.Client`` that reaches a process), ``over_flask`` or ``over_django``.
Nothing here follows a redirect unless it is told to, so that every answer can be looked at.
"""

from collections.abc import Callable, Mapping
from contextlib import contextmanager
from datetime import timedelta
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urlencode, urljoin, urlsplit

import attrs
import httpx
from attrs import define, field, frozen

from mailup_oauth import Registration, Secret
from mailup_oauth.adapters.clock.shifted import ShiftedClock
from mailup_oauth.adapters.entropy.system import octets
from mailup_oauth.adapters.serving.desk import Desk
from mailup_oauth.adapters.serving.sandbox import provider_at
from mailup_oauth.adapters.serving.server import serve
from mailup_oauth.adapters.storage.memory import MemoryStore
from mailup_oauth.adapters.transport.sandbox import SandboxService
from mailup_oauth.sandbox.accounts import Application, MailingList, MailUpUser
from mailup_oauth.sandbox.commands import Answer, PlanFault
from mailup_oauth.sandbox.events import TokensIssued, TokensRotated
from mailup_oauth.sandbox.scenario import Scenario
from mailup_oauth.sandbox.switches import DOCUMENTED
from mailup_oauth.sandbox.world import begun
from mailup_oauth.testing.canary import CANARY
from mailup_oauth.testing.visitor import over_http, walk

ORIGIN = "https://app.example"
"""Where the application is, unless a test says otherwise; give it to a test client as its base URL."""
PREFIX = "/mailup"
"""Where the pages are mounted, unless a test says otherwise."""
AN_HOUR = timedelta(minutes=61)

CLIENT_ID = "11111111-2222-3333-4444-555555555555"
CLIENT_SECRET = Secret(f"{CANARY}-client-secret")
PASSWORD = Secret(f"{CANARY}-password")
USERS = ("m1234", "m5678")
"""Two MailUp users."""
LIST = "Newsletter of m1234"
"""The name of the one list of the first of them, as ``User/Lists`` tells it."""

SCENARIO = Scenario(
    applications=(Application(client_id=CLIENT_ID, client_secret=CLIENT_SECRET, name="An application"),),
    users=tuple(
        MailUpUser(
            username=name,
            password=PASSWORD,
            uid=name[1:],
            lists=(MailingList(id=1, name=f"Newsletter of {name}"),),
        )
        for name in USERS
    ),
    switches=attrs.evolve(
        DOCUMENTED, calls_per_second=10_000
    ),  # a crowd shall meet the tokens, not MailUp's limit of five
)


# --- MailUp and time --------------------------------------------------------------------------------------------------


@define
class Scene:
    """MailUp's sandbox at ``base``, its world, and the clock that it shares with the application."""

    service: SandboxService
    base: str
    clock: ShiftedClock

    @property
    def provider(self):
        """What the application takes MailUp for."""
        return provider_at(self.base)

    def registration(self, redirect_uri=f"{ORIGIN}{PREFIX}/complete"):
        """Return the application as MailUp knows it."""
        return Registration(client_id=CLIENT_ID, client_secret=CLIENT_SECRET, redirect_uri=redirect_uri)

    def facade(self, kind, *, redirect_uri=f"{ORIGIN}{PREFIX}/complete", **ports):
        """Return a ``MailUpOAuth`` or ``AsyncMailUpOAuth`` before this MailUp; in memory, unless a store is given."""
        ports = {"store": MemoryStore(), "clock": self.clock, **ports}
        return kind(self.registration(redirect_uri), provider=self.provider, **ports)

    def pass_time(self, span=AN_HOUR):
        """Let time pass, for the application and for MailUp; after an hour every access token has expired."""
        self.clock.move(span)

    def plan(self, target, fault):
        """Let the next request of a kind meet a fault."""
        self.service.order(PlanFault(target, fault))

    def counted(self, kind):
        """Return how often something has happened at MailUp."""
        return sum(isinstance(event, kind) for event in self.service.events)

    @property
    def rotations(self):
        """How often a refresh token was exchanged for the next one."""
        return self.counted(TokensRotated)

    @property
    def grants(self):
        """How often a code was exchanged for tokens."""
        return self.counted(TokensIssued)


@define
class Address:
    """Where one MailUp after another is reached: starting a server takes longer than most tests."""

    base: str = ""
    desk: Desk | None = None

    def handle(self, request):
        """Let the present MailUp answer."""
        return self.desk.handle(request)

    def begin(self):
        """Begin a new MailUp with one application and two users, and a new clock."""
        clock = ShiftedClock()
        service = SandboxService(begun(SCENARIO, system=clock.now()), clock.now, octets)
        self.desk = Desk(service)
        return Scene(service, self.base, clock)


@contextmanager
def address():
    """Serve at an address of this machine."""
    place = Address()
    with serve(place) as place.base:
        yield place


@contextmanager
def scene():
    """Serve a MailUp of its own, for whoever has no use for the fixture ``scene``."""
    with address() as place:
        yield place.begin()


# --- asking an application --------------------------------------------------------------------------------------------


@frozen(kw_only=True)
class Page:
    """What a browser got."""

    status: int
    headers: tuple[tuple[str, str], ...] = field(repr=False)
    body: str = field(repr=False)
    path: str
    """What was asked for."""

    def all(self, name):
        """Return every header called *name*."""
        return [value for key, value in self.headers if key.lower() == name]

    def header(self, name):
        """Return the one header called *name*; empty if there is none."""
        return ", ".join(self.all(name))

    @property
    def location(self):
        """Where the answer leads."""
        return self.header("location")

    @property
    def set_cookies(self):
        """The cookies that were set, as they stand in the headers."""
        return self.all("set-cookie")


Send = Callable[[str, str, Mapping[str, str], bytes], "tuple[int, list[tuple[str, str]], str]"]
"""Sends a method, a path with its query, headers (``cookie`` among them) and a body; returns status, headers and text."""


def over_httpx(client: Any) -> Send:
    """Ask through a TestClient of Starlette or FastAPI, or an ``httpx.Client`` with a base URL."""

    def send(method, path, headers, body):
        client.cookies.clear()  # the person has cookies of their own
        answer = client.request(method, path, headers=dict(headers), content=body, follow_redirects=False)
        client.cookies.clear()
        return answer.status_code, list(answer.headers.multi_items()), answer.text

    return send


def over_flask(client: Any, origin: str = ORIGIN) -> Send:
    """Ask through ``app.test_client(use_cookies=False)`` of Flask."""

    def send(method, path, headers, body):
        answer = client.open(path, method=method, headers=list(headers.items()), data=body, base_url=origin)
        told = answer.status_code, list(answer.headers.items()), answer.get_data(as_text=True)
        answer.close()
        return told

    return send


def over_django(client: Any, origin: str = ORIGIN) -> Send:
    """Ask through ``django.test.Client()``, which is only as good as its cookies are ours."""
    parts = urlsplit(origin)

    def send(method, path, headers, body):
        client.cookies.clear()
        given = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in headers.items()}
        kind = given.pop("HTTP_CONTENT_TYPE", "application/octet-stream")
        # SERVER_PORT would be named beside the host otherwise
        place = {"HTTP_HOST": parts.netloc, "SERVER_NAME": parts.hostname, "SERVER_PORT": str(parts.port or 443)}
        answer = client.generic(
            method, path, body, content_type=kind, secure=parts.scheme == "https", **{**place, **given}
        )
        cookies = [("Set-Cookie", morsel.OutputString()) for morsel in answer.cookies.values()]
        client.cookies.clear()
        return answer.status_code, [*answer.items(), *cookies], answer.content.decode()

    return send


# --- somebody at a browser --------------------------------------------------------------------------------------------

FROM_A_PAGE = {"sec-fetch-site": "same-origin", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document"}
"""What a browser says of a click on one of the application's own pages."""
FROM_ELSEWHERE = {**FROM_A_PAGE, "sec-fetch-site": "cross-site"}
"""What it says of a click on, or a redirect from, somebody else's page; MailUp's way back is one."""
TYPED = {**FROM_A_PAGE, "sec-fetch-site": "none"}
"""What it says of an address that was typed or bookmarked."""
BROWSER_SHOWS = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
"""What it says beside that, wherever it wants something to show."""
FORM = "application/x-www-form-urlencoded"


@define
class Person:
    """
    Somebody at a browser of their own; each has the cookies that they were given, and no others.

    Attributes:
        send: How the application is asked.
        origin: Where it is.
        prefix: Where its MailUp pages are.
        cookies: What the browser keeps for the application, by name; put the application's own session in here.
        at_mailup: Who they are at MailUp.
        password: With which password.
    """

    send: Send = field(repr=False)
    origin: str = ORIGIN
    prefix: str = PREFIX
    at_mailup: str = USERS[0]
    password: Secret = PASSWORD
    cookies: dict[str, str] = field(factory=dict)

    def ask(self, method, path, headers=TYPED, *, form=None, body=b""):
        """Send one request with the browser's cookies, keep the cookies of its answer, and return the page."""
        sent = dict(headers)
        if form is not None:
            body, sent["content-type"] = urlencode(form).encode(), FORM
        if self.cookies:
            sent["cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        status, answered, text = self.send(method, path, sent, body)
        page = Page(status=status, headers=tuple(answered), body=text, path=path)
        for line in page.set_cookies:
            self._keep(line)
        return page

    def types(self, path):
        """Type an address."""
        return self.ask("GET", path, TYPED)

    def clicks(self, path):
        """Follow a link on one of the application's own pages."""
        return self.ask("GET", path, FROM_A_PAGE)

    def comes_from_elsewhere(self, path):
        """Follow a link on somebody else's page, or a redirect from there."""
        return self.ask("GET", path, FROM_ELSEWHERE)

    def submits(self, path, form=None):
        """Submit a form of one of the application's own pages."""
        return self.ask("POST", path, {**FROM_A_PAGE, "origin": self.origin}, form=form or {})

    def begins(self, wanted=""):
        """Press the connect button; the answer leads to MailUp."""
        return self.submits(f"{self.prefix}/begin", {"next": wanted} if wanted else {})

    def consents(self, url, answer=Answer.ALLOW):
        """Fill in MailUp's forms at *url*; return the address that MailUp sends the browser back to."""
        with httpx.Client(trust_env=False) as browser:
            return walk(url, username=self.at_mailup, password=self.password, answer=answer, fetch=over_http(browser))

    def returns(self, callback):
        """Come back from MailUp: ask for *callback*, an absolute address of the application."""
        parts = urlsplit(callback)
        return self.comes_from_elsewhere(f"{parts.path}?{parts.query}")

    def follows(self, page):
        """Follow a redirect within the application, by a GET, until a page is shown."""
        while page.status in {301, 302, 303, 307, 308}:
            parts = urlsplit(urljoin(f"{self.origin}{page.path}", page.location))
            page = self.comes_from_elsewhere(f"{parts.path}?{parts.query}" if parts.query else parts.path)
        return page

    def connects(self, wanted="", answer=Answer.ALLOW):
        """Press the connect button, consent, come back; return the answer to the callback, which is a redirect."""
        return self.returns(self.consents(self.begins(wanted).location, answer))

    def disconnects(self):
        """Press the disconnect button."""
        return self.submits(f"{self.prefix}/disconnect")

    def looks(self):
        """Open the status page."""
        return self.clicks(f"{self.prefix}/")

    def attempts(self):
        """Return the names of the cookies of attempts that the browser keeps."""
        return [name for name in self.cookies if "mailup-flow-" in name]

    def _keep(self, line):
        """Keep a cookie as a browser does, or forget it."""
        for name, morsel in SimpleCookie(line).items():
            if morsel["max-age"] == "0" or morsel["expires"].startswith("Thu, 01 Jan 1970"):
                self.cookies.pop(name, None)
            else:
                self.cookies[name] = morsel.coded_value  # with its quotes, as browsers do
