"""Reading a connection's journal, verifying it against its row, and saying what came of it."""

from collections.abc import Iterator
from hashlib import sha256
from typing import assert_never

from ..domain.errors import StoreCorrupted
from ..domain.states import Holding
from ..journal import Broken, Record, Verified, decode_state, encode_state, read_record, replay, verify
from ..ports import Absent, Store


def verified(store: Store, connection: str) -> Verified | Broken | Absent:
    """Verify a connection's whole journal; needs no key, sends nothing and writes nothing."""
    row = store.load(connection)
    if isinstance(row, Absent):
        return row
    verdict = verify(connection, lines(store, connection), row)
    if isinstance(verdict, Broken) and store.version(connection) != row.version:
        return verified(store, connection)  # somebody committed between the row and its records
    return verdict


def told(verdict: Verified | Broken | Absent) -> str:
    """Return the verdict as a sentence."""
    match verdict:
        case Verified(records=records, head=head):
            counted = "1 record" if records == 1 else f"{records} records"
            return f"{counted} chained up to {head[:16]}…; replayed, they give the stored state byte for byte"
        case Broken(sequence=sequence, what=what):
            return f"BROKEN at record {sequence}: {what}"
        case Absent():
            return "no connection has this name"
        case _ as never:
            assert_never(never)


def read(store: Store, connection: str, *, after: int = 0) -> Iterator[Record]:
    """
    Yield a journal's records as they are stored, from the one behind the first *after*.

    Raises:
        StoreCorrupted: one cannot be read, or is not in its place.
    """
    for place, line in enumerate(lines(store, connection, after=after), start=after + 1):
        record = read_record(line)
        if record.sequence != place:
            problem = f"another record stands in the place of record {place} of a journal"
            raise StoreCorrupted(problem)
        yield record


def lines(store: Store, connection: str, *, after: int = 0) -> Iterator[bytes]:
    """Yield a journal's records behind the first *after*, a page at a time."""
    while page := store.records(connection, after=after):
        yield from page
        after += len(page)


def both_sides(store: Store, connection: str) -> tuple[str, str]:
    """
    Return, in a line each, the redacted state that a journal leads to and the one that is stored beside the tokens.

    Raises:
        StoreCorrupted: there is no such state.
    """
    row, state = store.load(connection), replay(connection, lines(store, connection))
    led = b"" if isinstance(state, Broken) else encode_state(state)
    stored = b"" if isinstance(row, Absent) else row.clear
    return f"redacted state replayed: {_outlined(led)}", f"redacted state stored:   {_outlined(stored)}"


def _outlined(clear: bytes) -> str:
    """Return a redacted state in one line, so that a person can compare two of them."""
    state = decode_state(clear)
    grown = f", generation {state.grant.generation}" if isinstance(state, Holding) else ""
    return f"{type(state).__name__}{grown}, SHA-256 {sha256(clear).hexdigest()[:16]}…"
