"""
The soak: an application of four processes, one of which is killed every second, before a strict server and one with a grace.

Two of the processes use threads, two asyncio.  Some users authorize anew though nothing is wrong, so that kills fall into
exchanges of codes too; and now and then a request is lost on its way.

    ./dev soak --minutes 30

Prints what happened as a table, and exits with 1 if a promise was broken.
"""

import argparse
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path
from time import monotonic, sleep

from city import City
from facts import EXCHANGE, REFRESH, SERVERS, Passage
from referee import Verdict, judged

PERIOD = 1.0
"""Seconds between two kills, on average."""
SPREAD = 0.4
SETTLING = 90.0
"""Seconds that everything is given at the end to come to rest; it takes a few."""


def main() -> int:
    """Soak, print what was found, and return the exit code."""
    words = argparse.ArgumentParser(prog="./dev soak", description=(__doc__ or "").split("\n")[1])
    words.add_argument("--minutes", type=float, required=True, help="how long processes are killed; 0.2 is a taste")
    minutes = words.parse_args().minutes
    with tempfile.TemporaryDirectory() as folder, City(Path(folder)) as city:
        city.open()
        suffer(city, 60 * minutes)
        come_to_rest(city)
        verdict = judged(city.facts())
        print(table(city, verdict))
    for promise, breaches in verdict.broken.items():
        print(f"{promise:<56}{len(breaches):>8}")
        print("".join(f"    {breach}\n" for breach in breaches), end="")
    print("every promise was kept" if verdict.is_kept else "a promise was broken")
    return 0 if verdict.is_kept else 1


def suffer(city: City, span: float) -> None:
    """Kill a process every second, look at its journals, start it again, and let users log on where they must."""
    ends = monotonic() + span
    told = monotonic()
    while monotonic() < ends:
        due = monotonic() + city.chance.uniform(PERIOD - SPREAD, PERIOD + SPREAD)
        city.kill_one()
        city.visit()
        if monotonic() - told > 60:
            told = monotonic()
            print(f"{(ends - told) / 60:.0f} min left, {len(city.killed)} kills", file=sys.stderr, flush=True)
        sleep(max(0.0, due - monotonic()))


def come_to_rest(city: City) -> None:
    """Kill nobody and lose nothing any more, and wait until every connection is served again."""
    ends = monotonic() + SETTLING
    city.relay.dropped = 0
    while (city.is_starting() or city.unserved()) and monotonic() < ends:
        city.visit()
        sleep(0.1)
    city.close_up()


def table(city: City, verdict: Verdict) -> str:
    """Return what happened, in rows."""
    refreshes, exchanges = ([p for p in city.relay.passages if p.grant == grant] for grant in (REFRESH, EXCHANGE))
    rows = [
        ("processes killed", len(city.killed), ""),
        ("journals verified after a kill", city.checks, ""),
        ("tokens handed out to threads, at least", city.served["threads"], ""),
        ("tokens handed out to tasks, at least", city.served["tasks"], ""),
        ("callers told to reauthorize", len(city.told), ""),
        ("", *SERVERS),
        ("refresh requests", *_counted(refreshes)),
        ("refreshes granted", *_counted(p for p in refreshes if p.born)),
        ("killed between the server's commit and the store's", *(verdict.windows[server] for server in SERVERS)),
        ("    of these, killed just before the server's commit", *(verdict.early[server] for server in SERVERS)),
        ("    of these, authorized anew before that cost anything", *(verdict.replaced[server] for server in SERVERS)),
        ("authorizations lost", *(verdict.lost[server] for server in SERVERS)),
        ("codes granted to processes", *_counted(p for p in exchanges if p.born)),
        ("killed between that and the store's commit", *(verdict.unclaimed[server] for server in SERVERS)),
        ("requests dropped on their way", *_counted(p for p in city.relay.passages if not p.status)),
    ]
    return "\n".join(f"{what:<56}{one:>8}{other:>8}".rstrip() for what, one, other in rows)


def _counted(passages: Iterable[Passage]) -> list[int]:
    """Return how many passages are each server's."""
    servers = [passage.server for passage in passages]
    return [servers.count(server) for server in SERVERS]


if __name__ == "__main__":
    sys.exit(main())
