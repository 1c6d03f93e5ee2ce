"""Many at once: threads and objects over one storage, of which each commit has one winner and nobody sees half of it."""

import sys
import threading
from collections.abc import Iterator
from functools import partial

import pytest

from ...ports import Change, Commit, Store
from .changes import ACME, Opened, commit, following, loaded, nonce, seen, together

ROUNDS = 12
WRITERS = 4


class Sharing:
    """What is promised of several threads and several objects, and of ``identity`` and ``close``."""

    @pytest.fixture
    def restless(self) -> Iterator[None]:
        """Let threads change places as often as they can."""
        usual = sys.getswitchinterval()
        sys.setswitchinterval(1e-6)
        yield
        sys.setswitchinterval(usual)

    def test_objects_over_one_storage_are_one_store(self, opened: Opened) -> None:
        """Two objects that open the same storage say so, before and after something is stored and they are closed."""
        store, other = opened(), opened()
        first = store.identity
        commit(store, following(store))
        store.close()

        assert isinstance(first, str)
        assert {first} == {store.identity, other.identity, opened().identity} - {""}

    def test_a_closed_store_opens_anew(self, store: Store) -> None:
        """After ``close``, also a second one, everything is there and can be changed."""
        store.close()
        commit(store, following(store, nonces=["1"], sealed=b"x"))
        before = seen(store, nonces=["1"])
        store.close()
        store.close()

        assert before == seen(store, nonces=["1"])
        assert 2 == commit(store, following(store)).row.version

    def test_closing_one_object_closes_no_other(self, opened: Opened) -> None:
        """Whoever has an object of their own is not disturbed."""
        store, other = opened(), opened()
        commit(other, following(other))
        before = seen(other)
        store.close()

        assert before == seen(other)
        assert 2 == commit(other, following(other)).row.version

    @pytest.mark.usefixtures("restless")
    def test_fault_S13_of_two_writers_one_wins(self, opened: Opened) -> None:
        """Of changes decided on one version exactly one is made, and it is made whole; round after round."""
        stores = [opened() for _ in range(WRITERS)]
        for _ in range(ROUNDS):
            changes = [
                following(store, records=[f"{number}".encode()] * 2, nonces=[str(number)])
                for number, store in enumerate(stores)
            ]
            outcomes = together(*[partial(s.commit, c) for s, c in zip(stores, changes, strict=True)])
            assert [Commit.CONFLICT] * (WRITERS - 1) + [Commit.DONE] == sorted(outcomes, key=lambda one: one.value)

            winner = changes[outcomes.index(Commit.DONE)]
            store, names = stores[0], [str(number) for number in range(WRITERS)]
            assert winner.row == loaded(store)
            assert winner.records == store.records(ACME, after=winner.row.sequence - 2)
            assert winner.nonces == {nonce(name) for name in names if store.find(nonce(name)) == ACME}

    @pytest.mark.usefixtures("restless")
    def test_fault_S13_no_update_is_lost(self, opened: Opened) -> None:
        """Whoever loses reads and decides again; in the end everybody's changes are there, each once."""

        def insist(number: int) -> None:
            store = opened()
            for turn in range(ROUNDS):
                while store.commit(following(store, records=[f"{number} {turn}".encode()])) is not Commit.DONE:
                    pass

        together(*[partial(insist, number) for number in range(WRITERS)])
        store = opened()
        records = store.records(ACME)

        assert WRITERS * ROUNDS == store.version(ACME) == loaded(store).sequence == len(records)
        assert {f"{number} {turn}".encode() for number in range(WRITERS) for turn in range(ROUNDS)} == set(records)
        for number in range(WRITERS):
            own = [record for record in records if record.startswith(f"{number} ".encode())]
            assert [f"{number} {turn}".encode() for turn in range(ROUNDS)] == own

    @pytest.mark.usefixtures("restless")
    def test_writers_of_different_connections_all_win(self, store: Store) -> None:
        """Threads that share one object and change different connections have no conflict."""
        changes = [following(store, str(number), nonces=[str(number)]) for number in range(8)]
        outcomes = together(*[partial(store.commit, change) for change in changes])

        assert [Commit.DONE] * 8 == outcomes
        assert [change.row for change in changes] == [loaded(store, change.connection) for change in changes]
        assert list("01234567") == [store.find(nonce(name)) for name in "01234567"]

    @pytest.mark.usefixtures("restless")
    def test_readers_never_see_half_a_commit(self, opened: Opened) -> None:
        """Beside a writer, whoever sees a row finds its record and its nonce, and finds no record without its row."""
        ended = threading.Event()
        commit(store := opened(), _numbered(store))

        def write() -> None:
            try:
                for _ in range(4 * ROUNDS):
                    commit(store, _numbered(store))
            finally:
                ended.set()

        def read() -> None:
            other = opened()
            while not ended.is_set():
                _look(other)

        together(write, *[read] * WRITERS)
        _look(store)

    @pytest.mark.usefixtures("restless")
    def test_closing_disturbs_nobody_who_is_reading(self, store: Store) -> None:
        """One thread may close an object as often as it likes while others use it."""
        change = commit(store, following(store, nonces=["1"]))
        ended = threading.Event()

        def close() -> None:
            for _ in range(20 * ROUNDS):
                store.close()
            ended.set()

        def read() -> None:
            while not ended.is_set():
                assert (change.row, ACME) == (loaded(store), store.find(nonce("1")))

        together(close, *[read] * WRITERS)


def _numbered(store: Store) -> Change:
    """Return a change whose one record and one nonce are its number."""
    number = str(store.version(ACME) + 1)
    return following(store, records=[number.encode()], nonces=[number])


def _look(store: Store) -> None:
    """Look at one connection as a reader does, part after part, and find that the parts belong together."""
    told = len(store.records(ACME))
    row = loaded(store)
    found = store.find(nonce(str(row.version)))
    later = loaded(store)

    assert told <= row.sequence
    assert (str(row.version).encode(),) == store.records(ACME, after=row.sequence - 1, limit=1)
    assert found == ACME or later.version > row.version
