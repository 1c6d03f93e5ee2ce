"""Garbage of histories, collected when it is convenient; nothing that happens in a history depends on it."""

import gc
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Final

HISTORIES: Final = 200
"""So many histories are played before what they left behind is collected: a few MB."""


@contextmanager
def tidily() -> Generator[Callable[[int], None]]:
    """
    Collect no garbage inside, but for when the function is called that this gives, with the number of a history.

    An interpreter looks for garbage every 700 objects, and again and again at everything that was there before.
    """
    was_enabled = gc.isenabled()
    gc.collect()
    gc.freeze()
    gc.disable()
    try:
        yield _tidy
    finally:
        gc.unfreeze()
        if was_enabled:
            gc.enable()


def _tidy(number: int) -> None:
    """Collect what the last histories left, if it is time to."""
    if not number % HISTORIES:
        gc.collect()
