"""What type checkers must make of the public names; mypy and pyright are the judges (``./dev check``), nothing runs it."""

from collections.abc import AsyncIterator, Iterator
from datetime import datetime, timedelta
from typing import assert_type

import attrs
import httpx
import httpx2
import requests

from mailup_oauth import (
    MAILUP,
    STANDARD,
    AccessToken,
    AsyncMailUpOAuth,
    CallbackFault,
    CallbackRefused,
    DeathCause,
    Farewell,
    MailUpOAuth,
    MailUpOAuthError,
    NotConnected,
    Policy,
    Provider,
    ReauthorizationRequired,
    Registration,
    Secret,
    Start,
    Status,
    TemporarilyUnavailable,
)
from mailup_oauth.adapters.auth import headers
from mailup_oauth.adapters.auth import httpx as for_httpx
from mailup_oauth.adapters.auth import httpx2 as for_httpx2
from mailup_oauth.adapters.auth import requests as for_requests
from mailup_oauth.adapters.storage.memory import MemoryStore
from mailup_oauth.adapters.storage.sqlite import SqliteStore
from mailup_oauth.journal import Record
from mailup_oauth.ports import Store


def registers() -> Registration:
    """The client secret is a secret, or a callable that gives one."""
    Registration(client_id="id", client_secret=Secret("s"), redirect_uri="https://app.example/callback")
    return Registration(client_id="id", client_secret=lambda: Secret("s"), redirect_uri="https://app.example/callback")


def stores() -> tuple[Store, Store]:
    """Both stores are stores; a path is text or a path."""
    return MemoryStore(), SqliteStore("mailup.db")


def lives(registration: Registration, store: Store) -> None:
    """Every call of the synchronous facade, and what it gives."""
    with MailUpOAuth(registration, store=store, provider=MAILUP, policy=Policy()) as oauth:
        assert_type(oauth, MailUpOAuth)
        start = assert_type(oauth.begin("acme", actor="a", reason="r", correlation_id="c"), Start)
        assert_type(start.url, Secret)
        assert_type(oauth.complete("?code=1", binding=start.binding), Status)
        token = assert_type(oauth.access_token("acme", timeout=timedelta(seconds=3)), AccessToken)
        assert_type(token.value.reveal(), str)
        assert_type(token.expires_at, datetime)
        assert_type(oauth.refresh("acme"), AccessToken)
        assert_type(oauth.report_rejected("acme", token), AccessToken)
        assert_type(oauth.status("acme").user, str)
        assert_type(oauth.disconnect("acme"), Farewell)
        assert_type(oauth.journal("acme"), Iterator[Record])
        with httpx.Client(auth=oauth.auth("acme")) as client:
            client.get("https://services.mailup.com/")


async def lives_with_await(registration: Registration, store: Store) -> None:
    """The same of the asynchronous facade."""
    async with AsyncMailUpOAuth(registration, store=store) as oauth:
        assert_type(oauth, AsyncMailUpOAuth)
        start = assert_type(await oauth.begin("acme", allow_account_change=True), Start)
        assert_type(await oauth.complete("?code=1", binding=start.binding), Status)
        token = assert_type(await oauth.access_token("acme"), AccessToken)
        assert_type(await oauth.refresh("acme", actor="a"), AccessToken)
        assert_type(await oauth.report_rejected("acme", token), AccessToken)
        assert_type(await oauth.status("acme"), Status)
        assert_type(await oauth.disconnect("acme"), Farewell)
        assert_type(oauth.journal("acme"), AsyncIterator[Record])
        async with httpx.AsyncClient(auth=oauth.auth("acme")) as client:
            await client.get("https://services.mailup.com/")


def calls(oauth: MailUpOAuth, twin: AsyncMailUpOAuth) -> None:
    """Each library takes the auth that is made for it, of either facade."""
    assert_type(oauth.provider, Provider)
    httpx.Client(auth=for_httpx.MailUpAuth(oauth, "acme"))
    httpx.AsyncClient(auth=for_httpx.AsyncMailUpAuth(twin, "acme"))
    httpx2.Client(auth=for_httpx2.MailUpAuth(oauth, "acme"))
    httpx2.AsyncClient(auth=for_httpx2.AsyncMailUpAuth(twin, "acme"))
    requests.get("https://services.mailup.com/", auth=for_requests.MailUpAuth(oauth, "acme"), timeout=60)


async def calls_by_hand(oauth: MailUpOAuth, twin: AsyncMailUpOAuth) -> dict[str, str]:
    """A permit is the same thing whoever gives it."""
    permit = assert_type(headers.authorize(oauth, "acme", "https://services.mailup.com/"), headers.Permit)
    permit = assert_type(await headers.async_authorize(twin, "acme", permit.url), headers.Permit)
    if permit.is_refused(401, [("WWW-Authenticate", "Bearer")], b""):
        permit = headers.renew(oauth, await headers.async_renew(twin, permit))
    return assert_type(permit.headers, dict[str, str])


def is_told(error: MailUpOAuthError) -> timedelta:
    """Every error has a code and a remedy; those that can say more do."""
    assert_type(error.code, str)
    assert_type(error.remedy, str)
    match error:
        case NotConnected(reason=reason) | ReauthorizationRequired(reason=reason):
            assert_type(reason, DeathCause)
        case CallbackRefused(reason=fault):
            assert_type(fault, CallbackFault)
        case TemporarilyUnavailable(retry_after=span):
            return span
        case _:
            pass
    return timedelta()


def talks_to_another_server() -> Provider:
    """Another server is a changed value."""
    return assert_type(attrs.evolve(STANDARD, token_url="https://as.example/token"), Provider)
