"""A key file is made once, for its owner alone, durable before it is used, with nothing left beside it."""

import os
import resource
import stat
import subprocess
import sys
import threading
from contextlib import contextmanager

import pytest

from mailup_oauth.adapters.cipher.keyfile import _create, open_key_file
from mailup_oauth.adapters.cipher.keys import new_key
from mailup_oauth.domain.errors import KeyUnavailable

RACES = 40
RACER = f"""
import sys
from pathlib import Path
from mailup_oauth.adapters.cipher.keyfile import open_key_file
print("ready", flush=True)
sys.stdin.readline()
folder = Path(sys.argv[1])
print(*[open_key_file(folder / str(number), may_create=True).newest.id for number in range({RACES})], flush=True)
"""


@pytest.fixture
def path(tmp_path):
    """Name a key file that is not there yet, in a folder of its own."""
    folder = tmp_path / "folder"
    folder.mkdir()
    return folder / "mailup.db.key"


def names_in(folder):
    """Return the names of all that is in a folder."""
    return sorted(one.name for one in folder.iterdir())


def problem_of(path):
    """Return why *path* cannot be made."""
    with pytest.raises(KeyUnavailable) as caught:
        open_key_file(path, may_create=True)
    assert caught.value.__cause__ is caught.value.__context__ is None
    return caught.value.problem


@contextmanager
def masked(umask):
    """Set the umask for a while."""
    before = os.umask(umask)
    try:
        yield
    finally:
        os.umask(before)


@contextmanager
def a_full_disk():
    """Let no file grow for a while."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077, 0o777])
def test_a_new_file_is_its_owner_s_alone_whatever_the_umask(path, umask):
    """It is a plain file with mode 0600 and one name, and nothing else is left in its folder."""
    with masked(umask):
        open_key_file(path, may_create=True)
    found = path.lstat()

    assert (True, 0o600, 1) == (stat.S_ISREG(found.st_mode), stat.S_IMODE(found.st_mode), found.st_nlink)
    assert ["mailup.db.key"] == names_in(path.parent)


def test_a_file_that_is_there_is_read_and_never_made_anew(path):
    """Whoever opens it later gets the same key, whether or not it might be made, and its bytes stay as they are."""
    made = open_key_file(path, may_create=True)
    text = path.read_text()

    assert f"{made.newest.text()}\n" == text
    assert [made] * 2 == [open_key_file(path, may_create=may) for may in (True, False)]
    assert text == path.read_text()


def test_two_installations_have_two_keys(path):
    """A key that was made is not made again somewhere else."""
    other = open_key_file(path.with_name("other.key"), may_create=True)

    assert other != open_key_file(path, may_create=True)


def test_a_file_that_cannot_be_made_leaves_nothing_behind(path):
    """Where there is no folder the error says so, and none is made."""
    lost = path.parent / "missing" / path.name

    assert "the key file mailup.db.key cannot be made (No such file or directory)" == problem_of(lost)
    assert [] == names_in(path.parent)


def test_a_full_disk_leaves_no_draft_behind(path):
    """A key that cannot be written down is not used; once there is room, one is made."""
    with a_full_disk():
        problem = problem_of(path)
        left = names_in(path.parent)

    assert ("the key file mailup.db.key cannot be made (File too large)", []) == (problem, left)
    assert open_key_file(path, may_create=True) == open_key_file(path, may_create=False)


def test_whoever_was_faster_has_the_say(path):
    """Whoever finds a key in its place after writing its own takes that one, and leaves no draft behind."""
    winner = new_key()
    path.touch(mode=0o600)
    path.write_text(winner.text())

    assert winner == _create(path).newest
    assert ["mailup.db.key"] == names_in(path.parent)


@pytest.mark.parametrize("made", [lambda path: path.symlink_to("nowhere"), os.mkdir, os.mkfifo])
def test_whatever_else_was_faster_is_refused_and_no_draft_is_left(path, made):
    """What took the file's place in the meantime is judged as it would have been before."""
    made(path)
    with pytest.raises(KeyUnavailable):
        _create(path)

    assert ["mailup.db.key"] == names_in(path.parent)


def test_threads_that_race_get_one_key(path):
    """Sixteen threads that find no file make one."""
    start, keys = threading.Barrier(16), []

    def race():
        start.wait()
        keys.append(open_key_file(path, may_create=True).newest.id)

    crowd = [threading.Thread(target=race) for _ in range(16)]
    for thread in crowd:
        thread.start()
    for thread in crowd:
        thread.join()

    assert (16, 1) == (len(keys), len(set(keys)))
    assert ["mailup.db.key"] == names_in(path.parent)


def test_processes_that_race_get_one_key(path):
    """Four processes that make forty files at the same time agree on every one, and leave no draft behind."""
    command = [sys.executable, "-c", RACER, str(path.parent)]
    racers = [subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(4)]
    for racer in racers:
        assert "ready\n" == racer.stdout.readline()
    for racer in racers:
        racer.stdin.write("go\n")
        racer.stdin.flush()
    told = [racer.communicate()[0] for racer in racers]

    assert 1 == len(set(told))
    assert RACES == len(set(told[0].split())) == len(names_in(path.parent))
