"""Every command, ended from outside while it waits: the exit code, and what is left behind is whole."""

import os
import re
import signal
import subprocess
from contextlib import closing
from datetime import timedelta
from threading import Event

import pytest
from tests.cli.conftest import PATIENCE

from mailup_oauth.adapters.storage.sqlite import SqliteStore
from mailup_oauth.client.proof import verified
from mailup_oauth.journal import Verified
from mailup_oauth.sandbox.events import TokensRotated
from mailup_oauth.sandbox.faults import Slow, Target

ENDINGS = {signal.SIGINT: 130, signal.SIGTERM: 143, signal.SIGKILL: -9}
"""How a program ends by each signal."""
A_WHILE = Slow(delay=timedelta(seconds=1))


@pytest.fixture
def begun(program_path):
    """Start the command line in a process of its own; the fixture ends those that are left."""
    left = []

    def start(*words):
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "stdin": subprocess.DEVNULL}
        left.append(subprocess.Popen([program_path, *words], env=os.environ.copy(), text=True, **pipes))
        return left[-1]

    yield start
    for process in left:
        process.kill()
        process.communicate()


def is_whole(database):
    """Say whether every journal in the store is verified."""
    with closing(SqliteStore(database)) as store:
        return all(isinstance(verified(store, name), Verified) for name in store.connections())


@pytest.mark.parametrize("end", ENDINGS)
def test_a_login_that_waits_for_the_browser(begun, mailup, program, end):
    """Nothing is half done: the journal is whole, nothing listens, and the next login succeeds."""
    process = begun("login", "--no-browser")
    while not (url := re.search(r"127\.0\.0\.1%3A(\d+)%2F", process.stderr.readline())):
        pass
    process.send_signal(end)
    out, err = process.communicate(timeout=PATIENCE)

    assert (ENDINGS[end], "", "") == (process.returncode, out, err.strip())
    assert is_whole(mailup.database)
    assert 0 == program("login", "--port", url.group(1)).code


@pytest.mark.parametrize(
    "words", [("refresh",), ("call", "User/Lists"), ("token", "-c", "old"), ("header", "-c", "old")]
)
@pytest.mark.parametrize("end", ENDINGS)
def test_a_command_with_a_request_in_the_air(begun, asked, connected, end, words):
    """Ctrl-C and SIGTERM wait for the answer, so that no token is lost; a killed one leaves a whole journal."""
    connected.connect("old", ago=timedelta(hours=2))
    asked(words)
    process = begun(*words)
    asked.wait()
    process.send_signal(end)
    out, _ = process.communicate(timeout=PATIENCE)

    assert (ENDINGS[end], "") == (process.returncode, out)
    assert is_whole(connected.database)


def test_what_was_waited_for_is_kept(begun, asked, connected, program):
    """After Ctrl-C during a refresh the new tokens are stored: the next command goes on with them."""
    asked(("refresh",))
    process = begun("refresh")
    asked.wait()
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=PATIENCE)

    assert "its answer is waited for, so that no token is lost" in err
    assert 0 == program("call", "Authentication/Info").code
    assert 1 == sum(isinstance(event, TokensRotated) for event in connected.service.events)


@pytest.fixture
def asked(connected):
    """Let MailUp be slow at what a command asks for, and wait until it is asked."""

    class Asked:
        def __call__(self, words):
            connected.plan(A_WHILE, Target.RESOURCE if words[0] == "call" else Target.TOKEN)
            self.before = len(connected.service.events)

        def wait(self):
            while len(connected.service.events) == self.before:
                Event().wait(0.01)

    return Asked()


@pytest.mark.parametrize("end", ENDINGS)
@pytest.mark.parametrize("words", [("sandbox", "--port", "0"), ("demo",)])
def test_a_command_that_serves(begun, words, end):
    """A sandbox and a demonstration end at once, and say nothing more."""
    process = begun(*words)
    first = process.stdout.readline()
    process.send_signal(end)
    _, err = process.communicate(timeout=PATIENCE)

    assert ("MailUp sandbox listens on", ENDINGS[end], "") == (
        re.search(r"MailUp sandbox listens on", first).group(),
        process.returncode,
        err,
    )


def test_a_logout_that_asks(terminal, connected):
    """Ctrl-C at the question changes nothing."""
    with terminal("logout") as person:
        person.until("[y/N] ")
        person.process.send_signal(signal.SIGINT)

    assert 130 == person.code
    assert is_whole(connected.database)


@pytest.mark.parametrize(("says", "code"), [("y", 0), ("n", 130), ("", 130)])
def test_a_logout_does_what_the_person_says(terminal, connected, says, code):
    """The question is answered with yes or not at all."""
    with terminal("logout") as person:
        seen = person.until("[y/N] ")
        person.type(says)

    assert (code, True) == (person.code, "the tokens of m1 held as default" in seen)


def test_a_prompt_for_the_secret(terminal, mailup, monkeypatch):
    """Ctrl-C at the prompt ends the login before anything is made."""
    monkeypatch.delenv("MAILUP_OAUTH_CLIENT_SECRET")
    with terminal("login") as person:
        person.until("not shown): ")
        person.interrupt()

    assert (130, False) == (person.code, mailup.database.exists())
