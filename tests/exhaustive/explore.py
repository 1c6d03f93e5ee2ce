"""
Explores every interleaving of two callers, one store and one server, and prints what was found.

    python -m tests.exhaustive.explore            what CI explores, and the four ways to lose an authorization
    python -m tests.exhaustive.explore --full     two rounds and every fault: three minutes of one core, and 3 GB
"""

import sys
import time

from tests.exhaustive.claims import LOST
from tests.exhaustive.plans import DAILY, FULL, LOSING
from tests.exhaustive.search import Search


def line_of(name, report):
    """Say in one line what an exploration found."""
    ends = ", ".join(f"{end} {count:,}" for end, count in sorted(report.ends.items()))
    told = ", ".join(f"{' '.join(filter(None, what))} {count:,}" for what, count in sorted(report.verdicts.items()))
    return (
        f"{name}: {report.worlds:,} states, {report.moves:,} transitions, {report.stored:,} stored states,"
        f" {report.legs:,} steps of the real flow; ends: {ends}; callers told: {told};"
        f" dead ends {report.stuck}, circles {report.circling}, at most {report.longest} moves to an end without faults;"
        f" broken promises: {'; '.join(report.wrongs) or 'none'}"
    )


def main(arguments):
    """Explore, print, and return the exit code: 0 if every promise is kept and every way to lose is found."""
    is_right = True
    for name, plan in (FULL if "--full" in arguments else DAILY).items():
        began = time.process_time()
        report = Search(plan).run()
        is_right &= not report.wrongs and not report.stuck and not report.circling
        sys.stdout.write(f"{line_of(name, report)}; {time.process_time() - began:.0f} s\n")
        sys.stdout.flush()
    for name, plan in LOSING.items():
        story = Search(plan).run(until=LOST).wrongs.get(LOST, ["Nothing was lost."])
        is_right &= len(story) > 1
        sys.stdout.write("\n  ".join([f"\n{name}:", *story]) + "\n")
    return 0 if is_right else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
