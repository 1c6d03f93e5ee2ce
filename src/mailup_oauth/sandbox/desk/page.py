"""The owner's page as HTML: what is in the sandbox, beside the forms that change it; no decision is made here."""

from collections.abc import Iterable
from datetime import timedelta
from html import escape
from typing import Final

from ..asking import Door
from ..faults import Fault
from ..frame import page
from ..heard import Heard
from ..messages import HungUp
from ..resources import REST
from ..router import TOKEN_PATH
from ..world import Contract, MailUpUser, World
from .forms import DESK, clock_form, contract_form, fault_forms, reset_form, revoke_forms, switches_form
from .pieces import moment, path, section, table, tag
from .sight import Shown, Sight, Standing
from .telling import kind, members, signed

MOST_SHOWN: Final = 20
"""Rows of a table; the rest is in the JSON."""
DONE: Final = {
    "switches": "The switches were changed.",
    "faults": "The fault waits for its request.",
    "clock": "The clock was moved.",
    "reset": "Everything was forgotten.",
    "revoke": "The permission was taken back.",
    "contract": "The contract was changed.",
}
"""What is said after a form was posted, by the address it was posted to."""
_FAILURES: Final = 400
"""The first status that is one."""
_WIDE: Final = "card all"


def desk_page(sight: Sight, *, base: str, done: str) -> str:
    """
    Return the owner's page.

    Args:
        sight: What there is to be seen.
        base: The address of the sandbox, without a slash at the end.
        done: The last word of the control address that led here, or anything else.
    """
    said = f'<p role="status">{DONE[done]}</p>' if done in DONE else ""
    parts = (
        section("clock", "MailUp's clock", _clock(sight)),
        section("addresses", "Addresses", _addresses(base)),
        section("users", "Applications and users", _people(sight.world), kind=_WIDE),
        section("requests", "Requests", _requests(sight), kind=_WIDE),
        section("credentials", "Codes and tokens", _credentials(sight), kind=_WIDE),
        section("faults", "Faults", _faults(sight.world), kind=_WIDE),
        section("switches", "Switches", switches_form(sight.world.switches), kind=_WIDE),
        section("reset", "Begin again", reset_form(), kind=_WIDE),
    )
    lead = "Point a program that was written for MailUp here, and see what it does."
    return page(
        "Desk", f'<h1>Desk</h1><p class="lead">{lead}</p>{said}<div class="grid">{"".join(parts)}</div>', kind="desk"
    )


def refused_page(problems: Iterable[str]) -> str:
    """Return the page that says why a form was not accepted."""
    listed = "".join(f"<li>{escape(one)}</li>" for one in problems)
    body = (
        f'<div class="card"><h1>That cannot be done</h1><div role="alert">Nothing was changed.<ul>{listed}</ul></div>'
        f'<br><a href="{DESK}">Back to the desk</a></div>'
    )
    return page("That cannot be done", body, kind="visit")


def _clock(sight: Sight) -> str:
    ahead = sight.world.ahead - sight.world.ahead % timedelta(seconds=1)
    differs = f"It differs from the system's by {signed(ahead)}." if ahead else "It shows the system's time."
    return f'<p class="clock">{moment(sight.now)} UTC</p><p>{differs}</p>{clock_form()}'


def _addresses(base: str) -> str:
    rows = (
        ("Log on", Door.LOG_ON.value),
        ("The other door", Door.AUTHORIZATION.value),
        ("Token", TOKEN_PATH),
        ("API", REST),
        ("State as JSON", f"{DESK}state"),
        ("Events as JSON", f"{DESK}events"),
    )
    cells = [(name, path(f"{base}{address}")) for name, address in rows]
    return table("What to put in the place of MailUp's own", ("For", "Address"), cells)


def _people(world: World) -> str:
    applications = [(escape(one.name), f"<code>{escape(one.client_id)}</code>") for one in world.applications.values()]
    users = [
        (f"{escape(user.username)}<br>{escape(user.company)}", _contract(user), _connections(world, user))
        for user in world.users.values()
    ]
    return table("Applications", ("Application", "client_id"), applications) + table(
        "Users", ("User", "Contract", "Has allowed"), users
    )


def _contract(user: MailUpUser) -> str:
    shown = tag(user.contract.value, kind="good" if user.contract is Contract.SIGNED else "bad")
    return f"{shown}<br>{contract_form(user)}"


def _connections(world: World, user: MailUpUser) -> str:
    pairs = (*world.grants, *((one.username, one.client_id) for one in world.families.values()))
    allowed = dict.fromkeys(client_id for username, client_id in pairs if username == user.username)
    shown = (f"{_application(world, one)}<br>{revoke_forms(user.username, one)}" for one in allowed)
    return "<br>".join(shown) or "nobody"


def _application(world: World, client_id: str) -> str:
    return escape(world.applications[client_id].name) if client_id else "unknown"


def _credentials(sight: Sight) -> str:
    rows = [_credential(sight.world, one) for one in sight.credentials[:MOST_SHOWN]]
    caption = f"{_newest(rows, sight.credentials)} The mark is the beginning of the value's SHA-256."
    return table(caption, ("What", "Mark", "User", "Application", "Issued", "Standing"), rows)


def _credential(world: World, one: Shown) -> tuple[str, ...]:
    standing = tag(one.standing.value, kind="good" if one.standing is Standing.GOOD else "")
    who = (escape(one.username), _application(world, one.client_id))
    return (one.kind.value, f"<code>{one.mark}</code>", *who, moment(one.issued_at), standing)


def _requests(sight: Sight) -> str:
    rows = [_request(sight.world, one) for one in sight.heard[:MOST_SHOWN]]
    return table(_newest(rows, sight.heard), ("When", "Request", "Application", "Answer"), rows)


def _request(world: World, one: Heard) -> tuple[str, ...]:
    if isinstance(one.answered, HungUp):
        answer = tag("none", kind="bad")
    else:
        answer = tag(str(one.answered), kind="good" if one.answered < _FAILURES else "bad")
    asked = f"<code>{escape(one.method)}</code> {path(one.path)}"
    return (moment(one.at), asked, _application(world, one.client_id), answer)


def _newest(rows: list[tuple[str, ...]], of: tuple[object, ...]) -> str:
    return f"The newest {len(rows)} of {len(of)}." if len(of) > len(rows) else "The newest first."


def _faults(world: World) -> str:
    rows = [(target.value, f"<code>{kind(type(fault))}</code>", _said(fault)) for target, fault in world.faults]
    return table("Planned, in this order", ("For", "Fault", "With"), rows) + fault_forms()


def _said(fault: Fault) -> str:
    return "<br>".join(f"{name} <code>{escape(str(one))}</code>" for name, one in members(fault).items())
