"""Cutting a plan short: actions are left out, many at first and then one by one, as long as the same promise breaks."""

from collections.abc import Callable

from .plan import Plan
from .playing import Broken, Verdict


def shrunk(plan: Plan, play: Callable[[Plan], Verdict]) -> Plan:
    """
    Return the shortest plan that is found in which the same promise is broken; *plan* itself if none is broken.

    Nothing can be left out of it any more, one action at a time, or the promise is kept.
    """
    verdict = play(plan)
    if not isinstance(verdict, Broken):
        return plan
    promise = verdict.violation.invariant
    plan = plan.without(verdict.action + 1, len(plan.actions))
    size = max(len(plan.actions) // 2, 1)
    while size:
        shorter = _shortened(plan, size, lambda one: _breaks(play(one), promise))
        size = size if size == 1 and shorter != plan else size // 2
        plan = shorter
    return plan


def _shortened(plan: Plan, size: int, is_bad: Callable[[Plan], bool]) -> Plan:
    """Leave out every run of *size* actions, from the end, without which it is still bad."""
    for begin in range(len(plan.actions) - size, -1, -size):
        shorter = plan.without(begin, begin + size)
        if is_bad(shorter):
            plan = shorter
    return plan


def _breaks(verdict: Verdict, promise: str) -> bool:
    return isinstance(verdict, Broken) and verdict.violation.invariant == promise
