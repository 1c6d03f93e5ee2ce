"""
What the examples share: MailUp's sandbox in this process, two people of two tenants, and plain pages.

An example has no passwords of its own, because it is an example: whoever opens it says who they are, and is believed.
"""

import argparse
import socket
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from html import escape

from mailup_oauth import Provider, Registration
from mailup_oauth.adapters.serving.sandbox import provider_at, serve_scenario
from mailup_oauth.sandbox.scenario import DEMONSTRATION

TENANTS = {"ada": "acme", "bob": "bolt"}
"""The people who can sign in, and the tenant that each works for; every tenant has a MailUp connection of its own."""

PREFIX = "/mailup"
"""Where the examples mount the pages of this library."""

_APPLICATION = DEMONSTRATION.applications[0]


@dataclass(frozen=True, kw_only=True)
class Setup:
    """Where the example is, and where its MailUp is."""

    port: int
    mailup: str

    @property
    def address(self) -> str:
        """Where a browser finds the example."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def redirect_uri(self) -> str:
        """Where MailUp sends the browser back to."""
        return f"{self.address}{PREFIX}/complete"

    @property
    def registration(self) -> Registration:
        """The application as the sandbox knows it; its secret is invented and worth nothing."""
        return Registration(
            client_id=_APPLICATION.client_id,
            client_secret=_APPLICATION.client_secret,
            redirect_uri=self.redirect_uri,
        )

    @property
    def provider(self) -> Provider:
        """The sandbox, where an application in earnest has ``MAILUP``, the default."""
        return provider_at(self.mailup)

    @property
    def headers(self) -> Mapping[str, str]:
        """
        Headers for every page of the example.

        Its forms may lead to MailUp, or Chromium stops the connect button on its way there; and no page stays in the
        browser's memory, or the back button would show what belongs to somebody who has signed out.
        """
        policy = f"default-src 'none'; form-action 'self' {self.mailup}; base-uri 'none'; frame-ancestors 'none'"
        return {"Content-Security-Policy": policy, "Cache-Control": "no-store"}


@contextmanager
def example(name: str, port: int) -> Iterator[Setup]:
    """Start MailUp's sandbox in this process, say where everything is, and end it with the example."""
    parser = argparse.ArgumentParser(description=f"{name} with MailUp, against a sandbox of MailUp in this process.")
    parser.add_argument("--port", type=int, default=port, help=f"of 127.0.0.1; 0 takes any free one (default: {port})")
    port = parser.parse_args().port or _free_port()
    with serve_scenario() as mailup:
        setup = Setup(port=port, mailup=mailup)
        user = DEMONSTRATION.users[0]
        print(f"{name} example: {setup.address}/")
        print(f"MailUp sandbox: {mailup}/__sandbox__/  (there its clock can be moved, and faults ordered)")
        print(f"Log on there as {user.username}, password {user.password.reveal()}. Ctrl-C ends both.", flush=True)
        yield setup


def _free_port() -> int:
    """Return a port that nobody has."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])


# --- pages ------------------------------------------------------------------------------------------------------------


def home(name: str, user: str | None, hidden: str = "") -> str:
    """Return the first page: who is signed in, or who could be."""
    if user is None:
        buttons = "".join(button(f"/sign-in/{one}", f"Sign in as {one} of {TENANTS[one]}", hidden) for one in TENANTS)
        return page(name, f"<p>Who are you? There is no password: this is an example.</p>{buttons}")
    links = '<p><a href="/lists">My mailing lists</a></p><p><a href="/mailup/">The MailUp connection</a></p>'
    told = f"<p>Signed in as <b>{escape(user)}</b> of <b>{escape(TENANTS[user])}</b>.</p>"
    return page(name, f"{told}{links}{button('/sign-out', 'Sign out', hidden)}")


def lists_page(names: Sequence[str]) -> str:
    """Return the page of the mailing lists that MailUp has told of."""
    items = "".join(f"<li>{escape(name)}</li>" for name in names) or "<li>none</li>"
    return page("Mailing lists", f'<ul>{items}</ul><p><a href="/">Back</a></p>')


def not_connected_page(hidden: str = "") -> str:
    """Return what somebody sees whose tenant has no connection; afterwards they are back at their lists."""
    connect = button(f"{PREFIX}/begin", "Connect to MailUp", hidden, next="/lists")
    return page("MailUp is not connected", f'{connect}<p><a href="/">Back</a></p>')


def page(title: str, body: str) -> str:
    """Return a page."""
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        '<meta name="viewport" content="width=device-width,initial-scale=1"></head>'
        f"<body><h1>{escape(title)}</h1>{body}</body></html>"
    )


def button(action: str, label: str, hidden: str = "", **members: str) -> str:
    """Return a button that posts."""
    inputs = "".join(f'<input type="hidden" name="{name}" value="{escape(value)}">' for name, value in members.items())
    return f'<form method="post" action="{escape(action)}">{hidden}{inputs}<button>{escape(label)}</button></form>'
