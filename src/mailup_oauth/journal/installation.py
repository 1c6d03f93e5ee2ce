"""What belongs to the installation and to no connection: its keys, and tokens that went in or out by hand."""

from typing import assert_never

from attrs import evolve as changed
from attrs import frozen

from ..domain.credential import Mark

INSTALLATION = "@installation"
"""The reserved name under which its journal is kept; no connection's name begins with ``@``."""


@frozen(kw_only=True)
class KeyRingChanged:
    """Sealing keys came or went; the names are key ids."""

    added: tuple[str, ...]
    retired: tuple[str, ...]


@frozen(kw_only=True)
class TokenHandedOut:
    """An access token was given to a person or a program, outside the library; *to* says by which way."""

    connection: str
    mark: Mark
    to: str


@frozen(kw_only=True)
class TokensImported:
    """A connection was made from tokens that were obtained elsewhere; *source* says where they came from."""

    connection: str
    source: str


InstallationEvent = KeyRingChanged | TokenHandedOut | TokensImported


@frozen(kw_only=True)
class Installation:
    """How often each of these things has happened."""

    key_ring_changes: int = 0
    tokens_handed_out: int = 0
    imports: int = 0


UNTOUCHED = Installation()
"""Every installation before its first event."""


def counted(installation: Installation, event: InstallationEvent) -> Installation:
    """Return the installation after *event*."""
    match event:
        case KeyRingChanged():
            return changed(installation, key_ring_changes=installation.key_ring_changes + 1)
        case TokenHandedOut():
            return changed(installation, tokens_handed_out=installation.tokens_handed_out + 1)
        case TokensImported():
            return changed(installation, imports=installation.imports + 1)
        case _:
            assert_never(event)
