"""
A second look at the mutants that mutmut's run left alive, and the score over all; ``./dev mutate`` runs it.

mutmut imports everything once and then forks for each mutant, so it can never switch on a mutant in a function that
runs once, at import or at its first use, and whose result is kept.  Here, each mutant that ``docs/mutants.md`` does not
explain gets a process of its own, and the tests that can see such functions.
"""

import os
import re
import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

GOAL = 95  # per cent of all mutants that were tried
AT_ONCE = 2
EXPLAINED = "docs/mutants.md"

ALIVE = {"survived", "no tests", "suspicious"}
NOT_TRIED = {"skipped", "not checked", "check was interrupted by user"}
SEEING = {
    "domain": ["tests/domain/test_redact.py", "tests/domain/test_transitions.py", "tests/domain/test_diagram.py"],
    "journal": ["tests/journal/test_vectors.py", "tests/journal/test_codec.py", "tests/journal"],  # the quickest first
}

_FATE = re.compile(r"^ +(\S+): (.+)$", re.MULTILINE)
_NAME = re.compile("mailup_oauth\\.(.+)\\.x[_\u01c1](.+)__mutmut_\\d+")
_BLOCK = re.compile(r"^```mutants\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_TOKEN = re.compile(r'"[^"]*"|\'[^\']*\'|\w+|\s+|.', re.DOTALL)


def place(name):
    """Return the function that a mutant changes, without mutmut's number, which moves with every edit."""
    module, function = _NAME.fullmatch(name).groups()
    return f"{module}.{function.replace(chr(0x1C1), '.')}"


def shared(one, other):
    """Return how many tokens two lists have in common at their beginning."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((place for place, (left, right) in pairs if left != right), min(len(one), len(other)))


def is_other_text(old, new):
    """Say whether one text stands for another: in other letters, or between two pairs of X."""
    return old[:1] == new[:1] == '"' and new.lower() in {old.lower(), f'"xx{old[1:-1].lower()}xx"'}


def change(diff):
    """Return what a mutant changes, on one line: the old words and the new ones, with what stands around them."""
    lines = [line for line in diff.splitlines() if not line.startswith(("---", "+++"))]
    old, new = (
        _TOKEN.findall(" ".join(line[1:].strip() for line in lines if line.startswith(sign))) for sign in ("-", "+")
    )
    head = shared(old, new)
    tail = shared(old[head:][::-1], new[head:][::-1])
    before, after = ("".join(tokens[head : len(tokens) - tail]) for tokens in (old, new))
    after = "another text" if is_other_text(before, after) else after or "(nothing)"
    return f"{''.join(old[:head])}\u27e6{before or '(nothing)'} \u2192 {after}\u27e7{''.join(old[len(old) - tail :])}"


def explained(document):
    """Return how often each change of each function is listed in the document."""
    listed = Counter()
    for block in _BLOCK.findall(document):
        where = ""
        for line in block.splitlines():
            if line.startswith(" "):
                what, _, times = line.strip().partition("  \u00d7")
                listed[where, what] += int(times or 1)
            else:
                where = line
    return listed


def listed(changes):
    """Write changes as the document lists them."""
    lines, last = [], ""
    for (where, what), times in sorted(changes.items()):
        lines += [] if where == last else [where]
        lines.append(f"    {what}" + (f"  \u00d7{times}" if times > 1 else ""))
        last = where
    return "\n".join(lines)


def unexplained(changes, known):
    """Return the mutants that the document does not explain, by what they change."""
    left, found = known.copy(), []
    for name, what in changes.items():
        left[what] -= 1
        if left[what] < 0:
            found.append(name)
    return found


def report(fates, changes, noticed, known):
    """
    Return what is to be said, and whether the score is reached.

    Args:
        fates: What mutmut says of each mutant.
        changes: What each mutant changes that it left alive.
        noticed: Which of these a test noticed in a process of its own.
        known: What the document explains.
    """
    tried = [fate for fate in fates.values() if fate not in NOT_TRIED]
    alive = Counter(what for name, what in changes.items() if name not in noticed)
    killed = len(tried) - alive.total()
    score = 100 * killed / len(tried)
    said = [
        f"{len(tried)} mutants were tried ({len(fates) - len(tried)} were not)",
        f"{len(tried) - len(changes)} were noticed in mutmut's run, {tried.count('timeout')} of them by their slowness",
        f"{len(noticed)} were noticed in a process of their own",
        f"{alive.total()} were noticed by no test, or are explained and were not looked at again",
        f"{score:.2f} % were noticed; the goal is {GOAL} %",
    ]
    for title, some in (("not explained", alive - known), ("explained, but noticed or gone", known - alive)):
        said += [f"\n{some.total()} {title} in {EXPLAINED}:\n{listed(some)}"] if some else []
    return "\n".join(said), score >= GOAL


def mutmut(*words):
    """Ask mutmut, which must be installed beside this Python."""
    program = Path(sys.executable).parent / "mutmut"
    return subprocess.run([program, *words], capture_output=True, text=True, check=True).stdout


def fails(name, tests):
    """Say whether a test fails in a process of its own, in which this mutant is switched on from the beginning."""
    world = {**os.environ, "MUTANT_UNDER_TEST": name, "PYTHONPATH": "src", "CI": "true"}
    quiet = ["-x", "-q", "-p", "no:randomly", "-p", "no:cacheprovider"]
    pytest = [sys.executable, "-m", "pytest", *quiet, *tests]
    return subprocess.run(pytest, cwd="mutants", env=world, capture_output=True, check=False).returncode != 0


def is_noticed(name):
    """Say whether one of the tests fails that can see what runs once in this mutant's package."""
    return fails(name, SEEING[place(name).partition(".")[0]])


def main():
    """Look twice, tell, and return the exit code."""
    fates = dict(_FATE.findall(mutmut("results", "--all", "true")))
    alive = [name for name, fate in fates.items() if fate in ALIVE]
    known = explained(Path(EXPLAINED).read_text(encoding="utf-8"))
    if any(fails("", tests) for tests in SEEING.values()):
        sys.stdout.write("tests fail without any mutant, so they can tell nothing of one\n")
        return 1
    with ThreadPoolExecutor(AT_ONCE) as pool:
        told = pool.map(lambda name: (place(name), change(mutmut("show", name))), alive)
        changes = dict(zip(alive, told, strict=True))
        again = unexplained(changes, known)
        noticed = {name for name, seen in zip(again, pool.map(is_noticed, again), strict=True) if seen}
    said, is_reached = report(fates, changes, noticed, known)
    sys.stdout.write(f"{said}\n")
    return 0 if is_reached else 1


if __name__ == "__main__":
    os.chdir(Path(__file__).resolve().parents[1])
    sys.exit(main())
