"""The log-on pages as HTML: plain forms that ask nothing from elsewhere; no decision is made here."""

from html import escape
from urllib.parse import urlsplit

from .asking import Asking
from .commands import Answer
from .frame import hidden, page
from .replies import Complaint, Notice, ShowConsent, ShowLogOn


def log_on_page(shown: ShowLogOn) -> str:
    """Return the page with the log-on form; nothing that was typed before is shown again."""
    wrong = shown.notice is Notice.WRONG_CREDENTIALS
    role, title = ("alert", "Log on failed") if wrong else ("status", "Log on to MailUp")
    broken = ' aria-invalid="true" aria-describedby="notice"' if wrong else ""
    return _card(
        title,
        _seal(shown.application),
        "<h1>Log on to MailUp</h1>"
        f"<p><strong>{escape(shown.application)}</strong> asks to act for you.</p>"
        f'<p role="{role}" id="notice">{escape(shown.notice.value)}</p>'
        f"{_form(shown.asking, shown)}"
        '<label for="username">User name</label>'
        f'<input id="username" name="username" autocomplete="username" spellcheck="false" autocapitalize="none"'
        f"{broken} required autofocus>"
        '<label for="password">Password</label>'
        f'<input id="password" name="password" type="password" autocomplete="current-password"{broken} required>'
        '<button class="first" type="submit">Log on</button></form>'
        "<small>Your password goes to MailUp only; the application never sees it.</small>",
    )


def consent_page(shown: ShowConsent) -> str:
    """Return the page with the consent form, whose two buttons are its two answers."""
    name, user = escape(shown.application), escape(shown.username)
    first = {Answer.ALLOW: ' class="first"', Answer.DENY: ""}
    buttons = "".join(
        f'<button{first[answer]} type="submit" name="answer" value="{answer.value}">{answer.value}</button>'
        for answer in Answer
    )
    return _card(
        "Allow access to MailUp",
        _seal(shown.application, shown.username),
        f"<h1>Allow {name} to act for you?</h1><p>You are logged on as <strong>{user}</strong>.</p>"
        f"<p>If you allow it, {name} can, until you take the permission back:</p>"
        f"<ul><li>read and change whatever {user} can read and change in MailUp</li>"
        "<li>go on doing so while you are away</li></ul>"
        f"{_form(shown.asking, shown)}{buttons}</form>"
        f"<small>You go back to <strong>{_host(shown.asking)}</strong>. You can take the permission back in "
        "the MailUp console.</small>",
    )


def complaint_page(complaint: Complaint) -> str:
    """Return the page that says what is wrong."""
    return _card(
        "MailUp cannot go on",
        "",
        f'<h1>MailUp cannot go on</h1><p role="alert">{escape(complaint.value)}</p>'
        "<p>Go back to the application and start again. If it happens once more, tell those who run it.</p>",
    )


def parting_page() -> str:
    """Return the page that ends a visit where it is."""
    return _card("Done", "", '<h1>Done</h1><p role="status">You can close this window.</p>')


def _card(title: str, seal: str, body: str) -> str:
    return page(title, f'<div class="card">{seal}{body}</div>', kind="visit")


def _seal(*names: str) -> str:
    # A picture of who asks whom; the words below say the same.
    return f'<div class="seal" aria-hidden="true">{"<i></i>".join(f"<b>{escape(one[:1].upper())}</b>" for one in names)}</div>'


def _host(asking: Asking) -> str:
    return escape(urlsplit(asking.redirect_uri).netloc)


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
    return f'<form method="post" action="{asking.door.value}">{hidden(carried)}'
