"""Where ``doctor`` looks for a store: what cannot be is told before a login fails, and no fix harms anybody else."""

import json
import socket

import pytest


def told(said, subject):
    """Return what was found of one subject: each finding's grade, and all that is said of it."""
    found = json.loads(said.out)["findings"]
    return [(one["grade"], f"{one['sentence']} {one['fix']}") for one in found if one["subject"] == subject]


def everything(folder):
    """Return every file and folder with its mode."""
    return {path: path.stat().st_mode for path in (folder, *folder.rglob("*"))}


def test_a_folder_of_others_is_not_to_be_closed(command, mailup, tmp_path):
    """Where a store would stand among other things the fix is another place for it, never ``chmod``."""
    tmp_path.chmod(0o1777)
    said = command("doctor", "--offline", "--json", "--database", tmp_path / "x.db")
    ((grade, words),) = told(said, "files")

    assert (0, "look", True) == (said.code, grade, "name a file in a folder of your own" in words)
    assert "chmod" not in said.out


def test_a_file_of_others_is_not_to_be_closed(command, mailup, tmp_path):
    """What is no store of ours is called bad and left alone: no ``chmod`` for it, no lock beside it."""
    file = tmp_path / "passwd"
    file.write_text("root:x:0:0\n")
    file.chmod(0o644)
    before = everything(tmp_path)
    said = command("doctor", "--offline", "--json", "--database", file)

    assert (1, "bad") == (said.code, told(said, "store")[0][0])
    assert "chmod" not in said.out
    assert before == everything(tmp_path)


def test_an_empty_file_is_not_known_to_be_ours(command, mailup, tmp_path):
    """A file in which nothing was written yet may be anybody's."""
    file = tmp_path / "x.db"
    file.touch(0o644)

    assert "chmod" not in command("doctor", "--offline", "--database", file).out


def test_a_store_elsewhere_is_to_be_closed_and_its_folder_is_not(command, connected, tmp_path):
    """A store that is known by what is in it is closed with its key, wherever it is; the folder is somebody's."""
    here = tmp_path / "a place"
    connected.database.parent.rename(here)
    here.chmod(0o755)
    (here / "sandbox.db").chmod(0o644)
    said = command("doctor", "--offline", "--database", here / "sandbox.db")

    assert f"chmod 600 '{here / 'sandbox.db'}'" in said.out
    assert "chmod 700" not in said.out
    assert f"others may look into {here} (mode 755)" in said.out


def test_a_device_is_no_file_to_be_closed(command, mailup, monkeypatch):
    """What is named as the secret's file and is no plain file keeps its mode."""
    monkeypatch.setenv("MAILUP_OAUTH_CLIENT_SECRET_FILE", "/dev/null")

    assert "chmod" not in command("doctor", "--offline").out


@pytest.mark.parametrize("place", ["/dev/null/x.db", "/proc/nope/x.db", "/dev/null/nope/x.db", ":memory:"])
def test_a_place_where_no_store_can_be_made_is_bad(command, mailup, place):
    """What the first login would fail over is told before, and nothing else is said of that place."""
    said = command("doctor", "--offline", "--json", "--database", place)
    ((grade, words),) = told(said, "store")

    assert (1, "bad", True) == (said.code, grade, "--database" in words)
    assert [] == [*told(said, "files"), *told(said, "spill"), *told(said, "key"), *told(said, "lock")]


def test_looking_for_a_place_leaves_nothing_there(command, mailup, tmp_path):
    """That a folder can be made is tried, and nothing is left of it."""
    before = everything(tmp_path)

    assert 0 == command("doctor", "--offline", "--database", tmp_path / "new" / "x.db").code
    assert before == everything(tmp_path)


def test_a_key_that_is_none_is_told_as_one(command, mailup, monkeypatch):
    """A wrong key of the environment is found though there is no store yet, and the library is not blamed for it."""
    monkeypatch.setenv("MAILUP_OAUTH_KEY", "zzz")
    said = command("doctor", "--offline", "--json")

    assert (1, "bad", "ok") == (said.code, told(said, "key")[0][0], told(said, "library")[0][0])


@pytest.mark.parametrize("words", [(), ("--offline",)])
def test_a_server_that_cannot_be_is_found_once(command, mailup, words):
    """What is no base URL is a bad setting, whether or not anybody is asked, and all else is looked at."""
    said = command("doctor", "--json", "--server", "nonsense", *words)

    assert (1, ["ok", "bad"]) == (said.code, [grade for grade, _ in told(said, "settings")])
    assert [("ok", True)] == [(grade, "succeed" in words) for grade, words in told(said, "library")]


def test_a_damaged_store_is_told_in_words_for_a_terminal(command, connected):
    """The fix is something to type or to do, and names no method."""
    connected.database.write_text("What I always wanted to say.\n" * 99)
    said = command("doctor", "--offline")

    assert (1, True) == (said.code, "name another with --database" in said.out)
    assert "begin()" not in said.out


def test_a_port_that_is_taken_is_found(command, mailup, monkeypatch):
    """A redirect URI whose port another program has is bad, for no answer could be received there."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        monkeypatch.setenv("MAILUP_OAUTH_REDIRECT_URI", f"http://127.0.0.1:{taken.getsockname()[1]}/callback")
        said = command("doctor", "--offline", "--json")
    (grade, words), *_ = told(said, "application")

    assert (1, "bad", True) == (said.code, grade, "login another port with --port" in words)
    assert 0 == command("doctor", "--offline").code
