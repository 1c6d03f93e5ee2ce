"""The forms on the owner's page; each posts to the control address that its JSON twin posts to."""

import enum
from collections.abc import Iterable
from html import escape
from typing import Final

from attrs import field, frozen

from ..commands import Effect
from ..faults import GATEWAY_STATUSES, CutBody, Done, Fault, GatewayPage, HangUp, Redirect, Slow, Target, Throttle
from ..frame import hidden
from ..switches import DOCUMENTED, Switches
from ..world import Contract, MailUpUser
from .telling import kind
from .words import FORMS, NUMBER, SPAN, WAIT, explained, told

DESK: Final = "/__sandbox__/"
"""Where the owner's page is; the control addresses are below it."""
_STEPS: Final = {"1m": "1 minute", "15m": "15 minutes", "1h": "1 hour", "1d": "1 day"}


@frozen
class Field:
    """An input of a fault's form: a list of *options*, or a text that begins as *given*."""

    name: str
    label: str
    given: str
    options: tuple[str, ...] = ()


def _values(members: Iterable[enum.Enum]) -> tuple[str, ...]:
    return tuple(str(one.value) for one in members)


@frozen
class Trouble:
    """A fault that can be planned: its class, what it is, and what can be said of it."""

    fault: type[Fault]
    title: str
    fields: tuple[Field, ...] = field(factory=tuple[Field, ...])


_DONE: Final = Field("done", "What was done before", "nothing", _values(Done))
_WAIT: Final = Field("wait", f"Retry-After: {explained(WAIT.forms)}", "untold")
TROUBLES: Final = (
    Trouble(HangUp, "No answer at all", (Field("done", "What was done before", "committed", _values(Done)[::-1]),)),
    Trouble(Throttle, "Too many requests", (_WAIT,)),
    Trouble(
        GatewayPage,
        "A gateway's page",
        (Field("status", "Status", "503", tuple(str(one) for one in GATEWAY_STATUSES[::-1])), _DONE, _WAIT),
    ),
    Trouble(Redirect, "A redirect", (Field("location", "To", "https://elsewhere.example/"), _DONE)),
    Trouble(
        CutBody,
        "An answer cut short",
        (Field("keep", "Bytes that come", "20"), Field("ending", "Then", "whole", ("whole", "cut"))),
    ),
    Trouble(Slow, "A slow answer", (Field("delay", "Held back for", "5s"),)),
)


def clock_form() -> str:
    """Return the forms that move the clock forward."""
    steps = "".join(
        f'<button type="submit" name="forward" value="{value}">+ {label}</button>' for value, label in _STEPS.items()
    )
    return (
        f'<form class="row" {_to("clock")}>{steps}</form>'
        f'<form class="row" {_to("clock")}><div class="grows"><label for="forward">Or by a span</label>'
        '<input id="forward" name="forward" value="61m" required aria-describedby="forward-hint"></div>'
        '<button type="submit">Move the clock</button></form>'
        '<span class="hint" id="forward-hint">A span is written like 90s, 1h30m or 30d.</span>'
    )


def switches_form(switches: Switches) -> str:
    """Return the form that changes any of the switches."""
    now, default = told(switches), told(DOCUMENTED)
    habits = "".join(_habit(name, now[name], default[name]) for name in FORMS)
    button = '<button class="first" type="submit">Change the switches</button>'
    return f'<form {_to("switches")}><div class="habits">{habits}</div>{button}</form>'


def _habit(name: str, now: str, default: str) -> str:
    forms = FORMS[name]
    changed = "" if now == default else ' <span class="tag">changed</span>'
    label = f'<label for="{name}"><code>{name}</code>{changed}</label>'
    if not any(form.endswith((SPAN, NUMBER)) for form in forms):
        return f"<div>{label}{_select(name, name, forms, now)}</div>"
    hint = f'<span class="hint" id="{name}-hint">{escape(explained(forms))}</span>'
    typed = f'<input id="{name}" name="{name}" value="{escape(now)}" required aria-describedby="{name}-hint">'
    return f"<div>{label}{typed}{hint}</div>"


def fault_forms() -> str:
    """Return a form for each kind of fault."""
    return f'<div class="faults">{"".join(_fault_form(one) for one in TROUBLES)}</div>'


def _fault_form(trouble: Trouble) -> str:
    name = kind(trouble.fault)
    targets = Field("target", "The next request for", "token", _values(Target))
    inputs = "".join(_labelled(f"{name}-{one.name}", one) for one in (targets, *trouble.fields))
    return (
        f"<form {_to('faults')}><fieldset><legend>{trouble.title}</legend>{hidden((('kind', name),))}"
        f'<div class="row">{inputs}<button type="submit">Plan it</button></div></fieldset></form>'
    )


def _labelled(identity: str, one: Field) -> str:
    label = f'<label for="{identity}">{one.label}</label>'
    typed = f'<input id="{identity}" name="{one.name}" value="{escape(one.given)}" required>'
    return f'<div class="grows">{label}{_select(identity, one.name, one.options, one.given) if one.options else typed}</div>'


def _select(identity: str, name: str, options: Iterable[str], chosen: str) -> str:
    listed = "".join(f"<option{' selected' if one == chosen else ''}>{escape(one)}</option>" for one in options)
    return f'<select id="{identity}" name="{name}">{listed}</select>'


def contract_form(user: MailUpUser) -> str:
    """Return the button that signs a user's contract, or takes the signature back."""
    signs = user.contract is Contract.UNSIGNED
    other = Contract.SIGNED if signs else Contract.UNSIGNED
    label = "Sign the contract" if signs else "Unsign it"
    return (
        f"<form {_to('contract')}>{hidden((('username', user.username), ('contract', other.value)))}"
        f'<button type="submit">{label}</button></form>'
    )


def revoke_forms(username: str, client_id: str) -> str:
    """Return the buttons that take an application's permission back."""
    labels = {Effect.IMMEDIATE: "Revoke at once", Effect.AT_EXPIRY: "Revoke at expiry"}
    return "".join(
        f"<form {_to('revoke')}>"
        f"{hidden((('username', username), ('client_id', client_id), ('effect', effect.value)))}"
        f'<button class="grave" type="submit">{label}</button></form>'
        for effect, label in labels.items()
    )


def reset_form() -> str:
    """Return the button that begins again."""
    return f'<form {_to("reset")}><button class="grave" type="submit">Forget everything and begin again</button></form>'


def _to(address: str) -> str:
    return f'method="post" action="{DESK}{address}"'
