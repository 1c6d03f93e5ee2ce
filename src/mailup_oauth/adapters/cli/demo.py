"""The whole life of a connection in a few seconds: a sandbox on a socket, a fault survived, a journal proved."""

from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Self, TypeVar

import attrs
import httpx
from rich.console import Console
from rich.table import Table
from rich.text import Text

from ...client import MailUpOAuth
from ...client.proof import both_sides, told, verified
from ...domain.credential import Credential
from ...domain.events import RefreshOutcomeUnknown, RefreshStarted, TokensRefreshed
from ...domain.registration import Registration
from ...domain.secret import Secret
from ...journal import Verified
from ...sandbox.commands import Answer, ChangeSwitches, PlanFault
from ...sandbox.events import Event as SandboxEvent
from ...sandbox.events import PairRepeated, TokensRotated
from ...sandbox.faults import LOST_ANSWER, Target
from ...sandbox.router import INFO_PATH
from ...sandbox.switches import DOCUMENTED, Grace
from ...sandbox.world import Application, MailUpUser, World, founded
from ...testing.visitor import over_http, walk
from ..clock.shifted import ShiftedClock
from ..entropy.system import SystemEntropy
from ..serving.sandbox import provider_at
from ..serving.server import serve
from ..storage.sqlite import SqliteStore
from ..transport.sandbox import SandboxService
from .timeline import shown, timeline
from .words import harmless

E = TypeVar("E")

_CLIENT_ID = "11111111-2222-3333-4444-555555555555"
_CLIENT_SECRET = Secret("66666666-7777-8888-9999-000000000000")
_USERNAME = "m1234"
_PASSWORD = Secret("demonstration")
_CONNECTION = "acme"
_AN_HOUR = timedelta(minutes=61)
_GRACE = timedelta(seconds=30)
_CALLBACK = "https://app.example/mailup/callback"


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
        self._console = console
        self._base = base
        self._service = service
        self._server_clock = server_clock
        self._clock = ShiftedClock()
        self._store = SqliteStore(file)
        registration = Registration(client_id=_CLIENT_ID, client_secret=_CLIENT_SECRET, redirect_uri=_CALLBACK)
        self.oauth = MailUpOAuth(registration, store=self._store, provider=provider_at(base), clock=self._clock)
        self._api = httpx.Client(auth=self.oauth.auth(_CONNECTION), trust_env=False)
        self._say(1, f"A MailUp sandbox listens on {base}.  Real HTTP; only the clocks are moved by hand.")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *ending: object) -> None:
        self._api.close()
        self.oauth.close()

    def connect(self) -> None:
        """Walk the real log-on and consent forms over HTTP, and come back with the code."""
        start = self.oauth.begin(_CONNECTION, actor="demo", reason="first connection")
        with httpx.Client(trust_env=False) as browser:
            arrived = walk(
                start.url.reveal(),
                username=_USERNAME,
                password=_PASSWORD,
                answer=Answer.ALLOW,
                fetch=over_http(browser),
            )
        status = self.oauth.complete(arrived, binding=start.binding, actor="demo")
        self._say(
            2,
            f"The user {status.user} filled in the log-on and consent forms; the code they came back with was exchanged.",
            f"Connection {_CONNECTION!r} is {status.state}, its tokens are sealed in the store.",
        )

    def call(self) -> None:
        """Call the API as an application does every day."""
        told = self._info().json()
        self._say(3, f"Authentication/Info is called and answers: {told['Username']} of {told['Company']}.")

    def outlive_an_hour(self) -> None:
        """Let the access token expire; the next call refreshes, and the refresh token is replaced."""
        self._pass_an_hour()
        self._info()
        self._say(
            4,
            "An hour later the access token has expired.  The next call refreshed first, once, and was answered.",
            self._rotation(),
        )

    def lose_an_answer(self) -> None:
        """Let MailUp rotate the refresh token and the answer be lost; recover within the server's grace."""
        self._service.order(ChangeSwitches(attrs.evolve(DOCUMENTED, old_refresh=Grace(_GRACE))))
        self._service.order(PlanFault(Target.TOKEN, LOST_ANSWER))
        self._pass_an_hour()
        self._info()
        settled = self._newest(RefreshOutcomeUnknown).wait.span.total_seconds()
        self._say(
            5,
            "An hour later MailUp rotated again and its answer was lost, on purpose: nobody knew what had happened.",
            f"After {settled:.1f} s the same refresh token was sent a second time; MailUp has a grace for that.",
            f"It has counted {self._counted(TokensRotated)} rotations and {self._counted(PairRepeated)} answer repeated.",
            f"Recovered.  {self._rotation()}",
        )

    def be_told_401(self) -> None:
        """Let MailUp's clock run ahead, so that it refuses a token we still believe in."""
        self._server_clock.move(_AN_HOUR)
        answer = self._info()
        statuses = " and then ".join(str(one.status_code) for one in (*answer.history, answer))
        self._say(
            6,
            f"MailUp ended an access token before its time.  The call was told {statuses}: one refresh, one repeat.",
            self._rotation(),
        )

    def prove(self) -> bool:
        """Print the journal, verify its chain, and replay it to the stored state."""
        self._console.print()
        self._console.print(timeline(tuple(self.oauth.journal(_CONNECTION)), self._console.width))
        self._console.print()
        verdict = verified(self._store, _CONNECTION)
        proved = isinstance(verdict, Verified)
        sides = both_sides(self._store, _CONNECTION) if proved else ()
        self._say(7, f"The journal, verified without any key: {told(verdict)}.", *sides)
        return proved

    def _info(self) -> httpx.Response:
        """Call the API as an application does every day."""
        return self._api.get(f"{self._base}{INFO_PATH}").raise_for_status()

    def _pass_an_hour(self) -> None:
        """Let an hour pass, here and at MailUp."""
        self._clock.move(_AN_HOUR)
        self._server_clock.move(_AN_HOUR)

    def _newest(self, kind: type[E]) -> E:
        """Return the newest event of one kind that the journal tells of."""
        return [one.event for one in self.oauth.journal(_CONNECTION) if isinstance(one.event, kind)][-1]

    def _counted(self, kind: type[SandboxEvent]) -> int:
        """Return how often something happened at MailUp."""
        return sum(isinstance(event, kind) for event in self._service.events)

    def _rotation(self) -> str:
        """Return what the newest refresh brought, as the journal has it."""
        spent, came = self._newest(RefreshStarted).intent.mark, self._newest(TokensRefreshed)
        after = came.refresh.mark if isinstance(came.refresh, Credential) else spent
        return f"Refresh token {shown(spent)} was replaced by {shown(after)} (generation {came.generation})."

    def _say(self, number: int, *sentences: str) -> None:
        """Tell one scene."""
        scene = Table.grid(padding=(0, 2))
        for mark, sentence in zip((str(number), *" " * len(sentences)), sentences, strict=False):
            scene.add_row(Text(mark, style="bold"), Text(harmless(sentence)))
        self._console.print(scene)
