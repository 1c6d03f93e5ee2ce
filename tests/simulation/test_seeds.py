"""Thousands of lives of client and MailUp, each decided by its number; ``./dev simulate`` plays as many as you like."""

import pytest

from mailup_oauth.testing.simulation.seeded.drawing import drawn
from mailup_oauth.testing.simulation.seeded.plan import read_plan
from mailup_oauth.testing.simulation.seeded.playing import Kept, played
from mailup_oauth.testing.simulation.seeded.tally import tally_of

SEEDS = 20_000
PORTIONS = 20


@pytest.mark.parametrize("portion", range(PORTIONS))
def test_no_seed_breaks_a_promise(portion):
    """In every history I1 to I11 hold at each fact, and where faults stop, everybody gets a token or a definite answer."""
    size = SEEDS // PORTIONS
    tally = tally_of(range(portion * size, (portion + 1) * size))

    assert {} == tally.broken
    assert size == tally.seeds
    assert 0 < tally.lively < size
    assert 0 < tally.outcomes["token"]


def test_what_ever_failed_is_kept_and_holds(lines_of):
    """Every plan in which a promise was broken once is played again, and none is broken any more."""
    kept = [line.partition("  # ")[0] for line in lines_of("kept_seeds.txt")]
    plans = [drawn(int(text)) if text.isdigit() else read_plan(text) for text in kept]

    assert plans
    assert [Kept()] * len(plans) == [played(plan) for plan in plans]
