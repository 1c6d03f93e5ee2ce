"""A process that is stopped for long, and processes that fork after use: nothing is sent twice (reliability.md P27)."""

import json
import os
import signal
from datetime import timedelta

import pytest
from tests.steps import referee as r
from tests.steps.recovery import EVERY, completed, points, refreshed
from tests.steps.test_killed import KINDS, STAGES, row_of, undisturbed

from mailup_oauth.sandbox import events as e
from mailup_oauth.sandbox.commands import PlanFault
from mailup_oauth.sandbox.faults import Slow, Target

BETWEEN = {"P13", "P14", "P19", "P05", "P06", "P09"}
"""Rows in which the guard is held, and nothing is stored yet that others could use."""

FORKS = {"kill": "fork", "kill-after": "fork-after"}
"""What happens in a process that forks, where others die."""
MADE = "spill.obstacle"
"""The call that is made while there is no client yet to be shared."""
WAITING = "http11.receive_response_headers.started"
"""What the HTTP library tells when a request has left and its answer is not there."""
JUDGED = {"use": refreshed, "complete": completed}


def rotations(case):
    """Return how often MailUp replaced a refresh token."""
    return sum(isinstance(event, e.TokensRotated) for event in case.service.events)


def given(case):
    """Return how often MailUp gave a refresh token, the first ones included."""
    return rotations(case) + sum(isinstance(event, e.TokensIssued) for event in case.service.events)


def stops(lab, row):
    """Return the calls of a refresh at which it is stopped: the first of the row in CI, on demand all of them."""
    calls = undisturbed(lab, "use", "strict")
    here = [number for number, way in points(calls, all_of_them=True) if way == "kill"]
    here = [number for number in here if row_of("use", calls, number, "kill") == row]
    return here if EVERY else here[:1]


def forks(lab, deed, row):
    """Return where a process forks: before the first call of the row in CI; on demand before all, and after some."""
    calls = undisturbed(lab, deed, "strict")
    shared = [point for point in points(calls, all_of_them=True) if calls[point[0] - 1] != MADE]
    here = [point for point in shared if row_of(deed, calls, *point) == row]
    return here if EVERY else [next(point for point in here if point[1] == "kill")]


def check_forked(lab, deed, number, way, inner=0):
    """Let a process fork, see that all get the same and MailUp gave it once, and return the life and what the child met."""
    case = lab.case(KINDS[deed])
    before = given(case)
    plan = {"number": number, "way": way, "inner": inner}
    ended = lab.live(case, "fork_in_the_midst", midst=deed, patience=0.05, **plan)
    child = json.loads((case.folder / "said-by-child").read_text())

    assert (0, "T", []) == (ended.code, ended.said["end"], case.complaints)
    assert (ended.said, before + 1) == (child["said"], given(case))
    assert "T" == JUDGED[deed](lab, case)[1]
    return ended, child["met"]["end"]


@pytest.mark.parametrize("row", [row for _, row in STAGES["use"]])
def test_fault_P27_stopped_and_continued(lab, row):
    """While a process is stopped another one waits for it in vain or needs it not; continued, it sends nothing again."""
    for number in stops(lab, row):
        case = lab.case("expired")
        process = lab.start(case, "use", number=number, way="stop")
        assert lab.wait(case, process).code is None
        other = lab.live(case, "use", patience=0.05, said="said-by-another", calls="calls-of-another").said
        os.kill(process, signal.SIGCONT)
        ended = lab.wait(case, process)

        assert ("temporarily_unavailable" if row in BETWEEN else "T") == other["end"]
        assert (0, "T", [], 1) == (ended.code, ended.said["end"], case.complaints, rotations(case))
        assert "T" == refreshed(lab, case)[1]


def test_fault_P27_stopped_for_ten_minutes(lab):
    """A process that sleeps for long between its intent and its request goes on as if nothing had been: nobody else sent."""
    number = undisturbed(lab, "use", "strict").index("transport.send") + 1
    case = lab.case("expired")
    process = lab.start(case, "use", number=number, way="stop")
    assert lab.wait(case, process).code is None
    case.clock.move(timedelta(minutes=10))
    os.kill(process, signal.SIGCONT)
    ended = lab.wait(case, process)

    assert ("T", 1, []) == (ended.said["end"], rotations(case), case.complaints)
    assert "T" == refreshed(lab, case)[1]


def test_fault_P27_killed_while_it_is_stopped(lab):
    """A stopped process that is killed holds nothing any more: the next one tries again after a pause."""
    number = undisturbed(lab, "use", "strict").index("transport.send") + 1
    case = lab.case("expired")
    process = lab.start(case, "use", number=number, way="stop")
    assert lab.wait(case, process).code is None
    os.kill(process, signal.SIGKILL)
    assert -signal.SIGKILL == lab.wait(case, process).code

    assert "T" == refreshed(lab, case)[1]


def test_fault_P27_forked_after_use(lab):
    """A client that was used before its process forked serves both, and they send one request between them."""
    case = lab.case("connected")
    ended = lab.live(case, "fork_and_use")
    said_by_child = json.loads((case.folder / "said-by-child").read_text())

    assert (0, "T", []) == (ended.code, ended.said["end"], case.complaints)
    assert (ended.said, 1) == (said_by_child, rotations(case))
    r.check_token(case, said_by_child)
    r.check_stderr(case)


@pytest.mark.parametrize(
    ("deed", "row"), [pytest.param(deed, row, id=f"{row}-{deed}") for deed in JUDGED for _, row in STAGES[deed]]
)
def test_fault_P27_forked_while_a_thread_is_at(lab, deed, row):
    """Wherever a thread is when its process forks: the child waits for its flight in vain, or is quicker; none sends again."""
    met = {check_forked(lab, deed, number, FORKS[way])[1] for number, way in forks(lab, deed, row)}

    assert {"temporarily_unavailable" if row in BETWEEN else "T"} == met


@pytest.mark.parametrize("deed", JUDGED)
def test_fault_P27_forked_while_a_request_is_under_way(lab, deed):
    """A child that is born while its parent waits for MailUp neither sends nor reads, and is served by what comes."""
    number = undisturbed(lab, deed, "strict").index("transport.send") + 1
    ended, met = check_forked(lab, deed, number, "fork-on-the-wire", 1)
    told = [call.strip() for call in ended.calls if call.startswith(" ")]
    inners = range(2, len(told) + 1) if EVERY else [told.index(WAITING) + 1]

    assert {"temporarily_unavailable"} == {
        met,
        *(check_forked(lab, deed, number, "fork-on-the-wire", inner)[1] for inner in inners),
    }


def test_fault_P27_workers_of_one_parent(lab):
    """Workers that were forked before anything was used send one request between them, whoever comes first."""
    case = lab.case("expired")
    workers = [lab.start(case, "use", said=f"said-{one}", calls=f"calls-{one}") for one in range(4)]
    ended = [lab.wait(case, worker, said=f"said-{one}", calls=f"calls-{one}") for one, worker in enumerate(workers)]

    assert [(0, "T")] * 4 == [(one.code, one.said["end"]) for one in ended]
    assert (1, 1, []) == (len({one.said["mark"] for one in ended}), rotations(case), case.complaints)


@pytest.mark.parametrize("server", ["strict", "grace"])
def test_fault_P27_a_child_keeps_no_lock_of_its_dead_parent(lab, server):
    """A child that was forked in the midst of a flight, and outlives its parent, keeps nobody from the guard."""
    case = lab.case("expired", server)
    case.service.order(PlanFault(Target.TOKEN, Slow(delay=timedelta(seconds=1))))
    ended = lab.live(case, "leave_a_child_in_the_midst")
    child = json.loads((case.folder / "child").read_text())["child"]
    try:
        assert -signal.SIGKILL == ended.code
        assert r.must_end(r.look(case))["end"] == refreshed(lab, case)[1]
    finally:
        os.kill(child, signal.SIGKILL)
