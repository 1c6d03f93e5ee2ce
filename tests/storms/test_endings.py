"""However a program ends that is asked to end, the refresh that is under way is stored first; and it does end."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = Path(__file__).with_name("endings.py")
ONE_ROTATION = (1, 0, 0)


@pytest.fixture
def program(port):
    """Start the program in one of its ways, and give it once MailUp has been asked."""
    running = []

    def started(mode):
        words = [sys.executable, str(PROGRAM), mode, str(port.database), port.base]
        running.append(subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True))
        port.wait_until_asked()
        return running[0]

    yield started
    for process in running:
        process.kill()
        process.communicate()


def stands(port):
    """Return the state and the generation of the connection."""
    with port.client() as oauth:
        status = oauth.status("acme")
    return status.state, status.generation, status.owed


@pytest.mark.parametrize("mode", ["block", "careless"])
def test_a_program_that_ends_by_itself_ends_after_its_flights(program, port, mode):
    """A ``with`` block waits; and whoever closes without patience is waited for by the interpreter."""
    process = program(mode)

    assert 0 == process.wait(60)
    assert (("Refreshed", 1, "nothing"), ONE_ROTATION) == (stands(port), port.counted())


@pytest.mark.parametrize("mode", ["script", "server"])
def test_a_program_that_is_told_to_end_ends_after_its_flights(program, port, mode):
    """SIGTERM in the middle of a refresh, to a script with the documented handler, and to uvicorn."""
    process = program(mode)
    process.send_signal(signal.SIGTERM)
    process.wait(60)

    assert process.returncode in {0, -signal.SIGTERM}  # uvicorn ends well, and then by the signal that it was sent
    assert (("Refreshed", 1, "nothing"), ONE_ROTATION) == (stands(port), port.counted())


def test_a_program_whose_tokens_can_be_put_nowhere_ends_all_the_same(program):
    """At the end of the program, and not before, tokens are given up, and that is said."""
    out, _ = program("hopeless").communicate(timeout=60)

    assert ["AccessTokenExpired", "RefreshStarted", "spill:refused"] == out.splitlines()[:3]
    assert ["spill:refused", "spill:given-up"] == out.splitlines()[-2:]
