"""The guard for a host keeps its promise among processes: among those that are killed, forked and shut out too."""

import os
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import pytest

from mailup_oauth.adapters.guard.host import STRIPES, HostGuard
from mailup_oauth.domain.errors import StoreUnavailable
from mailup_oauth.ports import Busy

WORKER = Path(__file__).with_name("guard_worker.py")
AT_ONCE = timedelta()
A_WHILE = timedelta(seconds=60)


@pytest.fixture
def folder(tmp_path):
    """Where lock files may be made."""
    return tmp_path / "locks"


@pytest.fixture
def guard(folder):
    """The test's own object over those files."""
    return HostGuard(folder)


@pytest.fixture
def worker(folder):
    """Start a process over the same files and wait until it is ready; none outlives the test."""
    started = []

    def start(mode, name="acme"):
        pipes = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
        started.append(subprocess.Popen([sys.executable, str(WORKER), mode, str(folder), name], text=True, **pipes))
        assert "ready\n" == started[-1].stdout.readline()
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.communicate()


@pytest.fixture
def no_umask():
    """Let new files have every permission that is asked for."""
    usual = os.umask(0)
    yield
    os.umask(usual)


def said(process):
    """Give a process its word, wait for its end and return what it said; it may not complain."""
    told, complaint = process.communicate("go\n", timeout=60)

    assert ("", 0) == (complaint, process.returncode)
    return told.split()


def is_free(guard, name="acme"):
    """Say whether *name* can be held right now."""
    try:
        with guard.hold(name, patience=AT_ONCE):
            return True
    except Busy:
        return False


def stripe(name):
    """Return which lock file belongs to a name."""
    return int.from_bytes(sha256(name.encode()).digest()[:4], "big") % STRIPES


def test_processes_exclude_one_another(worker, guard):
    """What another process holds is busy here; when it leaves, it is free."""
    process = worker("hold")
    meanwhile = (is_free(guard), is_free(guard, "ajax"))

    assert [] == said(process)
    assert ((False, True), True) == (meanwhile, is_free(guard))


def test_processes_take_turns(worker, folder):
    """Four processes that count in one file under the guard lose no number."""
    counter = Path(f"{folder}.counter")
    counter.write_text("0")
    processes = [worker("count") for _ in range(4)]
    for process in processes:
        process.stdin.write("go\n")
        process.stdin.flush()

    assert [[]] * 4 == [said(process) for process in processes]
    assert "40" == counter.read_text()


def test_fault_P13_a_killed_holder_holds_nothing(worker, guard):
    """The kernel frees what a process held when it is killed: whoever waits has it, without any time-out."""
    process = worker("hold")
    with ThreadPoolExecutor(1) as other:
        waiting = other.submit(guard.hold("acme", patience=A_WHILE).__enter__)

        assert not is_free(guard, "acme")
        process.kill()
        assert waiting.result() is None


def test_fault_P27_a_child_does_not_inherit_what_threads_hold(worker):
    """
    While a parent's thread holds both guards, a child finds the host's busy and that of its own process free.

    When the thread leaves, the child has the host's too, for it does not wait for a thread that it lacks.
    """
    assert ["False", "True", "False", "False", "True", "True", "True"] == said(worker("fork_beside"))


def test_fault_P27_a_child_that_leaves_frees_nothing(worker):
    """A child that was forked inside of the guard and leaves it does not free it for others; its parent does."""
    assert ["False", "True"] == said(worker("fork_inside"))


def test_names_of_one_stripe_wait_for_each_other(guard, folder):
    """A thousand files are for all names; two that share one wait for each other, and no file is made twice."""
    twin = next(name for name in map(str, range(10**5)) if stripe(name) == stripe("acme"))
    with guard.hold("acme", patience=A_WHILE):
        assert not is_free(guard, twin)

    assert is_free(guard, twin)
    assert [f"{stripe('acme'):04d}.lock"] == [found.name for found in folder.iterdir()]


def test_two_objects_over_one_folder_are_one_guard(guard, folder, tmp_path):
    """It does not matter how the folder is written; another folder is another guard."""
    (tmp_path / "linked").symlink_to(tmp_path)
    with guard.hold("acme", patience=A_WHILE):
        assert not is_free(HostGuard(tmp_path / "linked" / "locks"))
        assert not is_free(HostGuard(folder / ".." / "locks"))
        assert is_free(HostGuard(tmp_path / "others"))


def test_nothing_stays_open(guard):
    """However often a guard was held, no file is left open."""
    before = sum(1 for _ in Path("/dev/fd").iterdir())
    for number in range(100):
        with guard.hold(str(number), patience=AT_ONCE):
            assert not is_free(guard, str(number))

    assert before == sum(1 for _ in Path("/dev/fd").iterdir())


def test_sec_71_locks_are_their_owners_alone(guard, folder, no_umask):
    """Folder and files are made for their owner, though the umask would let everybody do everything."""
    assert is_free(guard)
    (file,) = folder.iterdir()

    assert (0o700, 0o600) == (stat.S_IMODE(folder.stat().st_mode), stat.S_IMODE(file.stat().st_mode))


def test_sec_71_no_symbolic_link_is_locked(guard, folder, tmp_path):
    """A link in a lock file's place is refused, and what it points to is not made."""
    folder.mkdir()
    (folder / f"{stripe('acme'):04d}.lock").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(StoreUnavailable, match="the lock file cannot be locked"):
        is_free(guard)

    assert not (tmp_path / "elsewhere").exists()


def test_a_guard_stays_where_it_was_when_its_process_moves(folder, guard, tmp_path, monkeypatch):
    """A relative folder is that of the moment: a daemon that changes its directory meets the others where it did."""
    monkeypatch.chdir(tmp_path)
    relative = HostGuard(Path("locks"))
    monkeypatch.chdir("/")
    with guard.hold("acme", patience=A_WHILE):
        assert not is_free(relative)


def test_a_folder_that_cannot_be_made(tmp_path):
    """Where no lock can be, nothing is held, and a sentence says why."""
    (tmp_path / "file").write_text("canary")
    for place, why in (("missing/locks", "No such file"), ("file/locks", "Not a directory"), ("file", "File exists")):
        with pytest.raises(StoreUnavailable, match=f"the lock folder cannot be made \\({why}") as caught:
            is_free(HostGuard(tmp_path / place))

        assert (None, None) == (caught.value.__cause__, caught.value.__context__)


def test_a_lock_file_that_cannot_be_locked(guard, folder):
    """Where something else has a lock file's name, nothing is held, and a sentence says why; other names go on."""
    (folder / f"{stripe('acme'):04d}.lock").mkdir(parents=True)
    with pytest.raises(StoreUnavailable, match=r"the lock file cannot be locked \(Is a directory") as caught:
        is_free(guard)

    assert (None, None) == (caught.value.__cause__, caught.value.__context__)
    assert is_free(guard, "ajax")
