"""The kernel ends a process at every write of a commit: the old state is there, or the new one (reliability.md P10, P20)."""

import signal
from itertools import count

import pytest
from tests.steps import referee as r
from tests.steps.recovery import EVERY, completed, refreshed
from tests.steps.test_killed import KINDS, undisturbed

STRIDE = 512 if EVERY else 2077
"""Octets between two places at which a file may grow no further; frames of SQLite's log have 4,120, half of one is torn."""

COMMITS = [
    pytest.param("use", "strict", 0, refreshed, id="P20-intent"),
    pytest.param("use", "grace", 1, refreshed, id="P20-tokens"),
    pytest.param("complete", "strict", 0, completed, id="P10-intent"),
    pytest.param("complete", "strict", 1, completed, id="P10-tokens"),
]


def number_of(calls, name, which):
    """Return the number of the call of this name, counted from 0."""
    return [number for number, call in enumerate(calls, start=1) if call == name][which]


def torn(lab, made, deed, number):
    """Yield what was *made* and whose process was ended at a write of call *number*: at the first one, and so on."""
    for octets in count(1, STRIDE):
        case = made()
        ended = lab.live(case, deed, number=number, way="short", inner=octets)
        if ended.code == 0:
            return
        assert (-signal.SIGXFSZ, number) == (ended.code, len(ended.calls))
        yield case


@pytest.mark.parametrize(("deed", "server", "which", "judged"), COMMITS)
def test_fault_killed_in_the_commit(lab, deed, server, which, judged):
    """However much of a commit is on the disk, the next process finds what was before it or what was to be after it."""
    calls = undisturbed(lab, deed, server)
    number = number_of(calls, "store.commit", which)
    before = r.look(lab.case(KINDS[deed], server)).version + which
    cases = torn(lab, lambda: lab.case(KINDS[deed], server), deed, number)
    versions = [judged(lab, case)[0].version for case in cases]

    assert len(versions) > 3
    assert {before} <= set(versions) <= {before, before + 1}


def test_fault_P26_killed_while_the_tables_are_made(lab):
    """However much of the very first commit is on the disk, the next process makes what is missing, and goes on."""
    number = number_of(undisturbed(lab, "begin", "strict"), "store.commit", 0)
    found = []
    for case in torn(lab, lambda: lab.case("new"), "begin", number):
        found.append(r.look(case).version)
        r.begin_again(case)
        r.check_locks(case)

    assert len(found) > 3
    assert {0} <= set(found) <= {0, 1}
