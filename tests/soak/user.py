"""A user of the soak, who logs on and allows whatever is asked; knows no client."""

import ssl

import httpx

from mailup_oauth import Secret
from mailup_oauth.sandbox.commands import Answer
from mailup_oauth.testing.visitor import over_http, walk

PASSWORD = Secret("soak")
UNUSED = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""Nobody speaks TLS here, and reading the usual roots takes longer than a visit."""


def visited(url: str, name: str) -> str:
    """Let the user of a connection visit MailUp, and return the address that the browser comes back to."""
    with httpx.Client(verify=UNUSED) as browser:
        return walk(url, username=name, password=PASSWORD, answer=Answer.ALLOW, fetch=over_http(browser))
