"""Each library is loaded by its own module only, and whoever has not installed it is told how to."""

import subprocess
import sys

import pytest

OPTIONAL = ("httpx2", "requests")


def ran(program):
    """Run a program in a new interpreter and return how it ends and its last words."""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    return done.returncode, (done.stdout + done.stderr).strip().splitlines()[-1]


@pytest.mark.parametrize("library", OPTIONAL)
def test_who_lacks_a_library_is_told_what_to_install(library):
    """The error is the command that mends it, without the one from which it came."""
    program = f"import sys; sys.modules[{library!r}] = None; import mailup_oauth.adapters.auth.{library}"

    assert (
        1,
        f'ModuleNotFoundError: authorizing {library} needs {library}. Run: pip install "mailup-oauth[{library}]"',
    ) == ran(program)


@pytest.mark.parametrize("module", ["promises", "flows", "headers", "httpx"])
def test_nobody_else_needs_it(module):
    """What the modules share, and the others, load without the optional libraries."""
    program = f"import sys; sys.modules.update(dict.fromkeys({OPTIONAL!r})); import mailup_oauth.adapters.auth.{module}"

    assert (0, "done") == ran(f"{program}; print('done')")
