"""The key file is read only if it is its owner's alone; whatever else has its name is refused, and told how to mend."""

import os
import shlex
import socket
import subprocess
from contextlib import chdir
from pathlib import Path

import pytest

from mailup_oauth.adapters.cipher.keyfile import open_key_file
from mailup_oauth.adapters.cipher.keys import Key, KeyRing, new_key
from mailup_oauth.domain.errors import KeyUnavailable

KEY = Key(b"a canary that is 32 octets long.")
TEXT = f"{KEY.text()}\n"


@pytest.fixture
def path(tmp_path):
    """Name a key file that is not there yet, in a folder of its own."""
    folder = tmp_path / "folder"
    folder.mkdir()
    return folder / "mailup.db.key"


def written(path, text=TEXT, mode=0o600):
    """Write a key file as an administrator would."""
    path.write_text(text)
    path.chmod(mode)


def lowest_descriptor():
    """Return the number that the next open file will have."""
    descriptor = os.dup(0)
    os.close(descriptor)
    return descriptor


def problem_of(path, *, may_create=False):
    """Return why *path* is not opened, having seen that nothing in its folder changed and no descriptor stays open."""
    names, lowest = sorted(path.parent.iterdir()), lowest_descriptor()
    with pytest.raises(KeyUnavailable) as caught:
        open_key_file(path, may_create=may_create)

    assert (names, lowest) == (sorted(path.parent.iterdir()), lowest_descriptor())
    assert caught.value.__cause__ is caught.value.__context__ is None
    assert caught.value.remedy in str(caught.value)
    return caught.value.problem


def test_a_file_with_several_keys_is_a_ring(path):
    """The newest key comes first."""
    older = new_key()
    written(path, f"{KEY.text()}\n{older.text()}\n")

    assert KeyRing((KEY, older)) == open_key_file(path, may_create=False)


def test_a_file_that_may_only_be_read_is_as_good(path):
    """Whoever takes the right to write away from themselves is not told off for it."""
    written(path, mode=0o400)

    assert KEY == open_key_file(path, may_create=False).newest


def test_fault_S16_no_key_is_made_where_something_is_sealed(path):
    """A lost file is named as lost, and no other takes its place."""

    assert "there are sealed tokens, but the key file mailup.db.key is gone" == problem_of(path)


@pytest.mark.parametrize("may_create", [True, False])
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644, 0o620, 0o601, 0o610, 0o777])
def test_permissions_for_others_are_refused_with_the_command_that_mends_them(path, mode, may_create):
    """The error says what to run; once it was run, the same key is there."""
    written(path, mode=mode)
    _, _, command = problem_of(path, may_create=may_create).partition("; run: ")
    subprocess.run(shlex.split(command), cwd=path.parent, check=True)

    assert "chmod 600 mailup.db.key" == command
    assert KEY == open_key_file(path, may_create=may_create).newest


def test_the_command_can_be_pasted_whatever_the_file_is_called(path):
    """A name with blanks and quotes is quoted for the shell."""
    odd = path.with_name("it's mine; really.key")
    written(odd, mode=0o644)
    _, _, command = problem_of(odd).partition("; run: ")

    assert ["chmod", "600", odd.name] == shlex.split(command)


def a_link(path):
    """Make a link to a good key file."""
    written(path.parent.parent / "elsewhere.key")
    path.symlink_to(path.parent.parent / "elsewhere.key")


def a_link_to_nothing(path):
    """Make a link to a file that is not there."""
    path.symlink_to(path.parent.parent / "nowhere.key")


def a_folder(path):
    """Make a folder."""
    path.mkdir(mode=0o700)


def a_pipe(path):
    """Make a pipe that nobody writes to."""
    os.mkfifo(path, mode=0o600)


def a_socket(path):
    """Make a socket; it is bound from beside it, for the names of sockets have little room."""
    with chdir(path.parent), socket.socket(socket.AF_UNIX) as door:
        door.bind(path.name)


@pytest.mark.parametrize("may_create", [True, False])
@pytest.mark.parametrize("made", [a_link, a_link_to_nothing, a_folder, a_pipe, a_socket])
def test_what_is_no_plain_file_is_refused_at_once(path, made, may_create):
    """Links are not followed, nobody waits for a pipe, and nothing is made in the place or behind the link."""
    made(path)

    assert "the key file mailup.db.key" in problem_of(path, may_create=may_create)
    assert not (path.parent.parent / "nowhere.key").exists()


def of_another_user(path):
    """Return a file that this user may read and does not own: root can make one, others have root's."""
    if os.geteuid() != 0:
        return Path("/etc/passwd")
    written(path)
    os.chown(path, 65534, 65534)
    return path


def test_a_file_of_another_user_is_refused(path):
    """A key that somebody else wrote, and so knows, seals nothing of ours."""
    theirs = of_another_user(path)

    assert f"the key file {theirs.name} is not a plain file of this user's own" == problem_of(theirs)


@pytest.mark.parametrize(("text", "line"), [(f"{TEXT}\ncanary\n", 3), ("\xff\n", 1), ("\0" * 80_000, 1)])
def test_a_garbage_line_is_named_and_not_shown(path, text, line):
    """The error tells the number of the line; what stands there is in neither the error nor its traceback."""
    written(path, text)

    assert f"line {line} is not a key of 43 characters of base64url" == problem_of(path)


def test_of_a_huge_file_only_the_beginning_is_read(path):
    """64 KiB hold more keys than anybody has, so a file that goes on is not followed to its end."""
    written(path, TEXT + "\n" * (64 * 1024) + "canary")

    assert KEY == open_key_file(path, may_create=False).newest


def test_an_empty_file_is_no_key(path):
    """A file that was cut to nothing is refused, and left as it is."""
    written(path, "")

    assert "the key ring is empty" == problem_of(path, may_create=True)
    assert b"" == path.read_bytes()
