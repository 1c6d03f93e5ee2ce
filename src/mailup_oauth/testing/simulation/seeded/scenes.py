"""Scenes: a few actions around one connection that belong together, because chance alone is seldom interesting."""

from collections.abc import Callable, Iterator, Sequence
from typing import Final

from ..founding import CONNECTIONS, PROCESSES, USERS
from . import asking as a
from . import mischief as m
from . import moving as g
from .actions import TO_THE_END, Action
from .chance import Chance
from .chances import SPANS, TROUBLE_NAMES, anything, ask, change, moves, obstacle, trouble, turn

Scene = Callable[[Chance, str], Iterator[Action]]
"""Draws a few actions around one connection."""


def _renewal(chance: Chance, connection: str) -> Iterator[Action]:
    """Let a token end, and somebody ask, while things go wrong."""
    if not chance.one_in(4):
        yield g.PassTime(seconds=chance.pick(SPANS))
    for _ in range(chance.below(3)):
        yield obstacle(chance)
    yield ask(chance, connection)
    for _ in range(chance.below(3)):
        yield turn(chance)
    if chance.one_in(3):
        yield ask(chance, connection)


def _crowd(chance: Chance, connection: str) -> Iterator[Action]:
    """Let a token end, and everybody ask."""
    yield g.PassTime(seconds=61 * 60)
    if chance.one_in(2):
        yield obstacle(chance)
    for process in PROCESSES:
        yield a.WantToken(process=process, connection=connection, moves=moves(chance))
    yield turn(chance)


def _return(chance: Chance, connection: str) -> Iterator[Action]:
    """Let a user authorize, while things go wrong."""
    if chance.one_in(2):
        yield obstacle(chance)
    process, user = chance.pick(PROCESSES), USERS[CONNECTIONS.index(connection) ^ chance.one_in(8)]
    yield a.Authorize(process=process, connection=connection, user=user, moves=moves(chance))
    for _ in range(chance.below(3)):
        yield turn(chance)


def _journey(chance: Chance, connection: str) -> Iterator[Action]:
    """Let a browser go to MailUp and come back, once or more often."""
    rule = chance.pick(("same-user", "same-user", "any-user"))
    yield a.Begin(process=chance.pick(PROCESSES), connection=connection, rule=rule, moves=moves(chance))
    if chance.one_in(3):
        yield anything(chance)
    answer = chance.pick(("Allow", "Allow", "Allow", "Deny"))
    yield a.Visit(place=chance.below(5), user=chance.pick(USERS), answer=answer)
    if chance.one_in(3):
        yield obstacle(chance)
    for _ in range(1 + chance.below(2)):
        binding = "strange" if chance.one_in(6) else "own"
        process = chance.pick(PROCESSES)
        yield a.Complete(process=process, place=chance.below(5), binding=binding, moves=moves(chance))
        yield turn(chance)


def _rejection(chance: Chance, connection: str) -> Iterator[Action]:
    """Let somebody report a 401."""
    yield a.WantToken(process=chance.pick(PROCESSES), connection=connection, moves=TO_THE_END)
    yield anything(chance)
    yield a.Report401(process=chance.pick(PROCESSES), connection=connection, moves=moves(chance))
    yield turn(chance)


def _soon(chance: Chance, connection: str) -> Iterator[Action]:
    """Let somebody refresh twice within a moment, and the second meet a replica."""
    process = chance.pick(PROCESSES)
    yield a.WantRefresh(process=process, connection=connection, moves=TO_THE_END)
    yield m.MeetTrouble(target="token", trouble="replica")
    if chance.one_in(2):
        yield obstacle(chance)
    yield a.WantRefresh(process=process, connection=connection, moves=moves(chance))
    yield turn(chance)


def _full_store(chance: Chance, connection: str) -> Iterator[Action]:
    """Let the store go away under a request that was sent, so that what comes cannot be stored."""
    yield g.PassTime(seconds=61 * 60)
    yield a.WantToken(process=chance.pick(PROCESSES), connection=connection, moves=3 + chance.below(3))
    if chance.one_in(4):
        yield m.RefuseSpills(host=chance.below(2), times=1 + chance.below(3))
    yield m.TakeStoreAway(seconds=chance.pick((1, 5, 61, 61, 300)))
    yield turn(chance)
    yield turn(chance)
    if chance.one_in(3):
        yield g.PassTime(seconds=chance.pick(SPANS))
    yield a.WantToken(process=chance.pick(PROCESSES), connection=connection, moves=moves(chance))


def _farewell(chance: Chance, connection: str) -> Iterator[Action]:
    """Let somebody disconnect, and perhaps begin anew, under a request that is about to leave or under way."""
    one, other = chance.pick(PROCESSES), chance.pick(PROCESSES)
    if chance.one_in(4):
        yield a.WantRefresh(process=one, connection=connection, moves=TO_THE_END)
        yield m.MeetTrouble(target="token", trouble="replica")
    else:
        yield trouble(chance)
    if chance.one_in(4):
        yield a.Authorize(process=one, connection=connection, user=USERS[0], moves=5 + chance.below(6))
    else:
        yield a.WantRefresh(process=one, connection=connection, moves=2 + chance.below(6))
    if chance.one_in(4):
        yield m.TakeStoreAway(seconds=chance.pick((1, 61)))
        yield g.GoOn(place=0, moves=1 + chance.below(5))
    yield from _stopped(chance)
    yield a.Part(process=other, connection=connection, moves=TO_THE_END)
    if chance.one_in(3):
        yield a.Begin(process=other, connection=connection, rule="same-user", moves=TO_THE_END)
    yield _way_on(chance)
    yield _way_on(chance)


def _second_start(chance: Chance, connection: str) -> Iterator[Action]:
    """Let a refresh come to nothing, and the user authorize anew, while things go wrong."""
    process = chance.pick(PROCESSES)
    match chance.below(5):
        case 0:
            yield m.Revoke(user=USERS[CONNECTIONS.index(connection)], effect="immediate")
            yield a.WantRefresh(process=process, connection=connection, moves=TO_THE_END)
            yield a.WantRefresh(process=process, connection=connection, moves=TO_THE_END)
        case 1 | 2:
            yield a.WantRefresh(process=process, connection=connection, moves=3 + chance.below(3))
            yield g.Kill(process=process)
        case 3:
            yield m.MeetTrouble(target="token", trouble="429-wait-30")
            yield a.WantRefresh(process=process, connection=connection, moves=TO_THE_END)
        case _:
            yield m.MeetTrouble(target="token", trouble="answer-lost")
            yield a.WantRefresh(process=process, connection=connection, moves=6)
            yield g.Kill(process=process)
    if chance.one_in(6):
        yield m.KeepSecret(keeping=chance.pick(("wrongly", "not-at-all")))
    elif chance.one_in(2):
        yield m.MeetTrouble(target=chance.pick(("token", "resource")), trouble=chance.pick(TROUBLE_NAMES))
    user = USERS[CONNECTIONS.index(connection)]
    if chance.one_in(2):
        yield a.Authorize(process=process, connection=connection, user=user, moves=7 + chance.below(4))
        yield from _unstorable(chance, connection)
    else:
        yield a.Authorize(process=process, connection=connection, user=user, moves=3 + chance.below(15))
    yield from _stopped(chance)
    yield _way_on(chance)


def _unstorable(chance: Chance, connection: str) -> Iterator[Action]:
    """Let the store go away, so that what comes is spilled, and processes die of it, and it is merged."""
    yield m.TakeStoreAway(seconds=chance.pick((1, 61)))
    if chance.one_in(2):
        yield m.RefuseSpills(host=0, times=1)
    if chance.one_in(4):
        yield m.FailStore(failing="reading", after=chance.below(2))
    yield g.GoOn(place=0, moves=2 + chance.below(4))
    if chance.one_in(2):
        yield g.KillOnTheWay(place=0, moves=chance.below(3))
    yield g.PassTime(seconds=chance.pick((0, 61)))
    yield a.WantToken(process=chance.pick(PROCESSES), connection=connection, moves=1 + chance.below(5))
    yield g.KillOnTheWay(place=0, moves=chance.below(3))


def _slow_farewell(chance: Chance, connection: str) -> Iterator[Action]:
    """Let somebody disconnect and be killed at the very end, while others have connected and refreshed again."""
    yield a.Part(process="one", connection=connection, moves=2)
    user = USERS[CONNECTIONS.index(connection)]
    way = TO_THE_END if chance.one_in(2) else 4 + chance.below(6)
    yield a.Authorize(process="two", connection=connection, user=user, moves=way)
    for _ in range(1 + chance.below(2)):
        yield a.WantRefresh(process="two", connection=connection, moves=2 + chance.below(5))
        if chance.one_in(2):
            yield g.Kill(process="two")
            yield a.WantRefresh(process="two", connection=connection, moves=5 + chance.below(4))
    yield g.Kill(process="one")


def _midway(chance: Chance, connection: str) -> Iterator[Action]:
    """Let a clock, a contract or a permission change while something is under way, for the first or the second time."""
    process, user = chance.pick(PROCESSES), USERS[CONNECTIONS.index(connection)]
    for _ in range(chance.below(3)):
        yield a.WantRefresh(process=process, connection=connection, moves=3 + chance.below(3))
        yield g.Kill(process=process)
    if chance.one_in(2):
        yield a.WantRefresh(process=process, connection=connection, moves=2 + chance.below(8))
    else:
        yield m.MeetTrouble(target="resource", trouble=chance.pick(("500", "slow-3", "answer-lost")))
        yield a.Authorize(process=process, connection=connection, user=user, moves=3 + chance.below(15))
    for _ in range(1 + chance.below(3)):
        yield change(chance, user)
    yield _way_on(chance)


def _stopped(chance: Chance) -> Iterator[Action]:
    """Let a connection break, or a process be killed, or neither; what was sent may come all the same."""
    if chance.one_in(4):
        yield g.Sever(place=chance.below(2), moves=chance.below(2))
    elif chance.one_in(4):
        yield g.KillOnTheWay(place=chance.below(2), moves=chance.below(4))


def _way_on(chance: Chance) -> Action:
    """Let whoever is under way go on in one way or another, or what nobody waits for arrive."""
    match chance.below(5):
        case 0:
            return g.Stray()
        case 1:
            return g.KillOnTheWay(place=0, moves=chance.below(8))
        case 2:
            return g.Sever(place=0, moves=chance.below(2))
        case _:
            return g.GoOn(place=chance.below(2), moves=moves(chance))


def last_words(chance: Chance, connection: str) -> Iterator[Action]:
    """Let a refresh that was needed come to nothing, so that whoever asks in peace asks in doubt."""
    process = chance.pick(PROCESSES)
    yield g.PassTime(seconds=61 * 60)
    if chance.one_in(2):
        yield m.MeetTrouble(target="token", trouble=chance.pick(("answer-lost", "504-obeyed", "cut-0")))
    yield a.WantToken(process=process, connection=connection, moves=3 + chance.below(6))
    yield g.Kill(process=process)
    if chance.one_in(2):
        yield a.WantToken(process=process, connection=connection, moves=1 + chance.below(8))


def _whatever(chance: Chance, connection: str) -> Iterator[Action]:
    """Let anything happen."""
    yield anything(chance)
    if chance.one_in(12):
        yield a.Part(process=chance.pick(PROCESSES), connection=connection, moves=moves(chance))


SCENES: Final[Sequence[Scene]] = (
    *[_renewal] * 5,
    *[_whatever] * 4,
    *[_crowd] * 2,
    _return,
    _journey,
    _journey,
    _rejection,
    _soon,
    _full_store,
    _farewell,
    _farewell,
    _second_start,
    _second_start,
    _second_start,
    _slow_farewell,
    _midway,
)
"""What is drawn from; what is in it twice comes twice as often."""
