"""A decision is made on what is stored now, and stored before anybody is told of it."""

from datetime import timedelta

import attrs
import pytest
from hypothesis import strategies as st

from mailup_oauth import PRODUCTION, StoreUnavailable
from mailup_oauth.domain import commands as c
from mailup_oauth.domain import refusals as r
from mailup_oauth.domain.states import Absence
from mailup_oauth.engine import Held, load, run, transact
from mailup_oauth.engine import steps as t
from mailup_oauth.journal import Context
from mailup_oauth.ports import Absent
from mailup_oauth.testing.stage import CONNECTION

SECOND = timedelta(seconds=1)
SPANS = st.timedeltas(timedelta(milliseconds=500), timedelta(seconds=10))


def ending(now):
    """Ask for the end of the connection."""
    return c.Disconnect(now=now)


def transacted(parts, hands, asking=ending, **numbers):
    """Transact on the stage's connection."""
    setting = attrs.evolve(parts.setting, policy=attrs.evolve(PRODUCTION, **numbers))
    return hands.play(transact(setting, CONNECTION, asking, Context(actor="alice")))


def overtaken(parts):
    """Return the mishap of a change before which somebody else stores one, a second later."""

    def late(step, ports):
        parts.stage.oauth.begin(CONNECTION)
        parts.stage.clock.move(SECOND)
        return step.take(ports)

    return late


def test_a_change_is_stored_and_then_told(parts):
    """A decision reads, takes the moment, decides, stores, and only then tells the observer, in this order."""
    parts.stage.connect()
    hands = parts.hands()
    outcome = transacted(parts, hands)

    assert "Load Now Save Tell" == hands.taken()
    assert ["Disconnected"] == hands.stored() == [notice.what for notice in hands.steps[-1].notices]
    assert outcome.held == run(load(parts.setting, CONNECTION), parts.ports)
    assert outcome.events == outcome.decided


def test_whoever_was_overtaken_decides_anew(parts):
    """When somebody else stored first, it is all read again, the moment too, and nothing of theirs is lost."""
    parts.stage.connect()
    hands, moments = parts.hands(), []
    hands.plan(t.Save, overtaken(parts))
    transacted(parts, hands, lambda now: moments.append(now) or c.Disconnect(now=now))
    names = [type(record.event).__name__ for record in parts.stage.oauth.journal(CONNECTION)][-2:]

    assert "Load Now Save Load Now Save Tell" == hands.taken()
    assert SECOND == moments[1] - moments[0]
    assert ["AuthorizationBegun", "Disconnected"] == names


def test_whoever_was_overtaken_by_the_same_has_nothing_to_do(parts):
    """When somebody else did just that meanwhile, nothing more is stored and nobody is told."""
    parts.stage.connect()
    hands = parts.hands()
    hands.plan(t.Save, lambda step, ports: parts.stage.oauth.disconnect(CONNECTION) and step.take(ports))
    outcome = transacted(parts, hands)

    assert "Load Now Save Load Now" == hands.taken()
    assert () == outcome.decided == outcome.events


@pytest.mark.parametrize("attempts", [1, 2, 5])
def test_whoever_is_always_overtaken_gives_up(parts, attempts):
    """After ``commit_attempts`` changes that came too late it is said that the store cannot be used."""
    parts.stage.connect()
    hands = parts.hands()
    hands.plan(t.Save, *[overtaken(parts)] * 5)
    with pytest.raises(StoreUnavailable, match="others stored"):
        transacted(parts, hands, commit_attempts=attempts)

    assert attempts == len(hands.of(t.Save))
    assert [] == hands.of(t.Tell)


def test_a_refusal_stores_nothing(parts):
    """A command that is refused leaves no trace, and the outcome says why."""
    hands = parts.hands()
    outcome = transacted(parts, hands, lambda now: c.RefreshNow(now=now))

    assert "Load Now" == hands.taken()
    assert r.NothingConnected(reason=Absence.NEVER_CONNECTED) == outcome.decided
    assert ((), Held(connection=CONNECTION)) == (outcome.events, outcome.held)
    assert Absent() == parts.ports.store.load(CONNECTION)


class Grumpy:
    """An observer that raises at every notice."""

    def notice(self, notice):
        """Raise."""
        raise RuntimeError(notice.what)


def test_an_observer_that_raises_costs_nothing(parts):
    """What was decided is stored and returned, though the observer raises."""
    parts.stage.connect()
    ports = attrs.evolve(parts.ports, observer=Grumpy())
    outcome = run(transact(parts.setting, CONNECTION, ending, Context()), ports)

    assert "Disconnected" == type(outcome.events[0]).__name__
    assert outcome.held.row == parts.ports.store.load(CONNECTION)
