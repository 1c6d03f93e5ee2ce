"""docs/testing.md tells of everything that the kit has; its examples are run by ``test_from_outside``."""

import ast
import inspect
import re

import pytest

from mailup_oauth.testing import plugin
from mailup_oauth.testing.plays import PLAYS
from mailup_oauth.testing.stage import Stage

ROW = re.compile(r"^\| `(\w+)` \| (.+) \|$", re.MULTILINE)
PROGRAM = re.compile(r"```python\n(.*?)```", re.DOTALL)


@pytest.fixture
def rows(page):
    """Give the tables: what stands in the first column, and what in the second."""
    return dict(ROW.findall(page))


@pytest.fixture
def fixtures():
    """Give the names of the plugin's fixtures."""
    return {name for name in vars(plugin) if name.startswith("mailup_")}


def test_every_fixture_has_its_row(rows, fixtures):
    """The first table has exactly the fixtures of the plugin."""

    assert fixtures == {name for name in rows if name.startswith("mailup_")}


def test_every_fixture_is_tried_from_outside(project, fixtures):
    """Each fixture is an argument of a test of the foreign project, or of an example."""
    trees = [ast.parse(file.read_text()) for file in project.glob("test_*.py")]
    asked = {node.arg for tree in trees for node in ast.walk(tree) if isinstance(node, ast.arg)}

    assert set() == fixtures - asked


def test_every_scenario_has_its_row(rows):
    """The second table says of each scenario what its play says of itself."""

    assert {name: inspect.getdoc(play) for name, play in PLAYS.items()} == {
        name: said for name, said in rows.items() if name in PLAYS
    }
    assert {"scenario"} == {name for name in rows if name not in PLAYS and not name.startswith("mailup_")}


def test_every_word_of_the_sandbox_is_there(page):
    """The words that the page gives the sandbox are those of the stage."""
    [words] = re.findall(r"^Words of `mailup_sandbox`, beside `visit`: (.*?)\.", page, re.MULTILINE | re.DOTALL)
    stage = Stage()

    assert [] == [word for word in re.findall(r"`(\w+)`", words) if not hasattr(stage, word)]


def test_no_example_is_left_out(page, project):
    """Every program of the page names its file, and so is run."""

    assert len(PROGRAM.findall(page)) == sum(f"# {file.name}\n" in page for file in project.glob("test_*.py"))
