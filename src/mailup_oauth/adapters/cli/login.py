"""``login``: a browser is sent to MailUp, and its answer comes back to this machine or is pasted by hand."""

import os
import socket
import sys
import threading
import webbrowser
from collections.abc import Generator, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from datetime import timedelta
from typing import Final
from urllib.parse import urlsplit

from attrs import evolve
from rich.console import Console

from ...client.standing import UNKNOWN_USER
from ...domain.errors import ClientRejected, ContractNotSigned, TemporarilyUnavailable
from ...domain.secret import Secret
from ...engine import Start
from .again import DEFAULT_CONNECTION
from .awaiting import Ways, awaited, belongs, nonce_of
from .exits import Trouble, trouble_of
from .options import Wishes
from .paper import Paper, sentence
from .place import looked_at
from .receiver import Receiver, can_receive
from .session import Client, asked_secret, client, connection_of, is_terminal, prepared, registered, somebody, stored
from .settings import NO_SECRET, Given
from .standing import Standing, good_until, is_unsigned, row_of, standing_of

EXCHANGE: Final = timedelta(seconds=90)
"""How long MailUp's answer to the code is waited for; a token request's own deadline is shorter."""


def login(given: Given, wishes: Wishes, paper: Paper) -> None:
    """Connect a user, and tell whom and until when."""
    given = evolve(given, again=given.again.of_a_login(wishes.words))
    connection = connection_of(given)
    registered(given, lambda: NO_SECRET, given.settings.redirect_uri)  # what is wrong is told before anything is asked
    redirect_uri = _with_port(given, wishes.port)
    with ExitStack() as stack:
        receiver = stack.enter_context(Receiver(redirect_uri)) if can_receive(redirect_uri) else None
        looked_at(given)
        client_secret = asked_secret(given)
        prepared(given.database)
        registration = registered(given, client_secret, receiver.redirect_uri if receiver else redirect_uri)
        oauth = stack.enter_context(client(given, registration, paper))
        start = oauth.begin(
            connection,
            allow_account_change=wishes.allow_account_change,
            actor=somebody(os.getuid()),
            reason="mailup-oauth login",
        )
        answer = _answer(given, wishes, paper, receiver, start)
        with _of_a_login(given):
            _completed(oauth, answer, start, paper)
    with stored(given) as store:
        standing = standing_of(store, connection, given.again)
    paper.result(row_of(standing), *map(sentence, _told(standing)))


def _told(standing: Standing) -> Iterator[str]:
    """Yield whom a log-in connected, until when, and what its user still has to do."""
    it = standing.status
    whose = f"Connected as {it.user or 'a MailUp user'}" + (
        "" if it.connection == DEFAULT_CONNECTION else f", as {it.connection}"
    )
    yield f"{whose}; {good_until(it.expires_at, standing.now)}."
    if standing.wants_terms:
        yield f"MailUp's API refuses every call until its terms are accepted. {ContractNotSigned.remedy}"


def has_browser(environment: Mapping[str, str], platform: str) -> bool:
    """Say whether a browser that is opened here is seen by whoever sits at the terminal."""
    if environment.get("SSH_CONNECTION") or environment.get("CODESPACES"):
        return False
    return platform != "linux" or any(environment.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER"))


def _with_port(given: Given, port: int | None) -> str:
    """Return the redirect URI, with another port if one is wanted."""
    redirect_uri = given.settings.redirect_uri
    if port is None:
        return redirect_uri
    if not can_receive(redirect_uri):
        remedy = "Leave --port away, or give http://127.0.0.1:0/callback as redirect_uri."
        raise given.wrong("redirect_uri", "does not lead to this machine, so that there is no port to choose", remedy)
    parts = urlsplit(redirect_uri)
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    return parts._replace(netloc=f"{host}:{port}").geturl()


def _answer(given: Given, wishes: Wishes, paper: Paper, receiver: Receiver | None, start: Start) -> Secret:
    """Send the browser, and return the answer that comes back by whichever way."""
    opens = wishes.browser and has_browser(os.environ, sys.platform)
    is_attended = is_terminal(sys.stdin) and is_terminal(sys.stderr) and not paper.is_json
    asks = is_attended and not (opens and receiver)
    if not (receiver or asks):
        raise Trouble(
            code="nobody_there",
            message="The redirect URI does not lead to this machine, and nobody is there to paste the answer.",
            remedy="Run this at a terminal, or give http://127.0.0.1:0/callback as redirect_uri.",
        )
    paper.send(start.url.reveal())
    _explain(paper, receiver, asks=asks)
    if opens:
        threading.Thread(target=webbrowser.open, args=(start.url.reveal(),), daemon=True).start()
    ways = Ways(receiver=receiver, keyboard=sys.stdin if asks else None, say=paper.aside)
    with _spinner("Waiting for the browser; Ctrl-C gives up", shows=is_attended and not asks):
        return awaited(ways, belongs(nonce_of(start.url), given.provider), wishes, given.again)


def _explain(paper: Paper, receiver: Receiver | None, *, asks: bool) -> None:
    """Say how the answer finds its way where it does not by itself."""
    if receiver and os.environ.get("SSH_CONNECTION"):
        way = f"{receiver.port}:127.0.0.1:{receiver.port}"
        paper.aside("If that browser is not on this machine, its answer comes through this, run beside the browser:")
        paper.aside(f"    ssh -L {way} {somebody(os.getuid())}@{socket.gethostname()}")
    if asks:
        paste = "Or paste" if receiver else "Paste"
        paper.aside(f"{paste} the address that the browser ends at, even if it shows an error there, and press Enter:")


def _completed(oauth: Client, answer: Secret, start: Start, paper: Paper) -> None:
    """Exchange the code for tokens."""
    with _spinner("Exchanging the code", shows=is_terminal(sys.stderr) and not paper.is_json):
        oauth.complete(answer.reveal(), binding=start.binding, timeout=EXCHANGE, actor=somebody(os.getuid()))


@contextmanager
def _of_a_login(given: Given) -> Generator[None, None, None]:
    """Say what is true of a log-in where the library speaks of any request: of wrong keys, and of terms not accepted."""
    login = given.again.command("login")
    try:
        yield
    except ClientRejected as error:
        remedy = f"Correct client_id and client_secret, then run once more: {login}"
        trouble = evolve(trouble_of(error), remedy=remedy)
    except TemporarilyUnavailable as error:
        with stored(given) as store:
            is_told = error.cause == UNKNOWN_USER and is_unsigned(store, given.settings.connection)
        if not is_told:
            raise
        remedy = f"{ContractNotSigned.remedy} Then run once more: {login}"
        trouble = evolve(trouble_of(ContractNotSigned()), remedy=remedy)
    else:
        return
    raise trouble


def _spinner(text: str, *, shows: bool) -> AbstractContextManager[object]:
    """Return what turns while something is waited for, on a terminal that is looked at."""
    return Console(stderr=True).status(text) if shows else nullcontext()
