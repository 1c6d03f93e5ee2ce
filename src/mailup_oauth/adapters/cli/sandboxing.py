"""``sandbox``: a MailUp on this machine, served until somebody stops it."""

import os
import threading
from collections.abc import Iterable, Sequence
from pathlib import Path
from shlex import quote

import attrs
from attrs import frozen

from ...sandbox.accounts import Contract
from ...sandbox.commands import PlanFault
from ...sandbox.desk.words import told
from ...sandbox.faults import Fault, Target
from ...sandbox.scenario import DEMONSTRATION, Scenario
from ...sandbox.switches import Switches
from ..serving.reading import NotUnderstood, read
from ..serving.sandbox import serve_scenario
from ..serving.scenario_file import read_scenario
from .exits import LOOK_UP, Exit, Trouble
from .paper import Fact, Paper
from .settings import SANDBOX_HOST


@frozen(kw_only=True)
class Wanted:
    """
    What a sandbox is to begin with.

    Attributes:
        file: A scenario file; without one, the demonstration's.
        switches: Habits, such as ``old_refresh=dead``, and every user's ``contract``; they have the last word.
        faults: What the first requests meet after those of the file, such as ``hang-up,done=committed``.
    """

    file: Path | None = None
    switches: Sequence[str] = ()
    faults: Sequence[str] = ()


@frozen(kw_only=True)
class _Orders(Switches):
    """What ``--switch`` knows: every habit, and all users' contract; ``None`` leaves each user their own."""

    contract: Contract | None = None


def sandbox(wanted: Wanted, port: int, paper: Paper) -> None:
    """
    Serve a sandbox, tell how to reach it, and go on until the command is interrupted.

    Raises:
        Trouble: the scenario, a switch or a fault is not understood, or the port is taken.
    """
    scenario, reason = _scenario(wanted), ""
    try:
        with serve_scenario(scenario, host=SANDBOX_HOST, port=port) as base:
            paper.result(_facts(scenario, base), *_lines(scenario, base))
            forever = threading.Event()
            while not forever.wait(LOOK_UP):
                pass
    except OSError as error:
        reason = os.strerror(error.errno or 0)
    raise Trouble(
        code="port_unavailable",
        message=f"The sandbox cannot listen on {SANDBOX_HOST} port {port}: {reason}.",
        remedy="Give another port with --port, or --port 0 for any that is free.",
    )


def _scenario(wanted: Wanted) -> Scenario:
    """Return the scenario, with the habits and faults that were asked for."""
    try:
        scenario = DEMONSTRATION if wanted.file is None else read_scenario(wanted.file)
        scenario = _switched(scenario, wanted.switches)
        return attrs.evolve(scenario, faults=(*scenario.faults, *map(_fault, wanted.faults)))
    except NotUnderstood as error:
        first, *others = (f"{error.source}: {problem}." for problem in error.problems)
    raise Trouble(
        code="not_understood",
        message=first,
        besides=tuple(others),
        remedy="See: mailup-oauth sandbox --help",
        exit=Exit.USAGE,
    )


def _switched(scenario: Scenario, switches: Iterable[str]) -> Scenario:
    """Return *scenario* with other habits, and other terms for all its users."""
    words = {name.replace("-", "_"): word for name, _, word in (one.partition("=") for one in switches)}
    orders = read({**told(scenario.switches), **words}, _Orders, "--switch")
    habits = Switches(**{one.name: getattr(orders, one.name) for one in attrs.fields(Switches)})
    users = tuple(attrs.evolve(user, contract=orders.contract or user.contract) for user in scenario.users)
    return attrs.evolve(scenario, switches=habits, users=users)


def _fault(text: str) -> tuple[Target, Fault]:
    """Return the fault that *text* plans: its kind, and its members as they stand in a file, with commas between them."""
    name, *members = (part.strip() for part in text.split(","))
    given = {key: value for key, _, value in (one.partition("=") for one in members)}
    planned = read({**given, "kind": name}, PlanFault, "--fault")
    return planned.target, planned.fault


def _facts(scenario: Scenario, base: str) -> dict[str, Fact]:
    """Return what a program needs; the secrets of a sandbox are worth nothing."""
    return {
        "server": base,
        "desk": f"{base}/__sandbox__/",
        "applications": [
            {"client_id": one.client_id, "client_secret": one.client_secret.reveal(), "name": one.name}
            for one in scenario.applications
        ],
        "users": [{"username": one.username, "password": one.password.reveal()} for one in scenario.users],
    }


def _lines(scenario: Scenario, base: str) -> Iterable[str]:
    """Yield what a person needs, ready to be copied."""
    yield f"A MailUp sandbox listens on {base} until you press Ctrl-C."
    yield f"  look at it on {base}/__sandbox__/"
    for user in scenario.users:
        yield f"  log on as {user.username}, with the password {user.password.reveal()}"
    for application in scenario.applications[:1]:
        yield "In another terminal:"
        yield f"  export MAILUP_OAUTH_SERVER={base}"
        yield f"  export MAILUP_OAUTH_CLIENT_ID={quote(application.client_id)}"
        yield f"  export MAILUP_OAUTH_CLIENT_SECRET={quote(application.client_secret.reveal())}"
        yield "  mailup-oauth login"
