"""The project as text: its root, its modules as trees, its documents, its tests' ids."""

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "mailup_oauth"

COLLECT = "-m pytest tests --collect-only -q --no-header -p no:randomly -p no:cacheprovider"
OF_THIS_RUN = ("COV", "PYTEST")
"""What the variables begin with that tell other programs to be measured, or pytest to choose."""


@pytest.fixture(scope="session")
def root():
    """The folder that holds everything."""
    return ROOT


@pytest.fixture(scope="session")
def modules():
    """Every module of the library: its path below ``mailup_oauth``, its text and its tree."""
    texts = {str(path.relative_to(SOURCE)): path.read_text() for path in sorted(SOURCE.rglob("*.py"))}
    return {name: (text, ast.parse(text)) for name, text in texts.items()}


@pytest.fixture(scope="session")
def documents():
    """Every document a person reads: its path and its text."""
    paths = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "ADR").glob("*.md")]
    return {path: path.read_text() for path in sorted(paths)}


@pytest.fixture(scope="session")
def collected():
    """
    The ids of all tests that pytest collects, whatever was chosen for this run.

    Another pytest is asked, so that a run of a single test knows as much.  That takes as long as importing all tests,
    in each worker that asks; so one test asks.  Where there is no Chromium, tests/browser is not among them.
    """
    quiet = {name: value for name, value in os.environ.items() if not name.startswith(OF_THIS_RUN)}
    command = (sys.executable, *COLLECT.split())
    told = subprocess.run(command, cwd=ROOT, env=quiet, capture_output=True, text=True, check=False)

    assert 0 == told.returncode, told.stdout[-2000:] + told.stderr[-2000:]
    return [line for line in told.stdout.splitlines() if line.startswith("tests/") and "::" in line]
