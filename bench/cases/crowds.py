"""Every library as a crowd meets it: one expired token, shared as its documentation says, and a way to call the API."""

import asyncio
import json
import os
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import attrs
import google.oauth2.credentials
import httpx
import httpx2
import httpx_auth
import requests
import requests_oauth2client
import requests_oauthlib
from authlib.integrations.httpx_client import AsyncOAuth2Client, OAuth2Client
from google.auth.transport.requests import AuthorizedSession

from mailup_oauth import STANDARD, AsyncMailUpOAuth, MailUpOAuth, Registration, Secret
from mailup_oauth.adapters.clock.shifted import ShiftedClock
from mailup_oauth.adapters.storage.sqlite import SqliteStore

from . import microsoft

Call = Callable[[], bool]
"""Call the API once; say whether it answered."""

AsyncCall = Callable[[], Awaitable[bool]]

EXPIRED = {"access_token": "a0", "refresh_token": "r0", "token_type": "Bearer", "expires_in": 0}
REGISTRATION = Registration(client_id="c", client_secret=Secret("s"), redirect_uri="https://app.example/callback")
WIDE = httpx.Limits(max_connections=None, max_keepalive_connections=None)
WIDE2 = httpx2.Limits(max_connections=None, max_keepalive_connections=None)
"""For authlib, which sends through httpx2."""

os.environ["OAUTHLIB_INSECURE_TRANSPORT"] = "1"  # the referee listens on loopback
os.environ["BROWSER"] = "true"  # who is sent to log in goes nowhere


def prepare(base: str, folder: Path) -> None:
    """Leave an expired token where each library would find it."""
    (folder / "token.json").write_text(json.dumps({**EXPIRED, "expires_at": time.time() - 60}))
    with MailUpOAuth(REGISTRATION, store=SqliteStore(folder / "storm.db"), provider=provider(base)) as oauth:
        start = oauth.begin("acme")
        state = httpx.URL(start.url.reveal()).params["state"]
        oauth.complete(f"https://app.example/callback?code=c&state={state}", binding=start.binding)


def provider(base: str) -> Any:
    """Return the referee as a provider of this library."""
    return attrs.evolve(
        STANDARD, authorize_url=f"{base}/authorize", token_url=f"{base}/token", api_hosts=frozenset({"127.0.0.1"})
    )


def stored(folder: Path) -> dict[str, Any]:
    """Return the token that the file holds now."""
    return json.loads((folder / "token.json").read_text())


def keep(folder: Path) -> Callable[..., None]:
    """Return what writes a new token to the file, as the libraries' documentation shows it."""
    return lambda token, **_: (folder / "token.json").write_text(json.dumps(dict(token)))


def late(kind: type[Any], base: str, folder: Path) -> Any:
    """Return a client of this library in whose eyes the token has expired."""
    clock = ShiftedClock()
    clock.move(timedelta(hours=2))
    return kind(REGISTRATION, store=SqliteStore(folder / "storm.db"), provider=provider(base), clock=clock)


def ours(base: str, folder: Path) -> Call:
    """This library in a synchronous program."""
    client = httpx.Client(auth=late(MailUpOAuth, base, folder).auth("acme"), timeout=60, limits=WIDE)
    return lambda: client.get(f"{base}/api").status_code == 200


def ours_async(base: str, folder: Path) -> AsyncCall:
    """This library in an asynchronous program."""
    client = httpx.AsyncClient(auth=late(AsyncMailUpOAuth, base, folder).auth("acme"), timeout=60, limits=WIDE)

    async def call() -> bool:
        return (await client.get(f"{base}/api")).status_code == 200

    return call


def bare(base: str, folder: Path) -> Call:
    """httpx without auth: what the crowd costs without a token."""
    client = httpx.Client(timeout=60, limits=WIDE)
    return lambda: client.get(f"{base}/counts").status_code == 200


def bare_async(base: str, folder: Path) -> AsyncCall:
    """The same with tasks."""
    client = httpx.AsyncClient(timeout=60, limits=WIDE)

    async def call() -> bool:
        return (await client.get(f"{base}/counts")).status_code == 200

    return call


def of_authlib(base: str, folder: Path) -> Call:
    """authlib, synchronous."""
    client = OAuth2Client(
        "c",
        "s",
        token=stored(folder),
        token_endpoint=f"{base}/token",
        update_token=keep(folder),
        timeout=60,
        limits=WIDE2,
    )
    return lambda: client.get(f"{base}/api").status_code == 200


def of_authlib_async(base: str, folder: Path) -> AsyncCall:
    """authlib, asynchronous."""

    async def update(token: Any, **_: Any) -> None:
        await asyncio.to_thread(keep(folder), token)

    client = AsyncOAuth2Client(
        "c", "s", token=stored(folder), token_endpoint=f"{base}/token", update_token=update, timeout=60, limits=WIDE2
    )

    async def call() -> bool:
        return (await client.get(f"{base}/api")).status_code == 200

    return call


def of_requests_oauthlib(base: str, folder: Path) -> Call:
    """requests-oauthlib with automatic refresh."""
    session = requests_oauthlib.OAuth2Session(
        "c",
        token={**stored(folder), "expires_in": -60},
        auto_refresh_url=f"{base}/token",
        auto_refresh_kwargs={"client_id": "c", "client_secret": "s"},
        token_updater=keep(folder),
    )
    return lambda: session.get(f"{base}/api").status_code == 200


def of_requests_oauth2client(base: str, folder: Path) -> Call:
    """requests-oauth2client with automatic refresh."""
    held = stored(folder)
    past = datetime.now(UTC) - timedelta(minutes=1)
    token = requests_oauth2client.BearerToken(
        held["access_token"], refresh_token=held["refresh_token"], expires_at=past
    )
    client = requests_oauth2client.OAuth2Client(f"{base}/token", client_id="c", client_secret="s", testing=True)
    session = requests.Session()
    session.auth = requests_oauth2client.OAuth2AccessTokenAuth(client, token)
    return lambda: session.get(f"{base}/api").status_code == 200


def of_google_auth(base: str, folder: Path) -> Call:
    """google-auth with automatic refresh."""
    held = stored(folder)
    past = datetime.now(UTC).replace(tzinfo=None) - timedelta(minutes=1)
    credentials = google.oauth2.credentials.Credentials(
        held["access_token"],
        held["refresh_token"],
        token_uri=f"{base}/token",
        client_id="c",
        client_secret="s",
        expiry=past,
    )
    session = AuthorizedSession(credentials)
    return lambda: session.get(f"{base}/api").status_code == 200


def httpx_auth_of(base: str, folder: Path) -> httpx_auth.OAuth2AuthorizationCode:
    """Return an auth of httpx-auth over its file cache."""
    cache = folder / "httpx-auth.json"
    httpx_auth.OAuth2.token_cache = httpx_auth.JsonTokenFileCache(str(cache))
    auth = httpx_auth.OAuth2AuthorizationCode(f"{base}/authorize", f"{base}/token", client_id="c", timeout=0.5)
    if not cache.exists():
        httpx_auth.OAuth2.token_cache._add_access_token(auth.state, "a0", -60, "r0")
    return auth


def of_httpx_auth(base: str, folder: Path) -> Call:
    """httpx-auth with its file cache."""
    client = httpx.Client(auth=httpx_auth_of(base, folder), timeout=60, limits=WIDE)
    return lambda: client.get(f"{base}/api").status_code == 200


def of_httpx_auth_async(base: str, folder: Path) -> AsyncCall:
    """The same in an asynchronous client, whose event loop stands still while httpx-auth refreshes."""
    client = httpx.AsyncClient(auth=httpx_auth_of(base, folder), timeout=60, limits=WIDE)

    async def call() -> bool:
        return (await client.get(f"{base}/api")).status_code == 200

    return call


SYNC = {
    "mailup_oauth": ours,
    "authlib": of_authlib,
    "requests-oauthlib": of_requests_oauthlib,
    "requests-oauth2client": of_requests_oauth2client,
    "google-auth": of_google_auth,
    "msal": microsoft.of_msal,
    "httpx-auth": of_httpx_auth,
}
ASYNC = {"mailup_oauth": ours_async, "authlib async": of_authlib_async, "httpx-auth": of_httpx_auth_async}
BARE = {"threads": bare, "tasks": bare_async}
"""The same crowds without auth, against which wall time is told."""
