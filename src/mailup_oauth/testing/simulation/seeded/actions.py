"""What a plan is made of: actions, each of which can be done to a town, said in plain words, and written as a text."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar, cast

import attrs
from attrs import frozen

from ..town import Town

T = TypeVar("T")

TO_THE_END = -1
"""As many moves as there are."""

ALL = 100
"""More moves than any flight makes."""


@frozen(kw_only=True)
class Action(ABC):
    """One thing that is done to a town; its fields are words and numbers."""

    @abstractmethod
    def play(self, town: Town) -> None:
        """Do it; where there is nothing to do it to, do nothing."""

    @abstractmethod
    def told(self) -> str:
        """Return what is done, in plain words."""


def written(action: Action) -> str:
    """Return an action as a text without line breaks."""
    members = (f"{field.name}={getattr(action, field.name)}" for field in attrs.fields(type(action)))
    return " ".join((type(action).__name__, *members))


def read(text: str, kinds: Mapping[str, type[Action]]) -> Action:
    """Return the action of one of these *kinds* that was written."""
    name, *members = text.split()
    kind = kinds[name]
    given = dict(member.split("=", 1) for member in members)
    numbers = {field.name for field in attrs.fields(kind) if field.type is int}
    make = cast("Callable[..., Action]", kind)
    return make(**{key: int(value) if key in numbers else value for key, value in given.items()})


def at(items: Sequence[T], place: int) -> T:
    """Return the item at a place, counted round and round."""
    return items[place % len(items)]


def so_far(moves: int) -> str:
    """Return how far something goes, in words."""
    return "to its end" if moves == TO_THE_END else f"for {moves} moves"
