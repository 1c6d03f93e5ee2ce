"""Where the simulation keeps what it has learnt."""

from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent


@pytest.fixture(scope="session")
def lines_of():
    """Return the lines of a file of this folder that say something."""

    def read(name):
        return [line for line in (HERE / name).read_text().splitlines() if line and not line.startswith("#")]

    return read


@pytest.fixture(autouse=True)
def unmeasured(unwatched):
    """Millions of steps take twice their time when each line is watched; the core's own tests are."""
