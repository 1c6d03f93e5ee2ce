"""``token``, ``header`` and ``refresh``: access tokens for other programs, each entered in a journal before it leaves."""

import os
from datetime import datetime

from ...domain.tokens import AccessToken
from ..clock.system import SystemClock
from .paper import Fact, Paper, moment, sentence
from .session import client, connected, prompted, somebody
from .settings import Given
from .standing import good_until, is_held


def token(given: Given, paper: Paper) -> None:
    """Print the bare access token."""
    handed = _handed_out(given, paper)
    paper.result(_facts(given, handed) | {"access_token": handed.value.reveal()}, handed.value.reveal())


def header(given: Given, paper: Paper) -> None:
    """Print the header that authorizes a request, for ``curl -H``."""
    handed = _handed_out(given, paper)
    line = f"Authorization: Bearer {handed.value.reveal()}"
    paper.result(_facts(given, handed) | {"header": line}, line)


def refresh(given: Given, paper: Paper) -> None:
    """Refresh now, whatever the clock says, and tell until when the new token is good."""
    connection = connected(given)
    with client(given, prompted(given, may_ask=is_held(given)), paper) as oauth:
        newer = oauth.refresh(connection, actor=somebody(os.getuid()), reason="mailup-oauth refresh")
    paper.result(_facts(given, newer), sentence(f"Refreshed {connection}: {good_until(newer.expires_at, _now())}."))


def _handed_out(given: Given, paper: Paper) -> AccessToken:
    """Return a token that the installation's journal tells of; nobody is asked for anything."""
    connection = connected(given)
    with client(given, prompted(given, may_ask=False), paper) as oauth:
        return oauth.hand_out(connection, to=f"mailup-oauth {paper.command}", actor=somebody(os.getuid()))


def _facts(given: Given, token: AccessToken) -> dict[str, Fact]:
    """Return what may be told of any token."""
    return {
        "connection": given.settings.connection,
        "expires_at": moment(token.expires_at),
        "mark": token.mark.digest,
    }


def _now() -> datetime:
    """Return the moment."""
    return SystemClock().now()
