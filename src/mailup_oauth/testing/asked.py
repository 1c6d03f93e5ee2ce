"""What a test asks of the kit by ``@pytest.mark.mailup(...)``; where the marks are found is pytest's business."""

from collections.abc import Iterable, Mapping
from concurrent.futures import wait
from difflib import get_close_matches
from typing import Final

from attrs import fields, frozen

from ..engine import FLIGHTS
from ..ports import Store
from .plays import PLAYS
from .stage import Stage


@frozen
class NotAsked(Exception):
    """A mark says something that the kit does not understand."""

    problem: str

    def __str__(self) -> str:
        return f"@pytest.mark.mailup: {self.problem}"


@frozen(kw_only=True)
class Asked:
    """
    What the marks of one test come to.

    Attributes:
        scenario: The name of what lies ahead of a connected user; empty for a MailUp at which nothing has happened.
        all_faults_met: Whether the test fails if it leaves a planned fault unmet.
    """

    scenario: str = ""
    all_faults_met: bool = True

    def staged(self, store: Store) -> Stage:
        """Return a stage whose client keeps its connections in *store*, ready for the test."""
        stage = Stage(store=store)
        if self.scenario:
            stage.connect()
            PLAYS[self.scenario](stage)
        return stage


_MEMBERS: Final = tuple(part.name for part in fields(Asked))


def asked(marks: Iterable[tuple[tuple[object, ...], Mapping[str, object]]]) -> Asked:
    """
    Return what *marks* come to, of which the first is the nearest to the test.

    Args:
        marks: The positional and the named arguments of each mark.
    Raises:
        NotAsked: A mark has arguments that there are not, or names a scenario that there is not.
    """
    said: dict[str, object] = {}
    for unnamed, named in marks:
        unknown = [*map(repr, unnamed), *(name for name in named if name not in _MEMBERS)]
        if unknown:
            problem = (
                f"{unknown[0]} is not understood; what can be said is {' and '.join(f'{name}=' for name in _MEMBERS)}"
            )
            raise NotAsked(problem)
        said = {**named, **said}
    return Asked(scenario=_known(said.get("scenario", "")), all_faults_met=bool(said.get("all_faults_met", True)))


def _known(scenario: object) -> str:
    """Return the name of a scenario, if it is one."""
    if isinstance(scenario, str) and scenario in {"", *PLAYS}:
        return scenario
    close = get_close_matches(str(scenario), PLAYS, n=1)
    meant = f"did you mean {close[0]!r}? " if close else ""
    raise NotAsked(f"there is no scenario {scenario!r}; {meant}there are {', '.join(PLAYS)}")


def unmet(stage: Stage) -> tuple[str, ...]:
    """Wait for every flight, and return in words the faults that still wait for a request."""
    wait(FLIGHTS.aloft(stage.store.identity))
    return tuple(f"{fault!r}, at {target.value}" for target, fault in stage.sandbox.world.faults)
