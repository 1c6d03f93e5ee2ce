"""``call``: one GET to MailUp's API with the connection's token, and what its answer means to a script."""

import json
import os
import re
import ssl
import sys
from datetime import timedelta
from typing import Final

import certifi
import httpx

from ...domain.errors import ContractNotSigned
from ...domain.provider import Provider
from ...domain.wire.api import read_api_verdict
from ...domain.wire.outcomes import ApiVerdict
from ..auth.promises import may_see_token
from .again import Again
from .exits import Exit, Trouble, trouble_of
from .paper import Fact, Paper
from .session import client, connected, is_terminal, prompted
from .settings import Given
from .standing import is_held
from .streams import writing
from .words import harmless

_PATIENCE: Final = 60.0  # seconds for the API, connection and answer each
_SHORT: Final = 200
_SECONDS: Final = re.compile("[0-9]{1,5}")
_TRYING_LATER: Final = timedelta(seconds=1)
"""What a caller over MailUp's limit of calls a second waits for, if it is not told."""


def call(given: Given, path: str, paper: Paper) -> None:
    """Print what the API answers."""
    connection = connected(given)
    url = address(path, given.provider)
    with client(given, prompted(given, may_ask=is_held(given)), paper) as oauth:
        answer = _asked(url, oauth.auth(connection), given)
    if not answer.is_success:
        raise refusal(answer, given.again)
    if paper.is_json:
        paper.result({"connection": connection, "status": answer.status_code, "url": str(url), "body": _body(answer)})
    elif is_terminal(sys.stdout):
        _shown(answer, paper)
    else:
        with writing():
            sys.stdout.buffer.write(answer.content)


def address(path: str, provider: Provider) -> httpx.URL:
    """
    Return the address that *path* means: below MailUp's console, or a whole one of MailUp's API.

    Raises:
        Trouble: it is elsewhere, and a token must not go there.
    """
    console = httpx.URL(provider.identity_url.removesuffix("Authentication/Info"))
    try:
        url = httpx.URL(path) if "://" in path else console.join(path.lstrip("/"))
    except httpx.InvalidURL:
        problem = "This is no address."
    else:
        is_there = (url.scheme, url.host, url.port) == (console.scheme, console.host, console.port)
        if is_there and may_see_token(url.scheme, url.host, provider) and not url.userinfo:
            return url
        problem = "No token may be sent there."
    raise Trouble(
        code="bad_path",
        message=problem,
        remedy=f"Give a path below {console}, such as Authentication/Info, or a whole address of that server.",
        exit=Exit.USAGE,
    )


def _asked(url: httpx.URL, auth: httpx.Auth, given: Given) -> httpx.Response:
    """Ask once, and once more with a newer token if MailUp refuses the one that is held."""
    trust = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # the default context would obey SSLKEYLOGFILE
    trust.load_verify_locations(certifi.where())
    try:
        with httpx.Client(auth=auth, verify=trust, trust_env=False, timeout=_PATIENCE) as api:
            return api.get(url, headers={"Accept": "application/json"})
    except httpx.HTTPError as error:
        problem = type(error).__name__
    raise Trouble(
        code="api_unreachable",
        message=f"MailUp's API gave no answer ({problem}).",
        remedy=given.way_there(os.environ),
        exit=Exit.TRY_LATER,
    )


def refusal(answer: httpx.Response, again: Again) -> Trouble:
    """Return what an answer that is no success means to a person, at whose terminal *again* has the commands that help."""
    headers = tuple((name.lower(), value) for name, value in answer.headers.items())
    verdict = read_api_verdict(answer.status_code, headers, answer.content)
    told = f"MailUp answered {answer.status_code} {_words(answer)}".rstrip()
    if verdict is ApiVerdict.CONTRACT_UNSIGNED:
        return trouble_of(ContractNotSigned())
    if verdict is ApiVerdict.TOO_MANY_REQUESTS:
        waiting = answer.headers.get("Retry-After", "")
        span = timedelta(seconds=int(waiting)) if _SECONDS.fullmatch(waiting) else _TRYING_LATER
        remedy = f"Try again in {span.total_seconds():.0f} s."
        return Trouble(code="rate_limited", message=f"{told}.", remedy=remedy, exit=Exit.TRY_LATER, retry_after=span)
    if answer.is_server_error:
        remedy = "Nothing is wrong here; try again later."
        return Trouble(code="api_failed", message=f"{told}.", remedy=remedy, exit=Exit.TRY_LATER)
    if verdict is ApiVerdict.TOKEN_REJECTED:
        remedy = f"Two tokens were refused in a row. Log in anew: {again.command('login')}"
        return Trouble(code="token_rejected", message=f"{told}.", remedy=remedy)
    return Trouble(code="api_refused", message=f"{told}.", remedy="Look at the path and at what this user may do.")


def _words(answer: httpx.Response) -> str:
    """Return what MailUp says about a refusal, as far as it is short text."""
    body = _body(answer)
    told = body.get("ErrorDescription") or body.get("error_description") or "" if isinstance(body, dict) else ""
    return f"({harmless(str(told))[:_SHORT]})" if told else ""


def _body(answer: httpx.Response) -> Fact:
    """Return the body as JSON, or else as text."""
    try:
        body: Fact = answer.json()
    except (ValueError, RecursionError):
        return answer.text
    return body


def _shown(answer: httpx.Response, paper: Paper) -> None:
    """Print the body for a person: JSON is laid out, and nothing is obeyed by the terminal."""
    body = _body(answer)
    text = body if isinstance(body, str) else json.dumps(body, indent=2, ensure_ascii=False)
    paper.result({}, *text.splitlines())
