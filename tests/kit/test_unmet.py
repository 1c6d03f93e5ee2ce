"""What a fault still waits for is asked when everything that was begun has come to its end."""

import threading
from datetime import timedelta

import pytest

from mailup_oauth import MailUpOAuth, StillRefreshing
from mailup_oauth.adapters.storage.memory import MemoryStore
from mailup_oauth.sandbox.faults import LOST_REQUEST, Target
from mailup_oauth.testing.asked import unmet
from mailup_oauth.testing.plays import PLAYS
from mailup_oauth.testing.stage import CONNECTION, Stage


class Doorman(MemoryStore):
    """A store that opens a gate to whoever asks which store it is; none, until it is given one."""

    def __init__(self):
        super().__init__()
        self.gate = threading.Event()

    @property
    def identity(self):
        """What it is."""
        self.gate.set()
        return super().identity


class Gated:
    """A transport that sends when the gate is open."""

    def __init__(self, gate, transport):
        self._gate, self._transport = gate, transport

    def send(self, request, *, deadline):
        """Wait, and send."""
        self._gate.wait()
        return self._transport.send(request, deadline=deadline)

    def close(self):
        """Close what is behind the gate."""
        self._transport.close()


@pytest.fixture
def gate():
    """A gate that is open in the end, so that nothing waits for ever."""
    event = threading.Event()
    yield event
    event.set()


def test_a_flight_that_goes_on_may_still_meet_its_fault(gate):
    """A fault that a request meets after its caller has left counts as met."""
    stage = Stage(store=Doorman())
    stage.connect()
    PLAYS["lost_answer_with_grace"](stage)
    hasty = stage.client(MailUpOAuth, transport=Gated(gate, stage.transport))
    with pytest.raises(StillRefreshing):
        hasty.access_token(CONNECTION, timeout=timedelta())
    stage.store.gate = gate

    assert () == unmet(stage)


def test_every_fault_that_waits_is_named():
    """What no request has met is told with its target, in order."""
    stage = Stage()
    stage.plan(LOST_REQUEST)
    stage.plan(LOST_REQUEST, target=Target.RESOURCE)

    assert ["at token", "at resource"] == [told.rpartition(", ")[2] for told in unmet(stage)]
