"""Whatever is done to a journal, verification names the first record that is not what was written."""

import json
from datetime import timedelta
from itertools import permutations

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailup_oauth.domain import events as e
from mailup_oauth.domain.redact import redact
from mailup_oauth.journal import (
    INSTALLATION,
    Broken,
    Context,
    KeyRingChanged,
    Stamp,
    Verified,
    chain,
    encode_state,
    genesis,
    read_record,
    record_bytes,
    replay,
    tail_of,
    verify,
    verify_chain,
)
from mailup_oauth.journal.canonical import canonical, digest
from mailup_oauth.ports import Absent

LENGTH = 12
BOTH = pytest.mark.parametrize("verifying", [verify, verify_chain])
PLACES = st.integers(1, LENGTH)


def stamped(now):
    """Make what the records of one commit have in common."""
    return Stamp(now=now, context=Context(actor="mallory"), policy_hash="p")


def first_bad(verifying, told, records, row=None):
    """Return the sequence that is named."""
    verdict = verifying(told.connection, iter(records), row or told.row)
    return verdict.sequence if isinstance(verdict, Broken) else None


def ended(told, records):
    """Return the row as somebody would forge it who can compute SHA-256."""
    last = read_record(records[-1])
    return attrs.evolve(told.row, head=digest(records[-1]), sequence=len(records), written_at=last.at)


@BOTH
def test_a_journal_that_nobody_touched_is_verified(verifying, told):
    """The whole story holds, and the verdict names its length and its head."""
    assert LENGTH == len(told.records)
    assert Verified(records=LENGTH, head=told.row.head.hex()) == verifying("acme", told.records, told.row)


def test_every_commit_on_the_way_could_be_verified(told):
    """After each commit the journal so far leads to the row of that moment."""
    verdicts = [verify("acme", told.records[: row.sequence], row) for row in told.rows]

    assert all(isinstance(verdict, Verified) for verdict in verdicts)


def test_replaying_gives_the_redacted_state(told):
    """An auditor without any key gets exactly what is stored, and the state itself to look at."""
    assert redact(told.state) == replay("acme", told.records)


@BOTH
@given(place=PLACES, data=st.data())
def test_sec_69_a_flipped_bit_is_found_where_it_is(verifying, place, data, told):
    """No bit of any record can change without that record being named."""
    text = bytearray(told.records[place - 1])
    text[data.draw(st.integers(0, len(text) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    records = [*told.records[: place - 1], bytes(text), *told.records[place:]]

    assert place == first_bad(verifying, told, records)


@BOTH
@pytest.mark.parametrize("place", range(1, LENGTH + 1))
def test_sec_69_a_deleted_record_is_missed(verifying, place, told):
    """The number of the record that is gone is named, also at the end."""
    assert place == first_bad(verifying, told, [*told.records[: place - 1], *told.records[place:]])


@BOTH
@pytest.mark.parametrize("length", range(LENGTH))
def test_sec_69_a_journal_that_was_cut_is_found_too_short(verifying, length, told):
    """The first record that is gone is named, because the row remembers how many there were."""
    assert length + 1 == first_bad(verifying, told, told.records[:length])


@BOTH
@pytest.mark.parametrize(("one", "other"), [pair for pair in permutations(range(LENGTH), 2) if pair[0] < pair[1]])
def test_sec_69_two_records_that_changed_places_are_found(verifying, one, other, told):
    """The first place where another record stands is named."""
    records = list(told.records)
    records[one], records[other] = records[other], records[one]

    assert one + 1 == first_bad(verifying, told, records)


@BOTH
@given(place=st.integers(1, LENGTH + 1), copied=PLACES)
def test_a_copied_record_is_found(verifying, place, copied, told):
    """The place it was put to is named, or the number, if its neighbour has the same."""
    records = [*told.records[: place - 1], told.records[copied - 1], *told.records[place - 1 :]]

    assert (copied if copied in {place, place - 1} else place) == first_bad(verifying, told, records)


@BOTH
@pytest.mark.parametrize("place", range(1, LENGTH + 2))
def test_a_forged_record_is_found_though_it_is_chained_well(verifying, place, told, noon):
    """Whoever slips in a record that fits the one before is found out by the one after, or by the row."""
    before = Absent() if place == 1 else ended(told, told.records[: place - 1])
    refused = e.CallbackRefused(attempt="a" * 64, fault=e.CallbackFault.LAPSED)
    (forged,), _ = chain("acme", tail_of("acme", before), (refused,), stamped(noon))
    records = [*told.records[: place - 1], forged, *told.records[place - 1 :]]

    assert place == first_bad(verifying, told, records)


@BOTH
@given(place=PLACES)
def test_a_rewritten_end_is_found_by_the_row(verifying, place, told):
    """Whoever computes all hashes anew from some record on cannot meet the head in the row."""
    texts, head = list(told.records[: place - 1]), genesis("acme").hex()
    head = digest(texts[-1]).hex() if texts else head
    for text in told.records[place - 1 :]:
        texts.append(record_bytes(attrs.evolve(read_record(text), previous=head, actor="mallory")))
        head = digest(texts[-1]).hex()

    assert LENGTH == first_bad(verifying, told, texts)
    assert first_bad(verify_chain, told, texts, ended(told, texts)) is None


@BOTH
def test_two_bad_neighbours_are_not_taken_for_one_good(verifying, told):
    """A record is believed about the one before it only if the one after it vouches for it."""
    records = list(told.records)
    records[4] = record_bytes(attrs.evolve(read_record(records[4]), previous="0" * 64))
    records[5] = b"{}"

    assert 5 == first_bad(verifying, told, records)


@BOTH
def test_the_journal_of_another_connection_is_found_at_once(verifying, told, telling, commits):
    """Swapping two connections' journals together with their rows is seen at the first record."""
    other = telling("ajax", commits)

    assert 1 == first_bad(verifying, told, other.records, other.row)


@BOTH
def test_a_record_of_another_connection_is_found_though_it_is_chained_well(verifying, told, commits, noon):
    """Every record says whose it is."""
    (forged,), _ = chain("ajax", tail_of("acme", told.row), (e.Disconnected(),), stamped(told.row.written_at))
    records = (*told.records, forged)

    assert LENGTH + 1 == first_bad(verifying, told, records, ended(told, records))


@BOTH
def test_a_record_beyond_the_rows_count_is_found(verifying, told):
    """The row says how many records there are; one more is one too many, however well it is chained."""
    (forged,), _ = chain("acme", tail_of("acme", told.row), (e.Disconnected(),), stamped(told.row.written_at))

    assert LENGTH + 1 == first_bad(verifying, told, (*told.records, forged))


@BOTH
def test_a_time_that_goes_back_is_found(verifying, told, noon):
    """A record that claims an earlier time than the one before was not written by this library."""
    early = attrs.evolve(tail_of("acme", told.row), written_at=noon)
    (forged,), _ = chain("acme", early, (e.Disconnected(),), stamped(noon))
    records = (*told.records, forged)

    assert LENGTH + 1 == first_bad(verifying, told, records, ended(told, records))


@BOTH
@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"head": b"0" * 32}, LENGTH),
        ({"sequence": LENGTH + 1}, LENGTH + 1),
        ({"sequence": LENGTH - 1}, LENGTH),
        ({"written_at": tail_of("acme", Absent()).written_at + timedelta(days=1)}, LENGTH),
    ],
)
def test_a_row_that_does_not_fit_its_journal_is_found(verifying, changes, named, told):
    """Head, count and time in the row are those of the last record."""
    assert named == first_bad(verifying, told, told.records, attrs.evolve(told.row, **changes))


def test_another_state_than_the_journal_leads_to_is_found(told):
    """The stored state is the fold of the journal, byte for byte."""
    row = attrs.evolve(told.row, clear=encode_state(attrs.evolve(redact(told.state), epoch=2)))

    assert Broken(sequence=LENGTH, what="the row holds another state than the journal leads to") == verify(
        "acme", told.records, row
    )


@pytest.mark.parametrize(
    ("connection", "event", "what"),
    [
        ("acme", e.Disconnected(), "an event that cannot have happened there"),
        ("acme", KeyRingChanged(added=(), retired=()), "an event of another kind of journal"),
        (INSTALLATION, e.Disconnected(), "an event of another kind of journal"),
    ],
)
def test_an_event_that_cannot_have_happened_is_found(connection, event, what, told, noon):
    """A journal that is chained well but tells nonsense is not believed."""
    records, tail = chain(connection, tail_of(connection, Absent()), (event,), stamped(noon))
    row = attrs.evolve(told.row, head=tail.head, sequence=1, written_at=noon)

    assert Broken(sequence=1, what=what) == verify(connection, records, row) == replay(connection, records)
    assert isinstance(verify_chain(connection, records, row), Verified)


def test_a_record_in_another_form_is_found(told):
    """A record that says the same in other bytes was not written by this library, even if it is chained."""
    text = told.records[0].replace(b'{"actor"', b'{ "actor"')
    row = attrs.evolve(told.rows[0], head=digest(text))

    assert Broken(sequence=1, what="not in the form in which this release writes it") == verify("acme", [text], row)
    assert isinstance(verify_chain("acme", [text], row), Verified)


@pytest.mark.parametrize("junk", [b"", b"[]", b"{}", canonical({"sequence": 1, "secret": "x"})])
@pytest.mark.parametrize("spoilt", ["sequence", "previous", "connection", "at"])
def test_what_is_wrong_is_told_without_values(junk, spoilt, told):
    """Verdicts may go into any log."""
    members = json.loads(told.records[0]) | {spoilt: None}
    verdict = verify("acme", [junk], told.row)

    assert verdict == verify_chain("acme", [canonical(members)], told.row)
    assert Broken(sequence=1, what="not a record") == verdict


@BOTH
def test_a_number_given_twice_to_well_chained_records_is_missed_where_it_should_go_on(verifying, told):
    """A record that follows the one before it, but has the same number, is itself the bad one."""
    records = list(told.records)
    records[4] = record_bytes(attrs.evolve(read_record(records[4]), sequence=4))

    assert 5 == first_bad(verifying, told, records)


@BOTH
def test_the_row_vouches_for_the_last_record(verifying, told):
    """Where the last record is not chained to the one before it, the row's head tells which of the two is bad."""
    changed = record_bytes(attrs.evolve(read_record(told.records[-2]), actor="mallory"))
    forged = record_bytes(attrs.evolve(read_record(told.records[-1]), previous="0" * 64))

    assert LENGTH - 1 == first_bad(verifying, told, [*told.records[:-2], changed, told.records[-1]])
    assert LENGTH == first_bad(verifying, told, [*told.records[:-1], forged])


def swapped(told):
    """Put the third record where the second stood."""
    return [told.records[0], told.records[2], told.records[1], *told.records[3:]], told.row


def slipped_in(told):
    """Put a forged record between the second and the third."""
    refused = e.CallbackRefused(attempt="a" * 64, fault=e.CallbackFault.LAPSED)
    tail = tail_of("acme", ended(told, told.records[:1]))
    (forged,), _ = chain("acme", tail, (refused,), stamped(tail.written_at))
    return [*told.records[:2], forged, *told.records[2:]], told.row


def rewritten(told):
    """Change what the third record says."""
    text = record_bytes(attrs.evolve(read_record(told.records[2]), actor="mallory"))
    return [*told.records[:2], text, *told.records[3:]], told.row


def lengthened(told, whose="acme", since=None, **row):
    """Chain one more record to the last one."""
    tail = attrs.evolve(tail_of("acme", told.row), written_at=since or told.row.written_at)
    (forged,), _ = chain(whose, tail, (e.Disconnected(),), stamped(tail.written_at))
    records = (*told.records, forged)
    return records, attrs.evolve(ended(told, records), **row)


@BOTH
@pytest.mark.parametrize(
    ("damage", "what"),
    [
        (swapped, "another record stands in its place"),
        (slipped_in, "two records claim this number"),
        (rewritten, "not what its neighbour was chained to"),
        (lambda told: lengthened(told, whose="ajax"), "a record of another connection"),
        (
            lambda told: lengthened(told, since=told.rows[0].written_at),
            "its time is before that of the record before",
        ),
        (lambda told: lengthened(told, sequence=LENGTH), "the row counts fewer records"),
        (lambda told: (told.records[:-1], told.row), "missing"),
        (
            lambda told: (told.records, attrs.evolve(told.row, head=b"0" * 32)),
            "not the record at which the row says the journal ends",
        ),
    ],
)
def test_each_kind_of_damage_is_told_in_words_of_its_own(verifying, damage, what, told):
    """Whoever is called at night reads what happened, and not only where."""
    records, row = damage(told)

    assert what == verifying("acme", records, row).what
