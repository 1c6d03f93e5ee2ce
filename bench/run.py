"""
The bench: every figure beside those of released peers and baselines, interleaved in one run; ``./dev bench`` runs it.

    python bench/run.py [--to FOLDER] [--quick] [PART ...]

PARTS are attaching, instructions, machine, pieces, storms, footprint, sealing and window; all of them by default.  Only
ratios within one run are goals: what is measured in microseconds differs from machine to machine, and from minute to
minute on a busy one.
"""

import argparse
import os
import platform
import sys
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import timing
from parts.attaching import attaching, counting
from parts.machine import machine
from parts.protocol import protocol
from parts.sealed import exposed, sealed
from parts.storming import storming
from parts.weighing import weighing
from report import Section, write

BENCH = Path(__file__).resolve().parent
LIBRARIES = (
    "mailup-oauth",
    "httpx",
    "httpx2",
    "authlib",
    "oauthlib",
    "requests-oauthlib",
    "requests-oauth2client",
    "httpx-auth",
    "httpx-oauth",
    "google-auth",
    "msal",
    "transitions",
    "python-statemachine",
    "automat",
    "cryptography",
)


PARTS: dict[str, Callable[[int], list[Section]]] = {
    "attaching": attaching,
    "instructions": counting,
    "machine": machine,
    "pieces": protocol,
    "storms": storming,
    "footprint": weighing,
    "sealing": sealed,
    "window": exposed,
}


def about() -> str:
    """Say where and with what this was measured."""
    versions = ", ".join(f"{name} {version(name)}" for name in LIBRARIES)
    where = f"Python {platform.python_version()}, {platform.system()} on {platform.machine()}"
    load = f"{os.getloadavg()[2]:.1f} processes wanted its {os.cpu_count()} cores in the last quarter of an hour"
    return (
        f"{where}. {versions}. Minima of many interleaved rounds on a machine that others use as well ({load}); only "
        "ratios within this run are goals. Made by `./dev bench`; `figures.json` has the same for programs."
    )


def main() -> int:
    """Measure what was asked for, write it down, and say which goals were missed."""
    parser = argparse.ArgumentParser(description="Measure this library beside its peers.")
    parser.add_argument("parts", nargs="*", choices=[[], *PARTS], metavar="PART", help=", ".join(PARTS))
    parser.add_argument("--to", type=Path, default=BENCH / "results")
    parser.add_argument("--quick", action="store_true", help="fewer rounds: to see that it runs, not to believe it")
    asked = parser.parse_args()
    sections: list[Section] = []
    for name in asked.parts or PARTS:
        print(f"bench: {name}", file=sys.stderr, flush=True)
        sections += PARTS[name](8 if asked.quick else timing.ROUNDS)
    write(asked.to, tuple(sections), about())
    missed = [
        f"{section.title}: {one.what}" for section in sections for one in section.rows if one.goal and not one.met
    ]
    print((asked.to / "README.md").read_text())
    print("every goal is met" if not missed else "missed: " + "; ".join(missed))
    return 0


if __name__ == "__main__":
    sys.exit(main())
