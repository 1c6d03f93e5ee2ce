"""What a town can begin with in place of nothing: everything that has happened before its first move."""

from datetime import datetime

from attrs import frozen

from ...sandbox.world import World
from .referee import Referee
from .store import FrailStore


@frozen(kw_only=True)
class Dawn:
    """
    A moment at which nobody was under way, of which any number of towns can be made.

    Attributes:
        at: Which moment.
        world: What MailUp held.
        store: What was stored; every town stores in one of its own that begins as this one.
        referee: Who has heard everything; it is copied.
        sent: A number that no message had.
        lives: How many lives processes had led.
    """

    at: datetime
    world: World
    store: FrailStore
    referee: Referee
    sent: int
    lives: int
