"""A connection as a row: what stands in the clear, what is sealed, and the whole change that makes events durable."""

from datetime import datetime
from functools import lru_cache
from typing import assert_never

from ..domain import states as s
from ..domain import work as w
from ..domain.errors import StoreCorrupted
from ..domain.events import Event
from ..domain.evolve import fold
from ..domain.instants import END_OF_TIME, later
from ..domain.redact import marks, restore, taken_apart
from ..ports import Absent, Change, Cipher, Row
from .canonical import digest, framed
from .codec import decode_installation, decode_state, encode_state
from .installation import INSTALLATION, UNTOUCHED, Installation, InstallationEvent, counted
from .records import Context, Stamp, Tail, chain, tail_of
from .vaults import open_vault, seal_vault

_SEALING = b"mailup-oauth row 1"
_HEAD = 32


def prepare(  # noqa: PLR0913  # a transaction has so many sides
    connection: str,
    row: Row | Absent,
    state: s.State,
    events: tuple[Event, ...],
    *,
    now: datetime,
    context: Context,
    cipher: Cipher,
    policy_hash: str,
) -> tuple[Change, s.State]:
    """
    Return the one transaction that makes *events* durable, and the state after them.

    *row* is what *state* was read from, and *events* were decided on *state* under the policy of *policy_hash*.
    Without events it seals the row anew, with the cipher's newest key.
    """
    after = fold(state, events)
    stamp = Stamp(now=now, context=context, policy_hash=policy_hash)
    records, tail = chain(connection, tail_of(connection, row), events, stamp)
    change = Change(
        connection=connection,
        replaces=_version(row),
        row=_sealed(connection, _version(row) + 1, after, tail, cipher),
        records=records,
        nonces=frozenset(attempt.browser.id for attempt in after.attempts),
    )
    return change, after


def open_row(connection: str, row: Row, cipher: Cipher) -> s.State:
    """
    Return the state that *row* holds, with its credentials.

    Raises:
        StoreCorrupted: the row is not one that ``prepare`` made for this connection.
        KeyUnavailable: its key is not in the key ring.
    """
    state = decode_state(row.clear)
    vault = open_vault(row.sealed, cipher, context=_context(connection, row.version, row.clear))
    if vault.keys() != _marks(row.clear) or not _is_plausible(row):
        problem = "a row's parts do not belong together"
        raise StoreCorrupted(problem)
    return restore(state, vault)


def due_at(state: s.State) -> datetime:
    """
    Return when somebody should see to the authorization of *state* unasked; the end of time if nothing is to be done.

    A state that holds no usable token, and nothing that stands in the way of a new one, was due when it was born.
    """
    match state:
        case s.Unregistered() | s.AwaitingCode():
            return END_OF_TIME
        case s.Authorized(work=w.Idle()) | s.Refreshed(work=w.Idle()):
            return state.access.refresh_at
        case s.Authorized() | s.Refreshed() | s.Expired():
            return _due_at(state.work, since=state.grant.born_at)
        case _:
            assert_never(state)


def note(row: Row | Absent, event: InstallationEvent, *, now: datetime, context: Context, policy_hash: str) -> Change:
    """
    Return the transaction that adds *event* to the installation's journal.

    Raises:
        StoreCorrupted: *row* is not the installation's.
    """
    stamp = Stamp(now=now, context=context, policy_hash=policy_hash)
    records, tail = chain(INSTALLATION, tail_of(INSTALLATION, row), (event,), stamp)
    clear = encode_state(counted(installation_of(row), event))
    return Change(
        connection=INSTALLATION,
        replaces=_version(row),
        row=_row(_version(row) + 1, tail, clear=clear, sealed=b"", due_at=END_OF_TIME),
        records=records,
        nonces=frozenset(),
    )


def installation_of(row: Row | Absent) -> Installation:
    """
    Return the installation that *row* holds.

    Raises:
        StoreCorrupted: it holds something else.
    """
    return UNTOUCHED if isinstance(row, Absent) else decode_installation(row.clear)


def _due_at(work: w.Work, *, since: datetime) -> datetime:
    """Return when refresh work is due that began *since*."""
    match work:
        case w.Idle():
            return since
        case w.InFlight(intent=intent) | w.Retrying(intent=intent):
            return later(intent.sent.since, intent.sent.span)
        case w.Unknown(wait=wait) | w.Deferred(wait=wait):
            return later(wait.since, wait.span)
        case w.Dead():
            return END_OF_TIME
        case _:
            assert_never(work)


def _version(row: Row | Absent) -> int:
    return 0 if isinstance(row, Absent) else row.version


def _row(version: int, tail: Tail, *, clear: bytes, sealed: bytes, due_at: datetime) -> Row:
    return Row(
        version=version,
        clear=clear,
        sealed=sealed,
        due_at=due_at,
        sequence=tail.sequence,
        head=tail.head,
        written_at=tail.written_at,
    )


def _sealed(connection: str, version: int, state: s.State, tail: Tail, cipher: Cipher) -> Row:
    """Return the row of *state*: itself in the clear, its credentials sealed."""
    redacted, vault = taken_apart(state)
    clear = encode_state(redacted)
    sealed = seal_vault(vault, cipher, context=_context(connection, version, clear))
    return _row(version, tail, clear=clear, sealed=sealed, due_at=due_at(state))


@lru_cache(maxsize=64)
def _marks(clear: bytes) -> frozenset[str]:
    """Return the marks of the credentials that belong to what stands in the clear; a flight asks several times."""
    return marks(decode_state(clear))


def _is_plausible(row: Row) -> bool:
    """Say whether the row's own numbers can be right."""
    return row.version > 0 and row.sequence > 0 and len(row.head) == _HEAD


def _context(connection: str, version: int, clear: bytes) -> bytes:
    """Return what a seal is bound to, so that no part of a row can be put into another row, or into a later one."""
    return framed(_SEALING, connection.encode(), str(version).encode(), digest(clear))
