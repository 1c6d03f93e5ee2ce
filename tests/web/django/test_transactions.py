"""Commits of the store are its own: no transaction of a request is around them, and none holds them up for ever."""

import asyncio
import threading

import pytest
from django.contrib.auth.models import Group
from django.core.exceptions import SynchronousOnlyOperation
from django.db import DEFAULT_DB_ALIAS, connections, transaction
from django.db.backends.postgresql.psycopg_any import IsolationLevel
from tests.web.django.outer import failing

from mailup_oauth.adapters.web.django.complaints import IN_A_LOOP, OWN_TRANSACTION
from mailup_oauth.adapters.web.django.loans import loans_of
from mailup_oauth.adapters.web.django.models import Connection
from mailup_oauth.adapters.web.django.store import DjangoStore
from mailup_oauth.domain.errors import StoreUnavailable
from mailup_oauth.ports import Absent, Commit
from mailup_oauth.testing.store_claims.changes import ACME, commit, following, loaded, nonce


def shown(store):
    """Return what a store shows of the connection that the tests change."""
    return store.version(ACME), store.records(ACME), store.find(nonce("1")), store.connections()


def stored(store):
    """Return what it shows after one change."""
    return 1, (b"{}",), ACME, (ACME,)


def test_a_commit_outlives_the_transaction_of_the_request(alias):
    """What was committed inside a transaction that is rolled back is there afterwards, for every object."""
    store = DjangoStore(alias)
    with failing(alias):
        change = commit(store, following(store, nonces=["1"]))
        inside = shown(store)

    assert stored(store) == inside == shown(DjangoStore(alias))
    assert change.row == loaded(store)


def test_the_request_loses_what_is_its_own(alias):
    """The transaction around a commit is rolled back all the same: what the request itself wrote is gone."""
    store = DjangoStore(alias)
    with failing(alias):
        commit(store, following(store))
        Group.objects.using(alias).create(name="written by the request")

    assert (1, 0) == (store.version(ACME), Group.objects.using(alias).count())


@pytest.mark.usefixtures("postgres")
def test_a_commit_outlives_a_transaction_that_has_written():
    """PostgreSQL keeps the two apart also when the request has written before."""
    store = DjangoStore("postgres")
    with failing("postgres", writes=True):
        commit(store, following(store, nonces=["1"]))

    assert stored(store) == shown(store)
    assert 0 == Group.objects.using("postgres").count()


def test_the_request_is_where_it_was_after_a_commit(alias):
    """The connection of the thread, its transaction and its savepoints are untouched by a commit in between."""
    store = DjangoStore(alias)
    theirs = connections[alias]
    with transaction.atomic(using=alias), transaction.atomic(using=alias):
        before = (theirs.in_atomic_block, len(theirs.savepoint_ids))
        commit(store, following(store))

        assert connections[alias] is theirs
        assert before == (theirs.in_atomic_block, len(theirs.savepoint_ids))


def test_nothing_is_left_to_a_thread_that_had_nothing(alias):
    """A thread that has no connection of Django's own has none after it used the store."""
    store, left = DjangoStore(alias), []

    def work():
        commit(store, following(store))
        left.extend(connections.all(initialized_only=True))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()

    assert [] == left
    assert 1 == store.version(ACME)


@pytest.mark.usefixtures("sqlite")
def test_a_request_that_has_written_locks_sqlite_and_is_told_so(monkeypatch):
    """SQLite has one writer: a commit beside the request's own unfinished one fails, says why, and changes nothing."""
    monkeypatch.setitem(connections.settings[DEFAULT_DB_ALIAS], "OPTIONS", {"timeout": 0.05})
    store = DjangoStore()
    with failing(DEFAULT_DB_ALIAS, writes=True), pytest.raises(StoreUnavailable) as caught:
        store.commit(following(store))

    assert OWN_TRANSACTION == caught.value.problem
    assert (None, None) == (caught.value.__cause__, caught.value.__context__)
    assert Absent() == store.load(ACME)
    commit(store, following(store))


@pytest.mark.usefixtures("sqlite")
@pytest.mark.parametrize("journal", ["DELETE", "WAL"])
def test_a_request_that_has_read_locks_sqlite_unless_it_keeps_a_log(monkeypatch, journal):
    """With a write-ahead log, which the documentation recommends, a transaction that only reads is in nobody's way."""
    options = {"timeout": 0.05, "init_command": f"PRAGMA journal_mode={journal}"}
    monkeypatch.setitem(connections.settings[DEFAULT_DB_ALIAS], "OPTIONS", options)
    store = DjangoStore()
    with transaction.atomic():
        Group.objects.count()
        done = attempted(store)

    assert ("done" if journal == "WAL" else OWN_TRANSACTION) == done


def attempted(store):
    """Return what came of a commit."""
    try:
        return store.commit(following(store)).value
    except StoreUnavailable as error:
        return error.problem


CARELESS = {
    "default": {"init_command": "PRAGMA synchronous=OFF"},
    "postgres": {"options": "-c synchronous_commit=off -c default_transaction_isolation=serializable"},
}
"""What a project may have chosen for data that it can do without."""


def answered(alias, question):
    """Return what a session of the library's own says of itself inside a transaction."""
    with loans_of(alias).lent() as lent, transaction.atomic(using=alias), lent.cursor() as cursor:
        cursor.execute(question)
        return cursor.fetchone()[0]


@pytest.mark.parametrize(
    ("alias", "question", "expected"),
    [("default", "PRAGMA synchronous", 2), ("postgres", "SHOW synchronous_commit", "on")],
)
def test_a_commit_is_durable(request, monkeypatch, alias, question, expected):
    """Every commit waits for the disk, whatever the project says of its own."""
    request.getfixturevalue("sqlite" if alias == "default" else "postgres")
    monkeypatch.setitem(connections.settings[alias], "OPTIONS", CARELESS[alias])
    loans_of(alias).close()

    assert expected == answered(alias, question)


@pytest.mark.usefixtures("postgres")
@pytest.mark.parametrize("options", [CARELESS["postgres"], {"isolation_level": IsolationLevel.SERIALIZABLE}])
def test_the_isolation_of_the_project_is_not_the_store_s(monkeypatch, options):
    """Whatever isolation the project chose for itself, of two writers one is refused, and no error comes of it."""
    monkeypatch.setitem(connections.settings["postgres"], "OPTIONS", options)
    loans_of("postgres").close()

    assert "read committed" == answered("postgres", "SHOW transaction_isolation")


@pytest.mark.usefixtures("postgres")
def test_whoever_locks_the_row_is_not_waited_for_for_ever(monkeypatch):
    """A request that has changed the row with its own hands, and then asks the library, is told that it is locked."""
    monkeypatch.setattr("mailup_oauth.adapters.web.django.copies._SESSION", "SET lock_timeout = '50ms'")
    store = DjangoStore("postgres")
    store.close()
    commit(store, following(store))
    with failing("postgres"):
        Connection.objects.using("postgres").update(version=7)
        with pytest.raises(StoreUnavailable, match="others have kept it locked"):
            store.commit(following(store))
    store.close()

    assert 1 == store.version(ACME)


def test_what_the_caller_has_not_committed_is_not_seen(alias):
    """The store shows what is stored, not what a transaction of the request may take back."""
    store = DjangoStore(alias)
    commit(store, following(store))
    with failing(alias):
        if alias == "postgres":
            Connection.objects.using(alias).update(version=7)

        assert 1 == store.version(ACME)


def test_a_task_asks_on_a_thread(alias):
    """Called as ``AsyncMailUpOAuth`` calls it, the store does not mind the event loop."""
    store = DjangoStore(alias)
    change = following(store)

    assert Commit.DONE is asyncio.run(in_thread(store, change))
    assert 1 == store.version(ACME)


async def in_thread(store, change):
    """Commit as a task does."""
    return await asyncio.to_thread(store.commit, change)


def test_an_event_loop_is_not_blocked(alias):
    """Called inside an event loop the store refuses as Django does, and says what to do instead."""
    store = DjangoStore(alias)

    async def blocked():
        store.version(ACME)

    with pytest.raises(StoreUnavailable) as caught:
        asyncio.run(blocked())

    assert IN_A_LOOP == caught.value.problem
    with pytest.raises(SynchronousOnlyOperation):
        asyncio.run(in_loop(connections[alias].cursor))


async def in_loop(job):
    """Do a job where an event loop runs."""
    return job()


@pytest.mark.usefixtures("postgres")
@pytest.mark.parametrize(("age", "kept"), [(0, 0), (60, 1), (None, 1)])
def test_connections_live_as_long_as_the_project_says(monkeypatch, age, kept):
    """``CONN_MAX_AGE`` holds for the library's connections as for Django's: none is kept where it is 0."""
    monkeypatch.setitem(connections.settings["postgres"], "CONN_MAX_AGE", age)
    store = DjangoStore("postgres")
    store.close()
    for _ in range(3):
        store.version(ACME)

    assert kept == sum(map(len, loans_of("postgres")._shelves.values()))


def test_a_restarted_server_is_found_again(postgres):
    """A connection that the server has ended while it was spare is not lent."""
    store = DjangoStore("postgres")
    commit(store, following(store))
    connections["postgres"].close()
    postgres.restart()

    assert 1 == store.version(ACME)


@pytest.mark.usefixtures("postgres")
def test_a_pool_of_the_project_is_not_drawn_from(monkeypatch):
    """A pool of Django's with one connection, which the request has, keeps nobody waiting."""
    store = DjangoStore("postgres")
    with monkeypatch.context() as patch:
        patch.setitem(connections.settings["postgres"], "OPTIONS", {"pool": {"max_size": 1}})
        patch.setitem(connections.settings["postgres"], "CONN_MAX_AGE", 0)
        commit(store, following(store))

    assert 1 == store.version(ACME)


@pytest.mark.usefixtures("sqlite")
def test_what_the_orm_is_asked_outside_goes_to_the_thread_s_own_connection():
    """Only inside a loan does the alias mean the library's connection, also if the loan ends in an error."""
    theirs, seen = connections[DEFAULT_DB_ALIAS], []
    with pytest.raises(ZeroDivisionError), loans_of(DEFAULT_DB_ALIAS).lent() as lent:
        seen.append(lent is connections[DEFAULT_DB_ALIAS] is not theirs and 1 / 0)

    assert theirs is connections[DEFAULT_DB_ALIAS]
