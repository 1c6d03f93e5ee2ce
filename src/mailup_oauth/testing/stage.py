"""A client and a MailUp on one stage, in one process: fake clock, seeded chance, no socket, no file, no sleep."""

from datetime import timedelta
from hashlib import sha256
from typing import TypeVar, Unpack

from ..adapters.cipher.cobblestone import CobblestoneCipher
from ..adapters.cipher.keys import Key, KeyRing
from ..adapters.cipher.marker import HmacMarker
from ..adapters.storage.memory import MemoryStore
from ..adapters.transport.sandbox import SandboxService, SandboxTransport
from ..client import AsyncMailUpOAuth, MailUpOAuth, Status
from ..client.defaults import Chosen
from ..domain.policy import PRODUCTION, Policy
from ..domain.provider import MAILUP, Provider
from ..domain.registration import Registration
from ..domain.secret import Secret
from ..domain.tokens import AccessToken
from ..engine import Start
from ..ports import Store
from ..sandbox.commands import Answer, ChangeSwitches, Effect, PlanFault, RevokeApplication
from ..sandbox.events import Event
from ..sandbox.faults import Fault, Target
from ..sandbox.switches import DOCUMENTED, Switches
from ..sandbox.world import Application, MailUpUser, World, founded
from .canary import CANARY
from .clock import FakeClock
from .entropy import SeededEntropy
from .network import Network
from .visitor import in_process, walk

CONNECTION = "acme"

Client = TypeVar("Client", MailUpOAuth, AsyncMailUpOAuth)

KEYS = KeyRing((Key(sha256(b"stage").digest()),))
"""What every stage seals and marks with, so that the marks in two journals can be compared."""

CLIENT_ID = "11111111-2222-3333-4444-555555555555"
CLIENT_SECRET = Secret(f"{CANARY}-client-secret")
PASSWORD = Secret(f"{CANARY}-password")


class Stage:
    """
    One application, two MailUp users (``m1`` and ``m2``), and everything that happens between them.

    Args:
        store: Where the client keeps its connections; memory unless told otherwise.
        provider: What the client takes the server for.
        policy: The client's numbers.
        switches: The server's habits.
        seed: Two stages with equal seeds and equal deeds leave equal journals.
    """

    def __init__(
        self,
        *,
        store: Store | None = None,
        provider: Provider = MAILUP,
        policy: Policy = PRODUCTION,
        switches: Switches = DOCUMENTED,
        seed: str = "seed",
    ) -> None:
        self.clock = FakeClock()
        self.entropy = SeededEntropy(seed, marker=CANARY)
        self.sandbox = SandboxService(_world(switches), self.clock.now, lambda count: _bytes(seed, count))
        self.transport = SandboxTransport(self.sandbox)
        self.network = Network(self.sandbox)
        self.store = MemoryStore() if store is None else store
        self.registration = Registration(
            client_id=CLIENT_ID, client_secret=CLIENT_SECRET, redirect_uri="https://app.example/mailup/callback"
        )
        self.provider = provider
        self.policy = policy
        self.oauth = self.client(MailUpOAuth)

    @property
    def ports(self) -> Chosen:
        """What leads a client of your own to this stage: ``MailUpOAuth(registration, store=..., **stage.ports)``."""
        return {
            "transport": self.transport,
            "clock": self.clock,
            "entropy": self.entropy,
            "cipher": CobblestoneCipher(KEYS),
            "marker": HmacMarker(KEYS),
        }

    def client(self, kind: type[Client], **ports: Unpack[Chosen]) -> Client:
        """Return one more client over the same parts, but for the *ports* that are given; ``oauth`` is the first."""
        parts: Chosen = {**self.ports, **ports}
        return kind(self.registration, store=self.store, provider=self.provider, policy=self.policy, **parts)

    def visit(self, start: Start | str, *, username: str = "m1", answer: Answer = Answer.ALLOW) -> str:
        """
        Walk the log-on and consent pages, and return the address that the browser comes back to.

        Args:
            start: What ``begin`` returned, or the address that your application redirects to.
            username: Who logs on.
            answer: What they say to the consent page.
        """
        return walk(
            start if isinstance(start, str) else start.url.reveal(),
            username=username,
            password=PASSWORD,
            answer=answer,
            fetch=in_process(self.sandbox),
        )

    def connect(self, connection: str = CONNECTION, *, username: str = "m1") -> Status:
        """Connect a user, from the first click to the stored tokens."""
        start = self.oauth.begin(connection)
        return self.oauth.complete(self.visit(start, username=username), binding=start.binding)

    def token(self, connection: str = CONNECTION, *, username: str = "m1") -> AccessToken:
        """Return an access token; the user is connected if nobody is."""
        if not self.oauth.status(connection).connected:
            self.connect(connection, username=username)
        return self.oauth.access_token(connection)

    def expire(self) -> None:
        """Let an hour and a minute pass."""
        self.clock.move(timedelta(minutes=61))

    def switch(self, switches: Switches) -> None:
        """Give the server other habits."""
        self.sandbox.order(ChangeSwitches(switches))

    def plan(self, *faults: Fault, target: Target = Target.TOKEN) -> None:
        """Let the next requests at *target* meet these faults, one each."""
        for fault in faults:
            self.sandbox.order(PlanFault(target, fault))

    def revoke(self, *, username: str = "m1", effect: Effect = Effect.IMMEDIATE) -> None:
        """Let a user take the application's permission back in the console."""
        self.sandbox.order(
            RevokeApplication(username=username, client_id=CLIENT_ID, effect=effect, now=self.clock.now())
        )

    def happened(self, kind: type[Event]) -> int:
        """Return how often something happened at the server."""
        return sum(isinstance(event, kind) for event in self.sandbox.events)


def _world(switches: Switches) -> World:
    """Return the server's side."""
    application = Application(client_id=CLIENT_ID, client_secret=CLIENT_SECRET, name="Stage")
    users = tuple(
        MailUpUser(username=f"m{number}", password=PASSWORD, uid=str(number), company=f"Company {number}")
        for number in (1, 2)
    )
    return founded((application,), users, switches)


def _bytes(seed: str, count: int) -> bytes:
    """Return what the server makes its tokens from; its own serial keeps them apart."""
    return sha256(seed.encode()).digest()[:count]
