"""What all pages have in common: head, banner, landmarks and the small pieces; whatever comes in goes out escaped."""

from collections.abc import Iterable
from html import escape
from typing import Final

from .style import STYLE

CLOSED: Final = "default-src 'none'; base-uri 'none'; frame-ancestors 'none'"
"""The Content-Security-Policy of every page, but for what each allows."""


def page(title: str, body: str, *, kind: str) -> str:
    """
    Return a whole page.

    Args:
        title: Text.
        body: HTML, made by this module's pieces.
        kind: ``visit`` for a card in the middle, ``desk`` for the whole width.
    """
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)} · MailUp sandbox</title>'
        '<meta name="viewport" content="width=device-width,initial-scale=1"><meta name="robots" content="noindex">'
        f'<style>{STYLE}</style></head><body><header class="sandbox"><strong>MailUp sandbox</strong>'
        f'<span>A test double. Not MailUp.</span></header><main class="{kind}">{body}</main>'
        "<footer>No mail is sent from here, and no secret here is worth anything.</footer></body></html>"
    )


def hidden(members: Iterable[tuple[str, str]]) -> str:
    """Return hidden inputs for those *members* that are not empty."""
    return "".join(f'<input type="hidden" name="{name}" value="{escape(value)}">' for name, value in members if value)
