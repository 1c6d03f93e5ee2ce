"""The deed: a state and an event give the next state; it never looks into a secret and never asks a clock."""

from .impossible import ImpossibleEvent
from .state import evolve, fold

__all__ = ["ImpossibleEvent", "evolve", "fold"]
