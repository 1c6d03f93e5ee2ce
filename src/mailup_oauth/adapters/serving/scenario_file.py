"""A scenario as it is written down, in TOML or as the same members in JSON, and the scenario it says."""

import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path

from attrs import field, frozen

from ...sandbox.accounts import Application, MailUpUser
from ...sandbox.commands import PlanFault
from ...sandbox.scenario import Beginning, Scenario, WithTheSystem
from ...sandbox.switches import DOCUMENTED, Switches
from .reading import NotUnderstood, Problem, read


@frozen(kw_only=True)
class _Written:
    """What stands in a scenario file; every member may be left out."""

    begins: Beginning = field(factory=WithTheSystem)
    applications: tuple[Application, ...] = ()
    users: tuple[MailUpUser, ...] = ()
    switches: Switches = DOCUMENTED
    faults: tuple[PlanFault, ...] = ()


def read_scenario(path: Path) -> Scenario:
    """
    Return the scenario that stands in the TOML file *path*.

    Raises:
        NotUnderstood: the file is not there, is not TOML, or says something else; all problems are told, by their keys.
    """
    try:
        return scenario_of(toml(path.read_bytes(), str(path)), str(path))
    except OSError as error:
        reason = error.strerror or "it is not there"
    raise NotUnderstood(str(path), (Problem("the file", f"cannot be opened: {reason}"),))


def toml(text: bytes, source: str) -> dict[str, object]:
    """
    Return the table that *text* is.

    Raises:
        NotUnderstood: it is not TOML.
    """
    try:
        return tomllib.loads(text.decode())
    except UnicodeDecodeError:
        problem = "is not UTF-8"
    except tomllib.TOMLDecodeError as error:
        problem = f"is not TOML: {error}"
    except RecursionError:
        problem = "is too deep"
    raise NotUnderstood(source, (Problem("", problem),))


def scenario_of(given: object, source: str) -> Scenario:
    """
    Return the scenario that *given* says.

    Raises:
        NotUnderstood: it says something else, or two applications or users have the same name.
    """
    written = read(given, _Written, source)
    problems = (
        *_unnamed("applications", "client_id", (one.client_id for one in written.applications)),
        *_unnamed("users", "username", (one.username for one in written.users)),
    )
    if problems:
        raise NotUnderstood(source, problems)
    return Scenario(
        applications=written.applications,
        users=written.users,
        switches=written.switches,
        faults=tuple((one.target, one.fault) for one in written.faults),
        begins=written.begins,
    )


def _unnamed(among: str, key: str, names: Iterable[str]) -> Iterator[Problem]:
    known: set[str] = set()
    for index, name in enumerate(names):
        if not name:
            yield Problem(f"{among}[{index}].{key}", "must not be empty")
        elif name in known:
            yield Problem(f"{among}[{index}].{key}", "is that of an earlier one")
        known.add(name)
