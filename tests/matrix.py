"""The fault matrix of docs/faults.md, and the tests that are named for its cases."""

import re
from collections import Counter

CASE = re.compile(r"^\| ([PNCSKM]\d\d) \| (.*) \| (.*) \|$", re.MULTILINE)
NAMED = re.compile(r"(?<![A-Za-z0-9])([PNCSKM]\d\d)(?![A-Za-z0-9])")
ABSENT = "not here:"
LAYERS = {
    "tests/simulation/": "simulator",
    "tests/properties/": "simulator",
    "tests/exhaustive/": "exhaustive",
    "tests/steps/": "process",
    "tests/storms/": "process",
    "tests/servers/": "server",
    "tests/faults/network/": "network",
}


def cases(text):
    """Return what each case is and how it must end, from the page's text."""
    return {case: (what, end) for case, what, end in CASE.findall(text)}


def named(test):
    """Return the cases that a test's name, or its parameters', are about."""
    _, fault, told = test.partition("fault_")
    return set(NAMED.findall(told.replace("_", " "))) if fault else set()


def layer(path):
    """Return the layer that a test of this path belongs to."""
    return next((name for place, name in LAYERS.items() if path.startswith(place)), "parts")


def lines(text, outcomes):
    """
    Yield one line a case: its state in this run, by how many tests of which layers, what it is, how it must end, where.

    *outcomes* are pairs of a test's id and what became of it.
    """
    ran, bad, where = {}, set(), {}
    for test, outcome in outcomes:
        path, _, name = test.partition("::")
        for case in named(name):
            ran.setdefault(case, Counter())[layer(path)] += 1
            where.setdefault(case, set()).add(path)
            if outcome != "passed":
                bad.add(case)
    for case, (what, end) in cases(text).items():
        layers = " ".join(f"{name}:{count}" for name, count in sorted(ran.get(case, {}).items()))
        state = "FAILED" if case in bad else "held" if layers else "absent" if end.startswith(ABSENT) else "NOT RUN"
        yield f"{case} {state:7} {what} -> {end} | {layers or '-'} | {' '.join(sorted(where.get(case, ())))}"
