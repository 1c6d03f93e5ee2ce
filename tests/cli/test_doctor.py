"""``doctor``: each thing that can be wrong is found, with its fix, and nothing else is called wrong."""

import json
import shutil
from contextlib import contextmanager
from datetime import timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest

from mailup_oauth.adapters.cli.settings import load
from mailup_oauth.adapters.clock.system import SystemClock
from mailup_oauth.adapters.guard.host import HostGuard
from mailup_oauth.adapters.spill.folder import FolderSpill


def found(said):
    """Return the findings that are not good: subject, grade and all that is said."""
    told = json.loads(said.out)["findings"]
    return {one["subject"]: (one["grade"], f"{one['sentence']} {one['fix']}") for one in told if one["grade"] != "ok"}


def test_where_all_is_well_everything_is(command, connected):
    """Over a connected store and a server that answers, there is nothing to mend."""
    said = command("doctor")
    subjects = [line.split()[1] for line in said.out.splitlines()]

    assert (0, "") == (said.code, said.err)
    assert {"ok"} == {line.split()[0] for line in said.out.splitlines()}
    assert [
        "settings",
        "application",
        "application",
        "store",
        "key",
        "files",
        "lock",
        "spill",
        "server",
        "clock",
        "library",
    ] == subjects


def test_before_the_first_login_all_can_be_well(command, mailup):
    """A store that is not there yet is no fault, and looking makes none."""

    assert 0 == command("doctor").code
    assert not mailup.database.exists()


def test_a_key_that_nothing_needs_yet_is_not_missed(command, connected):
    """Where nothing is sealed any more, a key file that is gone locks nobody out, and looking makes none."""
    command("logout", "--yes")
    key = connected.database.with_name("sandbox.db.key")
    key.unlink()
    said = command("doctor", "--offline")

    assert (0, True, False) == (said.code, "the next login makes one" in said.out, key.exists())


BROKEN = {
    "client-id": ({"MAILUP_OAUTH_CLIENT_ID": ""}, "application", "MAILUP_OAUTH_CLIENT_ID"),
    "secret": ({"MAILUP_OAUTH_CLIENT_SECRET": ""}, "application", "MAILUP_OAUTH_CLIENT_SECRET"),
    "secret-file": (
        {"MAILUP_OAUTH_CLIENT_SECRET": "", "MAILUP_OAUTH_CLIENT_SECRET_FILE": "/nowhere"},
        "application",
        "cannot be read",
    ),
    "redirect-uri": ({"MAILUP_OAUTH_REDIRECT_URI": "http://localhost/x"}, "application", "must be https"),
    "server": ({"MAILUP_OAUTH_SERVER": "http://example.com"}, "settings", "not the base URL"),
    "unreachable": ({"MAILUP_OAUTH_SERVER": "http://127.0.0.1:1"}, "server", "mailup-oauth sandbox"),
    "key": ({"MAILUP_OAUTH_KEY": "canary"}, "key", "line 1 is not a key"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_what_is_broken_is_found(command, connected, monkeypatch, case):
    """What keeps the program from working is called bad, with the fix, and the exit code is 1."""
    settings, subject, words = BROKEN[case]
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    said = command("doctor", "--database", connected.database, "--json")
    grade, told = found(said)[subject]

    assert (1, "", "bad", True) == (said.code, said.err, grade, words in told)


def test_a_misspelt_variable_is_found(command, mailup, monkeypatch):
    """A variable that looks like a setting and is none is worth a look, and no failure."""
    monkeypatch.setenv("MAILUP_OAUTH_CLIENTID", "canary")
    said = command("doctor", "--json")

    assert (0, "look") == (said.code, found(said)["settings"][0])
    assert "MAILUP_OAUTH_CLIENTID is set, and means nothing" in said.out


def test_files_that_others_may_read_are_found(command, connected, home, monkeypatch):
    """Each file or folder that others may look into is named with the chmod that closes it."""
    secret = home / "secret"
    secret.write_text("canary")
    secret.chmod(0o644)
    connected.database.parent.chmod(0o755)
    monkeypatch.setenv("MAILUP_OAUTH_CLIENT_SECRET_FILE", str(secret))
    said = command("doctor")

    assert 0 == said.code
    assert f"chmod 600 {secret}" in said.out
    assert f"chmod 700 {connected.database.parent}" in said.out


def test_a_store_of_somebody_else_is_found(command, connected):
    """A file that is no store is bad, and its lock is not even tried."""
    connected.database.write_text("What I always wanted to say.\n" * 99)
    said = command("doctor", "--json")

    assert (1, "bad") == (said.code, found(said)["store"][0])


def test_a_folder_without_locks_is_found(command, connected):
    """Where no lock file can be made, two processes could refresh at once."""
    locks = connected.database.with_name("sandbox.db.locks")
    for path in locks.iterdir():
        path.unlink()
    locks.rmdir()
    locks.write_text("in the way")
    said = command("doctor", "--json")

    assert (1, "bad") == (said.code, found(said)["lock"][0])


def test_a_lock_that_is_held_for_long_is_found(command, connected):
    """Another process that looks for long is worth a second look."""
    guard = HostGuard(connected.database.with_name("sandbox.db.locks"))
    with guard.hold("@doctor", patience=timedelta(seconds=1)):
        said = command("doctor", "--json")

    assert (0, "look") == (said.code, found(said)["lock"][0])


def test_fault_S17_a_place_where_nothing_could_be_spilled_is_found(command, connected):
    """Where tokens could wait in memory only, that is worth a look, with what is in the way; looking makes nothing."""
    spill = connected.database.with_name("sandbox.db.spill")
    shutil.rmtree(spill)
    before = found(command("doctor", "--json")).get("spill"), spill.exists()
    spill.write_text("in the way")
    said = command("doctor", "--json")

    assert ((None, False), 0) == (before, said.code)
    assert ("look", True) == (found(said)["spill"][0], f"{spill} is not a folder" in found(said)["spill"][1])


def test_fault_S17_what_was_spilled_and_set_aside_is_found(command, connected):
    """Tokens that wait are named, and so is a file that could not be read, each with what becomes of it."""
    spill = FolderSpill(connected.database.with_name("sandbox.db.spill"))
    spill.keep("waiting", b"canary")
    spill.keep("spoilt", b"canary")
    spill.set_aside("spoilt")
    said = command("doctor", "--json")
    told = [one for one in json.loads(said.out)["findings"] if one["subject"] == "spill"]

    assert (0, ["look", "look"]) == (said.code, [one["grade"] for one in told])
    assert ["They are stored when", "Look at it; delete"] == [" ".join(one["fix"].split()[:4]) for one in told]
    assert [".spill", ".unreadable"] == [
        path.suffix for one in told for path in spill._folder.iterdir() if str(path) in one["sentence"]
    ]


def test_a_redirect_uri_elsewhere_is_worth_a_look(command, mailup, monkeypatch):
    """An answer that has to be pasted is no fault."""
    monkeypatch.setenv("MAILUP_OAUTH_REDIRECT_URI", "https://app.example/callback")
    said = command("doctor", "--json")

    assert (0, "look") == (said.code, found(said)["application"][0])


@pytest.mark.parametrize(
    ("server", "environment", "words"),
    [
        ("", {}, "Mend the network."),
        ("", {"HTTPS_PROXY": "http://127.0.0.1:9"}, "goes without HTTPS_PROXY"),
        ("http://127.0.0.1:1", {"HTTPS_PROXY": "http://127.0.0.1:9"}, "mailup-oauth sandbox"),
    ],
)
def test_the_way_to_a_server_depends_on_where_it_is(server, environment, words):
    """A sandbox has to be started, MailUp is not reached over a proxy, and else the network is to be mended."""

    assert words in load({"server": server}).way_there(environment)


@contextmanager
def telling(date):
    """Serve a MailUp that tells this date, and nothing else."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response_only(401)
            for value in [date] if date else []:
                self.send_header("Date", value)
            self.end_headers()

        def log_message(self, *_):
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.mark.parametrize(
    ("hours", "grade"),
    [(0, None), (1, "look"), (-1, "look"), (None, "look")],
    ids=["right", "ahead", "behind", "untold"],
)
def test_a_clock_that_is_wrong_is_found(command, hours, grade):
    """More than a minute between this clock and MailUp's is worth a look, and so is a server that tells no time."""
    date = None if hours is None else format_datetime(SystemClock().now() + timedelta(hours=hours), usegmt=True)
    with telling(date) as base:
        said = command("doctor", "--json", "--server", base)

    assert grade == found(said).get("clock", (None,))[0]


def test_offline_nobody_is_asked(command, mailup, monkeypatch):
    """With ``--offline`` nothing is sent."""
    monkeypatch.setenv("MAILUP_OAUTH_SERVER", "http://127.0.0.1:1")

    assert 0 == command("doctor", "--offline").code
