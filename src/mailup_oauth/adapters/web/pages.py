"""The pages as HTML, made from values alone; whatever comes in goes out escaped, and no script is in them."""

from datetime import UTC, datetime
from html import escape
from typing import Final

from attrs import frozen

from ...client import Status
from ...domain.provider import Provider
from .intent import origin_of
from .landing import landing
from .steps import Sight
from .style import STYLE, STYLE_SOURCE
from .visit import Visit
from .words import DONE, GONE, TOLD, Told, lines

EVENTS_SHOWN: Final = 8
_STATES: Final = {True: ("good", "Connected"), False: ("", "Not connected")}
_NEEDED: Final = ("bad", "Connection ended")
_OWED: Final = {
    "reauthorization": "MailUp does not accept this connection any more. Connect again, and the application goes on where "
    "it was.",
    "identification": "MailUp has not told yet whose the new connection is. It is asked again when the connection is used.",
}
"""What a person should know of what is owed."""


@frozen
class Page:
    """
    A page and what a browser may do with it.

    Attributes:
        policy: The Content-Security-Policy.
        referrer: The Referrer-Policy.
    """

    body: str
    policy: str
    referrer: str


def policy_for(provider: Provider) -> str:
    """
    Return the Content-Security-Policy of the pages: their one style, their own forms, nothing else, in nobody's frame.

    A browser holds a form to ``form-action`` on its way through redirects too, so MailUp's origin is named beside ours.
    """
    return (
        f"default-src 'none'; style-src {STYLE_SOURCE}; form-action 'self' {origin_of(provider.authorize_url)}; "
        "base-uri 'none'; frame-ancestors 'none'"
    )


def status_page(sight: Sight, visit: Visit, provider: Provider, *, said: str) -> Page:
    """
    Return the page of a connection, for whoever administers it.

    Args:
        sight: How it stands.
        visit: Who asks, and where the buttons lead.
        provider: Whose name is on it.
        said: A word of what just happened; any other is passed over.
    """
    kind, word = _NEEDED if sight.status.owed == "reauthorization" else _STATES[sight.status.connected]
    body = (
        f"{_notice(said, provider)}"
        f'<div class="card"><div class="head"><h1>{escape(provider.name)} connection</h1>'
        f'<span class="state {kind}">{word}</span></div>{_facts(sight)}'
        f'<div class="row">{_buttons(sight.status, visit)}</div></div>{_history(sight)}'
    )
    return _page(f"{provider.name} connection", body, provider)


def told_page(told: Told, visit: Visit, provider: Provider, *, begins: bool = False) -> Page:
    """
    Return a page that tells one thing.

    Args:
        told: What.
        visit: Its correlation id is shown, for whoever asks for help.
        provider: For the policy.
        begins: Whether it asks to go on to MailUp.
    """
    go = _form(visit, visit.places.begin, "Connect to MailUp", "first", landing(visit.wanted, "")) if begins else ""
    back = f'<a class="button" href="{escape(visit.places.status)}">See the connection</a>'
    body = (
        f'<div class="card"><h1>{escape(told.title)}</h1><p>{escape(told.text)}</p><div class="row">{go}{back}</div>'
        f"<p><small>Reference <code>{escape(visit.reference)}</code></small></p></div>"
    )
    return _page(told.title, body, provider)


def _page(title: str, body: str, provider: Provider) -> Page:
    html = (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        '<meta name="viewport" content="width=device-width,initial-scale=1"><meta name="robots" content="noindex">'
        f"<style>{STYLE}</style></head><body><main>{body}</main></body></html>"
    )
    # With no-referrer a browser calls the origin of our own forms "null"; without forms, nobody needs to know anything.
    return Page(html, policy_for(provider), "same-origin" if "<form" in body else "no-referrer")


def _notice(said: str, provider: Provider) -> str:
    """Return what just happened, if that is a word we know."""
    if said not in {DONE, GONE}:
        return ""
    text = TOLD[said].text.format(revoke_at=provider.revocation_help or provider.name)
    return f'<p role="status">{escape(text)}</p>'


def _facts(sight: Sight) -> str:
    """Return what is known of the connection."""
    status = sight.status
    rows: list[tuple[str, str]] = []
    if status.user:
        rows.append(("MailUp user", escape(status.user)))
    if status.authorized_at:
        rows.append(("Connected since", _moment(status.authorized_at)))
    if status.connected:
        rows.append(("Next renewal", _renewal(sight)))
    if status.generation:
        rows.append(("Renewed", f"{status.generation:,} times" if status.generation > 1 else "once"))
    if not rows:
        return "<p>Connect to let this application work with your MailUp account.</p>"
    told = f"<p>{_OWED[status.owed]}</p>" if status.owed in _OWED else ""
    return f"{told}<dl>{''.join(f'<dt>{name}</dt><dd>{value}</dd>' for name, value in rows)}</dl>"


def _renewal(sight: Sight) -> str:
    """Return when the access is renewed next; it is, by itself, whenever it is used."""
    status = sight.status
    if status.owed != "nothing":
        return "MailUp is asked again by itself"
    if status.refresh_at is None or status.refresh_at <= sight.now:
        return "by itself, when it is used next"
    return f"by itself, from {_moment(status.refresh_at)}"


def _buttons(status: Status, visit: Visit) -> str:
    """Return what can be done."""
    if not status.connected:
        again = "Connect again" if status.authorized_at else "Connect to MailUp"
        return _form(visit, visit.places.begin, again, "first")
    return _form(visit, visit.places.disconnect, "Disconnect", "grave") + _form(
        visit, visit.places.begin, "Connect again", ""
    )


def _form(visit: Visit, action: str, label: str, kind: str, wanted: str = "") -> str:
    """Return a button that posts."""
    kept = f'<input type="hidden" name="next" value="{escape(wanted)}">' if wanted else ""
    return (
        f'<form method="post" action="{escape(action)}">{visit.csrf}{kept}'
        f'<button class="{kind}">{escape(label)}</button></form>'
    )


def _history(sight: Sight) -> str:
    """Return what happened lately."""
    told = lines(sight.records, EVENTS_SHOWN)
    items = "".join(
        f'<li>{_moment(line.record.at)}<span class="{line.kind}">{escape(line.sentence)}</span></li>' for line in told
    )
    return f'<section class="card"><h2>What happened lately</h2><ol>{items}</ol></section>' if items else ""


def _moment(moment: datetime) -> str:
    """Return a moment for people and for programs."""
    at = moment.astimezone(UTC)
    return f'<time datetime="{at:%Y-%m-%dT%H:%M:%SZ}">{at:%Y-%m-%d %H:%M} UTC</time>'
