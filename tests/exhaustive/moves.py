"""
What can happen next in a world, and what of it breaks a promise.

A caller's own steps are not put off: reading, writing, sending, giving back the guard.  When a caller asks, when a message
arrives, when a stray arrives, when a deadline passes and when a process dies is free.  Time goes on when no step is due, and
waits only to the end of the next one, so that no end is jumped over.
"""

from typing import NamedTuple

from tests.exhaustive import cases, claims
from tests.exhaustive import world as w
from tests.exhaustive.moments import MINUTE
from tests.exhaustive.replay import RESET, TIMEOUT, Landed, pause_of
from tests.exhaustive.server import Server, asked, used
from tests.exhaustive.verdicts import LATER, TOKEN

from mailup_oauth.engine import steps as t


class Move(NamedTuple):
    """
    One thing that can happen.

    Attributes:
        what: Its name; ``story.py`` has the sentence.
        who: Which of the callers; -1 for none.
        detail: A generation, a stored state, a verdict, a span.
        world: What is then.
        turned: Whether the callers have changed places by it.
        is_fault: Whether it takes from what may still go wrong.
        wrong: The promise that it breaks; empty for none.
    """

    what: str
    who: int
    detail: object
    world: w.World
    turned: bool = False
    is_fault: bool = False
    wrong: str = ""


class Moves:
    """Finds every move of a world, under one plan."""

    def __init__(self, plan, shelf, flows, verdicts):
        self.plan = plan
        self.shelf = shelf
        self.flows = flows
        self.verdicts = verdicts
        self._at = {w.RESTING: self._rest, w.FLYING: self._fly, w.LANDED: self._land, w.STUCK: lambda *_: False}
        self._steps = {t.Load: self._read, t.Save: self._write, t.Send: self._talk, t.Pause: self._sleep}
        self._steps[Landed] = self._leave

    def of(self, world):
        """Return every move."""
        found = []
        is_pressing = False
        for who, caller in enumerate(world.callers):
            if not who or caller != world.callers[0]:  # two that are alike do alike
                is_pressing |= self._at[caller.at](world, who, caller, found)
        self._stray(world, found)
        if not is_pressing:
            self._pass(world, found)
        return found

    def _add(  # noqa: PLR0913  # a move is made of these
        self, found, what, world, who, caller, *, detail="", is_fault=False, wrong="", **changes
    ):
        """Note a move that makes something else of one caller, and of the world."""
        callers = (caller, world.callers[1]) if who == 0 else (world.callers[0], caller)
        turned = callers[0] > callers[1]
        after = world._replace(callers=callers[::-1] if turned else callers, **changes)
        found.append(Move(what, who, detail, after, turned, is_fault, wrong))

    # -- on the ground ------------------------------------------------------------------------------------------------

    def _rest(self, world, who, caller, found):
        is_free = not self.plan.has_guard or world.callers[1 - who].at not in {w.FLYING, w.STUCK}
        if caller.rounds and not caller.left and is_free:
            for forces in (False, True):
                flown = w.Caller(w.FLYING, caller.rounds, forces, leg=self.flows.beginning(forces))
                self._add(found, "takes the guard", world, who, flown, detail=forces)
        return False

    def _land(self, world, who, caller, found):
        self._die(world, who, caller, found)
        said, _, number = caller.verdict
        window = used(world.newest, world.window, number) if said == TOKEN else world.window
        rounds, left = (caller.rounds, number) if said == LATER else (caller.rounds - 1, 0)
        wrong = claims.of_verdict(caller.verdict, world, self.shelf)
        rested = w.Caller(w.RESTING, rounds, left=left)
        self._add(found, "is told", world, who, rested, detail=caller.verdict, wrong=wrong, window=window)
        return True

    # -- in the air ---------------------------------------------------------------------------------------------------

    def _fly(self, world, who, caller, found):
        self._die(world, who, caller, found)
        return self._steps[self.flows.legs[caller.leg].kind](world, who, caller, found)

    def _read(self, world, who, caller, found):
        seen = world.stored if caller.memory == w.NOWHERE else caller.memory
        leg = self.flows.read(caller.leg, seen)
        self._add(found, "reads", world, who, self._led(caller, leg)._replace(stale=False), detail=seen)
        return True

    def _write(self, world, who, caller, found):
        if caller.stale:
            leg = self.flows.wrote(caller.leg, done=False)
            wrong = claims.BESIDE if self.plan.has_guard else ""
            self._add(found, "is too late to store", world, who, self._led(caller, leg), wrong=wrong)
            return True
        after, new = self._led(caller, self.flows.wrote(caller.leg, done=True)), self.flows.stored(caller.leg)
        if self._is_kept_back(new, world):
            self._add(found, "only remembers", world, who, after._replace(memory=new), detail=new)
            return True
        wrong = claims.of_writing(self.flows.legs[caller.leg], new, world, self.shelf)
        self._store(world, who, after._replace(memory=w.NOWHERE), found, new, wrong)
        return True

    def _is_kept_back(self, new, world):
        """Say whether this plan's flow does not store what the true one stores."""
        is_new = self.shelf.generations[new] > self.shelf.generations[world.stored]
        return (self.shelf.intents[new] and not self.plan.is_intent_stored) or (is_new and not self.plan.stores_first)

    def _store(self, world, who, caller, found, new, wrong):  # noqa: PLR0913, PLR0917  # a move is made of these
        other = world.callers[1 - who]
        if other.at == w.FLYING and not other.stale:
            late = other._replace(stale=True)
            world = world._replace(callers=(caller, late) if who == 0 else (late, caller))
        torn = world.torn and self.shelf.generations[new] < world.newest
        self._add(found, "stores", world, who, caller, detail=new, wrong=wrong, stored=new, torn=torn)

    def _sleep(self, world, who, caller, found):
        if not caller.left:
            self._add(found, "wakes", world, who, self._led(caller, self.flows.slept(caller.leg)))
        return not caller.left

    def _leave(self, world, who, caller, found):
        if caller.memory == w.NOWHERE:
            verdict = self.verdicts.of(caller.leg, forces=caller.forces)
            self._add(found, "unlocks", world, who, w.Caller(w.LANDED, caller.rounds, verdict=verdict))
        elif caller.wire == w.EMPTY:
            generation = self.shelf.generations[caller.memory]
            hasty = caller._replace(wire=(w.USED, generation))
            window = used(world.newest, world.window, generation)
            self._add(found, "uses", world, who, hasty, detail=generation, wrong=claims.UNSTORED_USE, window=window)
        else:
            done = caller._replace(wire=w.EMPTY, memory=w.NOWHERE)
            self._store(world, who, done, found, caller.memory, "")
        return True

    def _led(self, caller, leg):
        """Return a caller whose flow has gone on, and how long it lets time pass now."""
        after = self.flows.legs[leg]
        return caller._replace(leg=leg, left=pause_of(after) if after.kind is t.Pause else 0, wire=w.EMPTY)

    # -- on the wire --------------------------------------------------------------------------------------------------

    def _talk(self, world, who, caller, found):
        kind, generation = caller.wire
        if kind == w.NOTHING:
            sends = self.flows.legs[caller.leg].sends
            wrong = claims.of_sending(sends, world.callers[1 - who], world, self.shelf, self.flows)
            asks = caller._replace(wire=(w.ASKED, sends))
            self._add(found, "sends", world, who, asks, detail=sends, wrong=wrong)
        elif kind == w.SILENT:
            self._hear(world, who, caller, found, TIMEOUT, "listens no longer")
        elif kind == w.ASKED:
            grant, changes = self._served(world, generation)
            answered = caller._replace(wire=(w.ANSWERED, grant))
            self._add(found, "is answered", world, who, answered, detail=grant, **changes)
            self._lose(world, who, caller, found, "request")
        else:
            self._hear(world, who, caller, found, generation, "hears", detail=generation)
            self._lose(world, who, caller, found, "answer")
        return kind == w.NOTHING

    def _hear(self, world, who, caller, found, answer, what, **rest):  # noqa: PLR0913, PLR0917  # a move is made of these
        self._add(found, what, world, who, self._led(caller, self.flows.heard(caller.leg, answer)), **rest)

    def _served(self, world, generation):
        """Return what the server grants to a request, and what that changes."""
        newest, window, grant = asked(world.newest, world.window, self.plan.server, generation)
        changes = {"newest": newest, "window": window}
        if world.newest and not newest:
            changes |= {"wrong": claims.of_end(world, self.plan), "torn": False}
        return grant, changes

    def _lose(self, world, who, caller, found, message):
        """Lose a message, at once noticed or not; or let a deadline pass while it is under way."""
        gone = caller.wire[1] if caller.wire[0] == w.ANSWERED else 0
        fault = {"is_fault": True, "detail": message, "torn": claims.is_torn(world, gone, self.shelf)}
        if world.losses and message in self.plan.loses:
            lost = {**fault, "losses": world.losses - 1}
            if self._strikes(cases.LOSSES[cases.CUT_OFF, message]):
                self._hear(world, who, caller, found, RESET, cases.CUT_OFF, **lost)
            if self._strikes(cases.LOSSES[cases.UNHEARD, message]):
                self._add(found, cases.UNHEARD, world, who, caller._replace(wire=(w.SILENT, 0)), **lost)
        if world.timeouts:
            fault |= {"timeouts": world.timeouts - 1, "strays": _strays(world, caller)}
            self._hear(world, who, caller, found, TIMEOUT, "gives up", **fault)

    # -- what nobody does ---------------------------------------------------------------------------------------------

    def _die(self, world, who, caller, found):
        """Let a process die here; the kernel frees its guard, and when it is there again it asks anew."""
        if world.crashes and self._strikes(cases.of_death(caller, world.stored, self.shelf, self.flows)):
            had = claims.held_in_memory(caller, self.shelf, self.flows)
            changes = {"torn": claims.is_torn(world, had, self.shelf), "strays": _strays(world, caller)}
            at = w.RESTING if self.plan.guard_is_freed or caller.at != w.FLYING else w.STUCK
            dead = w.Caller(at, caller.rounds)
            self._add(found, "dies", world, who, dead, is_fault=True, crashes=world.crashes - 1, **changes)

    def _strikes(self, case):
        """Say whether the plan has this case among its faults."""
        return not self.plan.strikes or case in self.plan.strikes

    def _stray(self, world, found):
        for place, generation in enumerate(world.strays):
            rest = world._replace(strays=world.strays[:place] + world.strays[place + 1 :])
            grant, changes = self._served(rest, generation)
            wrong = changes.pop("wrong", "")
            after = rest._replace(**changes)
            after = after._replace(torn=claims.is_torn(after, grant, self.shelf))
            found.append(Move("a stray arrives", -1, (generation, grant), after, wrong=wrong))
            found.append(Move("a stray is lost", -1, generation, rest))

    def _pass(self, world, found):
        """Let time make of the store and the server what it can, and then let waits go on to the end of the next one."""
        is_flown = any(caller.at == w.FLYING for caller in world.callers)
        if not any(caller.rounds for caller in world.callers):
            return
        for name, number in self.shelf.phases(world.stored, is_flown=is_flown):
            if name != MINUTE or not world.strays:
                found.append(Move(name, -1, number, world._replace(stored=number)))
        if world.window and self.plan.server is Server.SHORT_GRACE:
            found.append(Move("the grace is over", -1, "", world._replace(window=False)))
        spans = [left for left in (self.shelf.left[world.stored], *(one.left for one in world.callers)) if left]
        if spans and not world.strays:
            self._wait(world, min(spans), found)

    def _wait(self, world, span, found):
        callers = tuple(one._replace(left=max(one.left - span, 0)) for one in world.callers)
        turned = callers[0] > callers[1]
        after = world._replace(
            stored=self.shelf.later(world.stored, span), callers=callers[::-1] if turned else callers
        )
        found.append(Move("time passes", -1, span, after, turned))


def _strays(world, caller):
    """Return the strays and, if it has not arrived yet, the request of somebody who is gone."""
    return tuple(sorted((*world.strays, caller.wire[1]))) if caller.wire[0] == w.ASKED else world.strays
