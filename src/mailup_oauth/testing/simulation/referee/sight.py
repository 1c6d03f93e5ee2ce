"""Rows, records and requests as an outsider reads them: plain JSON and plain forms, and nothing of the client's code."""

import json
import re
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import parse_qs

from attrs import field, frozen

from ....domain.instants import END_OF_TIME
from ....domain.wire.http import Ending, Exchange, HttpRequest, HttpResponse
from ....ports import Row
from ..glass import SEAL

Members = Mapping[str, Any]

_REFRESH_TOKEN: Final = re.compile(rb'"refresh_token":"([^"\\]+)"')


@frozen(kw_only=True)
class Held:
    """
    Tokens whose user is not known.

    Attributes:
        access: The access token itself.
        until: When it ends, by the clock on the wall.
        asked: How often MailUp was asked whose it is.
        is_asked: Whether it is asked now.
    """

    access: str = field(repr=False)
    until: datetime
    asked: int
    is_asked: bool


@frozen(kw_only=True)
class Seen:
    """
    A row, looked at through the glass.

    Attributes:
        kind: The name of the connection's state.
        generation: -1 where nothing is held.
        work: The name of the refresh work; empty where nothing is held.
        born_at: When the present tokens were asked for, by the clock on the wall.
        cause: Of death, if it is dead.
        user: Whose it is, if that is known.
        refresh: The refresh token itself, if there is one.
        access: The access token itself, if there is one.
        intent: The refresh token that was meant to be sent, if one was.
        attempts: The name of each attempt's kind.
        ends: How each attempt ended that is over.
        rules: Whose authorization is welcome in each attempt.
        held: The tokens of attempts that wait for their user's name.
        vault: Every secret that is sealed.
    """

    kind: str = "Unregistered"
    epoch: int = 0
    generation: int = -1
    work: str = ""
    cause: str = ""
    born_at: datetime = END_OF_TIME
    user: str = ""
    refresh: str = field(default="", repr=False)
    access: str = field(default="", repr=False)
    intent: str = field(default="", repr=False)
    attempts: Mapping[str, str] = field(factory=dict[str, str])
    ends: Mapping[str, str] = field(factory=dict[str, str])
    rules: Mapping[str, str] = field(factory=dict[str, str])
    held: tuple[Held, ...] = ()
    vault: frozenset[str] = field(default=frozenset(), repr=False)

    @property
    def is_holding(self) -> bool:
        """Whether an authorization is held."""
        return self.generation >= 0


NOTHING: Final = Seen()
"""What is seen where there is no row."""


def look_at(row: Row) -> Seen:
    """Return what can be seen of a row."""
    state: Members = json.loads(row.clear.decode())["state"]
    vault: Mapping[str, str] = json.loads(row.sealed[SEAL:].decode() or "{}")
    grant, work = state.get("grant", {}), state.get("work", {})
    attempts = {attempt["browser"]["id"]: attempt for attempt in state["attempts"]}
    return Seen(
        kind=state["type"],
        epoch=state["epoch"],
        generation=grant.get("generation", -1),
        work=work.get("type", ""),
        cause=work.get("cause", ""),
        born_at=datetime.fromisoformat(grant["born_at"]) if grant else END_OF_TIME,
        user=grant.get("user", {}).get("uid", ""),
        refresh=_secret(vault, grant.get("refresh", {})),
        access=_secret(vault, state.get("access", {}).get("credential", {})),
        intent=_secret(vault, work.get("intent", {})),
        attempts={name: attempt["type"] for name, attempt in attempts.items()},
        ends={name: attempt.get("end", "") for name, attempt in attempts.items()},
        rules={name: attempt["browser"]["rule"] for name, attempt in attempts.items()},
        held=tuple(_held(attempt, vault) for attempt in attempts.values() if "inquiry" in attempt),
        vault=frozenset(vault.values()),
    )


def _held(attempt: Members, vault: Mapping[str, str]) -> Held:
    """Return what an attempt holds."""
    access, inquiry = attempt["access"], attempt["inquiry"]
    return Held(
        access=_secret(vault, access["credential"]),
        until=datetime.fromisoformat(access["expires_at"]),
        asked=inquiry["number"],
        is_asked=inquiry["type"] == "BeingAsked",
    )


def spilled_in(sealed: bytes) -> frozenset[str]:
    """Return every secret that is sealed in a spill, whose clear part is one line."""
    vault: Mapping[str, str] = json.loads(sealed.partition(b"\n")[2][SEAL:] or b"{}")
    return frozenset(vault.values())


def events_of(records: tuple[bytes, ...]) -> tuple[Members, ...]:
    """Return what records tell."""
    return tuple([record_of(text)["event"] for text in records])


@lru_cache(maxsize=64)
def record_of(text: bytes) -> Members:
    """Return what a record says; more than one judge reads it, and none changes it."""
    told: Members = json.loads(text.decode())
    return told


def form_of(request: HttpRequest) -> Mapping[str, str]:
    """Return the form that is posted; empty for what is none."""
    return {name: values[0] for name, values in parse_qs(request.body.reveal()).items()}


def refresh_token_in(exchange: Exchange) -> str:
    """Return the refresh token that stands whole in an answer, if one does."""
    body = exchange.body if isinstance(exchange, HttpResponse) else b""
    found = _REFRESH_TOKEN.search(body)
    return found[1].decode() if found else ""


def is_whole_grant(exchange: Exchange | None) -> bool:
    """Say whether an answer came whole and holds a token that a client can use: for ``Bearer`` if it says for what."""
    told = _told(exchange)
    return bool(told.get("access_token")) and told.get("token_type", "bearer").lower() == "bearer"


def is_whole_error(exchange: Exchange | None) -> bool:
    """Say whether an answer came whole and says, with the status of a success, that it is none."""
    return bool(_told(exchange).get("error"))


def _told(exchange: Exchange | None) -> Members:
    """Return what a successful answer says that came whole; nothing for any other."""
    if (
        not isinstance(exchange, HttpResponse)
        or exchange.status != HTTPStatus.OK
        or exchange.ending is not Ending.WHOLE
    ):
        return {}
    try:
        told: Members = json.loads(exchange.body)
    except ValueError:
        return {}
    return told


def _secret(vault: Mapping[str, str], credential: Members) -> str:
    """Return the secret of a credential or an intent, by its mark."""
    mark = credential.get("mark", {})
    return vault.get(f"{mark.get('key')}:{mark.get('digest')}", "")
