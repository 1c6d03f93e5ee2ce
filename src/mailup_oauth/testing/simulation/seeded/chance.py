"""Chance that a number decides, alike on every Python: of the generator only ``random()`` is used, which is promised."""

import random
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


class Chance:
    """
    Everything that a seed decides, in the order in which it is asked.

    Args:
        seed: Any whole number.
    """

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed).random  # noqa: S311  # nothing here is to be kept from anybody

    def below(self, bound: int) -> int:
        """Return a number from 0 to *bound* - 1."""
        return int(self._random() * bound)

    def one_in(self, count: int) -> bool:
        """Return whether something happened that happens once in *count* times."""
        return not self.below(count)

    def pick(self, items: Sequence[T]) -> T:
        """Return one of *items*; what is in it twice comes twice as often."""
        return items[self.below(len(items))]
