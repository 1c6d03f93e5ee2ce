"""
The contract suite of the Store port: an adapter is what passes it.  It needs pytest, and Hypothesis for one test.

    class TestMyStore(StoreContract):
        @pytest.fixture
        def opened(self, tmp_path):
            return lambda: MyStore(tmp_path / "store")

``opened`` returns, each time it is called, another object over one storage, which is empty when a test begins; where a
storage has only one object, always that.  Every test is a claim of ``ports.Store``; its docstring says which.
"""

from collections.abc import Iterator

import pytest

from ..ports import Absent, Store
from .store_claims.changes import Opened, commit, following, loaded, nonce
from .store_claims.committing import Committing
from .store_claims.keeping import Keeping
from .store_claims.sharing import Sharing

HOSTILE = (
    "'; DROP TABLE connection; --",
    "' OR '1'='1",
    '" OR ""="',
    "') UNION SELECT sealed FROM connection --",
    "acme'/*",
    "%",
    "_",
    "a\\",
    "\\'",
    "?",
    ":name",
    "$1",
    "%s",
    "%(name)s",
    "{0}",
    "../../etc/passwd",
    "C:\\nul",
    "NULL",
    "0",
    "-1",
    "1e3",
    "true",
    "*",
    "`acme`",
    "[acme]",
    "x" * 255,
    "\U0001f600" * 255,
    "\u6771\u4eac",
    "\u05d0\u05d1\u05d2",
)
"""Names that mean something else somewhere."""

ALIKE = (
    "acme",
    "ACME",
    "Acme",
    " acme",
    "acme ",
    "acme  ",
    "acm\u00e9",
    "acme\u0301",
    "\uff41cme",
    "stra\u00dfe",
    "strasse",
    "STRASSE",
    "\u0131",
    "i",
    "01",
    "1",
    "1.0",
)
"""Names that some collation, folding or conversion takes for one another."""


class StoreContract(Keeping, Committing, Sharing):
    """Everything that is promised of a store; a subclass whose name begins with ``Test`` adds the fixture ``opened``."""

    @pytest.fixture
    def store(self, opened: Opened) -> Iterator[Store]:
        """Give one object over the test's storage."""
        store = opened()
        yield store
        store.close()

    def test_any_life_is_that_of_dictionaries(self, opened: Opened) -> None:
        """Whatever is committed, refused, closed and opened in whatever order, a store shows what dictionaries would."""
        from .store_claims.living import live  # noqa: PLC0415  # the only part that needs Hypothesis

        live(opened)

    @pytest.mark.parametrize("name", HOSTILE)
    def test_sec_68_a_name_is_a_value(self, store: Store, name: str) -> None:
        """A connection is stored under whatever name it has, and harms nothing that is stored under another."""
        other = commit(store, following(store, nonces=["other"]))
        change = commit(store, following(store, name, records=[name.encode()], nonces=["1"], sealed=b"x"))

        assert (change.row, change.records) == (loaded(store, name), store.records(name))
        assert (name, "acme") == (store.find(nonce("1")), store.find(nonce("other")))
        assert tuple(sorted(["acme", name])) == store.connections()
        assert other.row == loaded(store)

    def test_sec_68_names_that_look_alike_are_different(self, store: Store) -> None:
        """Neither case, nor spaces, nor accents, nor numbers make one name of two."""
        changes = [commit(store, following(store, name, records=[name.encode()], nonces=[name])) for name in ALIKE]

        assert tuple(sorted(ALIKE)) == store.connections()
        for change in changes:
            assert change.row == loaded(store, change.connection)
            assert change.records == store.records(change.connection)
            assert change.connection == store.find(nonce(change.connection))

    def test_sec_68_a_name_finds_nothing_else(self, store: Store) -> None:
        """Asking under a name that is not there, or for a nonce that is none, finds nothing and harms nothing."""
        change = commit(store, following(store, nonces=["1"]))
        for name in (*HOSTILE, *ALIKE[1:]):
            answers = (store.load(name), store.version(name), store.records(name), store.find(name))

            assert (Absent(), 0, (), Absent()) == answers, name
        assert change.row == loaded(store)
