"""A commit is one step: decided on the newest version or refused, made whole or not at all."""

from itertools import product

import pytest

from ...ports import Absent, Commit, Store
from .changes import ACME, Opened, commit, decided_on, following, loaded, nonce, seen


class Committing:
    """What is promised of ``commit`` and ``find``."""

    @pytest.mark.parametrize("version", [1, 2, 7])
    def test_what_is_not_there_has_version_zero(self, store: Store, version: int) -> None:
        """Where there is no row, a change that was decided on one is refused, and leaves nothing behind."""
        before = seen(store, nonces=["1"])
        change = following(store, nonces=["1"], sealed=b"x")

        assert Commit.CONFLICT is store.commit(decided_on(change, version))
        assert before == seen(store, nonces=["1"])

    @pytest.mark.parametrize("version", [0, 1, 2, 4, 5])
    def test_a_stale_change_is_refused_and_changes_nothing(self, store: Store, version: int) -> None:
        """A change decided on any version but the newest alters no row, no journal, no nonce and no name."""
        for number in (1, 2, 3):
            commit(store, following(store, nonces=["kept", str(number)], records=[str(number).encode()]))
        before = seen(store, nonces=["kept", "3", "new"])
        change = following(store, nonces=["new"], records=[b"new"] * 2, sealed=b"new")

        assert Commit.CONFLICT is store.commit(decided_on(change, version))
        assert before == seen(store, nonces=["kept", "3", "new"])

    def test_a_change_is_made_once(self, store: Store) -> None:
        """Whoever does not know whether a change was made and tries again makes nothing twice."""
        change = commit(store, following(store, records=[b"1"], nonces=["1"]))
        before = seen(store, nonces=["1"])

        assert Commit.CONFLICT is store.commit(change)
        assert before == seen(store, nonces=["1"])

    def test_whoever_is_refused_decides_again(self, store: Store) -> None:
        """After a conflict the same wish, decided on what is stored now, is granted."""
        late = following(store, records=[b"late"])
        commit(store, following(store, records=[b"early"]))

        assert Commit.CONFLICT is store.commit(late)
        commit(store, following(store, records=[b"late"]))
        assert (b"early", b"late") == store.records(ACME)

    def test_a_commit_is_seen_by_everybody_at_once(self, opened: Opened) -> None:
        """Row, journal and nonce of a commit are there for every other object as soon as it returns."""
        store, other = opened(), opened()
        for number in (1, 2, 3):
            name = str(number)
            change = commit(store, following(store, records=[name.encode()], nonces=[name]))

            assert change.row == loaded(other)
            assert (change.records, ACME) == (other.records(ACME, after=number - 1), other.find(nonce(name)))
            store, other = other, store

    def test_several_nonces_lead_to_one_connection(self, store: Store) -> None:
        """Every attempt of a connection is found by its own nonce."""
        commit(store, following(store, nonces="abcde"))

        assert [ACME] * 5 == [store.find(nonce(name)) for name in "abcde"]

    def test_the_nonces_of_a_change_replace_those_before(self, store: Store) -> None:
        """What is not among the nonces of the newest change leads nowhere; what still is goes on to."""
        for names in ("ab", "bc", "cd"):
            commit(store, following(store, nonces=names))

        assert [Absent(), Absent(), ACME, ACME] == [store.find(nonce(name)) for name in "abcd"]

    def test_a_change_without_nonces_erases_them(self, store: Store) -> None:
        """When no attempt is left, no nonce leads to the connection."""
        for names in ("abc", ""):
            commit(store, following(store, nonces=names))

        assert [Absent()] * 3 == [store.find(nonce(name)) for name in "abc"]

    def test_the_nonces_of_others_are_let_be(self, store: Store) -> None:
        """A connection's commits, made or refused, do not touch what leads to another."""
        commit(store, following(store, "other", nonces="ab"))
        for names in ("xy", "yz", ""):
            change = commit(store, following(store, nonces=names))
            store.commit(change)

        assert ["other", "other"] == [store.find(nonce(name)) for name in "ab"]

    def test_the_rows_of_others_are_let_be(self, store: Store) -> None:
        """Versions are counted for each connection alone."""
        for _, name in product(range(3), ("a", "b")):
            commit(store, following(store, name, records=[name.encode()]))
        commit(store, following(store, "c"))

        assert [3, 3, 1] == [store.version(name) for name in "abc"]
        assert ((b"a",) * 3, (b"b",) * 3) == (store.records("a"), store.records("b"))
