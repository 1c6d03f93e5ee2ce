"""What a store is given it gives back: rows, records, moments and octets, unchanged and in order."""

from datetime import UTC, datetime, timedelta

import attrs
import pytest

from ...domain.instants import END_OF_TIME
from ...ports import Absent, Store
from .changes import ACME, NOON, commit, following, loaded, nonce, with_row

EVERY_OCTET = bytes(range(256))

MOMENTS = (
    datetime.min.replace(tzinfo=UTC),
    datetime(1969, 12, 31, 23, 59, 59, 999999, tzinfo=UTC),
    datetime(2026, 10, 25, 1, 30, tzinfo=UTC),  # comes twice in Milan
    datetime(2038, 1, 19, 3, 14, 8, tzinfo=UTC),
    END_OF_TIME,
)

LARGE = 4 * 1024 * 1024


class Keeping:
    """What is promised of ``load``, ``version``, ``records``, ``connections`` and ``is_empty``."""

    def test_nothing_is_there_at_first(self, store: Store) -> None:
        """An empty storage answers every question, and the answer is nothing."""
        answers = (store.load(ACME), store.version(ACME), store.records(ACME), store.find(nonce("1")))

        assert (Absent(), 0, (), Absent()) == answers
        assert ((), True) == (store.connections(), store.is_empty())

    def test_a_row_is_loaded_as_it_was_committed(self, store: Store) -> None:
        """Every member of a row comes back, and so do those of the row that replaces it."""
        for number in (1, 2, 3):
            change = commit(store, following(store, records=[b"{}"] * number, sealed=b"sealed" * number))

            assert change.row == loaded(store)
            assert number == store.version(ACME)

    def test_octets_stay_octets(self, store: Store) -> None:
        """What is opaque comes back as ``bytes``, whatever stands in it, and even if nothing does."""
        for octets in (EVERY_OCTET, b"\xff\xfe\x00", b""):
            change = with_row(following(store), clear=octets, sealed=octets, head=EVERY_OCTET[:32])
            row = commit(store, change).row
            kept = loaded(store)

            assert (row.clear, row.sealed, row.head) == (kept.clear, kept.sealed, kept.head)
            assert {bytes} == {type(kept.clear), type(kept.sealed), type(kept.head)}

    @pytest.mark.parametrize("moment", MOMENTS, ids=str)
    def test_moments_stay_moments(self, store: Store, moment: datetime) -> None:
        """A moment comes back to the microsecond and in UTC, also from both ends of time."""
        commit(store, with_row(following(store), due_at=moment, written_at=moment))
        row = loaded(store)

        assert (moment, moment) == (row.due_at, row.written_at)
        assert {timedelta()} == {row.due_at.utcoffset(), row.written_at.utcoffset()}

    def test_large_values_are_kept(self, store: Store) -> None:
        """Four mebibytes in each place are no trouble."""
        large = EVERY_OCTET * (LARGE // len(EVERY_OCTET))
        change = commit(store, with_row(following(store, records=[large]), clear=large, sealed=large))

        assert change.row == loaded(store)
        assert (large,) == store.records(ACME)

    def test_records_are_kept_to_the_octet(self, store: Store) -> None:
        """Records come back as ``bytes``, whatever stands in them, because their very octets are chained."""
        records = (b'{"b":1, "a":2}', "\N{SNOWMAN}".encode(), b"\xff\x00", b"", b"'; --", b" {} \r\n", EVERY_OCTET)
        commit(store, following(store, records=records))
        kept = store.records(ACME)

        assert records == kept
        assert {bytes} == set(map(type, kept))

    def test_records_are_appended_in_order(self, store: Store) -> None:
        """However many a commit brings, they stand behind those of the commits before."""
        numbers = iter(range(100))
        for many in (3, 1, 0, 12, 2):
            commit(store, following(store, records=[str(next(numbers)).encode() for _ in range(many)]))

        assert tuple(str(number).encode() for number in range(18)) == store.records(ACME)
        assert 18 == loaded(store).sequence

    @pytest.mark.parametrize("after", [0, 1, 6, 7, 8])
    def test_records_can_be_read_in_pages(self, store: Store, after: int) -> None:
        """``after`` and ``limit`` cut out that part of the journal, also beyond its end."""
        records = tuple(str(number).encode() for number in range(1, 8))
        for part in (records[:2], records[2:3], records[3:]):
            commit(store, following(store, records=part))

        for limit in (0, 1, 3, 7, 1000):
            assert records[after : after + limit] == store.records(ACME, after=after, limit=limit)

    def test_a_thousand_records_come_at_once(self, store: Store) -> None:
        """Who does not say how many gets a thousand, and asks again."""
        records = tuple(str(number).encode() for number in range(1001))
        commit(store, following(store, records=records))

        assert records[:1000] == store.records(ACME)
        assert records[1000:] == store.records(ACME, after=1000)

    def test_a_journal_belongs_to_its_connection(self, store: Store) -> None:
        """Each connection has a row, a count and a journal of its own."""
        changes = [following(store, name, records=[name.encode()] * 2) for name in ("a", "b", "c")]
        for change in changes:
            commit(store, change)

        for change in changes:
            assert change.row == loaded(store, change.connection)
            assert change.records == store.records(change.connection)

    def test_connections_are_sorted(self, store: Store) -> None:
        """Names are listed by their code points, whatever the order and the language of the storage."""
        names = ("b", "B", "a", "\u00e9", "e", "10", "9", "_", "a b", "a-b", "ab", "\U0001f600", "\uffe6")
        for name in names:
            commit(store, following(store, name))

        assert tuple(sorted(names)) == store.connections()

    def test_a_store_is_empty_while_nothing_is_sealed(self, store: Store) -> None:
        """Rows without credentials do not count; after the last one is erased the store is empty again."""
        said: list[bool] = []
        for name, sealed in (("a", b""), ("a", b"x"), ("b", b"\0"), ("a", b""), ("b", b"")):
            commit(store, following(store, name, sealed=sealed))
            said.append(store.is_empty())

        assert [True, False, False, False, True] == said

    def test_a_row_may_be_written_anew_without_a_record(self, store: Store) -> None:
        """Sealing a row with another key tells nothing to the journal, and is a version all the same."""
        first = commit(store, following(store, records=[b"1"], sealed=b"old"))
        commit(store, following(store, records=[], sealed=b"new"))
        row = loaded(store)

        assert (2, b"new", first.row.sequence) == (row.version, row.sealed, row.sequence)
        assert (b"1",) == store.records(ACME)

    def test_what_was_loaded_does_not_change(self, store: Store) -> None:
        """A row that somebody holds stays what it was when others commit."""
        commit(store, following(store))
        held = loaded(store)
        copy = attrs.evolve(held)
        commit(store, with_row(following(store), written_at=NOON + timedelta(days=1)))

        assert copy == held != loaded(store)
