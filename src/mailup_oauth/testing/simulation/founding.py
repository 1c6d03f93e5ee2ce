"""What every town begins with: an application, two MailUp users, keys, and no chance but what is seeded."""

import enum
from collections.abc import Callable
from hashlib import sha256
from typing import Final

from ...adapters.cipher.keys import Key, KeyRing
from ...adapters.cipher.marker import HmacMarker
from ...domain.policy import Policy
from ...domain.provider import MAILUP
from ...domain.registration import Registration
from ...domain.secret import Secret
from ...engine import Setting
from ...sandbox.accounts import Application, MailUpUser
from ...sandbox.world import World, founded
from ..canary import CANARY
from ..stage import CLIENT_ID, CLIENT_SECRET, PASSWORD
from .glass import GlassCipher

PROCESSES: Final = ("one", "two", "three")
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


def setting(policy: Policy, client_secret: Callable[[], Secret]) -> Setting:
    """Return what the application is started with."""
    registration = Registration(
        client_id=CLIENT_ID, client_secret=client_secret, redirect_uri="https://app.example/mailup/callback"
    )
    marker = HmacMarker(KeyRing((Key(sha256(b"simulation").digest()),)))
    return Setting(registration=registration, provider=MAILUP, policy=policy, cipher=GlassCipher(), marker=marker)
