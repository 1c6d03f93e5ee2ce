"""``./dev simulate``: many seeds, what they have met, and the story of the first that broke a promise."""

import argparse
import os
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from typing import Final

from ..mishaps import Mishap
from .coverage import COLUMNS, table
from .drawing import drawn
from .plan import read_plan
from .playing import OURS, Client, played
from .shrinking import shrunk
from .story import story
from .tally import Tally, tally_of

_PORTION: Final = 250
"""Seeds that a process plays before it tells."""

_MOST_STORIES: Final = 3


def main(arguments: Sequence[str] | None = None, client: Client = OURS) -> int:
    """Do what was asked for, with our client or another, and return 1 if a promise was broken."""
    asked = _parser().parse_args(arguments)
    if asked.plan or asked.story:
        plan = read_plan(asked.plan) if asked.plan else drawn(asked.seed)
        _say(f"{plan}", *story(plan, client))
        return 0
    seeds = range(asked.seed, asked.seed + asked.seeds)
    tally = _played(seeds, asked.jobs, client)
    _say(*_report(tally))
    if asked.witnesses:
        asked.witnesses.write_text("".join(_witnesses(tally)))
    for seed in [*tally.broken][:_MOST_STORIES]:
        _say("", *_told(seed, client))
    return 1 if tally.broken else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="./dev simulate", description=__doc__)
    parser.add_argument("--seeds", type=int, default=20_000, help="how many (default: 20000)")
    parser.add_argument("--seed", type=int, default=0, help="the first (default: 0)")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="processes (default: one a core)")
    parser.add_argument("--story", action="store_true", help="tell what happens in --seed, and nothing else")
    parser.add_argument("--plan", help="tell what happens in a plan that was written down, and nothing else")
    parser.add_argument("--witnesses", type=Path, help="write here, for each cell of the table, a seed that reaches it")
    return parser


def _played(seeds: range, jobs: int, client: Client) -> Tally:
    """Play all seeds, in portions, in so many processes; one needs no other."""
    if jobs == 1:
        return tally_of(seeds, client)
    portions = [seeds[begin : begin + _PORTION] for begin in range(0, len(seeds), _PORTION)]
    tally = Tally()
    with ProcessPoolExecutor(max_workers=jobs) as processes:
        for part in processes.map(partial(tally_of, client=client), portions):
            tally.add(part)
    return tally


def _report(tally: Tally) -> Iterator[str]:
    yield "Mishaps, and what the connection was in that they struck:"
    yield from table(tally.cells)
    yield ""
    yield "What callers got:"
    for outcome, count in sorted(tally.outcomes.items()):
        yield f"{count:>10}  {outcome}"
    yield ""
    yield f"{tally.seeds} histories of {tally.facts} facts; {tally.lively} of them ended in peace"
    yield f"{tally.seconds:.1f} s of one core: {tally.seeds / tally.seconds:.0f} seeds a second"
    yield f"promises broken: {len(tally.broken)}"


def _witnesses(tally: Tally) -> Iterator[str]:
    """Yield for each cell the first seed that reaches it."""
    for mishap in Mishap:
        for column in COLUMNS:
            if (mishap, column) in tally.witnesses:
                yield f"{mishap.name} {column} {tally.witnesses[mishap, column]}\n"


def _told(seed: int, client: Client) -> Iterator[str]:
    """Tell how a promise was broken, as shortly as it can be."""
    plan = shrunk(drawn(seed), lambda one: played(one, client))
    yield f"Seed {seed}, cut short:"
    yield f"{plan}"
    yield from story(plan, client)
    yield "Keep the plan: it belongs into tests/simulation/kept_seeds.txt, with '  # ' behind it and what was mended."


def _say(*lines: str) -> None:
    sys.stdout.write("".join(f"{line}\n" for line in lines))


if __name__ == "__main__":
    sys.exit(main())
