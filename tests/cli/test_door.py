"""Ctrl-C before anything is loaded and after all is done: the program ends by it, and says nothing."""

import signal
import subprocess
import sys

import pytest

DOOR = (
    "import os, signal, sys; from mailup_oauth.adapters.cli.door import run; sys.argv = ['mailup-oauth', '--version']; "
)
PRESS = "os.kill(os.getpid(), signal.SIGINT); print('still here')"


def ended(program, *, hears=True):
    """Run Python in a process of its own, which a shell has ignore Ctrl-C unless it *hears* it."""
    shell = ["/bin/sh", "-c", ("" if hears else "trap '' INT; ") + 'exec "$0" -c "$1"', sys.executable, program]
    done = subprocess.run(shell, capture_output=True, text=True, timeout=60, check=False)
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize("when", ["", "run(); sys.stdout.flush(); "], ids=["before", "after"])
def test_ctrl_c_outside_of_the_command_is_a_quiet_end(when):
    """Where no command runs the signal itself ends the process, which shells tell as 130; there is no traceback."""
    code, said, complaints = ended(DOOR + when + PRESS)

    assert (-signal.SIGINT, bool(when), "") == (code, bool(said), complaints)
    assert "still here" not in said


def test_the_door_is_there_before_what_takes_long():
    """What would be half loaded comes after it."""
    loaded = "print([name for name in ('attrs', 'cyclopts', 'mailup_oauth.domain') if name in sys.modules])"

    assert (0, "[]\n", "") == ended(DOOR + loaded)


@pytest.mark.parametrize("when", ["", "run(); "], ids=["before", "after"])
def test_who_is_told_to_ignore_ctrl_c_does(when):
    """A program in the background of a shell goes on."""
    code, said, complaints = ended(DOOR + when + PRESS, hears=False)

    assert (0, "still here", "") == (code, said.splitlines()[-1], complaints)
