"""What a line of a journal says, and what it is chained to."""

import hashlib
import json
from datetime import UTC, datetime, timedelta

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailup_oauth.domain.errors import StoreCorrupted
from mailup_oauth.domain.events import Disconnected
from mailup_oauth.domain.redact import redact
from mailup_oauth.domain.transitions import EVENTS
from mailup_oauth.journal import (
    Context,
    Record,
    Stamp,
    Tail,
    chain,
    genesis,
    read_record,
    record_bytes,
    tail_of,
)
from mailup_oauth.journal.canonical import canonical
from mailup_oauth.journal.records import LIBRARY_VERSION, LONGEST_TEXT, version_of
from mailup_oauth.ports import Absent
from mailup_oauth.testing.canary import CANARY
from mailup_oauth.testing.strategies import moments, values

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
texts = st.text(st.characters(codec="utf-8"))
records = st.builds(
    Record,
    connection=texts,
    sequence=st.integers(1, 2**53 - 1),
    previous=texts,
    at=moments,
    event=st.one_of([values(kind) for kind in EVENTS]).map(redact),
    actor=texts,
    reason=texts,
    correlation_id=texts,
    library_version=texts,
    policy_hash=texts,
)
A_RECORD = Record(
    connection="acme",
    sequence=7,
    previous="00" * 32,
    at=NOON,
    event=Disconnected(),
    actor="anna",
    reason="left",
    correlation_id="c-7",
    library_version="0.1.0",
    policy_hash="0123456789abcdef",
)
WRITTEN = (
    b'{"actor":"anna","at":"2026-11-24T12:00:00.000000Z","connection":"acme","correlation_id":"c-7",'
    b'"event":{"type":"Disconnected"},"format":1,"library_version":"0.1.0","policy_hash":"0123456789abcdef",'
    b'"previous":"0000000000000000000000000000000000000000000000000000000000000000","reason":"left","sequence":7}'
)


def stamp(now=NOON, **context):
    """Make what the records of one commit have in common."""
    return Stamp(now=now, context=Context(**context), policy_hash="p")


def test_a_record_is_written_in_the_published_form():
    """These bytes are the format; a later release must read them."""
    assert WRITTEN == record_bytes(A_RECORD)
    assert A_RECORD == read_record(WRITTEN)


@settings(max_examples=50, deadline=None)
@given(record=records)
def test_every_record_comes_back_as_it_was_written(record):
    """What is read is what was written."""
    assert record == read_record(record_bytes(record))


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"null",
        b"[]",
        b"\xff",
        b"[" * 100_000,
        WRITTEN + b" ",
        WRITTEN.replace(b'"format":1', b'"format":2'),
        WRITTEN.replace(b'"sequence":7', b'"sequence":true'),
        WRITTEN.replace(b'"sequence":7', b'"sequence":7.0'),
        WRITTEN.replace(b'"sequence":7', b'"sequence":7,"sequence":7'),
        WRITTEN.replace(b'"sequence":7', b'"sequence":7,"zeal":1'),
        WRITTEN.replace(b'"actor":"anna"', b'"actor":null'),
        WRITTEN.replace(b'"actor":"anna",', b""),
        WRITTEN.replace(b'"Disconnected"', b'"Nothing"'),
        WRITTEN.replace(b'{"type":"Disconnected"}', b"1"),
        WRITTEN.replace(b".000000Z", b"Z"),
        json.dumps(json.loads(WRITTEN)).encode(),
    ],
)
def test_whatever_is_not_a_record_is_corruption(text):
    """There is one form, and everything else is refused in one way, which shows nothing of it."""
    with pytest.raises(StoreCorrupted) as refused:
        read_record(text)

    assert "a journal record is not in the form in which this release writes it" == refused.value.problem
    assert (None, None) == (refused.value.__cause__, refused.value.__context__)


@given(text=st.text())
def test_a_context_is_always_one_short_printable_line(text):
    """Nobody can write a second line, a colour or a direction into somebody's log viewer (ASVS 16.4.1)."""
    shown = Context(actor=text, reason=text, correlation_id=text)

    assert shown.actor == shown.reason == shown.correlation_id
    assert shown.actor.isprintable()
    assert len(shown.actor) <= LONGEST_TEXT


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ""),
        ("Anna Müller, 部長", "Anna Müller, 部長"),
        ("a\r\nb", r"a\r\nb"),
        (r"a\nb", r"a\\nb"),
        ("\x1b[31m", r"\x1b[31m"),
        ("\u202e", r"\u202e"),
        ("\ud800", r"\ud800"),
        ("x" * 201, "x" * 200),
        ("\n" * 200, r"\n" * 100),
    ],
)
def test_what_cannot_be_printed_is_escaped(text, expected):
    """The reader sees that something was there, and two texts do not come to look alike by escaping."""
    assert expected == Context(actor=text).actor


def test_a_chain_begins_at_the_name_of_its_connection():
    """No journal can be passed off as that of another connection."""
    assert genesis("acme") == tail_of("acme", Absent()).head
    assert genesis("acme") != genesis("acme2")
    assert 32 == len(genesis(""))


def test_each_record_names_the_sha_256_of_the_one_before(told):
    """Anybody can check the chain with ``sha256sum``."""
    parsed = [json.loads(text) for text in told.records]
    heads = [genesis("acme").hex(), *(hashlib.sha256(text).hexdigest() for text in told.records)]

    assert heads[:-1] == [record["previous"] for record in parsed]
    assert heads[-1] == told.row.head.hex()
    assert list(range(1, len(heads))) == [record["sequence"] for record in parsed]


def test_a_record_says_who_when_why_and_by_what(told):
    """Everything that an auditor asks of a line is in it (ASVS 16.2.1)."""
    record = read_record(told.records[0])

    assert ("tester", "because", "c-1") == (record.actor, record.reason, record.correlation_id)
    assert (LIBRARY_VERSION, "0123456789abcdef") == (record.library_version, record.policy_hash)
    assert NOON == record.at


def test_no_secret_is_in_a_record(told):
    """Events carry credentials; records never do."""
    assert not [text for text in told.records if CANARY.encode() in text]


@given(times=st.lists(moments, min_size=1, max_size=5))
def test_the_times_of_a_journal_never_go_back(times):
    """A clock that is set back stops the journal's time, and never turns it round."""
    tail, written = tail_of("acme", Absent()), []
    for now in times:
        texts, tail = chain("acme", tail, (Disconnected(),), stamp(now))
        written.append(read_record(texts[0]).at)

    assert sorted(written) == written
    assert max(times) == written[-1] == tail.written_at


def test_no_events_make_no_records():
    """The tail of a journal to which nothing was added is the tail it had."""
    tail = Tail(sequence=3, head=b"h" * 32, written_at=NOON)

    assert ((), tail) == chain("acme", tail, (), stamp(NOON + timedelta(hours=1)))


def test_a_tail_is_what_its_row_says(told):
    """The next record begins where the row says that the journal ends."""
    assert Tail(sequence=told.row.sequence, head=told.row.head, written_at=told.row.written_at) == tail_of(
        "acme", told.row
    )


def test_a_library_that_is_not_installed_has_no_version():
    """Running from a folder or an archive is no reason to fail."""
    assert "unknown" == version_of("mailup-oauth-that-nobody-made")


def test_the_event_of_a_record_must_be_redacted(commits):
    """A record of an event that holds a secret cannot be written."""
    with pytest.raises(TypeError, match="must be redacted"):
        record_bytes(attrs.evolve(A_RECORD, event=commits[0][1][0]))


def test_members_stand_in_the_order_of_rfc_8785():
    """The bytes are canonical, so another implementation can write them too."""
    assert WRITTEN == canonical(json.loads(WRITTEN))
