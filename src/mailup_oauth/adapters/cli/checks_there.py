"""What ``doctor`` looks at beyond this program: MailUp and its clock; and a whole log-in, against a sandbox in here."""

import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Final

from ...client import MailUpOAuth
from ...client.defaults import Chosen
from ...domain.errors import MailUpOAuthError
from ...domain.registration import Registration
from ...domain.wire.headers import header
from ...domain.wire.http import HttpRequest, HttpResponse, NotSent
from ...sandbox.commands import Answer
from ...sandbox.scenario import DEMONSTRATION
from ...testing.visitor import Stranded, in_process, walk
from ..cipher.cobblestone import CobblestoneCipher
from ..cipher.keys import KeyRing, new_key
from ..cipher.marker import HmacMarker
from ..clock.system import SystemClock
from ..serving.sandbox import service_of
from ..storage.memory import MemoryStore
from ..transport.httpx import HttpxTransport
from ..transport.sandbox import SandboxTransport
from .exits import Trouble
from .findings import Finding, bad, good, odd
from .settings import Given

_DEADLINE: Final = timedelta(seconds=10)
_SKEW: Final = timedelta(seconds=60)
"""How far two clocks may be apart; MailUp tells its time to the second, and answers take some of them."""


def server(given: Given) -> Iterator[Finding]:
    """Tell whether the server answers, and what its clock says."""
    try:
        provider = given.provider
    except Trouble:
        return  # told with the settings
    transport = HttpxTransport()
    answer = transport.send(HttpRequest(method="GET", url=provider.identity_url), deadline=_DEADLINE)
    now = SystemClock().now()
    transport.close()
    if isinstance(answer, HttpResponse):
        yield good("server", f"{provider.name} answers")
        yield _skew(header(answer.headers, "date"), now)
        return
    why = answer.fault.value if isinstance(answer, NotSent) else answer.silence.value
    yield bad("server", f"{provider.name} cannot be reached ({why})", given.way_there(os.environ))


def _skew(told: str, now: datetime) -> Finding:
    """Return how far this machine's clock is from the server's."""
    try:
        apart = now - parsedate_to_datetime(told).astimezone(UTC)
    except (ValueError, OverflowError):
        return odd("clock", "the server does not tell its time", "Compare this machine's clock with another one.")
    seconds = f"{apart.total_seconds():+.0f} s"
    if abs(apart) <= _SKEW:
        return good("clock", f"{seconds} from the server's")
    return odd("clock", f"{seconds} from the server's", "Set it, such as with: timedatectl set-ntp true")


def round_trip(_: Given) -> Iterator[Finding]:
    """Tell whether a whole log-in and a refresh succeed in this process, so that what is left is outside of it."""
    sandbox = service_of()
    keys, user = DEMONSTRATION.applications[0], DEMONSTRATION.users[0]
    registration = Registration(
        client_id=keys.client_id, client_secret=keys.client_secret, redirect_uri="https://app.example/callback"
    )
    fetch, ring = in_process(sandbox), KeyRing((new_key(),))  # whatever the environment's key is like
    ours: Chosen = {
        "transport": SandboxTransport(sandbox),
        "cipher": CobblestoneCipher(ring),
        "marker": HmacMarker(ring),
    }
    try:
        with MailUpOAuth(registration, store=MemoryStore(), **ours) as oauth:
            start = oauth.begin("doctor")
            url = start.url.reveal()
            back = walk(url, username=user.username, password=user.password, answer=Answer.ALLOW, fetch=fetch)
            oauth.complete(back, binding=start.binding)
            oauth.refresh("doctor")
    except (MailUpOAuthError, Stranded) as error:
        yield bad("library", f"a log-in against the sandbox failed: {error}", "Install mailup-oauth anew.")
    else:
        yield good("library", "a log-in and a refresh against a sandbox in this process succeed")
