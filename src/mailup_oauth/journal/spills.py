"""What was received and cannot be stored, as one text that waits in another place: its clear part, and its seal."""

from ..domain.errors import StoreCorrupted, StoreUnavailable
from ..domain.redact import VaultIncomplete, restore, taken_apart
from ..ports import Cipher
from .canonical import digest, framed
from .codec import decode_received, encode_received, is_of_later_release
from .received import Received
from .vaults import open_vault, seal_vault

_SEALING = b"mailup-oauth spill 1"
_END = b"\n"  # never inside canonical JSON


def seal_received(connection: str, received: Received, cipher: Cipher) -> bytes:
    """Return *received* as the text that ``open_received`` reads; its tokens are sealed, and bound to *connection*."""
    redacted, vault = taken_apart(received)
    clear = encode_received(redacted)
    return clear + _END + seal_vault(vault, cipher, context=_context(connection, clear))


def open_received(connection: str, text: bytes, cipher: Cipher) -> Received:
    """
    Return what was received, with its tokens.

    Raises:
        StoreCorrupted: the text is not one that ``seal_received`` made for this connection, or not all of it.
        StoreUnavailable: a later release made it, and nobody here can say whether it is whole.
        KeyUnavailable: its key is not in the key ring.
    """
    clear, _, sealed = text.partition(_END)
    if is_of_later_release(clear):
        problem = "a later release keeps tokens for this connection that only it can store"
        raise StoreUnavailable(problem)
    received = decode_received(clear)
    vault = open_vault(sealed, cipher, context=_context(connection, clear))
    try:
        return restore(received, vault)
    except VaultIncomplete:
        problem = "what was spilled has lost its tokens"
    raise StoreCorrupted(problem)


def _context(connection: str, clear: bytes) -> bytes:
    """Return what the seal is bound to, so that no spill can be taken for another one's."""
    return framed(_SEALING, connection.encode(), digest(clear))
