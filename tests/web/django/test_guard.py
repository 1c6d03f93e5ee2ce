"""The guard beside Django's database keeps the contract of guards, and is freed when its holder dies."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connections, transaction
from tests.web.django.outer import failing
from tests.web.django.test_making import environment

from mailup_oauth.adapters.web.django.guard import DjangoGuard, key_of
from mailup_oauth.adapters.web.django.loans import loans_of
from mailup_oauth.adapters.web.django.store import DjangoStore
from mailup_oauth.domain.errors import StoreUnavailable
from mailup_oauth.ports import Busy
from mailup_oauth.testing.store_claims.changes import ACME, commit, following, together

WORKER = Path(__file__).with_name("guard_worker.py")
AT_ONCE = timedelta()
A_MOMENT = timedelta(milliseconds=30)
A_WHILE = timedelta(seconds=60)


@pytest.fixture
def guard(alias):
    """The guard of each database in turn."""
    return DjangoGuard(alias)


def is_free(guard, name=ACME, patience=AT_ONCE):
    """Say whether another thread can hold *name* within some patience."""

    def tried():
        try:
            with guard.hold(name, patience=patience):
                return True
        except Busy:
            return False

    with ThreadPoolExecutor(1) as other:
        return other.submit(tried).result()


def test_what_is_held_is_held_by_one(guard):
    """While one thread holds a name, no other gets it; before and afterwards any does."""
    before = is_free(guard)
    with guard.hold(ACME, patience=A_WHILE):
        meanwhile = (is_free(guard), is_free(guard, "ajax"))

    assert (True, (False, True), True) == (before, meanwhile, is_free(guard))


def test_threads_take_turns(guard):
    """Of many threads that want one name all get it, time and again, and no two are inside at once."""
    inside, seen = [], []

    def work():
        for _ in range(5):
            with guard.hold(ACME, patience=A_WHILE):
                inside.append("one")
                seen.append(len(inside))
                inside.pop()

    together(*[work] * 8)

    assert [1] * 40 == seen


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, SystemExit, GeneratorExit])
def test_an_exception_frees_what_was_held(guard, error):
    """Whatever ends the ``with``, the name is free again, and the exception goes on its way."""
    with pytest.raises(error), guard.hold(ACME, patience=A_WHILE):
        raise error

    assert is_free(guard)


@pytest.mark.parametrize("patience", [AT_ONCE, A_MOMENT])
def test_patience_ends(guard, patience):
    """Whoever waited in vain is told that others are busy, and has taken and left nothing."""
    with guard.hold(ACME, patience=A_WHILE):
        assert not is_free(guard, patience=patience)
    assert is_free(guard)


def test_whoever_waits_has_it_as_soon_as_it_is_free(guard):
    """A thread with patience gets what another lets go."""
    with ThreadPoolExecutor(1) as other:
        with guard.hold(ACME, patience=A_WHILE):
            waiting = other.submit(is_free, guard, patience=A_WHILE)
            assert not waiting.done()

        assert waiting.result()


@pytest.mark.parametrize("name", ["x" * 255, "\U0001f600" * 255, "../../etc/passwd", "'; --", " ", "\u6771"])
def test_any_name_can_be_held(guard, name):
    """A name is a name, whatever it means to a file system or a database."""
    with guard.hold(name, patience=AT_ONCE):
        assert (False, True) == (is_free(guard, name), is_free(guard))


def test_a_busy_guard_is_no_damage(guard):
    """``Busy`` comes out as it is, chained to nothing of a library's."""
    with guard.hold(ACME, patience=A_WHILE), pytest.raises(Busy) as caught:
        guard.hold(ACME, patience=A_MOMENT).__enter__()

    assert (None, None) == (caught.value.__cause__, caught.value.__context__)


def test_it_is_held_whatever_becomes_of_the_request(guard, alias):
    """A transaction of the request around it, or one that begins and ends inside, neither frees it nor is touched."""
    with failing(alias), guard.hold(ACME, patience=AT_ONCE):
        with failing(alias):
            pass

        assert not is_free(guard)
    with guard.hold(ACME, patience=AT_ONCE), transaction.atomic(using=alias):
        assert not is_free(guard)
    assert is_free(guard)


def test_the_holder_commits_through_the_session_that_holds_it(cluster, postgres):
    """On the holder's thread the store uses the one session, so that no second one can be missing."""
    guard, store, loans = DjangoGuard("postgres"), DjangoStore("postgres"), loans_of("postgres")
    with guard.hold(ACME, patience=AT_ONCE):
        first = number_of(loans)
        commit(store, following(store))

        assert first == number_of(loans)
        with guard.hold("ajax", patience=AT_ONCE):
            assert first != number_of(loans)
        assert first == number_of(loans)


def number_of(loans):
    """Return which session of the server is lent now."""
    with loans.lent() as lent, lent.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return cursor.fetchone()[0]


def test_a_session_that_the_server_ends_is_noticed_before_the_send(postgres):
    """When the lock is lost with its session, the next commit fails; only then does the thread go on with another one."""
    guard, store, loans = DjangoGuard("postgres"), DjangoStore("postgres"), loans_of("postgres")
    with guard.hold(ACME, patience=AT_ONCE):
        ended(number_of(loans))
        with pytest.raises(StoreUnavailable):
            store.commit(following(store))
        commit(store, following(store))

        assert is_free(guard)
    assert is_free(guard)


def ended(number):
    """Have the server end a session."""
    with connections["postgres"].cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 10000)", [number])


def test_no_patience_is_lost_to_a_time_out_of_the_project(postgres, monkeypatch):
    """Whoever waits for the guard is not sent away by the ``statement_timeout`` that the project has for its queries."""
    monkeypatch.setitem(connections.settings["postgres"], "OPTIONS", {"options": "-c statement_timeout=20ms"})
    guard = DjangoGuard("postgres")
    with ThreadPoolExecutor(1) as other:
        with guard.hold(ACME, patience=AT_ONCE):
            waiting = other.submit(is_free, guard, patience=A_WHILE)
            wait_in_the_queue()
            assert not waiting.done()

        assert waiting.result()


def wait_in_the_queue():
    """Return when somebody has waited for a guard for longer than the project lets its queries take."""
    with connections["postgres"].cursor() as cursor:
        waiting = None
        while not waiting:
            cursor.execute("SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
            waiting = cursor.fetchone()
        cursor.execute("SELECT pg_sleep(0.05)")


def test_keys_of_names_stay_what_they_are():
    """Two releases that run beside each other know a guard by the same number."""
    assert (-4335177566498386170, -6751318952084967873) == (key_of("acme"), key_of("ajax"))


@pytest.fixture
def worker(alias):
    """Start a process over the same database and wait until it is ready; none outlives the test."""
    started = []

    def start(mode):
        process = subprocess.Popen(
            [sys.executable, "-W", "error", WORKER, mode, alias, ACME],
            env=environment(alias),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        assert "ready\n" == process.stdout.readline()
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


def test_fault_K04_a_killed_holder_frees_it(guard, worker):
    """When a process is killed while it holds a guard, whoever waits gets it, though nobody tidies up."""
    holder = worker("hold")
    before = is_free(guard)
    holder.kill()
    holder.wait()

    assert not before
    assert is_free(guard, patience=A_WHILE)


def test_a_forked_child_frees_nothing(guard, worker):
    """A child that leaves the ``with`` of its parent takes nothing away from it, and closes nothing of it."""
    parent = worker("fork_inside")

    assert not is_free(guard)
    out, _ = parent.communicate("go\n")
    assert ["child 0", "still held and stored"] == out.splitlines()
    assert is_free(guard)
