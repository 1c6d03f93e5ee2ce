"""SIGKILL at every call of the process that recovers from a SIGKILL at every call of another one (reliability.md P24)."""

import signal

import pytest
from tests.steps.recovery import EVERY, completed, points, refreshed
from tests.steps.test_killed import killed, undisturbed

RECOVERIES = {"use": ("use_patiently", refreshed), "complete": ("complete_patiently", completed)}
"""What the next process does, and what judges the one after it."""


def traces(lab, case):
    """Return what a death has left behind: what the journal and MailUp know, and whether something is spilled."""
    with case.copied(lab.next_folder()).client() as oauth:
        told = [type(record.event).__name__ for record in oauth.journal("acme")]
    happened = [type(event).__name__ for event in case.service.events]
    return (*told, "|", *happened, case.has_spill())


def wrecks(lab, deed, server):
    """
    Yield installations in which a process died.

    In CI those that a recovery could tell apart, one of each; on demand one for every call that a process can die at.
    """
    seen = set()
    for number, way in points(undisturbed(lab, deed, server), all_of_them=EVERY):
        case = killed(lab, deed, server, number, way)
        left = traces(lab, case)
        if EVERY or left not in seen:
            seen.add(left)
            yield case


def killed_in_recovery(lab, wreck, deed):
    """
    Yield copies of *wreck* in which the process that recovered was killed too: at its first call, its second, ...

    A death after a call is one before the next, so that CI tries the latter alone.
    """
    calls = lab.live(lab.copy(wreck), deed).calls
    tried = [point for point in points(calls, all_of_them=EVERY) if EVERY or point[1] == "kill"]
    for number, way in [*tried, (len(calls) + 1, "kill")]:
        case = lab.copy(wreck)
        ended = lab.live(case, deed, number=number, way=way)
        is_over = number > len(calls)
        assert (0 if is_over else -signal.SIGKILL, []) == (ended.code, case.complaints)
        yield case


@pytest.mark.parametrize(("deed", "server"), [("use", "strict"), ("use", "grace"), ("complete", "strict")])
def test_fault_P24_killed_in_the_recovery(lab, deed, server):
    """Whoever comes after two deaths finds a token, or a definite end that MailUp would confirm, and asks nobody twice."""
    recovering, judged = RECOVERIES[deed]
    left, ends = 0, set()
    for wreck in wrecks(lab, deed, server):
        left += 1
        ends |= {judged(lab, case)[1] for case in killed_in_recovery(lab, wreck, recovering)}

    assert {"use": 4, "complete": 7}[deed] <= left
    assert ends == ({"T"} if server == "grace" else {"T", "reauthorization_required"})
