"""What the tests of the engine share: the parts of a stage, and hands that take the steps of a flow one by one."""

from collections import deque

import attrs
import pytest

from mailup_oauth.domain.errors import MailUpOAuthError
from mailup_oauth.engine import Setting
from mailup_oauth.engine import steps as t
from mailup_oauth.journal import Context, prepare, read_record
from mailup_oauth.ports import Commit, Ports
from mailup_oauth.testing.stage import CONNECTION, Stage


class Hands:
    """
    Takes a flow's steps one by one, as a simulator does, and remembers them.

    ``mishaps`` says for a kind of step what becomes of the next ones, in turn; after them all goes well again.
    """

    def __init__(self, ports):
        self.ports = ports
        self.steps = []
        self._mishaps = {}

    def plan(self, kind, *mishaps):
        """Let the next steps of a kind go as *mishaps* say: each takes the step and the ports."""
        self._mishaps.setdefault(kind, deque()).extend(mishaps)

    def play(self, flow):
        """Take every step, and return the outcome."""
        try:
            step = next(flow)
            while True:
                step = self._answer(flow, step)
        except StopIteration as stop:
            return stop.value

    def _answer(self, flow, step):
        """Take one step, give the flow what came of it, and return the next one."""
        self.steps.append(step)
        waiting = self._mishaps.get(type(step))
        deed = waiting.popleft() if waiting else lambda step, ports: step.take(ports)
        try:
            came = deed(step, self.ports)
        except MailUpOAuthError as error:
            return flow.throw(error)
        return flow.send(came)

    def taken(self):
        """Return the names of the steps so far, in order."""
        return " ".join(type(step).__name__ for step in self.steps)

    def of(self, kind):
        """Return the steps of one kind."""
        return [step for step in self.steps if isinstance(step, kind)]

    def stored(self):
        """Return the names of the events that were to be stored, in order."""
        lines = [line for step in self.of(t.Save) for line in step.change.records]
        return [type(read_record(line).event).__name__ for line in lines]


@attrs.frozen
class Parts:
    """A stage, seen from the engine."""

    stage: Stage
    setting: Setting
    ports: Ports

    def hands(self):
        """Give hands for its flows."""
        return Hands(self.ports)

    def state(self):
        """Return the state that is stored."""
        return self.stage.oauth._core.held(CONNECTION).state

    def put(self, state):
        """Store *state* as it is, however a connection could have got there."""
        change, _ = prepare(
            CONNECTION,
            self.ports.store.load(CONNECTION),
            state,
            (),
            now=self.ports.clock.now(),
            context=Context(),
            cipher=self.setting.cipher,
            policy_hash=self.setting.policy_hash,
        )
        row = attrs.evolve(change.row, sequence=max(1, change.row.sequence))

        assert Commit.DONE is self.ports.store.commit(attrs.evolve(change, row=row))


@pytest.fixture
def stage():
    """Set a stage."""
    return Stage()


@pytest.fixture
def parts(stage):
    """Give the parts of the stage."""
    core = stage.oauth._core
    return Parts(stage, core.setting, core.ports)
