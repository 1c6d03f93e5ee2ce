"""How many machine instructions a request costs, counted by callgrind: repeatable where microseconds are not."""

import gc
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from itertools import product
from pathlib import Path
from typing import NoReturn

from mailup_oauth.adapters.clock.system import SystemClock

from . import flows, ours, peers

BENCH = Path(__file__).resolve().parents[1]
FEW, MANY = 50, 150
LAYOUTS = 3
"""How often each is counted: where its classes lie decides which of them share a place in Python's cache of methods."""

REQUESTS = {
    "bare": lambda _: peers.bare(),
    "trivial": lambda _: peers.trivial(),
    "mailup_oauth": ours.attaching,
    "httpx-auth": lambda _: peers.of_httpx_auth(),
    "bare httpx2": lambda _: peers.bare2(),
    "authlib (on httpx2)": lambda _: peers.of_authlib(),
}
"""What sends a whole request."""

PIECES = {
    "mailup_oauth, its auth flow": ours.flowing_alone,
    "trivial, its auth flow": lambda _: flows.flowing(peers.Constant()),
    "mailup_oauth, access_token()": ours.deciding,
    "mailup_oauth, its clock": lambda _: SystemClock().now,
    "httpx, one header looked up": lambda _: flows.looking_up(),
    "httpx, scheme and host of an address": lambda _: flows.placing(),
    "an empty call": lambda _: lambda: None,
}
"""What a request is made of, called by itself."""


def is_possible() -> bool:
    """Say whether this machine has valgrind."""
    return shutil.which("valgrind") is not None


def counted() -> dict[str, float]:
    """Return the instructions of one call, by case; a first process compiles what is imported, and is not counted."""
    _told([])
    with tempfile.TemporaryDirectory() as folder:
        told = _told(["valgrind", "--tool=callgrind", f"--callgrind-out-file={folder}/%p"])
    counts = [int(count) for count in re.findall(r"Collected : (\d+)", told)]
    calls = [(many - few) / (MANY - FEW) for few, many in zip(counts[0:-1:2], counts[1::2], strict=True)]
    cases = REQUESTS | PIECES
    return {case: min(calls[place :: len(cases)]) for place, case in enumerate(cases)}


def _told(through: list[str]) -> str:
    """Run the process that counts and return what callgrind said."""
    program = [*through, sys.executable, "-m", "cases.instructions"]
    surroundings = {"PYTHONHASHSEED": "0", "PATH": "/usr/bin:/bin"}
    return subprocess.run(program, cwd=BENCH, capture_output=True, text=True, check=True, env=surroundings).stderr


def _count() -> None:
    """Be the process that counts: imports are paid once, and each case is called few and many times in children of it."""
    for layout, case, calls in product(range(LAYOUTS), (REQUESTS | PIECES).values(), (FEW, MANY)):
        child = os.fork() or _be_child(case, calls, layout)
        assert os.waitpid(child, 0)[1] == 0


def _be_child(case: Callable[[Path], Callable[[], object]], calls: int, layout: int) -> NoReturn:
    """Call so often and end at once; callgrind then says what was collected since the first process began."""
    status = 1
    gc.disable()  # when it would run depends on what ran before
    for _ in range(layout * 7):
        hasattr(type("Moved", (), {}), "absent")  # each takes a number by which that cache finds its place
    try:
        with tempfile.TemporaryDirectory() as folder:
            call = case(Path(folder))
            for _ in range(20 + calls):
                call()
        status = 0
    finally:
        os._exit(status)


if __name__ == "__main__":
    _count()
