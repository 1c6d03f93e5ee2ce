"""Faults that strike at one place only, each in every state in which a process or a message can be there."""

import pytest
from tests.exhaustive.search import Search
from tests.exhaustive.server import Server
from tests.exhaustive.world import Plan

ALIVE, ENDED = {"alive"}, {"alive", "ended by the server"}
STRICT, GRACE = Server.STRICT, Server.GRACE


def ends(server, cases, *, crashes=0, losses=0):
    """Return how two callers may end when these faults strike; no promise is broken, and nobody waits for ever."""
    plan = Plan(server=server, crashes=crashes, losses=losses, timeouts=0, strikes=frozenset(cases))
    search = Search(plan)
    report = search.run()

    assert ({}, 0, 0) == (report.wrongs, report.stuck, report.circling)
    assert any(one.crashes + one.losses == 0 for one in search.worlds)
    return set(report.ends)


@pytest.mark.parametrize(
    ("case", "strict"),
    [
        pytest.param("P13", ALIVE, id="P13-guard"),
        pytest.param("P14", ALIVE, id="P14-intent"),
        pytest.param(
            "P16", ENDED, id="P16-on its way"
        ),  # what is on its way may still arrive, and its answer finds nobody
        pytest.param("P17", ENDED, id="P17-answered"),
        pytest.param("P19", ENDED, id="P19-heard"),
        pytest.param("P21", ALIVE, id="P21-stored"),
        pytest.param("P22", ALIVE, id="P22-unlocked"),
    ],
)
def test_fault_death_of_a_process(case, strict):
    """A process dies at one point, and the other goes on: T with a grace, and R only if the server had answered."""
    assert ALIVE == ends(GRACE, [case], crashes=1)
    assert strict == ends(STRICT, [case], crashes=1)


@pytest.mark.parametrize("first", ["P14", "P16", "P17"])
def test_fault_P24_death_in_the_recovery(first):
    """Whoever recovers from a death dies of it too, at every step; the recovery is done again and comes to the same."""
    assert ALIVE == ends(GRACE, [first, "P24"], crashes=2)


def test_fault_P24_death_in_the_recovery_from_what_was_never_sent():
    """Where nothing had left, not even a strict server ends anything, however often the recovery dies."""
    assert ALIVE == ends(STRICT, ["P14", "P24"], crashes=2)


@pytest.mark.parametrize(
    ("case", "strict"),
    [
        pytest.param("N06", ALIVE, id="N06-request"),
        pytest.param("N07", ENDED, id="N07-answer"),
        pytest.param("N09", ENDED, id="N09-silence"),
    ],
)
def test_fault_loss_of_a_message(case, strict):
    """A message is lost, twice at most: T with a grace, and R only if the lost one was an answer."""
    assert ALIVE == ends(GRACE, [case], losses=2)
    assert strict == ends(STRICT, [case], losses=2)


def test_fault_N32_the_same_successor_again():
    """Answers are lost and asked for again: the same successor comes, and there are no more generations than refreshes."""
    plan = Plan(server=GRACE, crashes=0, losses=2, timeouts=0, strikes=frozenset({"N07"}))
    search = Search(plan)
    report = search.run()

    assert (ALIVE, {}) == (set(report.ends), report.wrongs)
    assert 1 + 2 * plan.rounds == max(search.shelf.generations)


def test_fault_K04_death_of_the_leader():
    """The one in the air dies, wherever it is; the other takes over, and both are served."""
    assert ALIVE == ends(GRACE, [], crashes=1)
