"""The one place that knows which adapter serves a port by default; each is loaded when it is needed."""

from typing import TypedDict

from ..domain.policy import Policy
from ..domain.provider import Provider
from ..domain.registration import Registration
from ..engine import Setting
from ..ports import Cipher, Clock, Entropy, Guard, Marker, Observer, Ports, Store, Transport
from .core import Core


class Chosen(TypedDict, total=False):
    """The ports that an application brings itself."""

    transport: Transport
    clock: Clock
    entropy: Entropy
    cipher: Cipher
    marker: Marker
    guard: Guard
    observer: Observer


def core_of(registration: Registration, store: Store, provider: Provider, policy: Policy, chosen: Chosen) -> Core:
    """
    Return the core of a facade, with a default for every port that the application did not bring.

    Raises:
        KeyUnavailable: the key that seals the tokens is missing or must not be used.
    """
    ring = _ring_of(store) if not {"cipher", "marker"} <= chosen.keys() else None
