"""Any life of a storage, compared with plain dictionaries at every step; needs Hypothesis."""

from datetime import UTC, datetime
from itertools import count

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from ...ports import Absent, Commit, Row
from .changes import Opened, decided_on, following, nonce, with_row

_LIVES = count(1)
_SIZE = settings(
    max_examples=25,
    stateful_step_count=20,
    phases=[Phase.generate, Phase.shrink],
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)

names = st.sampled_from(["a", "b", "B'"])
attempts = st.sets(st.sampled_from("uvwxyz"), max_size=4)
octets = st.binary(max_size=40)
moments: st.SearchStrategy[datetime] = st.datetimes(timezones=st.just(UTC))


class Life(RuleBasedStateMachine):
    """
    Commits, late commits, closing and opening, in any order, under names that no other life has.

    Args:
        opened: Opens an object over the storage, which may be full of other lives.
    """

    def __init__(self, opened: Opened) -> None:
        super().__init__()
        self._number = next(_LIVES)
        self._opened = opened
        self._store = opened()
        self._rows: dict[str, Row] = {}
        self._journals: dict[str, tuple[bytes, ...]] = {}
        self._nonces: dict[str, set[str]] = {}

    def _named(self, name: str) -> str:
        """Return a name of this life."""
        return f"{self._number} {name}"

    @rule(name=names, records=st.lists(octets, max_size=3), chosen=attempts, sealed=octets, moment=moments)
    def commit(self, name: str, records: list[bytes], chosen: set[str], sealed: bytes, moment: datetime) -> None:
        """Commit a change that is decided on the newest row."""
        own = self._named(name)
        nonces = {f"{own} {attempt}" for attempt in chosen}
        change = following(self._store, own, records=records, nonces=nonces, sealed=sealed)
        change = with_row(change, due_at=moment, written_at=moment)

        assert Commit.DONE is self._store.commit(change)
        self._rows[own] = change.row
        self._journals[own] = (*self._journals.get(own, ()), *records)
        self._nonces[own] = nonces

    @rule(name=names, version=st.integers(0, 5), chosen=attempts)
    def commit_late(self, name: str, version: int, chosen: set[str]) -> None:
        """Try to commit a change that was decided on any other version."""
        own = self._named(name)
        change = following(self._store, own, nonces={f"{own} {attempt}" for attempt in chosen}, sealed=b"late")
        if version != change.replaces:
            assert Commit.CONFLICT is self._store.commit(decided_on(change, version))

    @rule(name=names, after=st.integers(0, 9), limit=st.integers(0, 9))
    def read_a_page(self, name: str, after: int, limit: int) -> None:
        """Read a part of a journal."""
        own = self._named(name)
        journal = self._journals.get(own, ())

        assert journal[after : after + limit] == self._store.records(own, after=after, limit=limit)

    @rule()
    def close(self) -> None:
        """Close the object and go on with it."""
        self._store.close()

    @rule()
    def change_places(self) -> None:
        """Go on with another object."""
        self._store = self._opened()

    @invariant()
    def every_row_is_there(self) -> None:
        """Rows, versions and journals are those of the dictionaries."""
        for own in map(self._named, ("a", "b", "B'")):
            row = self._rows.get(own)

            assert (row or Absent()) == self._store.load(own)
            assert (row.version if row else 0) == self._store.version(own)
            assert self._journals.get(own, ()) == self._store.records(own)

    @invariant()
    def every_name_is_listed(self) -> None:
        """The names of this life are listed in order, and a storage that holds something sealed is not empty."""
        listed = [own for own in self._store.connections() if own.startswith(f"{self._number} ")]

        assert sorted(self._rows) == listed
        assert not (self._store.is_empty() and any(row.sealed for row in self._rows.values()))

    @invariant()
    def every_nonce_leads_where_it_should(self) -> None:
        """Every nonce of this life leads to its connection while it is the connection's, and nowhere after."""
        for own in map(self._named, ("a", "b", "B'")):
            for attempt in "uvwxyz":
                asked = f"{own} {attempt}"

                assert (own if asked in self._nonces.get(own, ()) else Absent()) == self._store.find(nonce(asked))


def live(opened: Opened) -> None:
    """Live some lives over the storage that *opened* opens, and compare."""

    class OneLife(Life):
        def __init__(self) -> None:
            super().__init__(opened)

    run_state_machine_as_test(OneLife, settings=_SIZE)
