"""The whole life of a connection in a few seconds: a sandbox on a socket, a fault survived, a journal proved."""

from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Self

import attrs
import httpx
from rich.console import Console

from ...client import MailUpOAuth
from ...domain.provider import MAILUP, Provider
from ...domain.registration import Registration
from ...domain.secret import Secret
from ...journal import Verified
from ...sandbox.commands import Answer, ChangeSwitches, PlanFault
from ...sandbox.faults import LOST_ANSWER, Target
from ...sandbox.switches import DOCUMENTED, Grace
from ...sandbox.world import Application, MailUpUser, World, founded
from ...testing.visitor import over_http, walk
from ..clock.shifted import ShiftedClock
from ..entropy.system import SystemEntropy
from ..serving.server import serve
from ..storage.sqlite import SqliteStore
from ..transport.sandbox import SandboxService
from .proof import told, verified
from .timeline import timeline

_CLIENT_ID = "11111111-2222-3333-4444-555555555555"
_CLIENT_SECRET = Secret("66666666-7777-8888-9999-000000000000")
_USERNAME = "m1234"
_PASSWORD = Secret("demonstration")
_CONNECTION = "acme"
_AN_HOUR = timedelta(minutes=61)
_GRACE = timedelta(seconds=30)
_CALLBACK = "https://app.example/mailup/callback"
_INFO = "/API/v1.1/Rest/ConsoleService.svc/Console/Authentication/Info"


def provider_at(base: str) -> Provider:
    """Return MailUp's value with every address moved to a sandbox."""
    oauth = f"{base}/Authorization/OAuth"
    host = httpx.URL(base).host
    return attrs.evolve(
        MAILUP,
        name="MailUp sandbox",
        authorize_url=f"{oauth}/LogOn",
        token_url=f"{oauth}/Token",
        identity_url=f"{base}{_INFO}",
        api_hosts=frozenset({host}),
    )


def demo(console: Console) -> bool:
    """Live through everything that happens to a connection, tell it, and return whether the journal is proved."""
    with TemporaryDirectory(prefix="mailup-oauth-demo-") as folder:
        clock = ShiftedClock()
        service = SandboxService(_world(), clock.now, _draw)
        with serve(service) as base, _Act(console, base, service, clock, Path(folder) / "demo.db") as act:
            act.connect()
            act.call()
            act.outlive_an_hour()
            act.lose_an_answer()
            act.be_told_401()
            return act.prove()


def _world() -> World:
    """Return a MailUp with one application and one user; the secrets are invented and worth nothing."""
    application = Application(client_id=_CLIENT_ID, client_secret=_CLIENT_SECRET, name="Demonstration")
    user = MailUpUser(username=_USERNAME, password=_PASSWORD, uid="1234", company="Example Srl")
    return founded((application,), (user,), DOCUMENTED)


def _draw(count: int) -> bytes:
    """Return what the sandbox makes its tokens from."""
    return sha256(SystemEntropy().token().reveal().encode()).digest()[:count]


class _Act:
    """The demonstration's scenes, in the order in which they are played; a context that closes what it opened."""

    def __init__(
        self, console: Console, base: str, service: SandboxService, server_clock: ShiftedClock, file: Path
    ) -> None:
        console.print(f"[bold]1[/]  a MailUp sandbox listens on {base}")
        self._console = console
        self._base = base
        self._service = service
        self._server_clock = server_clock
        self._clock = ShiftedClock()
        self._store = SqliteStore(file)
        registration = Registration(client_id=_CLIENT_ID, client_secret=_CLIENT_SECRET, redirect_uri=_CALLBACK)
        self.oauth = MailUpOAuth(registration, store=self._store, provider=provider_at(base), clock=self._clock)
        self._api = httpx.Client(auth=self.oauth.auth(_CONNECTION))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *ending: object) -> None:
        self._api.close()
        self.oauth.close()

    def connect(self) -> None:
        """Walk the real log-on and consent forms over HTTP, and come back with the code."""
        start = self.oauth.begin(_CONNECTION, actor="demo", reason="first connection")
        with httpx.Client() as browser:
            arrived = walk(
                start.url.reveal(),
                username=_USERNAME,
                password=_PASSWORD,
                answer=Answer.ALLOW,
                fetch=over_http(browser),
            )
        status = self.oauth.complete(arrived, binding=start.binding, actor="demo")
        self._say(2, f"{status.user} logged on, consented, and is connected; every token is sealed in the store")

    def call(self) -> None:
        """Call the API as an application does every day."""
        answer = self._info()
        self._say(3, f"Authentication/Info answers: {answer['Username']} of {answer['Company']}")

    def outlive_an_hour(self) -> None:
        """Let the access token expire; the next call refreshes, and the refresh token is replaced."""
        before = self.oauth.status(_CONNECTION).generation
        self._pass_an_hour()
        self._info()
        after = self.oauth.status(_CONNECTION).generation
        self._say(4, f"an hour later the token has expired; one refresh, generation {before} -> {after}, stored first")

    def lose_an_answer(self) -> None:
        """Let MailUp rotate the refresh token and the answer be lost; recover within the server's grace."""
        self._service.order(ChangeSwitches(attrs.evolve(DOCUMENTED, old_refresh=Grace(_GRACE))))
        self._service.order(PlanFault(Target.TOKEN, LOST_ANSWER))
        self._pass_an_hour()
        self._info()
        self._say(5, "the answer to a refresh was lost after MailUp had rotated; settled, tried once more, recovered")

    def be_told_401(self) -> None:
        """Let MailUp's clock run ahead, so that it refuses a token we still believe in."""
        before = self.oauth.status(_CONNECTION).generation
        self._server_clock.move(_AN_HOUR)
        self._info()
        after = self.oauth.status(_CONNECTION).generation
        self._say(
            6, f"MailUp said 401 to a token that looked good; one refresh ({before} -> {after}), one repeat, answered"
        )

    def prove(self) -> bool:
        """Print the journal, verify its chain, and replay it to the stored state."""
        self._console.print()
        self._console.print(timeline(tuple(self.oauth.journal(_CONNECTION))))
        self._console.print()
        verdict = verified(self._store, _CONNECTION)
        self._say(7, told(verdict))
        return isinstance(verdict, Verified)

    def _info(self) -> dict[str, str]:
        """Call the API as an application does every day."""
        answer: dict[str, str] = self._api.get(f"{self._base}{_INFO}").raise_for_status().json()
        return answer

    def _pass_an_hour(self) -> None:
        """Let an hour pass, here and at MailUp."""
        self._clock.move(_AN_HOUR)
        self._server_clock.move(_AN_HOUR)

    def _say(self, number: int, text: str) -> None:
        """Tell one scene."""
        self._console.print(f"[bold]{number}[/]  {text}")
