"""What a request below ``/__sandbox__/`` orders; it reads and checks, and does nothing."""

from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Final

from attrs import frozen

from ...sandbox.commands import (
    BeginAgain,
    ChangeSwitches,
    Effect,
    MoveClock,
    Order,
    PlanFault,
    RevokeApplication,
    SignContract,
    UnsignContract,
)
from ...sandbox.desk.sight import Sight
from ...sandbox.desk.words import told
from ...sandbox.switches import Switches
from ...sandbox.world import Contract
from .reading import NotUnderstood, Problem, read
from .scenario_file import scenario_of

Given = dict[str, object]


@frozen(kw_only=True)
class _Clock:
    forward: timedelta


@frozen(kw_only=True)
class _Nothing:
    pass


@frozen(kw_only=True)
class _Contract:
    username: str
    contract: Contract


@frozen(kw_only=True)
class _Revoke:
    username: str
    client_id: str
    effect: Effect = Effect.IMMEDIATE


def _switches(sight: Sight, given: Given) -> Order:
    return ChangeSwitches(read({**told(sight.world.switches), **given}, Switches, "switches"))


def _fault(_: Sight, given: Given) -> Order:
    return read(given, PlanFault, "faults")


def _clock(sight: Sight, given: Given) -> Order:
    return MoveClock(span=read(given, _Clock, "clock").forward, now=sight.now)


def _reset(sight: Sight, given: Given) -> Order:
    read(given, _Nothing, "reset")
    return BeginAgain(scenario=sight.world.scenario, now=sight.now)


def _scenario(sight: Sight, given: Given) -> Order:
    return BeginAgain(scenario=scenario_of(given, "scenario"), now=sight.now)


def _contract(sight: Sight, given: Given) -> Order:
    asked = read(given, _Contract, "contract")
    _known("contract", "username", asked.username, sight.world.users)
    signs = asked.contract is Contract.SIGNED
    return SignContract(asked.username) if signs else UnsignContract(asked.username)


def _revoke(sight: Sight, given: Given) -> Order:
    asked = read(given, _Revoke, "revoke")
    _known("revoke", "username", asked.username, sight.world.users)
    _known("revoke", "client_id", asked.client_id, sight.world.applications)
    return RevokeApplication(username=asked.username, client_id=asked.client_id, effect=asked.effect, now=sight.now)


def _known(source: str, key: str, name: str, among: Iterable[str]) -> None:
    if name not in among:
        raise NotUnderstood(source, (Problem(key, f"is nobody's; there are {', '.join(among) or 'none'}"),))


ORDERS: Final[dict[str, Callable[[Sight, Given], Order]]] = {
    "switches": _switches,
    "faults": _fault,
    "clock": _clock,
    "reset": _reset,
    "scenario": _scenario,
    "contract": _contract,
    "revoke": _revoke,
}
"""The last word of each control address that changes something, and what it orders; raises ``NotUnderstood``."""
