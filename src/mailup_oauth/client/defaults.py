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
