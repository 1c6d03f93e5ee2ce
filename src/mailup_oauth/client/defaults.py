"""The one place that knows which adapter serves a port by default; each is loaded when it is needed."""

import os
from collections.abc import Callable
from typing import TYPE_CHECKING, TypedDict, TypeVar
from urllib.parse import parse_qsl, urlsplit

from ..domain.errors import BadRegistration, KeyUnavailable, PredictableEntropy
from ..domain.policy import Policy
from ..domain.provider import NonceCarrier, Provider
from ..domain.registration import Registration
from ..engine import Setting
from ..engine.steps import Tell
from ..ports import (
    Cipher,
    Clock,
    Entropy,
    Guard,
    Housed,
    Marker,
    Notice,
    Observer,
    Obstructed,
    Ports,
    Predictable,
    Spill,
    Store,
    Transport,
)
from .core import Core

if TYPE_CHECKING:
    from ..adapters.cipher.keys import KeyRing

T = TypeVar("T")

KEY_VARIABLE = "MAILUP_OAUTH_KEY"
"""The environment variable that may hold the keys, newest first, separated by commas."""


class Chosen(TypedDict, total=False):
    """The ports that an application brings itself."""

    transport: Transport
    clock: Clock
    entropy: Entropy
    cipher: Cipher
    marker: Marker
    spill: Spill
    guard: Guard
    observer: Observer


def core_of(registration: Registration, store: Store, provider: Provider, policy: Policy, chosen: Chosen) -> Core:
    """
    Return the core of a facade, with a default for every port that the application did not bring.

    Raises:
        BadRegistration: the redirect URI already uses the name that carries the provider's nonce.
        PredictableEntropy: chance that repeats was brought, and no transport of the application's own.
        KeyUnavailable: the key that seals the tokens is missing or must not be used.
    """
    _check_together(registration, provider)
    _check_chance(chosen)
    cipher, marker = _cipher_and_marker(store, chosen)
    setting = Setting(registration=registration, provider=provider, policy=policy, cipher=cipher, marker=marker)
    ports = Ports(
        transport=_or(chosen.get("transport"), _transport),
        clock=_or(chosen.get("clock"), _clock),
        entropy=_or(chosen.get("entropy"), _entropy),
        store=store,
        spill=_or(chosen.get("spill"), lambda: _spill(store)),
        guard=_or(chosen.get("guard"), lambda: _guard(store)),
        cipher=cipher,
        marker=marker,
        observer=_or(chosen.get("observer"), _observer),
    )
    _tell_of_obstacle(ports)
    return Core(setting, ports)


def _tell_of_obstacle(ports: Ports) -> None:
    """Let the observer know at the start that tokens which the store does not take could be put nowhere (S17)."""
    if isinstance(ports.spill, Obstructed) and ports.spill.obstacle():
        Tell((Notice(connection="", what="spill:unusable", at=ports.clock.now()),)).take(ports)


def _check_together(registration: Registration, provider: Provider) -> None:
    """Refuse a redirect URI that would make every callback carry two nonces."""
    query = urlsplit(registration.redirect_uri).query
    taken = {name for name, _ in parse_qsl(query, keep_blank_values=True)}
    if provider.nonce_carrier is NonceCarrier.STATE_AND_REDIRECT_URI and provider.nonce_member in taken:
        problem = f"redirect_uri's query already holds {provider.nonce_member!r}, which carries the attempt's nonce"
        raise BadRegistration(problem)


def _check_chance(chosen: Chosen) -> None:
    """Refuse chance that repeats where the real transport would carry it (security.md row 53)."""
    entropy: object = chosen.get("entropy")
    if chosen.get("transport") is None and isinstance(entropy, Predictable) and entropy.is_predictable:
        raise PredictableEntropy


def _or(brought: T | None, default: Callable[[], T]) -> T:
    """Return the port that the application brought, though it be empty in its own eyes, or the default one."""
    return default() if brought is None else brought


def _cipher_and_marker(store: Store, chosen: Chosen) -> tuple[Cipher, Marker]:
    """Return what seals and what marks; the keys are looked for only if one of them is ours."""
    cipher, marker = chosen.get("cipher"), chosen.get("marker")
    if cipher is not None and marker is not None:
        return cipher, marker
    from ..adapters.cipher.cobblestone import CobblestoneCipher  # noqa: PLC0415
    from ..adapters.cipher.marker import HmacMarker  # noqa: PLC0415

    ring = _ring(store)
    return _or(cipher, lambda: CobblestoneCipher(ring)), _or(marker, lambda: HmacMarker(ring))


def _ring(store: Store) -> "KeyRing":
    """Return the keys: from the environment, from beside the store, or, where nothing outlasts the process, fresh."""
    from ..adapters.cipher.keyfile import open_key_file  # noqa: PLC0415
    from ..adapters.cipher.keys import KeyRing, new_key, read_keys  # noqa: PLC0415
    from ..adapters.storage.memory import MemoryStore  # noqa: PLC0415

    if os.environ.get(KEY_VARIABLE):
        return read_keys(os.environ[KEY_VARIABLE])  # no name stands for it: tracebacks show what names stand for
    if isinstance(store, Housed):
        return open_key_file(store.key_file, may_create=store.is_empty())
    if isinstance(store, MemoryStore):
        return KeyRing((new_key(),))
    problem = f"this store has no place for a key file, and {KEY_VARIABLE} is not set"
    raise KeyUnavailable(problem)


def _spill(store: Store) -> Spill:
    """Return where tokens wait that the store does not take: beside it, or with this machine's user."""
    from ..adapters.storage.memory import MemoryStore  # noqa: PLC0415

    if isinstance(store, MemoryStore):
        from ..adapters.spill.memory import MemorySpill  # noqa: PLC0415

        return MemorySpill()
    from ..adapters.spill.folder import FolderSpill, folder_for  # noqa: PLC0415

    return FolderSpill(store.spill_folder if isinstance(store, Housed) else folder_for(store.identity))


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
