"""A whole sandbox from a scenario: with the system's clock and chance, on a socket of this machine."""

from collections.abc import Generator
from contextlib import contextmanager
from urllib.parse import urlsplit

import attrs

from ...domain.provider import MAILUP, Provider
from ...sandbox.asking import Door
from ...sandbox.router import INFO_PATH, TOKEN_PATH
from ...sandbox.scenario import DEMONSTRATION, Scenario
from ...sandbox.world import begun
from ..clock.system import SystemClock
from ..entropy.system import octets
from ..transport.sandbox import SandboxService
from .desk import Desk
from .server import serve


def provider_at(base: str) -> Provider:
    """Return what a client takes MailUp for, with every address moved to the sandbox at *base*."""
    return attrs.evolve(
        MAILUP,
        name="MailUp sandbox",
        authorize_url=f"{base}{Door.LOG_ON.value}",
        token_url=f"{base}{TOKEN_PATH}",
        identity_url=f"{base}{INFO_PATH}",
        api_hosts=frozenset({urlsplit(base).hostname or ""}),
    )


def service_of(scenario: Scenario = DEMONSTRATION) -> SandboxService:
    """Return a service that begins as *scenario* says, now."""
    clock = SystemClock()
    return SandboxService(begun(scenario, system=clock.now()), clock.now, octets)


@contextmanager
def serve_scenario(
    scenario: Scenario = DEMONSTRATION, *, host: str = "127.0.0.1", port: int = 0
) -> Generator[str, None, None]:
    """
    Serve a MailUp that begins as *scenario* says while the context lasts, and yield its base URL.

    What the owner needs is below ``/__sandbox__/`` of that URL, for programs of this machine only.

    Args:
        scenario: What there is at first; ``scenario_file.read_scenario`` makes one out of a file.
        host: An address of this machine; anything but a loopback address shows the sandbox to the network.
        port: 0 takes any free one.
    Raises:
        OSError: The address cannot be had.
    """
    with serve(Desk(service_of(scenario)), host, port) as base:
        yield base
