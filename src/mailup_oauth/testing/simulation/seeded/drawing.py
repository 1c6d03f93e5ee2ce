"""From a seed to its plan."""

from typing import Final

from ..founding import CONNECTIONS
from .actions import Action
from .chance import Chance
from .mischief import TakeHabit
from .plan import Plan
from .scenes import SCENES, last_words

SHORTEST: Final = 3
LONGEST: Final = 10
"""How many actions a plan has; a scene is not cut off, so a few more."""

_DAWNS: Final = (*["nothing"], *["connected"] * 5, *["refreshed"] * 6, *["two"] * 2)

_SERVERS: Final = (
    *["old-token-dead"] * 4,
    *["reuse-kills-family"] * 4,
    *["grace-60"] * 3,
    "grace-30",
    "old-token-stays",
)
"""What MailUp does with a refresh token that it has replaced; nobody knows, and the first is what it begins with."""


def drawn(seed: int) -> Plan:
    """Return the plan of a seed."""
    chance = Chance(seed)
    dawn = f"{chance.pick(_DAWNS)}-{2 if chance.one_in(3) else 1}"
    ending = "liveness" if chance.one_in(4) else "safety"
    actions: list[Action] = []
    length = SHORTEST + chance.below(LONGEST - SHORTEST)
    while len(actions) < length:
        connection = CONNECTIONS[1] if chance.one_in(8) else CONNECTIONS[0]
        actions.extend(chance.pick(SCENES)(chance, connection))
    if ending == "liveness" and chance.one_in(2):
        actions.extend(last_words(chance, CONNECTIONS[0]))
    server = chance.pick(_SERVERS)
    if server != _SERVERS[0]:
        actions.insert(0, TakeHabit(habit=server))
    return Plan(seed=seed, dawn=dawn, ending=ending, actions=tuple(actions))
