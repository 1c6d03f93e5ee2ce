"""Each decision has the whole form, and what is said to hold it is there."""

import re

import pytest

from mailup_oauth.testing.canary import CANARY

PARTS = ("Question", "Forces", "Options", "Decision", "Price", "Held by", "Reopen when")
A_PAGE = 60
"""Lines of 120 characters."""


@pytest.fixture(scope="module")
def decisions(root):
    """The decisions, by their number."""
    return {path.name[:4]: path for path in sorted((root / "ADR").glob("[0-9]*.md"))}


def test_decisions_are_numbered_without_a_gap(decisions):
    """The first is 0001, and each has the next number."""

    assert [f"{number:04}" for number in range(1, len(decisions) + 1)] == list(decisions)


def test_every_decision_has_the_whole_form(decisions):
    """Each asks, weighs, decides, says its price, what holds it and what would reopen it, on a page."""
    short = {
        path.name
        for path in decisions.values()
        if re.findall(r"^\*\*([A-Z][a-z ]+)\*\*", path.read_text(), re.MULTILINE) != list(PARTS)
        or len(path.read_text().splitlines()) > A_PAGE
    }

    assert set() == short


def test_what_holds_a_decision_is_there(root, decisions):
    """Each names at least one test, contract or file that holds it, and all that it names exist."""
    for path in decisions.values():
        held = re.search(r"\*\*Held by\*\*(.*?)\n\n", path.read_text(), re.DOTALL)[1]
        targets = re.findall(r"`([^`]+)`", held)

        assert targets, path.name
        assert [] == [target for target in targets if not (root / target).exists()], path.name


def test_the_index_lists_every_decision(root, decisions):
    """The index has a row for each, with the title that the decision itself has."""
    index = (root / "ADR" / "README.md").read_text()
    rows = [f"[{path.read_text().splitlines()[0].removeprefix('# ')}]({path.name})" for path in decisions.values()]

    assert [] == [row for row in rows if row not in index]


def test_no_decision_holds_a_secret(decisions):
    """Decisions are public; the marker of the suite's secrets is not in them."""

    assert [] == [path.name for path in decisions.values() if CANARY in path.read_text().lower()]
