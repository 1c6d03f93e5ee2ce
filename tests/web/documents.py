"""The pages of ``docs/`` as programs: their Python, and the settings that they tell to export."""

import re
from pathlib import Path

from sybil import Sybil
from sybil.parsers.markdown import PythonCodeBlockParser

DOCS = Path(__file__).parents[2] / "docs"
_PYTHON = Sybil(parsers=[PythonCodeBlockParser()])


def parsed(name):
    """Return a page, whose examples can be evaluated."""
    return _PYTHON.parse(DOCS / name)


def programs(name):
    """Return the text of each piece of Python on a page."""
    return [str(example.parsed) for example in parsed(name).examples()]


def exported(name):
    """Return what a page tells to put into the environment."""
    return dict(re.findall(r"^export (\w+)=(.*)$", (DOCS / name).read_text(), re.MULTILINE))


def lines_of(program):
    """Return how many lines somebody has to write; an empty one and one that says where it stands are none."""
    return len([line for line in program.splitlines() if line.strip() and not line.startswith("#")])


def quickstart(name):
    """Run the first piece of Python on a page, and return what it has defined."""
    page = parsed(name)
    next(iter(page.examples())).evaluate()
    return page.namespace
