"""Verifying a connection's journal against its row, and saying what came of it."""

from collections.abc import Iterator

from ...journal import Broken, Verified, verify
from ...ports import Absent, Store


def verified(store: Store, connection: str) -> Verified | Broken | Absent:
    """Verify a connection's whole journal; needs no key, sends nothing and writes nothing."""
    row = store.load(connection)
    return row if isinstance(row, Absent) else verify(connection, lines(store, connection), row)


def told(verdict: Verified | Broken | Absent) -> str:
    """Return the verdict as a sentence."""
    match verdict:
        case Verified(records=records, head=head):
            return f"{records} records chained up to {head[:16]}…; replayed, they give the stored state byte for byte"
        case Broken(sequence=sequence, what=what):
            return f"BROKEN at record {sequence}: {what}"
        case Absent():
            return "no connection has this name"


def lines(store: Store, connection: str) -> Iterator[bytes]:
    """Yield a journal's records, a page at a time."""
    after = 0
    while page := store.records(connection, after=after):
        yield from page
        after += len(page)
