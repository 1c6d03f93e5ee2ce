"""What format 1 is to the byte: figures that were worked out apart from the library, and stay as they are."""

import enum
import hashlib
from datetime import UTC, datetime, timedelta, timezone

import attrs
import pytest
import rfc8785

from mailup_oauth.domain.events import AuthorizationBegun
from mailup_oauth.domain.instants import END_OF_TIME
from mailup_oauth.domain.policy import PRODUCTION
from mailup_oauth.domain.provider import MAILUP, STANDARD
from mailup_oauth.domain.states import INITIAL
from mailup_oauth.journal import Context, TokensImported, genesis, note, policy_hash, prepare, read_record
from mailup_oauth.journal.canonical import framed
from mailup_oauth.journal.converter import CONVERTER, read_moment, written_moment
from mailup_oauth.ports import Absent
from mailup_oauth.testing import scenario as scene

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def test_the_beginning_of_a_journal_is_this():
    """A journal is chained to its format and its connection's name, each behind its length."""
    begins = b"\0\0\0\0\0\0\0\x16mailup-oauth journal 1" + b"\0\0\0\0\0\0\0\x04acme"

    assert hashlib.sha256(begins).digest() == genesis("acme")


def test_parts_stand_behind_their_length_in_eight_octets():
    """The length is big-endian, and nothing stands between two parts."""
    assert b"\0\0\0\0\0\0\0\x01a" + b"\0\0\0\0\0\0\x01\0" + b"b" * 256 == framed(b"a", b"b" * 256)


def plain(value):
    """Return a number, tolerance or address as the hash sees it, without the library."""
    match value:
        case enum.Enum():
            return plain(value.value)
        case timedelta():
            return str((value.days * 86_400 + value.seconds) * 1_000_000 + value.microseconds)
        case tuple():
            return [plain(item) for item in value]
        case frozenset():
            return sorted(plain(item) for item in value)
        case str():
            return value
        case _:
            return repr(value)


@pytest.mark.parametrize("provider", [MAILUP, STANDARD])
def test_the_hash_of_the_policy_is_this(provider):
    """It is the beginning of SHA-256 over the canonical JSON of both values, every number as text."""
    whole = {
        name: {part.name: plain(getattr(value, part.name)) for part in attrs.fields(type(value))}
        for name, value in (("policy", PRODUCTION), ("provider", provider))
    }

    assert hashlib.sha256(rfc8785.dumps(whole)).hexdigest()[:16] == policy_hash(PRODUCTION, provider)


def test_a_moment_is_written_in_utc_wherever_it_comes_from():
    """The zone of the machine, and of whoever made the moment, makes no difference."""
    there = NOON.astimezone(timezone(timedelta(hours=5, minutes=30)))

    assert "2026-01-01T12:00:00.000000Z" == written_moment(there)
    assert read_moment("2026-01-01T12:00:00.000000Z") == NOON


def test_a_transaction_says_everywhere_whose_it_is(cipher):
    """The connection stands in the change and in every record, and the hash of the policy in every record."""
    event = AuthorizationBegun(attempt=scene.awaiting())
    change, _ = prepare(
        "acme", Absent(), INITIAL, (event,), now=NOON, context=Context(), cipher=cipher, policy_hash="0123456789abcdef"
    )
    record = read_record(change.records[0])

    assert ("acme", "acme", "0123456789abcdef") == (change.connection, record.connection, record.policy_hash)


def test_a_note_is_a_transaction_of_the_installation_without_a_secret():
    """It replaces what was there, seals nothing, is never due, and leads no nonce anywhere."""
    event = TokensImported(connection="acme", source="a file")
    first = note(Absent(), event, now=NOON, context=Context(), policy_hash="0")
    second = note(first.row, event, now=NOON, context=Context(), policy_hash="0")

    assert [("@installation", 0, 1), ("@installation", 1, 2)] == [
        (change.connection, change.replaces, change.row.version) for change in (first, second)
    ]
    assert (b"", END_OF_TIME, frozenset()) == (first.row.sealed, first.row.due_at, first.nonces)


def test_the_largest_number_is_written_and_the_next_is_not():
    """2**53 - 1 is what every reader of JSON reads alike."""
    largest = 2**53 - 1

    assert largest == CONVERTER.unstructure(largest)
    with pytest.raises(ValueError, match="a number beyond"):
        CONVERTER.unstructure(largest + 1)


def test_a_length_of_time_is_a_whole_number_of_microseconds():
    """Nothing is rounded, and nothing is a fraction."""
    assert [0, 1, 90_000_001] == [
        CONVERTER.unstructure(span)
        for span in (timedelta(), timedelta(microseconds=1), timedelta(seconds=90, microseconds=1))
    ]
    assert int is type(CONVERTER.unstructure(timedelta(hours=1)))
