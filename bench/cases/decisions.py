"""The decision alone: is the held token usable now?  Each library by the narrowest call of its own that answers this."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import google.oauth2.credentials
import httpx
import httpx_auth
import requests_oauth2client
import requests_oauthlib
from authlib.integrations.httpx_client import OAuth2Client

from mailup_oauth.adapters.clock.system import SystemClock

from .ours import deciding
from .peers import AN_HOUR, TOKEN, URL, Constant, httpx_auth_holding, of_msal, token

Decision = Callable[[], object]


def least() -> Decision:
    """Read a snapshot and a clock, and compare: the floor of performance.md, with bare numbers."""
    held = {"acme": (TOKEN, time.time() + AN_HOUR)}
    return lambda: held["acme"][0] if time.time() < held["acme"][1] else None


def clock() -> Decision:
    """Our clock alone, which gives an aware moment."""
    return SystemClock().now


def generator() -> Decision:
    """The generator of the trivial auth, which decides nothing and sets the header."""
    request, auth = httpx.Request("GET", URL), Constant()
    return lambda: next(auth.auth_flow(request))


def of_httpx_auth(cache: httpx_auth.TokenMemoryCache) -> Decision:
    """httpx-auth's look into its cache."""
    auth = httpx_auth_holding(cache)
    return lambda: cache.get_token(auth.state, early_expiry=auth.early_expiry)


def of_authlib() -> Decision:
    """authlib's check before each request."""
    client = OAuth2Client("c", "s", token=token())
    return lambda: client.ensure_active_token(client.token)


def of_requests_oauthlib() -> Decision:
    """oauthlib's check, which sets the header as well."""
    client = requests_oauthlib.OAuth2Session("c", token=token())._client
    return lambda: client.add_token(URL, http_method="GET", headers={})


def of_requests_oauth2client() -> Decision:
    """requests-oauth2client's check with its usual leeway."""
    held = requests_oauth2client.BearerToken(TOKEN, expires_at=datetime.now(UTC) + timedelta(hours=1))
    return lambda: held.is_expired(20)


def of_google_auth() -> Decision:
    """google-auth's check, which sets its headers as well."""
    expiry = datetime.now(UTC).replace(tzinfo=None) + timedelta(hours=1)
    held = google.oauth2.credentials.Credentials(TOKEN, expiry=expiry)
    return lambda: held.before_request(None, "GET", URL, {})


def decisions(folder: Path) -> dict[str, Decision]:
    """Return every library's, and what ours is made of."""
    return {
        "mailup_oauth access_token()": deciding(folder),
        "a snapshot, time.time() and a comparison": least(),
        "an aware moment alone": clock(),
        "trivial httpx.Auth, its generator": generator(),
        "httpx-auth, memory": of_httpx_auth(httpx_auth.TokenMemoryCache()),
        "httpx-auth, JSON file": of_httpx_auth(httpx_auth.JsonTokenFileCache(folder / "decision.json")),
        "authlib ensure_active_token()": of_authlib(),
        "requests-oauthlib add_token()": of_requests_oauthlib(),
        "requests-oauth2client is_expired()": of_requests_oauth2client(),
        "google-auth before_request()": of_google_auth(),
        "msal acquire_token_silent()": of_msal(),
    }
