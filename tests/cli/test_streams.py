"""Standard streams that take nothing: a full disk and a closed one are told in a sentence, where anybody can be told."""

import io
import json
import os
import subprocess
import sys
from contextlib import redirect_stderr
from pathlib import Path

import pytest

from mailup_oauth.adapters.cli.streams import discard, say

REFUSING = [">&-", *([">/dev/full"] if Path("/dev/full").exists() else [])]
"""How a shell leads stdout to where nothing is taken; not every system has that device."""
TEXTS = (("graph",), ("graph", "--json"), ("--help",), ("--version",), ("demo",))
NEEDING_A_TOKEN = (("token",), ("header",), ("call", "Authentication/Info"), ("refresh",), ("status",))


@pytest.fixture
def shell(program_path):
    """Run the command line with its streams redirected as a shell does it, and return its exit code and complaints."""

    def run(words, redirected):
        done = subprocess.run(
            ["/bin/sh", "-c", f'exec "$0" "$@" {redirected}', program_path, *words],
            env=os.environ,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        return done.returncode, done.stdout + done.stderr

    return run


@pytest.mark.parametrize("words", TEXTS)
@pytest.mark.parametrize("redirected", REFUSING)
def test_a_result_that_cannot_be_written_is_told(shell, words, redirected):
    """A stdout that takes nothing is one sentence on stderr and exit code 1, whatever is printed."""
    code, complaint = shell(words, redirected)

    assert (1, 1) == (code, len(complaint.splitlines()))
    assert "The result cannot be written (" in complaint


@pytest.mark.parametrize("words", NEEDING_A_TOKEN)
def test_a_token_that_cannot_be_written_is_told(shell, connected, words):
    """So it is where MailUp was asked before."""
    code, complaint = shell(words, ">&-")

    assert (1, 1) == (code, len(complaint.splitlines()))
    assert "The result cannot be written (" in complaint


def test_a_program_is_told_in_json(shell):
    """With ``--json`` the complaint is an object, as every other one."""
    code, complaint = shell(("graph", "--json"), ">&-")

    assert (1, "not_written") == (code, json.loads(complaint)["error"]["code"])


@pytest.mark.parametrize("redirected", ["2>&-", ">&- 2>&-", "<&- >&- 2>&-", "2>/dev/null >&-"])
def test_where_nobody_can_be_told_the_exit_code_tells(shell, mailup, redirected):
    """A stderr that is closed changes no exit code, and an unknown connection still needs a login."""

    assert (4, "") == shell(("token", "-c", "nobody"), redirected)
    assert (2, "") == shell(("nonsense", "--json"), redirected)


def test_no_file_of_ours_takes_the_place_of_a_closed_stream():
    """The numbers of the streams are taken before a store is opened, so that nobody writes into it by mistake."""
    program = (
        "import os, sys; from mailup_oauth.adapters.cli.streams import opened; opened();"
        "sys.exit([os.path.samestat(os.fstat(number), os.stat(os.devnull)) for number in range(3)] != [True] * 3)"
    )
    words = ["/bin/sh", "-c", 'exec "$0" -c "$1" <&- >&- 2>&-', sys.executable, program]

    assert 0 == subprocess.run(words, timeout=60, check=False).returncode


def test_a_stderr_that_takes_nothing_ends_no_command():
    """What cannot be said is lost, once and for all, and so it is where there is no stream to lose it."""
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w") as deaf, redirect_stderr(deaf):
        say("Is anybody there?")
        say("So it is.")

    discard(io.StringIO())
