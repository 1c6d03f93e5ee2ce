"""A plan: how a town begins and everything that is done to it; it can be written as one line, and read again."""

from collections.abc import Mapping
from typing import Final

import attrs
from attrs import frozen

from . import asking as a
from . import mischief as m
from . import moving as g
from .actions import Action, read, written

KINDS: Final[Mapping[str, type[Action]]] = {
    kind.__name__: kind
    for kind in (
        a.WantToken,
        a.WantRefresh,
        a.Report401,
        a.Begin,
        a.Visit,
        a.Complete,
        a.Authorize,
        a.Part,
        a.Leave,
        g.GoOn,
        g.TakeTurns,
        g.PassTime,
        g.KillOnTheWay,
        g.Kill,
        g.Sever,
        g.Stray,
        m.MeetTrouble,
        m.CutOff,
        m.FailStore,
        m.TakeStoreAway,
        m.RefuseSpills,
        m.KeepSecret,
        m.SetClock,
        m.LetDrift,
        m.TakeHabit,
        m.Revoke,
        m.Unsign,
    )
}
"""Every kind of action, by its name."""

_BETWEEN: Final = " ; "


@frozen(kw_only=True)
class Plan:
    """
    What is done to a town.

    Attributes:
        seed: Of the client's own chance.
        dawn: What has happened before, one of ``dawns.DAWNS``.
        ending: ``safety`` if it just ends, ``liveness`` if faults stop and everybody must get an answer.
        actions: In order.
    """

    seed: int
    dawn: str
    ending: str
    actions: tuple[Action, ...]

    @property
    def is_lively(self) -> bool:
        """Whether faults stop at its end."""
        return self.ending == "liveness"

    def __str__(self) -> str:
        head = f"Plan seed={self.seed} dawn={self.dawn} ending={self.ending}"
        return _BETWEEN.join((head, *map(written, self.actions)))

    def without(self, begin: int, end: int) -> "Plan":
        """Return it without the actions from *begin* to before *end*."""
        return attrs.evolve(self, actions=(*self.actions[:begin], *self.actions[end:]))


def read_plan(text: str) -> Plan:
    """Return the plan that was written as one line."""
    head, *actions = text.split(_BETWEEN)
    given = dict(member.split("=", 1) for member in head.split()[1:])
    return Plan(
        seed=int(given["seed"]),
        dawn=given["dawn"],
        ending=given["ending"],
        actions=tuple(read(action, KINDS) for action in actions),
    )
