"""Every guard keeps one contract: one holder at a time, freed when it leaves, and nobody else disturbed."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from mailup_oauth.adapters.guard.host import HostGuard
from mailup_oauth.adapters.guard.process import ProcessGuard
from mailup_oauth.ports import Busy
from mailup_oauth.testing.store_claims.changes import together

AT_ONCE = timedelta()
A_MOMENT = timedelta(milliseconds=30)
A_WHILE = timedelta(seconds=60)


@pytest.fixture(params=["process", "host"])
def guard(request, tmp_path):
    """Each guard of this library in turn."""
    return ProcessGuard() if request.param == "process" else HostGuard(tmp_path / "locks")


def is_free(guard, name="acme", patience=AT_ONCE):
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
    with guard.hold("acme", patience=A_WHILE):
        meanwhile = is_free(guard)

    assert (True, False, True) == (before, meanwhile, is_free(guard))


def test_threads_take_turns(guard):
    """Of many threads that want one name all get it, time and again, and no two are inside at once."""
    inside, seen = [], []

    def work():
        for _ in range(10):
            with guard.hold("acme", patience=A_WHILE):
                inside.append("one")
                seen.append(len(inside))
                inside.pop()

    together(*[work] * 8)

    assert [1] * 80 == seen


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, SystemExit, GeneratorExit])
def test_an_exception_frees_what_was_held(guard, error):
    """Whatever ends the ``with``, the name is free again, and the exception goes on its way."""
    with pytest.raises(error), guard.hold("acme", patience=A_WHILE):
        raise error

    assert is_free(guard)


@pytest.mark.parametrize("patience", [AT_ONCE, A_MOMENT])
def test_patience_ends(guard, patience):
    """Whoever waited in vain is told that others are busy, and has taken and left nothing."""
    with guard.hold("acme", patience=A_WHILE):
        assert not is_free(guard, patience=patience)
    assert is_free(guard)


def test_whoever_waits_has_it_as_soon_as_it_is_free(guard):
    """A thread with patience gets what another lets go."""
    with ThreadPoolExecutor(1) as other:
        with guard.hold("acme", patience=A_WHILE):
            waiting = other.submit(is_free, guard, patience=A_WHILE)
            assert not waiting.done()

        assert waiting.result()


def test_other_names_are_other_guards(guard):
    """Who holds one name keeps nobody from another, and may hold another too."""
    with guard.hold("acme", patience=A_WHILE), guard.hold("ajax", patience=AT_ONCE):
        assert (False, False, True) == tuple(is_free(guard, name) for name in ("acme", "ajax", "apex"))


@pytest.mark.parametrize("name", ["x" * 255, "\U0001f600" * 255, "../../etc/passwd", "a/b", "'; --", " ", "\u6771"])
def test_any_name_can_be_held(guard, name):
    """A name is a name, whatever it means to a file system."""
    with guard.hold(name, patience=AT_ONCE):
        assert (False, True) == (is_free(guard, name), is_free(guard, "acme"))


def test_a_busy_guard_is_no_damage(guard):
    """``Busy`` comes out as it is, chained to nothing of a library's."""
    with guard.hold("acme", patience=A_WHILE), pytest.raises(Busy) as caught:
        guard.hold("acme", patience=AT_ONCE).__enter__()

    assert (None, None) == (caught.value.__cause__, caught.value.__context__)


def test_two_guards_of_processes_are_apart():
    """Each object guards its own client's store; two have nothing to do with one another."""
    one, other = ProcessGuard(), ProcessGuard()
    with one.hold("acme", patience=A_WHILE):
        assert is_free(other)


def test_a_guard_of_a_process_forgets_names():
    """However many names were held, also in vain, only those that are wanted now are remembered."""
    guard = ProcessGuard()
    for number in range(100):
        with guard.hold(str(number), patience=AT_ONCE):
            assert not is_free(guard, str(number))

    assert [{}] == [room.gates for room in guard._rooms.values()]
