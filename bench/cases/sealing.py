"""What it costs to seal a row, to open it, and to prove a journal."""

from collections.abc import Callable
from pathlib import Path

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
