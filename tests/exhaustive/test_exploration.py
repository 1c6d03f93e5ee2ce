"""
Every interleaving of two callers, one store and one server, with crashes, lost messages and an early time-out.

``python -m tests.exhaustive.explore --full`` explores more rounds and faults than CI has the time for.
"""

import attrs
import pytest
from tests.exhaustive.explore import line_of
from tests.exhaustive.plans import DAILY, FULL
from tests.exhaustive.search import Search
from tests.exhaustive.server import Server
from tests.exhaustive.world import Plan

ALIVE, ENDED = "alive", "ended by the server"
ANSWERS_LOST = Plan(crashes=0, losses=1, timeouts=0, loses=frozenset({"answer"}))


@pytest.mark.parametrize("name", DAILY)
def test_every_promise_is_kept(name, record_property):
    """No interleaving breaks a promise; from every state, without more faults, everybody is served in the end."""
    report = Search(DAILY[name]).run()
    record_property("explored", line_of(name, report))

    assert {} == report.wrongs
    assert (0, 0) == (report.stuck, report.circling)
    assert 10_000 < report.worlds
    assert {"token", "later"} <= {said for said, _ in report.verdicts}


@pytest.mark.parametrize("plan", [FULL["grace"], attrs.evolve(FULL["strict"], crashes=0, losses=0, timeouts=0)])
def test_nothing_is_lost_with_a_grace_or_without_a_fault(plan):
    """A server with a grace ends nothing whatever goes wrong, a strict one nothing if nothing goes wrong."""
    report = Search(attrs.evolve(plan, rounds=1, crashes=min(plan.crashes, 1), losses=min(plan.losses, 1))).run()

    assert {ALIVE} == set(report.ends)
    assert {"token"} == {said for said, _ in report.verdicts} - {"later"}


def test_strict_server_that_loses_only_requests():
    """Requests that never arrive cost nothing, even on a strict server (reliability.md section 3, first line)."""
    report = Search(Plan(crashes=0, losses=2, timeouts=0, loses=frozenset({"request"}))).run()

    assert ({ALIVE}, {}) == (set(report.ends), report.wrongs)


@pytest.mark.parametrize(
    "plan",
    [
        pytest.param(ANSWERS_LOST, id="answer lost"),
        pytest.param(attrs.evolve(ANSWERS_LOST, losses=0, crashes=1), id="crash"),
        pytest.param(attrs.evolve(ANSWERS_LOST, losses=0, timeouts=1), id="time-out"),
        pytest.param(attrs.evolve(ANSWERS_LOST, server=Server.SHORT_GRACE), id="grace over"),
    ],
)
def test_what_a_strict_server_must_lose(plan):
    """Each of the faults that no client can cure ends some authorization, and then everybody hears it definitely."""
    report = Search(attrs.evolve(plan, rounds=1)).run()

    assert {ALIVE, ENDED} == set(report.ends)
    assert ("reauthorize", "rotation-outcome-lost") in report.verdicts
    assert ({}, 0, 0) == (report.wrongs, report.stuck, report.circling)
