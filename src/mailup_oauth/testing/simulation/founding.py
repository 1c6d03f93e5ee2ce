"""What every town begins with: an application, two MailUp users, keys, and no chance but what is seeded."""

from hashlib import sha256
from typing import Final

from ...adapters.cipher.keys import Key, KeyRing
from ...adapters.cipher.marker import HmacMarker
from ...domain.policy import Policy
from ...domain.provider import MAILUP
from ...domain.registration import Registration
from ...engine import Setting
from ...sandbox.accounts import Application, MailUpUser
from ...sandbox.world import World, founded
from ..stage import CLIENT_ID, CLIENT_SECRET, PASSWORD
from .glass import GlassCipher

PROCESSES: Final = ("one", "two", "three")
CONNECTIONS: Final = ("acme", "bolt")
USERS: Final = ("m1", "m2")


def mailup() -> World:
    """Return MailUp before anything has happened."""
    application = Application(client_id=CLIENT_ID, client_secret=CLIENT_SECRET, name="Simulation")
    users = (MailUpUser(username=name, password=PASSWORD, uid=name.removeprefix("m")) for name in USERS)
    return founded((application,), users)


def coins(count: int) -> bytes:
    """Return what MailUp makes its tokens from; its own serial keeps them apart."""
    return sha256(b"mailup").digest()[:count]


def setting(policy: Policy) -> Setting:
    """Return what the application is started with."""
    registration = Registration(
        client_id=CLIENT_ID, client_secret=CLIENT_SECRET, redirect_uri="https://app.example/mailup/callback"
    )
    marker = HmacMarker(KeyRing((Key(sha256(b"simulation").digest()),)))
    return Setting(registration=registration, provider=MAILUP, policy=policy, cipher=GlassCipher(), marker=marker)
