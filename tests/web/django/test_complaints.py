"""Whatever a database complains of comes out as one of two errors, which say what to do and hold no text of its own."""

import gc
import sqlite3
import warnings

import attrs
import pytest
from django.core.management import call_command
from django.db import DatabaseError, InterfaceError, OperationalError, connections
from tests.web.django.test_making import SECRET

from mailup_oauth.adapters.web.django.complaints import MIGRATE, complaining
from mailup_oauth.adapters.web.django.guard import DjangoGuard
from mailup_oauth.adapters.web.django.loans import loans_of
from mailup_oauth.adapters.web.django.store import DjangoStore
from mailup_oauth.domain.errors import StoreCorrupted, StoreUnavailable
from mailup_oauth.domain.instants import NO_TIME
from mailup_oauth.testing.store_claims.changes import ACME, commit, following, with_row

ASKED = {
    "load": lambda store: store.load(ACME),
    "version": lambda store: store.version(ACME),
    "find": lambda store: store.find("0" * 64),
    "records": lambda store: store.records(ACME),
    "connections": lambda store: store.connections(),
    "is_empty": lambda store: store.is_empty(),
    "commit": lambda store: store.commit(change()),
}


def change():
    """Return a change to a storage that cannot be read first."""
    from mailup_oauth.adapters.storage.memory import MemoryStore  # noqa: PLC0415

    return following(MemoryStore(), nonces=["1"])


def complaint(kind, asked, store):
    """Return what a question is answered with, by an error that is chained to nothing."""
    with pytest.raises(kind) as caught:
        asked(store)
    assert (None, None) == (caught.value.__cause__, caught.value.__context__)
    return caught.value.problem


def at(monkeypatch, alias, **words):
    """Have the settings lead elsewhere, and return a store there."""
    for word, value in words.items():
        monkeypatch.setitem(connections.settings[alias], word, value)
    return DjangoStore(alias)


@pytest.mark.parametrize("question", ASKED)
def test_missing_tables_are_to_be_migrated(monkeypatch, tmp_path, postgres, question):
    """Whoever did not migrate is told the command."""
    file = at(monkeypatch, "default", NAME=tmp_path / "empty.sqlite3")
    server = at(monkeypatch, "postgres", OPTIONS={"options": "-c search_path=nowhere"})

    assert [MIGRATE] * 2 == [complaint(StoreUnavailable, ASKED[question], store) for store in (file, server)]


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        ({"HOST": "/nowhere"}, "the database cannot be reached"),
        ({"NAME": "nowhere"}, "the database cannot be reached"),
        ({"NAME": ""}, "DATABASES['postgres'] cannot work as it is written"),
        ({"ENGINE": "django.db.backends.mysql"}, "DATABASES['postgres'] cannot work as it is written"),
    ],
)
@pytest.mark.parametrize("question", ASKED)
def test_what_cannot_be_reached_is_unavailable(monkeypatch, cluster, words, problem, question):
    """No server, no such database, settings that cannot work: each method says so, and so does the guard."""
    store = at(monkeypatch, "postgres", **words)

    assert problem == complaint(StoreUnavailable, ASKED[question], store)
    if question == "load":
        assert problem == complaint(
            StoreUnavailable, lambda _: DjangoGuard("postgres").hold(ACME, patience=NO_TIME).__enter__(), store
        )


def test_other_databases_are_refused(monkeypatch):
    """A database that would take names for one another, or whose locks nobody knows, is not used; nor one that is nowhere."""
    dummy = at(monkeypatch, "default", ENGINE="django.db.backends.dummy")
    problems = [complaint(StoreUnavailable, ASKED["load"], store) for store in (dummy, DjangoStore("nowhere"))]

    assert "is not among the databases that can be used" in problems[0]
    assert "there is no DATABASES['nowhere']" == problems[1]


def test_a_memory_of_one_connection_is_refused(monkeypatch):
    """``:memory:`` would be another database for each connection."""
    store = at(monkeypatch, "default", NAME=":memory:")

    assert "MemoryStore" in complaint(StoreUnavailable, ASKED["load"], store)


@pytest.mark.parametrize(
    "damage",
    [
        "SET version = 'one'",
        "SET clear = 'text'",
        "SET sealed = 7",
        "SET due_at = 'soon'",
        "SET due_at = '2026-01-01'",
        "SET written_at = 7",
        "SET head = NULL",
    ],
)
def test_fault_S05_a_damaged_row_is_found_out(sqlite, damage):
    """What SQLite lets anybody write into a column is not taken for a row."""
    store = DjangoStore()
    commit(store, following(store))
    with sqlite3.connect(sqlite) as database:
        database.execute("PRAGMA ignore_check_constraints = ON")
        try:
            database.execute(f"UPDATE mailup_oauth_connection {damage}")
        except sqlite3.IntegrityError:  # the schema itself keeps it out
            database.execute("UPDATE mailup_oauth_connection SET head = 'none'")
    database.close()

    assert complaint(StoreCorrupted, ASKED["load"], store)


def test_a_record_that_is_no_octets_is_found_out(sqlite):
    """The same of a journal."""
    store = DjangoStore()
    commit(store, following(store))
    with sqlite3.connect(sqlite) as database:
        database.execute("UPDATE mailup_oauth_journalrecord SET line = 'text'")
    database.close()

    assert complaint(StoreCorrupted, ASKED["records"], store)


def test_what_does_not_fit_is_damage_and_changes_nothing(alias):
    """A record where one is already, or another's nonce, is refused whole."""
    store = DjangoStore(alias)
    commit(store, following(store, nonces=["1"]))
    commit(store, following(store, "other"))
    overlapping = with_row(following(store, records=[b"x"]), sequence=1)
    foreign = following(store, "other", nonces=["1"])
    before = (store.load(ACME), store.load("other"))
    problems = {
        complaint(StoreCorrupted, lambda _, one=one: store.commit(one), store) for one in (overlapping, foreign)
    }

    assert [True] == [problem.endswith("does not find in it what belongs there") for problem in problems]
    assert before == (store.load(ACME), store.load("other"))
    commit(store, following(store))


@pytest.fixture
def leaves_open():
    """Collect the connection that Django does not close where its first PRAGMA fails; Python 3.13 began to warn of it."""
    yield
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "unclosed database", ResourceWarning)
        gc.collect()


@pytest.mark.usefixtures("leaves_open")
def test_what_is_no_database_is_damage(monkeypatch, tmp_path):
    """A file that is none of SQLite's is left as it is."""
    file = tmp_path / "no.sqlite3"
    file.write_bytes(b"no database at all, but long enough to be taken for one\n" * 40)
    store = at(monkeypatch, "default", NAME=file)

    assert complaint(StoreCorrupted, ASKED["load"], store)
    assert file.read_bytes().startswith(b"no database at all")


class Lodger:
    """Asks a database that complains of anything."""

    alias = "default"

    def __init__(self, error, cause):
        self._error, self._cause = error, cause

    @complaining
    def ask(self):
        """Complain."""
        raise self._error from self._cause


@attrs.define
class ServerError(Exception):
    """What a driver raises, with the server's number and its text."""

    sqlstate: str | None
    pgcode: str | None = None

    def __str__(self):
        return f"DETAIL: Key (sealed)=({SECRET})"


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ("08006", "the connection to the database broke"),
        ("25006", "the database is read-only"),
        ("28P01", "the database does not let this application in"),
        ("3D000", "there is no such database"),
        ("40P01", "the database called the transaction off"),
        ("42P01", MIGRATE),
        ("42501", "this application's user may not use its tables"),
        ("53100", "the disk is full"),
        ("53200", "the database lacks room"),
        ("53300", "the database takes no more connections"),
        ("55P03", "others have kept it locked"),
        ("57P01", "the database stopped the query, or is going down"),
        ("58030", "the disk failed to read or write"),
        ("22P02", ""),
        ("23505", ""),
        ("XX001", ""),
        ("99999", ""),
    ],
)
@pytest.mark.parametrize("driver", ["sqlstate", "pgcode"])
def test_a_server_s_error_is_put_in_our_words(state, expected, driver):
    """Either driver's number says what it is; the server's own text, which may quote a row, goes nowhere."""
    cause = ServerError(state if driver == "sqlstate" else None, state if driver == "pgcode" else None)
    told = complaint(
        StoreUnavailable if expected else StoreCorrupted,
        Lodger.ask,
        Lodger(DatabaseError(str(cause)), cause),
    )

    assert (expected or "the database does not find in it what belongs there") == told


@pytest.mark.parametrize(
    ("error", "kind"),
    [(OperationalError, StoreUnavailable), (InterfaceError, StoreUnavailable), (DatabaseError, StoreCorrupted)],
)
def test_an_error_without_a_number_goes_by_its_kind(error, kind):
    """What the driver itself finds, such as a lost connection, has no number."""
    assert complaint(kind, Lodger.ask, Lodger(error(SECRET), ServerError(None)))


def test_a_restored_schema_is_found_again(monkeypatch, tmp_path):
    """After the command was run, the same object works."""
    connections["default"].close()  # whoever was here before may have left it open, to another file
    monkeypatch.setitem(connections.settings["default"], "NAME", str(tmp_path / "late.sqlite3"))
    store = DjangoStore()
    before = complaint(StoreUnavailable, ASKED["load"], store)
    call_command("migrate", "mailup_oauth", verbosity=0)
    loans_of("default").close()
    connections["default"].close()

    assert MIGRATE == before
    assert 1 == commit(store, following(store)).row.version
