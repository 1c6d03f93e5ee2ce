"""
Credentials sealed as one text, and opened again.

Here, and in no other place of this package, a secret is revealed: to be sealed at once.
"""

import json
from typing import cast

from ..domain.redact import Vault
from ..domain.secret import Secret
from ..ports import Cipher
from .canonical import parsed

_WRITER = json.JSONEncoder(sort_keys=True)


def seal_vault(vault: Vault, cipher: Cipher, *, context: bytes) -> bytes:
    """Return *vault* sealed and bound to *context*; an empty one needs no seal."""
    return cipher.seal(_packed(vault), context=context) if vault else b""


def open_vault(sealed: bytes, cipher: Cipher, *, context: bytes) -> dict[str, Secret]:
    """
    Return the vault that was sealed; an empty one for whatever cannot be one.

    No name in here, or in a frame that raises, ever stands for the bytes in the clear: tracebacks show what names
    stand for (security.md row 46).

    Raises:
        StoreCorrupted: it was changed, or sealed for another *context*.
        KeyUnavailable: its key is not in the key ring.
    """
    return _unpacked(cipher.unseal(sealed, context=context)) if sealed else {}


def _packed(vault: Vault) -> bytes:
    """Return a vault as bytes; plain JSON, which refuses no text at all, because a token must never be lost here."""
    return _WRITER.encode({mark: secret.reveal() for mark, secret in vault.items()}).encode()


def _unpacked(plain: bytes) -> dict[str, Secret]:
    """Return the vault that was packed; empty for anything else."""
    try:
        members = parsed(plain)
    except (ValueError, RecursionError):
        return {}
    if not isinstance(members, dict) or not all(isinstance(value, str) for value in members.values()):
        return {}
    return {mark: Secret(cast("str", value)) for mark, value in members.items()}
