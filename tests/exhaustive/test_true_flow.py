"""The explored steps are those of the real engine, over a real store with its journal and its seals, fault by fault."""

from datetime import timedelta
from hashlib import sha256
from types import SimpleNamespace

import attrs
import pytest
from tests.exhaustive.moments import NOW, canonical, rewritten
from tests.exhaustive.replay import CONNECTION, RESET, TIMEOUT, Landed, exchange_of, without_journal
from tests.exhaustive.search import Search
from tests.exhaustive.world import Plan

from mailup_oauth.adapters.cipher.cobblestone import CobblestoneCipher
from mailup_oauth.adapters.cipher.keys import Key, KeyRing
from mailup_oauth.adapters.storage.memory import MemoryStore
from mailup_oauth.client.core import forcing, using
from mailup_oauth.domain.events import UserIdentified
from mailup_oauth.domain.instants import NO_TIME, Wait
from mailup_oauth.domain.redact import redact
from mailup_oauth.domain.tokens import Unidentified
from mailup_oauth.engine import load, renew, run
from mailup_oauth.engine import steps as t
from mailup_oauth.journal import Context, prepare, read_record
from mailup_oauth.ports import Absent
from mailup_oauth.testing.clock import FakeClock

REFUSED = 0
NOTICED = (t.Load, t.Save, t.Send, t.Pause)
ANSWERED_ON_THE_SPOT = {"Now", "Chance", "Tell", "ReadSecret", "FindSpill", "IsLastCall"}
LISTENED = timedelta(seconds=30)
NEVER = 1000

ANSWERS = {
    "all well": [2],
    "cut off once": [RESET, 2],
    "cut off twice": [RESET, RESET, 2],
    "cut off every time": [RESET, RESET, RESET],
    "nothing heard": [TIMEOUT, 2],
    "refused": [REFUSED],
    "refused after a doubt": [RESET, REFUSED],
}


class RealLife:
    """The real generator over real ports; only the wire is told what to bring."""

    def __init__(self):
        search = Search(Plan())
        ring = KeyRing((Key(sha256(b"exhaustive").digest()),))
        self.setting = attrs.evolve(search.setting, cipher=CobblestoneCipher(ring))
        self.clock = FakeClock(NOW)
        entropy, spill = SimpleNamespace(chance=lambda: 0.0), SimpleNamespace(find=lambda _: Absent())
        self.ports = SimpleNamespace(store=MemoryStore(), clock=self.clock, entropy=entropy, spill=spill)
        self.unnoticed = set()
        self._keep(search.shelf.states[search.first().stored])

    def _keep(self, state):
        """Store what the exploration begins with, by an event that leads there."""
        nobody = Unidentified(again=Wait(since=NOW, span=NO_TIME))
        before = attrs.evolve(state, grant=attrs.evolve(state.grant, user=nobody))
        told = {"now": NOW, "context": Context(), "cipher": self.setting.cipher, "policy_hash": ""}
        change, _ = prepare(CONNECTION, Absent(), before, (UserIdentified(user=state.grant.user),), **told)
        self.ports.store.commit(change)

    def begin(self, *, forces):
        """Start a flow, and return its first step."""
        self._flow = renew(self.setting, CONNECTION, forcing if forces else using, Context())
        return self._on(None)

    def go_on(self, step, answers):
        """Take a step, and return the next one."""
        if isinstance(step, t.Pause):
            return self._on(self.clock.move(step.span))
        if not isinstance(step, t.Send):
            return self._on(step.take(self.ports))
        answer = answers.pop(0)
        self.clock.move(LISTENED if answer == TIMEOUT else NO_TIME)
        return self._on(exchange_of(answer))

    def _on(self, result):
        try:
            step = self._flow.send(result)
            while not isinstance(step, NOTICED):
                self.unnoticed.add(type(step).__name__)
                step = self._flow.send(step.take(self.ports) if not isinstance(step, t.Tell) else None)
        except StopIteration as stop:
            return Landed(stop.value)
        return step

    def name(self, step):
        """Return a step by its kind, and by what it stores or how long it lasts."""
        if isinstance(step, t.Save):
            return "Save", tuple(type(read_record(line).event).__name__ for line in step.change.records)
        return type(step).__name__, step.span if isinstance(step, t.Pause) else None

    def stored(self):
        """Return what is stored in the end, as it looks now."""
        past = self.clock.now() - NOW
        state = run(load(self.setting, CONNECTION), self.ports).state
        return redact(canonical(rewritten(state, lambda one: one - past if hasattr(one, "tzinfo") else None)))


class Exploration:
    """The same, by the legs and shelves that are explored."""

    def __init__(self):
        self.search = Search(Plan())
        self.number = self.search.first().stored

    def begin(self, *, forces):
        """Start a flow, and return its first leg."""
        return self.search.flows.beginning(forces)

    def go_on(self, leg, answers):
        """Lead a leg on."""
        flows, shelf = self.search.flows, self.search.shelf
        kind = flows.legs[leg].kind
        if kind is t.Load:
            return flows.read(leg, self.number)
        if kind is t.Send:
            return flows.heard(leg, answers.pop(0))
        if kind is t.Pause:
            self.number = shelf.later(self.number, shelf.left[self.number])
            return flows.slept(leg)
        self.number = flows.stored(leg)
        return flows.wrote(leg, done=True)

    def name(self, leg):
        """Return a leg's step, as for the real one."""
        step = self.search.flows.legs[leg].step
        if isinstance(step, t.Save):
            return "Save", tuple(type(event).__name__ for event in step.change.records)
        return type(step).__name__, step.span if isinstance(step, t.Pause) else None

    def stored(self):
        """Return what is stored in the end."""
        return redact(self.search.shelf.states[self.number])


def lived(life, answers, *, forces, dies_at=NEVER):
    """Return the steps of a renewal; its process dies before one of them, and begins anew."""
    taken, answers = [], list(answers)
    step = life.begin(forces=forces)
    while life.name(step)[0] != "Landed":
        if len(taken) == dies_at:
            taken.append("dies")
            step = life.begin(forces=forces)
        taken.append(life.name(step))
        step = life.go_on(step, answers)
    return taken, life.stored()


def explored(answers, **rest):
    """Return what the exploration takes for a renewal."""
    with without_journal():
        return lived(Exploration(), answers, **rest)


@pytest.mark.parametrize("forces", [False, True], ids=["when due", "at once"])
@pytest.mark.parametrize("name", ANSWERS)
def test_the_real_engine_takes_the_explored_steps(name, forces):
    """Whatever the wire brings, the real flow asks its ports in the explored order, and stores the explored state."""
    real = RealLife()

    assert lived(real, ANSWERS[name], forces=forces) == explored(ANSWERS[name], forces=forces)
    assert real.unnoticed <= ANSWERED_ON_THE_SPOT


@pytest.mark.parametrize("name", ["all well", "cut off once"])
def test_the_real_engine_recovers_by_the_explored_steps(name):
    """Wherever a process dies, the next one takes the explored steps, and stores the explored state."""
    steps, _ = explored(ANSWERS[name], forces=False)
    answers = [*ANSWERS[name], 2]
    for place in range(len(steps)):
        real = lived(RealLife(), answers, forces=False, dies_at=place)

        assert real == explored(answers, forces=False, dies_at=place)
        assert "dies" in real[0]


def test_the_steps_of_a_renewal():
    """A renewal reads, decides, stores its intent, sends, and stores what it received, in this order."""
    steps, _ = explored([2], forces=False)

    assert ["Load", "Load", "Save", "Send", "Load", "Save", "Load"] == [kind for kind, _ in steps]
    assert [("RefreshStarted",), ("TokensRefreshed",)] == [events for kind, events in steps if kind == "Save"]
