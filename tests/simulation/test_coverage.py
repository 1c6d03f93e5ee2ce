"""The table of what can go wrong in which state is full, but for what cannot be, and that is said with its reason."""

import pytest

from mailup_oauth.testing.simulation.mishaps import Mishap
from mailup_oauth.testing.simulation.seeded.coverage import COLUMNS, IMPOSSIBLE, is_impossible, table
from mailup_oauth.testing.simulation.seeded.drawing import drawn
from mailup_oauth.testing.simulation.seeded.plan import read_plan
from mailup_oauth.testing.simulation.seeded.playing import Kept, played
from mailup_oauth.testing.simulation.seeded.tally import Tally, tally_of

CASES = {
    Mishap.BROKE_THERE: "N06",
    Mishap.BROKE_BACK: "N07",
    Mishap.TIMED_OUT: "N09",
    Mishap.REPLICA: "N27",
    Mishap.REQUEST_LOST: "N08",
    Mishap.ANSWER_LOST: "N08",
    Mishap.THROTTLED: "N15",
    Mishap.PAGE_INSTEAD: "N16",
    Mishap.SERVER_ERROR_OBEYED: "N13",
    Mishap.REDIRECTED: "N24",
    Mishap.TRUNCATED: "N12",
    Mishap.CUT: "N12",
    Mishap.COMMIT_FAILED: "S01-S02",
    Mishap.COMMIT_UNKNOWN: "S08",
    Mishap.COMMIT_LATE: "S08",
    Mishap.STORE_AWAY: "S03",
    Mishap.SPILL_FAILED: "S17",
    Mishap.KILLED_AT_GATE: "P12",
    Mishap.KILLED_READING: "P04-P13",
    Mishap.KILLED_SENDING: "P06-P14",
    Mishap.KILLED_THERE: "P07-P16",
    Mishap.KILLED_BACK: "P08-P17",
    Mishap.KILLED_STORING: "P09-P19",
    Mishap.KILLED_PAUSING: "P24",
    Mishap.KILLED_DROPPING: "P24",
    Mishap.KILLED_SPILLING: "P25",
    Mishap.SET_BACK: "C01",
    Mishap.SET_FORWARD: "C02",
    Mishap.RUNS_FAST: "C03",
    Mishap.RUNS_SLOW: "C03",
    Mishap.KEYS_WRONG: "N28",
    Mishap.LEFT: "K03",
}
"""
The rows of the fault matrix that mishaps stand for; where one strikes a login and a refresh, the row of each.

The others have no row, or it is chance which of several their witnesses meet; ``test_cases.py`` has these one by one.
"""

CELLS = [(mishap, column) for mishap in Mishap for column in COLUMNS]


@pytest.fixture(scope="module")
def witnesses(lines_of):
    """Return, for each cell, a seed that reaches it, or a plan where no seed has been found."""
    told = (line.split(maxsplit=2) for line in lines_of("witnesses.txt"))
    return {(Mishap[mishap], column): witness for mishap, column, witness in told}


def met(witness):
    """Return what is met in the history of a witness."""
    tally = Tally()
    verdict = played(drawn(int(witness)) if witness.isdigit() else read_plan(witness), watch=tally.note)

    assert Kept() == verdict
    return tally.cells


def test_every_cell_that_can_be_reached_has_a_witness(witnesses):
    """Each mishap strikes each state, each refresh work and each attempt that it can strike."""
    possible = {cell for cell in CELLS if not is_impossible(*cell)}

    assert possible == witnesses.keys()


@pytest.mark.parametrize("mishap", [pytest.param(one, id=f"{CASES.get(one, 'X')}-{one.name}") for one in Mishap])
def test_fault_every_witness_reaches_what_it_stands_for(witnesses, mishap):
    """The witnesses, played again, strike with this mishap what they are listed for, and break no promise."""
    listed = {column: witness for (one, column), witness in witnesses.items() if one is mishap}
    cells = {witness: met(witness) for witness in sorted({*listed.values()})}

    assert listed
    assert [] == [column for column, witness in listed.items() if not cells[witness][mishap, column]]


def test_what_is_impossible_has_a_reason_and_a_point_in_the_table():
    """Every reason rules out something, nothing is ruled out twice, and the table shows it as a point."""
    ruled_out = [
        (mishap, column) for mishaps, columns in IMPOSSIBLE.values() for mishap in mishaps for column in columns
    ]
    lines = [*table({})]

    assert len(ruled_out) == len({*ruled_out})
    assert len(ruled_out) == sum(line.split().count(".") for line in lines)
    assert len(Mishap) == sum(line.endswith("<- never") for line in lines)


def test_nothing_impossible_is_met():
    """What is called impossible is not reached by whoever plays another thousand seeds."""
    cells = tally_of(range(20_000, 21_000)).cells

    assert [] == [cell for cell in cells if is_impossible(*cell)]
