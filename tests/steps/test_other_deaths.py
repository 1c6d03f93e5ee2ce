"""Deaths that are not SIGKILL: one call of each row in CI, every call with ``MAILUP_OAUTH_EVERY_STEP=1`` (P4 to P22)."""

import signal

import pytest
from tests.steps.recovery import EVERY, points
from tests.steps.test_killed import ENDS, KINDS, STAGES, row_of, undisturbed

DEATHS = {
    "term": -signal.SIGTERM,
    "exit": 9,
    "keyboard": 130,
    "keyboard-after": 130,
    "memory": 0,
    "memory-after": 0,
}
"""What ends a process where it stands, or unwinds what it is doing, and its exit code; a lack of memory is survived."""

GRACEFUL = {"term": 0, "interrupt": 130}
"""What a program with the handler of docs/reliability.md ends by in order, and its exit code."""

ROWS = [pytest.param(deed, row, id=f"{row}-{deed}") for deed in ("use", "complete") for _, row in STAGES[deed]]


def numbers(lab, deed, row):
    """Return the calls at which something happens in this row: the first of them in CI, on demand all."""
    calls = undisturbed(lab, deed, "strict")
    here = [number for number, way in points(calls, all_of_them=True) if way == "kill"]
    here = [number for number in here if row_of(deed, calls, number, "kill") == row]
    return here if EVERY else here[:1]


@pytest.mark.parametrize(("deed", "row"), ROWS)
@pytest.mark.parametrize("way", DEATHS)
def test_fault_dead_by(lab, deed, row, way):
    """However a process ends, the next one finds what it would find after a SIGKILL."""
    for number in numbers(lab, deed, row):
        case = lab.case(KINDS[deed])
        ended = lab.live(case, deed, number=number, way=way)
        assert (DEATHS[way], []) == (ended.code, case.complaints)
        assert ENDS[deed](lab, case) in {"T", "again", "reauthorization_required"}


@pytest.mark.parametrize(("deed", "row"), ROWS)
@pytest.mark.parametrize("way", GRACEFUL)
def test_fault_asked_to_end_by(lab, deed, row, way):
    """A program that handles SIGTERM, or is interrupted, ends in order: what was sent is heard out and stored."""
    for number in numbers(lab, deed, row):
        case = lab.case(KINDS[deed])
        ended = lab.live(case, deed, number=number, way=way, handles=True, ends=True)
        assert (GRACEFUL[way], []) == (ended.code, case.complaints)
        assert "T" == ENDS[deed](lab, case)
        assert len(case.sent) <= 1
