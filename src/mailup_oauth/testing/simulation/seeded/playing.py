"""Playing a plan to its end, or to the moment at which a promise is broken."""

from collections.abc import Callable
from datetime import timedelta
from typing import Final

import attrs
from attrs import field, frozen

from ....domain.policy import PRODUCTION, Policy
from ....ports import Guard
from ..facts import Fact
from ..manners import Altered, unaltered
from ..peace import make_brief_peace
from ..referee import Violation
from ..town import Town
from .dawns import DAWNS, dawn
from .plan import Plan

SIMULATED: Final = attrs.evolve(PRODUCTION, store_retry_wait=timedelta(seconds=10))
"""The numbers of the client, but for one: a store that is away is not asked five times a second, which shows nothing."""

MOST_FACTS: Final = 5_000
"""So much happens in no plan that comes to an end."""

Watch = Callable[[Town, Fact], None]
"""Looks on, fact by fact, after the referee."""


def nobody(_: Town, __: Fact) -> None:
    """Look away."""


def _none() -> None:
    """Bring no guard of one's own."""


@frozen(kw_only=True)
class Client:
    """The client that plans are played with: ours, unless it is to be shown that the referee sees the difference."""

    policy: Policy = SIMULATED
    guard: Callable[[], Guard | None] = _none
    altered: Altered = unaltered
    demands_met: bool = True


OURS: Final = Client()


@frozen
class Kept:
    """No promise was broken."""


@frozen(kw_only=True)
class Broken:
    """A promise was broken in the last action that was begun; 0 is the first, and the number of actions is the peace."""

    violation: Violation = field(eq=False)
    action: int


Verdict = Kept | Broken


class _Tale(Town):
    """A town at which somebody looks on."""

    def __init__(self, plan: Plan, client: Client, watch: Watch) -> None:
        self._watch = watch
        super().__init__(
            policy=client.policy,
            guard=client.guard(),
            altered=client.altered,
            hosts=DAWNS[plan.dawn].hosts,
            demands_met=client.demands_met,
            dawn=dawn(plan.dawn),
            seed=f"simulation-{plan.seed}",
        )

    def tell(self, fact: Fact) -> None:
        """Write down what happened, let the referee hear it, and whoever looks on."""
        if len(self.history) > MOST_FACTS:
            raise Violation("I10", "it goes on and on")
        try:
            super().tell(fact)
        finally:
            self._watch(self, fact)


def played(
    plan: Plan,
    client: Client = OURS,
    watch: Watch = nobody,
    begin: Callable[[int], None] = lambda _: None,
) -> Verdict:
    """
    Play a plan and return whether every promise was kept.

    Args:
        plan: What is done.
        client: With which client.
        watch: Looks on.
        begin: Is told of each action before it is begun, by its place; of the peace too.
    """
    town = _Tale(plan, client, watch)
    place = 0
    try:
        for place, action in enumerate(plan.actions):
            begin(place)
            action.play(town)
        if plan.is_lively:
            place = len(plan.actions)
            begin(place)
            make_brief_peace(town)
    except Violation as violation:
        return Broken(violation=violation, action=place)
    finally:
        town.end()
    return Kept()
