"""What the owner of a sandbox is told, as trees for JSON: the state and the events, without one secret."""

import enum
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Final, cast

import attrs

from ...domain.secret import Secret
from ..coin import key_of
from ..events import Event
from ..heard import Heard
from ..messages import HungUp
from ..switches import Switches
from ..trees import Several, Tree
from .sight import Shown, Sight, mark_of
from .words import Phrase, told, word, written_span

_CREDENTIAL: Final = "value"
"""The member that holds a code or a token and is told by its mark; other secrets are not told at all."""
_HUMP: Final = re.compile(r"(?<!^)(?=[A-Z])")


def state(sight: Sight) -> Tree:
    """Return all that *sight* shows."""
    world = sight.world
    applications = ({"client_id": one.client_id, "name": one.name} for one in world.applications.values())
    users = (
        {"username": one.username, "uid": one.uid, "company": one.company, "contract": one.contract.value}
        for one in world.users.values()
    )
    grants = ({"username": username, "client_id": client_id} for username, client_id in world.grants)
    faults = ({"target": target.value, "kind": kind(type(fault)), **members(fault)} for target, fault in world.faults)
    return {
        "now": sight.now.isoformat(),
        "ahead": signed(world.ahead),
        "serial": world.serial,
        "switches": told(world.switches),
        "applications": _several(applications),
        "users": _several(users),
        "grants": _several(grants),
        "credentials": _several(_credential(one) for one in sight.credentials),
        "faults": _several(faults),
        "requests": _several(_request(one) for one in sight.heard),
    }


def history(events: Iterable[Event]) -> Tree:
    """Return what happened, oldest first."""
    return {"events": _several(member(event) for event in events)}


def kind(of: type) -> str:
    """Return the word for a class: its name, in lower case, with hyphens."""
    return _HUMP.sub("-", of.__name__).lower()


def signed(span: timedelta) -> str:
    """Return *span* as a word, with a minus sign if it is negative."""
    return f"-{written_span(-span)}" if span < timedelta(0) else written_span(span)


def member(value: object) -> Tree:
    """Return an event, or any part of one, as a tree."""
    match value:
        case Switches():
            return told(value)
        case enum.Enum():
            return str(value.value)
        case datetime():
            return value.isoformat()
        case timedelta():
            return signed(value)
        case _ if isinstance(value, Phrase):
            return word(value)
        case _ if attrs.has(type(value)):
            return {"kind": kind(type(value)), **members(value)}
        case int():
            return value
        case _:
            return str(value)


def members(value: object) -> Mapping[str, Tree]:
    """Return what *value*, which is of an attrs class, holds, but for what its ``repr`` hides."""
    return dict(_members(value))


def _members(value: object) -> Iterator[tuple[str, Tree]]:
    for one in attrs.fields(cast("type[attrs.AttrsInstance]", type(value))):
        part: object = getattr(value, one.name)
        if isinstance(part, Secret):
            if one.name == _CREDENTIAL:
                yield "mark", mark_of(key_of(part))
        elif one.name.endswith("_key"):
            yield one.name.removesuffix("key") + "mark", mark_of(str(part))
        elif one.name == "redirect_uri":
            # A client may have put its nonce into the query.
            yield one.name, str(part).partition("?")[0]
        elif one.repr is True:
            yield one.name, member(part)


def _several(items: Iterable[Tree]) -> Several:
    return Several("item", tuple(items))


def _credential(one: Shown) -> Tree:
    return {
        "kind": one.kind.value,
        "mark": one.mark,
        "username": one.username,
        "client_id": one.client_id,
        "issued_at": one.issued_at.isoformat(),
        "standing": one.standing.value,
    }


def _request(one: Heard) -> Tree:
    return {
        "at": one.at.isoformat(),
        "method": one.method,
        "path": one.path,
        "client_id": one.client_id,
        "status": None if isinstance(one.answered, HungUp) else one.answered,
    }
