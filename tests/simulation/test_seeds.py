"""Thousands of lives of client and MailUp, each decided by its number; ``./dev simulate`` plays as many as you like."""

from datetime import timedelta

import pytest

from mailup_oauth.testing.simulation import wire
from mailup_oauth.testing.simulation.facts import Stored
from mailup_oauth.testing.simulation.seeded.plan import read_plan
from mailup_oauth.testing.simulation.seeded.playing import Broken, Client, Kept, played
from mailup_oauth.testing.simulation.seeded.tally import tally_of

SEEDS = 20_000
PORTIONS = 20

ALONE = Client(demands_met=False)
"""Ours, on machines that share a store and nothing else."""


@pytest.mark.parametrize("portion", range(PORTIONS))
def test_no_seed_breaks_a_promise(portion):
    """In every history I1 to I11 hold at each fact, and where faults stop, everybody gets a token or a definite answer."""
    size = SEEDS // PORTIONS
    tally = tally_of(range(portion * size, (portion + 1) * size))

    assert {} == tally.broken
    assert size == tally.seeds
    assert 0 < tally.lively < size
    assert 0 < tally.outcomes["token"]


@pytest.fixture
def kept(lines_of):
    """Return what is told of each plan that is kept, by the plan."""
    return {read_plan(plan): note for plan, _, note in (line.partition("  # ") for line in lines_of("kept_seeds.txt"))}


@pytest.fixture
def plan(kept):
    """Return the plan of a seed that is kept."""
    return lambda seed: next(one for one in kept if one.seed == seed)


def broken_in(verdict):
    """Return the promise that was broken."""
    return verdict.violation.invariant if isinstance(verdict, Broken) else ""


def test_what_ever_failed_is_kept_and_holds(kept):
    """Every plan in which a promise was broken once is played again, and none is broken any more."""
    assert kept
    assert [Kept()] * len(kept) == [played(plan) for plan in kept]


def test_machines_that_share_a_store_must_share_more(kept):
    """With a spill each, another retries what waits in this one; with clocks that differ, it retries too soon."""
    unmet = {plan: note.split()[1].rstrip(":") for plan, note in kept.items() if note.startswith("unmet")}

    assert {"I1", "I2"} == {*unmet.values()}
    assert unmet == {plan: broken_in(played(plan, ALONE)) for plan in unmet}


def test_the_kept_merge_into_a_doubt_is_one(plan):
    """Another machine has noted the doubt when the tokens come out of the spill, and nothing that left brought them."""
    turns = []

    def watch(town, fact):
        if isinstance(fact, Stored):
            turn = town.referee.known.turns[fact.connection][-1]
            turns.append((turn.before.work, [event["type"] for event in turn.told]))

    assert Kept() == played(plan(321), ALONE, watch)
    assert ("Unknown", ["TokensRefreshed"]) in turns


def test_the_kept_stray_would_come_too_late(plan, monkeypatch):
    """If what was given up could arrive for two whole seconds, a fast clock would let the next one leave before."""
    monkeypatch.setattr(wire, "LONGEST_STRAY", timedelta(seconds=2))

    assert "I1" == broken_in(played(plan(2152)))
