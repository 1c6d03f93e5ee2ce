"""Turns a request into the one command it means; it checks nothing and knows nothing of the world."""

import base64
import binascii
from collections.abc import Mapping
from datetime import datetime
from typing import Final
from urllib.parse import unquote_plus

from attrs import frozen

from ..domain.secret import Secret
from .answers import COOKIE
from .asking import Asking, Door
from .commands import (
    Answer,
    AnswerConsent,
    AskElsewhere,
    AskIncompletely,
    AskResource,
    AskTooMuch,
    AskUnknownGrant,
    AskWrongly,
    Claimed,
    Client,
    Command,
    ExchangeCode,
    ExchangePassword,
    Misdirected,
    Named,
    Nobody,
    OpenLogOn,
    PostCredentials,
    RefreshTokens,
    TokenRequest,
    Visit,
)
from .messages import Request, cookies, header, parameters, wanted_format
from .resources import INFO_PATH, Elsewhere, Resource, called

__all__ = ["INFO_PATH", "LARGEST_BODY", "TOKEN_PATH", "route"]

TOKEN_PATH: Final = "/Authorization/OAuth/Token"  # a path, not a password
LARGEST_BODY: Final = 65_536
"""Bytes of a body that are read; no form of this protocol comes near."""


@frozen(kw_only=True)
class Arrival:
    """A request with the moment it came and the chance that may be drawn on in answering it."""

    request: Request
    now: datetime
    entropy: bytes


def route(request: Request, *, now: datetime, entropy: bytes) -> Command:
    """
    Return what *request* asks for.

    Total: any method, path, header and bytes become a command.

    Args:
        request: As it came in.
        now: The moment it came, in UTC.
        entropy: Bytes nobody can guess, 32 or more.
    """
    if len(request.body) > LARGEST_BODY:
        return AskTooMuch()
    arrival = Arrival(request=request, now=now, entropy=entropy)
    match request.path, request.method:
        case (Door.LOG_ON.value | Door.AUTHORIZATION.value, "GET" | "POST"):
            return _visit(arrival, parameters(request))
        case (path, "GET" | "POST") if path == TOKEN_PATH:
            return _token(arrival, parameters(request))
        case (Door.LOG_ON.value | Door.AUTHORIZATION.value, _):
            return AskWrongly(("GET", "POST"))
        case (path, _) if path == TOKEN_PATH:
            return AskWrongly(("GET", "POST"))
        case _:
            return _call(arrival, called(request.path, parameters(request)))


def _call(arrival: Arrival, asked: Resource | Elsewhere) -> AskResource | Misdirected:
    match asked:
        case Elsewhere():
            return AskElsewhere()
        case _ if arrival.request.method != "GET":
            return AskWrongly(("GET",))
        case resource:
            request = arrival.request
            form, token = wanted_format(request), _bearer(request)
            return AskResource(resource=resource, form=form, access_token=token, now=arrival.now)


def _visit(arrival: Arrival, given: Mapping[str, str]) -> Visit:
    asking = _asking(Door(arrival.request.path), given)
    cookie = Secret(cookies(arrival.request).get(COOKIE, ""))
    page_token = Secret(given.get("page_token", ""))
    answers = [answer for answer in Answer if answer.value == given.get("answer")]
    match arrival.request.method, answers:
        case "POST", [answer]:
            return AnswerConsent(
                asking=asking,
                cookie=cookie,
                page_token=page_token,
                answer=answer,
                now=arrival.now,
                entropy=arrival.entropy,
            )
        case "POST", [] if "username" in given or "page_token" in given:
            return PostCredentials(
                asking=asking,
                cookie=cookie,
                page_token=page_token,
                username=given.get("username", ""),
                password=Secret(given.get("password", "")),
                now=arrival.now,
                entropy=arrival.entropy,
            )
        case _:
            # An application may also POST its request here; mailup-wire.md section 3.
            return OpenLogOn(asking=asking, now=arrival.now, entropy=arrival.entropy)


def _asking(door: Door, given: Mapping[str, str]) -> Asking:
    return Asking(
        door=door,
        client_id=given.get("client_id", ""),
        client_secret=Secret(given.get("client_secret", "")),
        response_type=given.get("response_type", ""),
        redirect_uri=given.get("redirect_uri", ""),
        state=given.get("state", ""),
        code_challenge=given.get("code_challenge", ""),
        code_challenge_method=given.get("code_challenge_method", ""),
    )


def _token(arrival: Arrival, given: Mapping[str, str]) -> TokenRequest:
    client = _client(arrival.request, given)
    match given.get("grant_type", ""):
        case "authorization_code" if given.get("code"):
            return ExchangeCode(
                client=client,
                code=Secret(given["code"]),
                redirect_uri=given.get("redirect_uri", ""),
                code_verifier=Secret(given.get("code_verifier", "")),
                now=arrival.now,
                entropy=arrival.entropy,
            )
        case "refresh_token" if given.get("refresh_token"):
            token = Secret(given["refresh_token"])
            return RefreshTokens(client=client, refresh_token=token, now=arrival.now, entropy=arrival.entropy)
        case "password" if given.get("username") and given.get("password"):
            return ExchangePassword(
                client=client,
                username=given["username"],
                password=Secret(given["password"]),
                now=arrival.now,
                entropy=arrival.entropy,
            )
        case "authorization_code" | "refresh_token" | "password" | "":
            return AskIncompletely()
        case _:
            return AskUnknownGrant()


def _client(request: Request, given: Mapping[str, str]) -> Client:
    # Parameters win over Basic: the Objective-C sample's broken header does no harm.  mailup-wire.md section 7.
    if given.get("client_secret"):
        return Claimed(given.get("client_id", ""), Secret(given["client_secret"]))
    basic = _basic(header(request, "authorization"))
    if isinstance(basic, Nobody) and given.get("client_id"):
        return Named(given["client_id"])
    return basic


def _basic(value: str) -> Claimed | Nobody:
    scheme, _, packed = value.partition(" ")
    if scheme.lower() != "basic":
        return Nobody()
    try:
        name, colon, secret = base64.b64decode(packed.strip().encode("ascii"), validate=True).partition(b":")
    except (binascii.Error, UnicodeEncodeError):
        return Nobody()
    if not colon:
        return Nobody()
    # Form-decoded, RFC 6749 section 2.3.1.
    client_id, client_secret = (unquote_plus(part.decode("utf-8", "replace")) for part in (name, secret))
    return Claimed(client_id, Secret(client_secret))


def _bearer(request: Request) -> Secret:
    # Exactly this scheme; "MailUp" was retired in 2018.  mailup-wire.md section 11.
    scheme, _, token = header(request, "authorization").partition(" ")
    return Secret(token if scheme == "Bearer" else "")
