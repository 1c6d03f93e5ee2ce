"""The journal: secret-free records, chained and verifiable, and the rows they lead to; it knows no store and no key."""

from .codec import decode_event, decode_installation, decode_state, encode_event, encode_state
from .installation import (
    INSTALLATION,
    Installation,
    InstallationEvent,
    KeyRingChanged,
    TokenHandedOut,
    TokensImported,
)
from .policies import policy_hash
from .received import ExchangeReceived, Received, RefreshReceived
from .records import Context, Record, Stamp, Tail, chain, genesis, read_record, record_bytes, tail_of
from .rows import due_at, installation_of, note, open_row, prepare
from .spills import open_received, seal_received
from .verify import Broken, Verified, replay, verify, verify_chain

__all__ = [
    "INSTALLATION",
    "Broken",
    "Context",
    "ExchangeReceived",
    "Installation",
    "InstallationEvent",
    "KeyRingChanged",
    "Received",
    "Record",
    "RefreshReceived",
    "Stamp",
    "Tail",
    "TokenHandedOut",
    "TokensImported",
    "Verified",
    "chain",
    "decode_event",
    "decode_installation",
    "decode_state",
    "due_at",
    "encode_event",
    "encode_state",
    "genesis",
    "installation_of",
    "note",
    "open_received",
    "open_row",
    "policy_hash",
    "prepare",
    "read_record",
    "record_bytes",
    "replay",
    "seal_received",
    "tail_of",
    "verify",
    "verify_chain",
]
