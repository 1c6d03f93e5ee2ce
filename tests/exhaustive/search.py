"""Every world that can be reached, breadth first, and whether each of them comes to a good end when faults stop."""

import gc
from array import array
from collections import Counter
from contextlib import contextmanager

import attrs
from tests.exhaustive import world as w
from tests.exhaustive.moments import LIFE, NOW, OLD
from tests.exhaustive.moves import Moves
from tests.exhaustive.outlook import outlook
from tests.exhaustive.replay import Flows, setting_for, without_journal
from tests.exhaustive.server import ENDED
from tests.exhaustive.shelf import Shelf
from tests.exhaustive.story import told
from tests.exhaustive.verdicts import Verdicts

from mailup_oauth.domain.secret import Secret
from mailup_oauth.domain.states import Refreshed
from mailup_oauth.domain.tokens import Access, Grant
from mailup_oauth.domain.wire.outcomes import User
from mailup_oauth.domain.work import Idle


@attrs.define(eq=False)
class Report:
    """
    What was found.

    Attributes:
        worlds: How many there are.
        moves: How many lead from one to another.
        legs: How many different local histories the real flow was driven through.
        stored: How many different states were stored.
        verdicts: How often each was told.
        ends: How the whole may end: with a good authorization, or with one that the server ended.
        wrongs: For each broken promise, the shortest story.
        stuck: Worlds that nothing leads on from without a fault, though somebody still wants something.
        circling: Worlds from which somebody may go on for ever without a fault and without an end.
        longest: The longest way to an end without a fault, in moves.
    """

    worlds: int = 0
    moves: int = 0
    legs: int = 0
    stored: int = 0
    verdicts: Counter = attrs.field(factory=Counter)
    ends: Counter = attrs.field(factory=Counter)
    wrongs: dict = attrs.field(factory=dict)
    stuck: int = 0
    circling: int = 0
    longest: int = 0


class Search:
    """One exploration."""

    def __init__(self, plan, *, merges=True):
        self.plan = plan
        self.setting = setting_for(plan.policy, plan.provider)
        self.shelf = Shelf()
        self.flows = Flows(self.shelf, self.setting, merges=merges)
        self.report = Report()
        self.moves = Moves(plan, self.shelf, self.flows, Verdicts(self.flows, self.setting))
        self._numbers = {}
        self.worlds = []
        self._came = []
        self._ways = [array("I"), array("I")]

    def run(self, *, until=""):
        """Look at every world, or stop at the first that breaks the promise *until*."""
        with without_journal(), _without_collecting():
            self._reach(self.first(), None, None)
            number = 0
            while number < len(self.worlds) and until not in self.report.wrongs:
                self._look(number)
                number += 1
        self.report.worlds, self.report.legs = len(self.worlds), len(self.flows.legs)
        self.report.stored = len(self.shelf.states)
        self.report.circling, self.report.longest = outlook(len(self.worlds), *self._ways)
        return self.report

    def first(self):
        """Return the world in which both callers begin: an authorization whose renewal is just due."""
        credentials = {name: self.setting.credential(Secret(name)) for name in ("a1", "r1")}
        access = Access(credential=credentials["a1"], asked_at=OLD, refresh_at=NOW, expires_at=NOW + LIFE)
        user = User(uid="1", username="m1")
        grant = Grant(generation=1, refresh=credentials["r1"], user=user, authorized_at=OLD, born_at=OLD)
        state = Refreshed(epoch=1, attempts=(), grant=grant, work=Idle(), access=access)
        caller = w.Caller(w.RESTING, self.plan.rounds)
        faults = (self.plan.crashes, self.plan.losses, self.plan.timeouts)
        return w.World(self.shelf.number(state), 1, w.CLOSED, (caller, caller), (), *faults, torn=False)

    def _reach(self, world, origin, move):
        number = self._numbers.setdefault(world, len(self.worlds))
        if number == len(self.worlds):
            self.worlds.append(world)
            self._came.append((origin, move and _told(move)))
        return number

    def _look(self, number):
        """Take every move of a world."""
        world = self.worlds[number]
        moves = self.moves.of(world)
        is_over = not any(caller.rounds for caller in world.callers) and not world.strays
        if is_over:
            self.report.ends["ended by the server" if world.newest == ENDED else "alive"] += 1
        self.report.stuck += not is_over and all(move.is_fault for move in moves)
        self.report.moves += len(moves)
        for move in moves:
            target = self._reach(move.world, number, move)
            if not move.is_fault:
                self._ways[0].append(number)
                self._ways[1].append(target)
            if move.what == "is told":
                self.report.verdicts[move.detail[:2]] += 1
            if move.wrong and move.wrong not in self.report.wrongs:
                self.report.wrongs[move.wrong] = self._story(number, move)

    def _story(self, number, move):
        """Return how it came to a move, in sentences."""
        steps = [_told(move)]
        while number:
            number, step = self._came[number]
            steps.append(step)
        return told(self.shelf, reversed(steps))


@contextmanager
def _without_collecting():
    """Spare the collector millions of values that are all kept, and none of which leads to itself."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _told(move):
    """Return what a story needs of a move."""
    return move.what, move.who, move.detail, move.turned
