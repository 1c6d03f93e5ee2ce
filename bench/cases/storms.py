"""Refresh storms: an expired token and a crowd, refereed by a strict server in a process of its own."""

import asyncio
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
from attrs import frozen

from . import crowds

BENCH = Path(__file__).resolve().parents[1]
THREADS, TASKS, PROCESSES = 50, 200, 4
EACH = {"threads": 10, "tasks": 50}


@frozen(kw_only=True)
class Storm:
    """What came of one: token requests, callers served, whether the family was revoked, and seconds."""

    requests: int
    served: int
    callers: int
    revoked: bool
    seconds: float


@contextmanager
def referee() -> Generator[str, None, None]:
    """Run the strict server while the context lasts and yield its address."""
    program = [sys.executable, str(BENCH / "server.py")]
    with subprocess.Popen(program, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        yield f"http://127.0.0.1:{server.stdout.readline().strip()}"
        server.stdin.close()


@contextmanager
def field(base: str) -> Generator[Path, None, None]:
    """Begin anew: no request counted, and the expired token where everybody looks for it."""
    httpx.post(f"{base}/reset")
    with tempfile.TemporaryDirectory() as folder:
        crowds.prepare(base, Path(folder))
        yield Path(folder)


def of_threads(base: str, name: str, make: Any, count: int = THREADS) -> Storm:
    """Let so many threads call at once through one object."""
    with field(base) as folder:
        return _judged(base, count, lambda: _threads(make(base, folder), count))


def of_tasks(base: str, name: str, make: Any, count: int = TASKS) -> Storm:
    """Let so many tasks call at once through one object."""
    with field(base) as folder:
        return _judged(base, count, lambda: asyncio.run(_tasks(make(base, folder), count)))


def of_processes(base: str, name: str, mode: str) -> Storm:
    """Let four processes call, each with threads or tasks and an object of its own, over what they share."""
    with field(base) as folder:
        order = [sys.executable, "-m", "cases.storms", mode, name, base, str(folder)]
        crowd = [
            subprocess.Popen(order, cwd=BENCH, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
            for _ in range(PROCESSES)
        ]
        for process in crowd:
            process.stdout.readline()

        def run() -> int:
            for process in crowd:
                process.stdin.write("go\n")
                process.stdin.flush()
            return sum(_told(process) for process in crowd)

        storm = _judged(base, PROCESSES * EACH[mode], run)
        for process in crowd:
            process.communicate()
        return storm


def _told(process: subprocess.Popen[str]) -> int:
    """Return how many callers a process served, as soon as it says so; libraries print as well."""
    return next(int(line.removeprefix("served ")) for line in process.stdout if line.startswith("served "))


def of_cancelled_caller(base: str, name: str, make: Any, count: int = 20) -> Storm:
    """Let tasks call, and cancel the first of them while the token request is under way."""
    with field(base) as folder:

        async def crowd() -> int:
            call = make(base, folder)
            first = asyncio.create_task(call())
            others = [asyncio.create_task(_served_async(call)) for _ in range(count - 1)]
            await asyncio.sleep(0.07)
            first.cancel()
            return sum(await asyncio.gather(*others))

        return _judged(base, count - 1, lambda: asyncio.run(crowd()))


def _judged(base: str, callers: int, run: Any) -> Storm:
    begin = time.perf_counter()
    served = run()
    seconds = time.perf_counter() - begin
    counts = httpx.get(f"{base}/counts").json()
    return Storm(
        requests=counts["requests"], served=served, callers=callers, revoked=counts["revoked"], seconds=seconds
    )


def _threads(call: crowds.Call, count: int) -> int:
    gate, served = threading.Barrier(count + 1), []
    crowd = [threading.Thread(target=lambda: (gate.wait(), served.append(_served(call)))) for _ in range(count)]
    for one in crowd:
        one.start()
    gate.wait()
    for one in crowd:
        one.join()
    return sum(served)


async def _tasks(call: crowds.AsyncCall, count: int) -> int:
    return sum(await asyncio.gather(*(_served_async(call) for _ in range(count))))


def _served(call: crowds.Call) -> bool:
    try:
        return call()
    except Exception:  # noqa: BLE001  # whatever it is, this caller was not served
        return False


async def _served_async(call: crowds.AsyncCall) -> bool:
    try:
        return await call()
    except Exception:  # noqa: BLE001  # whatever it is, this caller was not served
        return False


def _work(mode: str, name: str, base: str, folder: str) -> None:
    """Be one of the processes: be ready, wait for the start, call, and say how many were served."""
    kinds = {"threads": crowds.SYNC, "tasks": crowds.ASYNC}[mode] | {"bare": crowds.BARE[mode]}

    if mode == "threads":
        call = kinds[name](base, Path(folder))
        print("ready", flush=True)
        sys.stdin.readline()
        print("served", _threads(call, EACH[mode]), flush=True)
        return

    async def crowd() -> None:
        call = kinds[name](base, Path(folder))
        print("ready", flush=True)
        sys.stdin.readline()
        print("served", await _tasks(call, EACH[mode]), flush=True)

    asyncio.run(crowd())


if __name__ == "__main__":
    _work(*sys.argv[1:])
