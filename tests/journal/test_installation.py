"""The installation's own journal, kept and verified like any other."""

import pytest

from mailup_oauth.domain.credential import Mark
from mailup_oauth.domain.errors import StoreCorrupted
from mailup_oauth.domain.instants import END_OF_TIME
from mailup_oauth.journal import (
    INSTALLATION,
    Context,
    Installation,
    KeyRingChanged,
    TokenHandedOut,
    TokensImported,
    Verified,
    installation_of,
    note,
    read_record,
    replay,
    verify,
)
from mailup_oauth.ports import Absent

STORY = (
    KeyRingChanged(added=("k2",), retired=("k1",)),
    TokenHandedOut(connection="acme", mark=Mark("k2", "0" * 32), to="stdout"),
    TokensImported(connection="acme", source="environment"),
    TokensImported(connection="ajax", source="file"),
)


@pytest.fixture(scope="module")
def noted(noon):
    """Keep the installation's journal, one commit an event."""
    row, records = Absent(), ()
    for event in STORY:
        change = note(row, event, now=noon, context=Context(actor="root"), policy_hash="p")
        row, records = change.row, (*records, *change.records)
    return change, records


def test_what_happened_is_counted(noted):
    """The installation's state is how often each thing has happened."""
    change, records = noted
    counts = Installation(key_ring_changes=1, tokens_handed_out=1, imports=2)

    assert counts == installation_of(change.row) == replay(INSTALLATION, records)


def test_what_happened_is_told(noted):
    """Its records say what a connection's records say, about its own events."""
    _, records = noted

    assert STORY == tuple(read_record(text).event for text in records)
    assert {(INSTALLATION, "root")} == {(read.connection, read.actor) for read in map(read_record, records)}


def test_it_is_verified_like_any_other(noted):
    """One verification serves both kinds of journal."""
    change, records = noted

    assert Verified(records=4, head=change.row.head.hex()) == verify(INSTALLATION, records, change.row)


def test_it_seals_nothing_and_owes_nothing(noted):
    """No secret belongs to the installation, no nonce leads to it, and nothing of it is ever due."""
    change, _ = noted

    assert (b"", frozenset(), END_OF_TIME) == (change.row.sealed, change.nonces, change.row.due_at)
    assert (3, 4) == (change.replaces, change.row.version)


def test_a_connections_row_is_not_taken_for_the_installations(told, noon):
    """A row that holds something else is corruption, and is not written over."""
    with pytest.raises(StoreCorrupted):
        note(told.row, STORY[0], now=noon, context=Context(), policy_hash="p")
