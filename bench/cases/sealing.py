"""What it costs to seal a row, to open it, and to prove a journal."""

import os
from collections.abc import Callable
from pathlib import Path

from cryptography.fernet import Fernet
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from mailup_oauth.adapters.cipher.cobblestone import CobblestoneCipher
from mailup_oauth.adapters.cipher.keys import KeyRing, new_key
from mailup_oauth.journal import verify, verify_chain
from mailup_oauth.ports import Absent

from .ours import CONNECTION, connected

PLAIN = b"x" * 900
CONTEXT = b"c" * 96
REFRESHES = 300


def sealing() -> Callable[[], object]:
    """Seal 900 bytes and open them again."""
    cipher = CobblestoneCipher(KeyRing((new_key(),)))
    return lambda: cipher.unseal(cipher.seal(PLAIN, context=CONTEXT), context=CONTEXT)


def of_fernet() -> Callable[[], object]:
    """Fernet, which binds no context."""
    fernet = Fernet(Fernet.generate_key())
    return lambda: fernet.decrypt(fernet.encrypt(PLAIN))


def of_aes_gcm() -> Callable[[], object]:
    """AES-256-GCM as it comes, with a random nonce: the floor, without keys that change or a commitment to one."""
    aead = AESGCM(AESGCM.generate_key(256))

    def both() -> bytes:
        nonce = os.urandom(12)
        return aead.decrypt(nonce, aead.encrypt(nonce, PLAIN, CONTEXT), CONTEXT)

    return both


def proving(folder: Path) -> tuple[dict[str, Callable[[], object]], int]:
    """Verify a journal of some hundred refreshes: its chain alone, and its chain and its replay."""
    oauth = connected(folder)
    for _ in range(REFRESHES):
        oauth.refresh(CONNECTION)
    store = oauth._core.ports.store
    row, lines = store.load(CONNECTION), store.records(CONNECTION, limit=100_000)
    assert not isinstance(row, Absent)
    whole = {
        "chain": lambda: verify_chain(CONNECTION, lines, row),
        "chain and replay": lambda: verify(CONNECTION, lines, row),
    }
    return whole, len(lines)
