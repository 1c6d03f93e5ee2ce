"""``sandbox``: a MailUp on this machine, served until somebody stops it."""

import os
import threading
from collections.abc import Iterable
from pathlib import Path
from shlex import quote

import attrs

from ...sandbox.desk.words import told
from ...sandbox.scenario import DEMONSTRATION, Scenario
from ...sandbox.switches import Switches
from ..serving.reading import NotUnderstood, read
from ..serving.sandbox import serve_scenario
from ..serving.scenario_file import read_scenario
from .exits import LOOK_UP, Exit, Trouble
from .paper import Fact, Paper

HERE = "127.0.0.1"


def sandbox(file: Path | None, switches: Iterable[str], port: int, paper: Paper) -> None:
    """
    Serve a sandbox, tell how to reach it, and go on until the command is interrupted.

    Raises:
        Trouble: the scenario or a switch is not understood, or the port is taken.
    """
    scenario, reason = _scenario(file, tuple(switches)), ""
    try:
        with serve_scenario(scenario, host=HERE, port=port) as base:
            paper.result(_facts(scenario, base), *_lines(scenario, base))
            forever = threading.Event()
            while not forever.wait(LOOK_UP):
                pass
    except OSError as error:
        reason = os.strerror(error.errno or 0)
    raise Trouble(
        code="port_unavailable",
        message=f"The sandbox cannot listen on {HERE} port {port}: {reason}.",
        remedy="Give another port with --port, or --port 0 for any that is free.",
    )


def _scenario(file: Path | None, switches: tuple[str, ...]) -> Scenario:
    """Return the scenario, with the habits that were asked for."""
    try:
        scenario = DEMONSTRATION if file is None else read_scenario(file)
        words = dict(told(scenario.switches))
        for one in switches:
            name, _, word = one.partition("=")
            words[name.replace("-", "_")] = word
        return attrs.evolve(scenario, switches=read(words, Switches, "--switch")) if switches else scenario
    except NotUnderstood as error:
        problems = str(error)
    raise Trouble(
        code="not_understood",
        message=problems + ".",
        remedy="See docs/sandbox.md for what can be said.",
        exit=Exit.USAGE,
    )


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
