"""How many machine instructions a request costs, counted by callgrind: repeatable where microseconds are not."""

import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

CASES = ("bare", "trivial", "ours", "httpx-auth", "authlib")
FEW, MANY = 200, 600

_PROGRAM = """
import sys, tempfile, warnings
from pathlib import Path
warnings.simplefilter("ignore")
sys.path.insert(0, {bench!r})
from cases import ours, peers
make = {{
    "bare": peers.bare, "trivial": peers.trivial, "httpx-auth": peers.of_httpx_auth, "authlib": peers.of_authlib,
    "ours": lambda: ours.attaching(Path(tempfile.mkdtemp())),
}}[sys.argv[1]]
send = make()
for _ in range(20 + int(sys.argv[2])):
    send()
"""


def is_possible() -> bool:
    """Say whether this machine has valgrind."""
    return shutil.which("valgrind") is not None


def counted(bench: Path) -> dict[str, float]:
    """Return the instructions of one request, by case; each case's first process compiles, and is not counted."""
    for case in CASES:
        _ran(bench, case, 0)
    return {case: (_ran(bench, case, MANY) - _ran(bench, case, FEW)) / (MANY - FEW) for case in CASES}


def _ran(bench: Path, case: str, requests: int) -> int:
    """Return the instructions of a whole process that sends so many requests."""
    with tempfile.NamedTemporaryFile() as out:
        command = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={out.name}", sys.executable]
        program = [*command, "-c", _PROGRAM.format(bench=str(bench)), case, str(requests)]
        ran = subprocess.run(
            program, capture_output=True, text=True, check=True, env={"PYTHONHASHSEED": "0", "PATH": "/usr/bin:/bin"}
        )
    return int(re.search(r"Collected : (\d+)", ran.stderr)[1])
