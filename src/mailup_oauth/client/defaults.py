"""The one place that knows which adapter serves a port by default; each is loaded when it is needed."""

import os
from typing import TYPE_CHECKING, TypedDict
from urllib.parse import parse_qsl, urlsplit

from ..domain.errors import BadRegistration, KeyUnavailable
from ..domain.policy import Policy
from ..domain.provider import NonceCarrier, Provider
from ..domain.registration import Registration
from ..engine import Setting
from ..ports import Cipher, Clock, Entropy, Guard, Housed, Marker, Observer, Ports, Store, Transport
from .core import Core

if TYPE_CHECKING:
    from ..adapters.cipher.keys import KeyRing

KEY_VARIABLE = "MAILUP_OAUTH_KEY"
"""The environment variable that may hold the keys, newest first, separated by commas."""


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
        BadRegistration: the redirect URI already uses the name that carries the provider's nonce.
        KeyUnavailable: the key that seals the tokens is missing or must not be used.
    """
    _check_together(registration, provider)
    cipher, marker = _cipher_and_marker(store, chosen)
    setting = Setting(registration=registration, provider=provider, policy=policy, cipher=cipher, marker=marker)
    ports = Ports(
        transport=chosen.get("transport") or _transport(),
        clock=chosen.get("clock") or _clock(),
        entropy=chosen.get("entropy") or _entropy(),
        store=store,
        guard=chosen.get("guard") or _guard(store),
        cipher=cipher,
        marker=marker,
        observer=chosen.get("observer") or _observer(),
    )
    return Core(setting, ports)


def _check_together(registration: Registration, provider: Provider) -> None:
    """Refuse a redirect URI that would make every callback carry two nonces."""
    query = urlsplit(registration.redirect_uri).query
    taken = {name for name, _ in parse_qsl(query, keep_blank_values=True)}
    if provider.nonce_carrier is NonceCarrier.STATE_AND_REDIRECT_URI and provider.nonce_member in taken:
        problem = f"redirect_uri's query already holds {provider.nonce_member!r}, which carries the attempt's nonce"
        raise BadRegistration(problem)


def _cipher_and_marker(store: Store, chosen: Chosen) -> tuple[Cipher, Marker]:
    """Return what seals and what marks; the keys are looked for only if one of them is ours."""
    cipher, marker = chosen.get("cipher"), chosen.get("marker")
    if cipher is not None and marker is not None:
        return cipher, marker
    from ..adapters.cipher.cobblestone import CobblestoneCipher  # noqa: PLC0415
    from ..adapters.cipher.marker import HmacMarker  # noqa: PLC0415

    ring = _ring(store)
    return cipher or CobblestoneCipher(ring), marker or HmacMarker(ring)


def _ring(store: Store) -> "KeyRing":
    """Return the keys: from the environment, from beside the store, or, where nothing outlasts the process, fresh."""
    from ..adapters.cipher.keyfile import open_key_file  # noqa: PLC0415
    from ..adapters.cipher.keys import KeyRing, new_key, read_keys  # noqa: PLC0415
    from ..adapters.storage.memory import MemoryStore  # noqa: PLC0415

    given = os.environ.get(KEY_VARIABLE, "")
    if given:
        return read_keys(given)
    if isinstance(store, Housed):
        return open_key_file(store.key_file, may_create=store.is_empty())
    if isinstance(store, MemoryStore):
        return KeyRing((new_key(),))
    problem = f"this store has no place for a key file, and {KEY_VARIABLE} is not set"
    raise KeyUnavailable(problem)


def _guard(store: Store) -> Guard:
    """Return what excludes everybody who can see the store."""
    if isinstance(store, Housed):
        from ..adapters.guard.host import HostGuard  # noqa: PLC0415

        return HostGuard(store.lock_folder)
    from ..adapters.guard.process import ProcessGuard  # noqa: PLC0415

    return ProcessGuard()


def _transport() -> Transport:
    """Return what sends."""
    from ..adapters.transport.httpx import HttpxTransport  # noqa: PLC0415

    return HttpxTransport()


def _clock() -> Clock:
    """Return what tells the time."""
    from ..adapters.clock.system import SystemClock  # noqa: PLC0415

    return SystemClock()


def _entropy() -> Entropy:
    """Return what nobody can guess."""
    from ..adapters.entropy.system import SystemEntropy  # noqa: PLC0415

    return SystemEntropy()


def _observer() -> Observer:
    """Return what takes note."""
    from ..adapters.observe.log import LoggingObserver  # noqa: PLC0415

    return LoggingObserver()
