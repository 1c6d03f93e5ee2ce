"""What a run of many seeds has met, added up; tallies of several processes add up to one."""

from collections import Counter
from time import process_time

from attrs import define, field

from ..facts import Answered, Befell, Fact
from ..town import Town
from .coverage import Cell, struck
from .drawing import drawn
from .outcomes import outcome_of
from .playing import OURS, Broken, Client, played
from .tidying import tidily


@define
class Tally:
    """
    Sums.

    Attributes:
        seeds: How many plans were played.
        lively: How many of them ended in peace.
        facts: How much happened.
        outcomes: What callers got.
        cells: Which mishap struck which state.
        seconds: How long processors were busy with it.
        witnesses: For each of those, the first seed in which it happens.
        broken: The seeds in which a promise was broken, and which.
    """

    seeds: int = 0
    lively: int = 0
    facts: int = 0
    outcomes: Counter[str] = field(factory=Counter[str])
    cells: Counter[Cell] = field(factory=Counter[Cell])
    witnesses: dict[Cell, int] = field(factory=dict[Cell, int])
    seconds: float = 0.0
    broken: dict[int, str] = field(factory=dict[int, str])

    def note(self, town: Town, fact: Fact) -> None:
        """Count a fact."""
        self.facts += 1
        if isinstance(fact, Befell):
            self.cells.update(struck(town, fact))
        elif isinstance(fact, Answered):
            self.outcomes[outcome_of(fact.answer)] += 1

    def play(self, seed: int, client: Client = OURS) -> None:
        """Play the plan of a seed, and count it."""
        plan, known = drawn(seed), len(self.cells)
        verdict = played(plan, client, self.note)
        if len(self.cells) > known:
            self.witnesses |= {cell: seed for cell in self.cells if cell not in self.witnesses}
        self.seeds += 1
        self.lively += plan.is_lively
        if isinstance(verdict, Broken):
            self.broken[seed] = str(verdict.violation)

    def add(self, other: "Tally") -> None:
        """Add what others have met."""
        self.seeds += other.seeds
        self.lively += other.lively
        self.facts += other.facts
        self.outcomes += other.outcomes
        self.cells += other.cells
        self.witnesses = {**other.witnesses, **self.witnesses}
        self.seconds += other.seconds
        self.broken |= other.broken


def tally_of(seeds: range, client: Client = OURS) -> Tally:
    """Return what the plans of these seeds meet."""
    tally, began = Tally(), process_time()
    with tidily() as tidy:
        for seed in seeds:
            tally.play(seed, client)
            tidy(seed)
    tally.seconds = process_time() - began
    return tally
