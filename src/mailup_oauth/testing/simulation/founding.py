"""What every town begins with: an application, two MailUp users, keys, and no chance but what is seeded."""

import enum
from collections.abc import Callable
from hashlib import sha256
from typing import Final

from ...adapters.cipher.keys import Key, KeyRing
from ...adapters.cipher.marker import HmacMarker
from ...adapters.observe.silent import SilentObserver
from ...adapters.transport.sandbox import SandboxService, SandboxTransport
from ...domain.policy import Policy
from ...domain.provider import MAILUP
from ...domain.registration import Registration
from ...domain.secret import Secret
from ...domain.states import State
from ...engine import Setting
from ...ports import Clock, Entropy, Guard, Ports, Row, Spill, Store
from ...sandbox.accounts import Application, MailUpUser
from ...sandbox.world import World, founded
from ..canary import CANARY
from ..stage import CLIENT_ID, CLIENT_SECRET, PASSWORD
from .glass import GlassCipher

PROCESSES: Final = ("one", "two", "three")

Hosts = tuple[tuple[str, ...], ...]
"""The processes of each machine."""

ONE_HOST: Final[Hosts] = (PROCESSES,)
TWO_HOSTS: Final[Hosts] = (PROCESSES[:2], PROCESSES[2:])

CONNECTIONS: Final = ("acme", "bolt")
USERS: Final = ("m1", "m2")


@enum.unique
class Keeping(enum.Enum):
    """How a secret is kept."""

    WELL = "well"
    WRONGLY = "wrongly"
    NOT_AT_ALL = "not-at-all"


def mailup() -> World:
    """Return MailUp before anything has happened."""
    application = Application(client_id=CLIENT_ID, client_secret=CLIENT_SECRET, name="Simulation")
    users = (MailUpUser(username=name, password=PASSWORD, uid=name.removeprefix("m")) for name in USERS)
    return founded((application,), users)


def coins(count: int) -> bytes:
    """Return what MailUp makes its tokens from; its own serial keeps them apart."""
    return sha256(b"mailup").digest()[:count]


class SecretManager:
    """Where the application keeps its client secret; whoever keeps it can make mistakes."""

    def __init__(self) -> None:
        self.keeping = Keeping.WELL

    def __call__(self) -> Secret:
        """Return the client secret, as far as it is known."""
        match self.keeping:
            case Keeping.WELL:
                return CLIENT_SECRET
            case Keeping.WRONGLY:
                return Secret(f"{CANARY}-of-yesterday")
            case Keeping.NOT_AT_ALL:
                raise LookupError


CIPHER: Final = GlassCipher()
MARKER: Final = HmacMarker(KeyRing((Key(sha256(b"simulation").digest()),)))


_OPENED: Final[dict[object, State]] = {}
"""What was opened, by everything of a row that opening it looks at."""

MOST_REMEMBERED: Final = 256


class RememberingSetting(Setting):
    """A setting that opens a row once, and knows it again by its bytes; what is in a state never changes."""

    __slots__ = ()

    def opened(self, connection: str, row: Row) -> State:
        """Return the state that a row holds, as the client itself opened it here or in an earlier history."""
        key = (connection, row.version, row.sequence, row.head, row.clear, row.sealed)
        state = _OPENED.get(key)
        if state is None:
            if len(_OPENED) == MOST_REMEMBERED:
                del _OPENED[next(iter(_OPENED))]
            state = _OPENED[key] = super().opened(connection, row)
        return state


def setting(policy: Policy, client_secret: Callable[[], Secret]) -> Setting:
    """Return what the application is started with."""
    registration = Registration(
        client_id=CLIENT_ID, client_secret=client_secret, redirect_uri="https://app.example/mailup/callback"
    )
    return RememberingSetting(registration=registration, provider=MAILUP, policy=policy, cipher=CIPHER, marker=MARKER)


def machine(  # noqa: PLR0913, PLR0917  # a machine has so many parts
    setting: Setting,
    mailup: SandboxService,
    clock: Clock,
    entropy: Entropy,
    store: Store,
    spill: Spill,
    guard: Guard,
) -> Ports:
    """Return what the processes of one machine meet the world with."""
    return Ports(
        transport=SandboxTransport(mailup),
        clock=clock,
        entropy=entropy,
        store=store,
        spill=spill,
        guard=guard,
        cipher=setting.cipher,
        marker=setting.marker,
        observer=SilentObserver(),
    )
