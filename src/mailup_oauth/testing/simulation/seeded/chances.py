"""Single actions, each drawn by chance: who asks, what goes wrong, who goes on."""

from typing import Final

from ....domain.wire.http import SendingFault
from ..founding import PROCESSES, USERS, Keeping
from ..store import Failing
from . import asking as a
from . import mischief as m
from . import moving as g
from .actions import TO_THE_END, Action
from .catalogue import HABITS, TROUBLES
from .chance import Chance

_HOUR: Final = 3600
SPANS: Final = (0, 1, 3, 13, 61, 600, 3000, *[61 * 60] * 4)
_JUMPS: Final = tuple(way * span for span in (1, 3, _HOUR, 24 * _HOUR) for way in (1, -1))
TROUBLE_NAMES: Final = tuple(TROUBLES)
_HABITS: Final = tuple(HABITS)
_SENDING_FAULTS: Final = tuple(fault.value for fault in SendingFault)
_FAILINGS: Final = tuple(failing.value for failing in Failing)


def moves(chance: Chance) -> int:
    """Return a few moves, or as many as there are; a flight to a new token makes some ten."""
    return TO_THE_END if chance.one_in(3) else chance.below(12)


def ask(chance: Chance, connection: str) -> Action:
    """Let somebody ask for a token, old or new."""
    kind = a.WantRefresh if chance.one_in(4) else a.WantToken
    return kind(process=chance.pick(PROCESSES), connection=connection, moves=moves(chance))


def obstacle(chance: Chance) -> Action:
    """Let something go wrong for whoever comes next."""
    match chance.below(12):
        case 0 | 1 | 2 | 3 | 4 | 5:
            return trouble(chance)
        case 6 | 7 | 8:
            return m.FailStore(failing=chance.pick(_FAILINGS), after=chance.below(4))
        case 9:
            return m.CutOff(fault=chance.pick(_SENDING_FAULTS))
        case 10:
            return m.TakeStoreAway(seconds=chance.pick((1, 61)))
        case _:
            return m.KeepSecret(keeping=chance.pick(tuple(keeping.value for keeping in Keeping)))


def trouble(chance: Chance) -> Action:
    """Let a request meet a fault."""
    target = "resource" if chance.one_in(5) else "token"
    return m.MeetTrouble(target=target, trouble=chance.pick(TROUBLE_NAMES))


def turn(chance: Chance) -> Action:
    """Let whoever is under way go on, or be stopped."""
    match chance.below(14):
        case 0 | 1 | 2:
            return g.GoOn(place=chance.below(4), moves=moves(chance))
        case 3 | 4 | 5:
            return g.TakeTurns(turns=TO_THE_END if chance.one_in(3) else 1 + chance.below(10))
        case 6 | 7 | 8:
            return g.KillOnTheWay(place=chance.below(4), moves=chance.below(10))
        case 9 | 10:
            return g.Sever(place=chance.below(4), moves=chance.below(2))
        case 11:
            return g.Stray()
        case 12:
            return a.Leave(place=chance.below(4))
        case _:
            return anything(chance)


def anything(chance: Chance) -> Action:
    """Let something happen that is nobody's doing."""
    match chance.below(16):
        case 0 | 1:
            return m.TakeHabit(habit=chance.pick(_HABITS))
        case 2 | 3 | 4 | 5:
            return change(chance, chance.pick(USERS))
        case 6:
            return g.Kill(process=chance.pick(PROCESSES))
        case 7 | 8:
            return g.PassTime(seconds=chance.pick(SPANS))
        case 9 | 10 | 11:
            return obstacle(chance)
        case _:
            return turn(chance) if chance.one_in(3) else g.GoOn(place=chance.below(4), moves=moves(chance))


def change(chance: Chance, user: str) -> Action:
    """Let a clock, a permission or a contract change."""
    match chance.below(4):
        case 0:
            return m.SetClock(host=chance.below(2), seconds=chance.pick(_JUMPS))
        case 1:
            return m.LetDrift(host=chance.below(2), pace=chance.pick((900, 1100)))
        case 2:
            return m.Revoke(user=user, effect=chance.pick(("immediate", "at-expiry")))
        case _:
            return m.Unsign(user=user, what=chance.pick(("lapse", "lapse", "sign")))
