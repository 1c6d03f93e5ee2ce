"""The log-on pages as HTML: plain forms that ask nothing from elsewhere; no decision is made here."""

from html import escape
from typing import Final

from .asking import Asking
from .commands import Answer
from .replies import Complaint, ShowConsent, ShowLogOn

STYLE: Final = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:26rem;margin:12vh auto;padding:0 1rem}"
    "label,input,button{display:block;width:100%;box-sizing:border-box}"
    "input,button{font:inherit;padding:.5rem;margin:.25rem 0 1rem}"
    "small{color:#555}"
)


def log_on_page(shown: ShowLogOn) -> str:
    """Return the page with the log-on form; nothing that was typed before is shown again."""
    return _page(
        "Log on to MailUp",
        f"<p>{escape(shown.application)} asks to act for you.</p>"
        f'<p role="status">{escape(shown.notice.value)}</p>'
        f"{_form(shown.asking, shown)}"
        '<label for="username">User name</label>'
        '<input id="username" name="username" autocomplete="username" required autofocus>'
        '<label for="password">Password</label>'
        '<input id="password" name="password" type="password" autocomplete="current-password" required>'
        '<button type="submit">Log on</button></form>',
    )


def consent_page(shown: ShowConsent) -> str:
    """Return the page with the consent form, whose two buttons are its two answers."""
    buttons = "".join(
        f'<button type="submit" name="answer" value="{answer.value}">{answer.value}</button>' for answer in Answer
    )
    return _page(
        "Allow access to MailUp",
        f"<p>{escape(shown.application)} asks to act for {escape(shown.username)}. It may do what you may do.</p>"
        f"{_form(shown.asking, shown)}{buttons}</form>",
    )


def complaint_page(complaint: Complaint) -> str:
    """Return the page that says what is wrong."""
    return _page("MailUp cannot go on", f'<p role="alert">{escape(complaint.value)}</p>')


def parting_page() -> str:
    """Return the page that ends a visit where it is."""
    return _page("Done", "<p>You can close this window.</p>")


def _page(title: str, body: str) -> str:
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
        '<meta name="viewport" content="width=device-width"><style>'
        f"{STYLE}</style></head><body><main><h1>{title}</h1>{body}</main>"
        "<footer><small>A sandbox, not MailUp.</small></footer></body></html>"
    )


def _form(asking: Asking, shown: ShowLogOn | ShowConsent) -> str:
    carried = (
        ("client_id", asking.client_id),
        ("client_secret", asking.client_secret.reveal()),
        ("response_type", asking.response_type),
        ("redirect_uri", asking.redirect_uri),
        ("state", asking.state),
        ("code_challenge", asking.code_challenge),
        ("code_challenge_method", asking.code_challenge_method),
        ("page_token", shown.page_token.reveal()),
    )
    inputs = "".join(f'<input type="hidden" name="{name}" value="{escape(value)}">' for name, value in carried if value)
    return f'<form method="post" action="{asking.door.value}">{inputs}'
