"""The project as text: its root, its modules as trees, its documents."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "mailup_oauth"


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
