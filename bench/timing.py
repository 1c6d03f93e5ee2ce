"""Measures cases against one another in one run: interleaved, the best of many rounds, so that ratios mean something."""

import asyncio
import gc
import random
import time
from collections.abc import Awaitable, Callable, Mapping

Case = Callable[[], object]
AsyncCase = Callable[[], Awaitable[object]]

ROUNDS = 60
_SHUFFLE = random.Random(7)  # noqa: S311  # an order, not a secret


def best(cases: Mapping[str, Case], *, number: int, rounds: int = ROUNDS) -> dict[str, float]:
    """
    Return the microseconds that one call of each case takes at best.

    Args:
        cases: What is measured, by name.
        number: Calls in one measurement; chosen so that it takes some milliseconds.
        rounds: How often each is measured, in a new order each time.
    """
    found = dict.fromkeys(cases, float("inf"))
    gc.disable()
    try:
        for _ in range(rounds):
            for name in _SHUFFLE.sample(list(cases), len(cases)):
                found[name] = min(found[name], _timed(cases[name], number))
            gc.collect()
    finally:
        gc.enable()
    return found


def best_of_async(cases: Mapping[str, AsyncCase], *, number: int, rounds: int = ROUNDS) -> dict[str, float]:
    """Return the same for coroutines, all on one event loop."""
    return asyncio.run(_best_of_async(cases, number, rounds))


async def _best_of_async(cases: Mapping[str, AsyncCase], number: int, rounds: int) -> dict[str, float]:
    found = dict.fromkeys(cases, float("inf"))
    for _ in range(rounds):
        for name in _SHUFFLE.sample(list(cases), len(cases)):
            case, begin = cases[name], time.perf_counter()
            for _ in range(number):
                await case()
            found[name] = min(found[name], (time.perf_counter() - begin) / number * 1e6)
    return found


def _timed(case: Case, number: int) -> float:
    begin = time.perf_counter()
    for _ in range(number):
        case()
    return (time.perf_counter() - begin) / number * 1e6
