"""The whole life of a connection in a few seconds: a sandbox on a socket, a fault survived, a journal proved."""

from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import attrs
import httpx
from rich.console import Console

from ...client import MailUpOAuth
from ...domain.provider import MAILUP, Provider
from ...domain.registration import Registration
from ...domain.secret import Secret
from ...journal import Verified, verify
from ...sandbox.commands import Answer, ChangeSwitches, PlanFault
from ...sandbox.faults import LOST_ANSWER, Target
from ...sandbox.switches import DOCUMENTED, Grace
from ...sandbox.world import Application, MailUpUser, founded
from ...testing.visitor import over_http, walk
from ..clock.shifted import ShiftedClock
from ..entropy.system import SystemEntropy
from ..serving.server import serve
from ..storage.sqlite import SqliteStore
from ..transport.sandbox import SandboxService
from .timeline import timeline

_CONNECTION = "acme"
_AN_HOUR = timedelta(minutes=61)
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
        with serve(service) as base:
            console.print(f"[bold]1[/]  A MailUp sandbox listens on {base}")
            act = _Act(console, base, service, clock, Path(folder) / "demo.db")
            with act.oauth:
                act.connect()
                act.call()
                act.outlive_an_hour()
                act.lose_an_answer()
                act.be_told_401()
                return act.prove()


def _world() -> World:
    """Return a MailUp with one application and one user; the secrets are invented and worth nothing."""
    application = Application(
        client_id="11111111-2222-3333-4444-555555555555",
        client_secret=Secret("66666666-7777-8888-9999-000000000000"),
        name="Demonstration",
    )
    user = MailUpUser(username="m1234", password=Secret("demonstration"), uid="1234", company="Example Srl")
    return founded((application,), (user,), DOCUMENTED)


def _draw(count: int) -> bytes:
    """Return what the sandbox makes its tokens from."""
    return sha256(SystemEntropy().token().reveal().encode()).digest()[:count]


class _Act:
    """The demonstration's scenes, in the order in which they are played."""

    def __init__(self, console: Console, base: str, service: SandboxService, clock: ShiftedClock, file: Path) -> None:
        self._console = console
        self._base = base
        self._service = service
        self._clock = clock
        self._store = SqliteStore(file)
        registration = Registration(
            client_id="11111111-2222-3333-4444-555555555555",
            client_secret=Secret("66666666-7777-8888-9999-000000000000"),
            redirect_uri=_CALLBACK,
        )
        self.oauth = MailUpOAuth(registration, store=self._store, provider=provider_at(base), clock=clock)

    def connect(self) -> None:
        """Walk the real log-on and consent forms over HTTP, and come back with the code."""
        start = self.oauth.begin(_CONNECTION, actor="demo", reason="first connection")
        with httpx.Client() as browser:
            arrived = walk(
                start.url.reveal(),
                username="m1234",
                password=Secret("demonstration"),
                answer=Answer.ALLOW,
                fetch=over_http(browser),
            )
        status = self.oauth.complete(arrived, binding=start.binding, actor="demo")
        self._say(2, f"{status.user} logged on, consented, and is connected; every token is sealed in the store")

    def call(self) -> None:
        """Call the API as an application does every day."""
        with httpx.Client(auth=self.oauth.auth(_CONNECTION)) as api:
            answer = api.get(f"{self._base}{_INFO}").raise_for_status().json()
        self._say(3, f"Authentication/Info answers: {answer['Username']} of {answer['Company']}")

    def outlive_an_hour(self) -> None:
        """Let the access token expire; the next call refreshes, and the refresh token is replaced."""
        before = self.oauth.status(_CONNECTION).generation
        self._clock.move(_AN_HOUR)
        self.oauth.access_token(_CONNECTION)
        after = self.oauth.status(_CONNECTION).generation
        self._say(4, f"an hour later the token has expired; one refresh, generation {before} -> {after}, stored first")

    def lose_an_answer(self) -> None:
        """Let MailUp rotate the refresh token and the answer be lost; recover within the server's grace."""
        self._service.order(ChangeSwitches(switches=attrs.evolve(DOCUMENTED, old_refresh=Grace(timedelta(seconds=30)))))
        self._service.order(PlanFault(target=Target.TOKEN, fault=LOST_ANSWER))
        self._clock.move(_AN_HOUR)
        self.oauth.access_token(_CONNECTION)
        self._say(5, "the answer to a refresh was lost after MailUp had rotated; settled, tried once more, recovered")

    def be_told_401(self) -> None:
        """Let MailUp's clock run ahead, so that it refuses a token we still believe in."""
        self._service.order(EndAccessTokens())
        self.call_again()

    def prove(self) -> bool:
        """Print the journal, verify its chain, and replay it to the stored state."""
        records = tuple(self.oauth.journal(_CONNECTION))
        self._console.print()
        self._console.print(timeline(records))
        self._console.print()
        row = self._store.load(_CONNECTION)
        verdict = verify(_CONNECTION, self._store.records(_CONNECTION), row)
        proved = isinstance(verdict, Verified)
        self._say(7, f"chain {'verified' if proved else 'BROKEN'}")
        return proved

    def _say(self, number: int, text: str) -> None:
        """Tell one scene."""
        self._console.print(f"[bold]{number}[/]  {text}")
