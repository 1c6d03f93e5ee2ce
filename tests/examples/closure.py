"""What ``pip install`` brings, by the metadata of what is installed here."""

import re
from importlib.metadata import requires
from pathlib import Path

from packaging.requirements import Requirement

DOCS = Path(__file__).parents[2] / "docs"
COMMAND = re.compile(r"`pip install ([^`]+)`, then `python examples/")


def told(framework):
    """Return what a framework's page tells to install for its example."""
    [line] = COMMAND.findall((DOCS / f"{framework}.md").read_text())
    return [word.strip('"') for word in line.split()]


def closure(words):
    """Return the names of all distributions that come with some requirements, themselves included."""
    found = set()
    owed = [(Requirement(word), extra) for word in words for extra in ("", *Requirement(word).extras)]
    while owed:
        wanted, extra = owed.pop()
        name = wanted.name.lower().replace("_", "-")
        if (name, extra) in found:
            continue
        found.add((name, extra))
        for needed in map(Requirement, requires(name) or ()):
            if needed.marker is None or needed.marker.evaluate({"extra": extra}):
                owed += [(needed, more) for more in ("", *needed.extras)]
    return {name for name, _ in found}
