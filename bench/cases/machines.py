"""The state machine of this library and those of others, each making the same kind of move."""

from collections.abc import Callable
from datetime import timedelta
from typing import Protocol

import automat
import statemachine
import transitions

from mailup_oauth.domain import commands as c
from mailup_oauth.domain import events as e
from mailup_oauth.domain.decide import decide
from mailup_oauth.domain.evolve import fold
from mailup_oauth.domain.policy import PRODUCTION
from mailup_oauth.domain.provider import MAILUP
from mailup_oauth.domain.wire.outcomes import Granted
from mailup_oauth.testing import scenario as scene


def life() -> tuple[object, tuple[e.Event, ...], tuple[Callable[[], object], ...]]:
    """Return a connection, the events of one refresh of it, and the two decisions that lead to them."""
    state = scene.authorized()
    late = scene.NOW + timedelta(hours=2)
    asking = c.UseAccess(now=late)
    begun = decide(state, asking, PRODUCTION, MAILUP)
    sent = fold(state, begun)
    answer = Granted(
        access=scene.credential("new"), refresh=scene.credential("newer"), life=timedelta(hours=1), notes=()
    )
    reporting = c.ReportRefresh(now=late, chance=0.5, intent=sent.work.intent, answer=answer)
    ended = decide(sent, reporting, PRODUCTION, MAILUP)
    decisions = (
        lambda: decide(state, asking, PRODUCTION, MAILUP),
        lambda: decide(sent, reporting, PRODUCTION, MAILUP),
    )
    return state, (*begun, *ended), decisions


def deciding() -> tuple[Callable[[], object], int]:
    """Make the decisions of one refresh; the number says how many they are."""
    _, _, (first, second) = life()
    return lambda: (first(), second()), 2


def folding() -> tuple[Callable[[], object], int]:
    """Fold the events of one refresh; the number says how many they are."""
    state, events, _ = life()
    return lambda: fold(state, events), len(events)


def moving() -> Callable[[], object]:
    """Decide and fold one refresh, whole."""
    state, events, (first, second) = life()

    def move() -> object:
        first()
        second()
        return fold(state, events)

    return move


def of_transitions() -> Callable[[], object]:
    """Return a move and the move back."""
    table = [["start", "authorized", "refreshing"], ["end", "refreshing", "authorized"]]
    model = transitions.Machine(states=["authorized", "refreshing"], transitions=table, initial="authorized")
    return lambda: (model.start(), model.end())


class _Statechart(statemachine.StateMachine):
    authorized = statemachine.State(initial=True)
    refreshing = statemachine.State()
    start = authorized.to(refreshing)
    end = refreshing.to(authorized)


def of_python_statemachine() -> Callable[[], object]:
    """The same of python-statemachine."""
    model = _Statechart()
    return lambda: (model.start(), model.end())


class _Methodical:
    machine = automat.MethodicalMachine()

    @machine.state(initial=True)
    def authorized(self) -> None:
        """Hold tokens."""

    @machine.state()
    def refreshing(self) -> None:
        """Wait for others."""

    @machine.input()
    def start(self) -> None:
        """Begin."""

    @machine.input()
    def end(self) -> None:
        """End."""

    @machine.output()
    def _nothing(self) -> None:
        """Do nothing."""

    authorized.upon(start, enter=refreshing, outputs=[_nothing])
    refreshing.upon(end, enter=authorized, outputs=[_nothing])


def of_automat_methodical() -> Callable[[], object]:
    """The same of automat's older way."""
    model = _Methodical()
    return lambda: (model.start(), model.end())


class _Inputs(Protocol):
    def start(self) -> None:
        """Begin."""

    def end(self) -> None:
        """End."""


class _Core:
    """What automat's machine works on."""


def of_automat() -> Callable[[], object]:
    """The same of automat's newer way, which is typed."""
    builder = automat.TypeMachineBuilder(_Inputs, _Core)
    authorized, refreshing = builder.state("authorized"), builder.state("refreshing")
    authorized.upon(_Inputs.start).to(refreshing).returns(None)
    refreshing.upon(_Inputs.end).to(authorized).returns(None)
    model = builder.build()(_Core())
    return lambda: (model.start(), model.end())
