"""The fault matrix of docs/faults.md, the tests that are named for its cases, and where the two do not agree."""

import re
from collections import Counter

CASE = re.compile(r"^\| ([PNCSKM]\d\d) \| (.*) \| (.*) \|$", re.MULTILINE)
ABOUT = re.compile(r"[^\[]*?(?<![a-z])fault_(.*)", re.DOTALL)
NAMED = re.compile(r"(?<![A-Za-z0-9])([PNCSKM]\d\d)(?![A-Za-z0-9])")
PLACED = re.compile(r"^\| (\w+) \| (`tests/\w.*?|everywhere else) \| ", re.MULTILINE)
ABSENT = "not here:"
NOT_RUN = "NOT RUN"
PARTS = "parts"
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
    """Return the cases that a test's name, or its parameters', are about; the word itself must be in the name."""
    about = ABOUT.match(test)
    return set(NAMED.findall(about[1].replace("_", " "))) if about else set()


def layer(path):
    """Return the layer that a test of this path belongs to."""
    return next((name for place, name in LAYERS.items() if path.startswith(place)), PARTS)


def places(text):
    """Return the folders of each layer, from the page's text; the layer of everything else has none of its own."""
    return {name: {f"{place}/" for place in re.findall("`(.*?)`", where)} for name, where in PLACED.findall(text)}


def complaints(text, tests):
    """
    Return where the page and the tests do not agree, a sentence each.

    Args:
        text: The page's.
        tests: The ids of all tests, as pytest collects them.
    """
    split = [test.partition("::") for test in tests]
    met = {(case, layer(path)) for path, _, name in split for case in named(name)}
    tested, reached = {case for case, _ in met}, {name for _, name in met}
    needed = {case for case, (_, end) in cases(text).items() if not end.startswith(ABSENT)}
    return [
        *(f"no test is named for {case}" for case in sorted(needed - tested)),
        *(f"a test is named for {case}, which is no case" for case in sorted(tested - cases(text).keys())),
        *(f"no case is met in the layer {name}" for name in sorted(places(text).keys() - reached)),
    ]


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
        state = "FAILED" if case in bad else "held" if layers else "absent" if end.startswith(ABSENT) else NOT_RUN
        yield f"{case} {state:7} {what} -> {end} | {layers or '-'} | {' '.join(sorted(where.get(case, ())))}"


def not_run(table):
    """Return the cases of a printed table that no test met."""
    return [line.partition(" ")[0] for line in table if line.startswith(NOT_RUN, len("N07 "))]


def is_mostly_run(table):
    """Say whether most of a printed table was asked for, so that what is missing in it says something."""
    return len(not_run(table)) < len(table) // 2
