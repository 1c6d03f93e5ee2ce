"""How long tokens are on this side and not yet durable: from the last octet of the answer to the end of the commit."""

from collections.abc import Callable
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

import attrs

from .ours import CONNECTION, connected

REFRESHES = 400


class Timed:
    """A port of which one call is timed."""

    def __init__(self, inner: Any, name: str, noted: Callable[[float, float], None]) -> None:
        self._inner = inner
        self._name = name
        self._noted = noted

    def __getattr__(self, name: str) -> Any:
        """Give the port's own attribute, timed if it is the one."""
        whole = getattr(self._inner, name)
        return self._timed(whole) if name == self._name else whole

    def _timed(self, whole: Callable[..., Any]) -> Callable[..., Any]:
        def call(*values: Any, **named: Any) -> Any:
            began = perf_counter()
            result = whole(*values, **named)
            self._noted(began, perf_counter())
            return result

        return call


def windows(folder: Path) -> tuple[list[float], list[float]]:
    """Return, in milliseconds and sorted, the windows of many refreshes, and how long the commit in each took."""
    oauth = connected(folder)
    answers: list[float] = []
    commits: list[tuple[float, float]] = []
    ports = oauth._core.ports
    timed = {
        "transport": Timed(ports.transport, "send", lambda _, ended: answers.append(ended)),
        "store": Timed(ports.store, "commit", lambda began, ended: commits.append((began, ended))),
    }
    oauth._core.ports = attrs.evolve(ports, **timed)
    for _ in range(REFRESHES):
        oauth.refresh(CONNECTION)
    stored = [next(commit for commit in commits if commit[0] > answer) for answer in answers]
    whole = sorted((commit[1] - answer) * 1e3 for answer, commit in zip(answers, stored, strict=True))
    return whole, sorted((ended - began) * 1e3 for began, ended in stored)


def middle_and_late(values: list[float]) -> tuple[float, float]:
    """Return the median, and what 99 of 100 do not exceed."""
    return median(values), values[len(values) * 99 // 100]
