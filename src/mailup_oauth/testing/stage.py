"""A client and a MailUp on one stage, in one process: fake clock, seeded chance, no socket, no file, no sleep."""

from datetime import timedelta
from hashlib import sha256

from ..adapters.storage.memory import MemoryStore
from ..adapters.transport.sandbox import SandboxService, SandboxTransport
from ..client import MailUpOAuth, Status
from ..domain.policy import PRODUCTION, Policy
from ..domain.provider import MAILUP, Provider
from ..domain.registration import Registration
from ..domain.secret import Secret
from ..engine import Start
from ..ports import Store
from ..sandbox.commands import Answer, ChangeSwitches, Effect, PlanFault, RevokeApplication
from ..sandbox.events import Event
from ..sandbox.faults import Fault, Target
from ..sandbox.switches import DOCUMENTED, Switches
from ..sandbox.world import Application, MailUpUser, World, founded
from .clock import FakeClock
from .entropy import SeededEntropy
from .visitor import in_process, walk

CONNECTION = "acme"
CANARY = "canary"
"""What every secret of the stage holds, so that a leak can be searched for."""

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
        self.store = MemoryStore() if store is None else store
        self.registration = Registration(
            client_id=CLIENT_ID, client_secret=CLIENT_SECRET, redirect_uri="https://app.example/mailup/callback"
        )
        self.oauth = MailUpOAuth(
            self.registration,
            store=self.store,
            provider=provider,
            policy=policy,
            transport=self.transport,
            clock=self.clock,
            entropy=self.entropy,
        )

    def visit(self, start: Start, *, username: str = "m1", answer: Answer = Answer.ALLOW) -> str:
        """Walk the log-on and consent pages, and return the address that the browser comes back to."""
        return walk(
            start.url.reveal(),
            username=username,
            password=PASSWORD,
            answer=answer,
            fetch=in_process(self.sandbox),
        )

    def connect(self, connection: str = CONNECTION, *, username: str = "m1") -> Status:
        """Connect a user, from the first click to the stored tokens."""
        start = self.oauth.begin(connection)
        return self.oauth.complete(self.visit(start, username=username), binding=start.binding)

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
