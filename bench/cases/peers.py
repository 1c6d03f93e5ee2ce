"""Every peer with one valid token in its own way, over a transport that answers at once; no socket is opened."""

import base64
import json
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import google.oauth2.credentials
import httpx
import httpx2
import httpx_auth
import msal
import requests
import requests_oauth2client
import requests_oauthlib
from authlib.integrations.httpx_client import AsyncOAuth2Client, OAuth2Client
from google.auth.transport.requests import AuthorizedSession
from requests.adapters import BaseAdapter

URL = "https://services.mailup.com/API/v1.1/Rest/ConsoleService.svc/Console/Authentication/Info"
TOKEN = "x" * 128
AN_HOUR = 3600
SOMEBODY = base64.urlsafe_b64encode(b'{"uid":"u","utid":"t"}').decode().rstrip("=")
"""What msal takes for the account that the tokens belong to."""


class Silent(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """Answers 200 to everything, without a socket."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Answer."""
        return httpx.Response(200)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Answer."""
        return httpx.Response(200)


class Silent2(httpx2.BaseTransport, httpx2.AsyncBaseTransport):
    """The same for httpx2, through which authlib sends."""

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """Answer."""
        return httpx2.Response(200)

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Answer."""
        return httpx2.Response(200)


class SilentAdapter(BaseAdapter):
    """The same for requests."""

    def send(self, request: requests.PreparedRequest, **_: Any) -> requests.Response:
        """Answer."""
        response = requests.Response()
        response.status_code, response.request, response.url = 200, request, request.url or ""
        response._content = b""
        return response

    def close(self) -> None:
        """Nothing is open."""


class Constant(httpx.Auth):
    """The floor: an auth that sets one header and knows nothing."""

    def auth_flow(self, request: httpx.Request) -> Any:
        """Attach a constant."""
        request.headers["Authorization"] = f"Bearer {TOKEN}"
        yield request


def mounted(session: requests.Session) -> requests.Session:
    """Return a session whose requests go nowhere."""
    session.trust_env = False
    session.mount("https://", SilentAdapter())
    return session


def token() -> dict[str, object]:
    """Return a token as authlib and oauthlib keep one."""
    return {"access_token": TOKEN, "token_type": "Bearer", "expires_at": time.time() + AN_HOUR, "expires_in": AN_HOUR}


def bare() -> Callable[[], object]:
    """httpx without any auth."""
    client = httpx.Client(transport=Silent())
    return lambda: client.get(URL)


def trivial() -> Callable[[], object]:
    """httpx with the trivial auth."""
    client = httpx.Client(transport=Silent(), auth=Constant())
    return lambda: client.get(URL)


def bare2() -> Callable[[], object]:
    """httpx2 without any auth."""
    client = httpx2.Client(transport=Silent2())
    return lambda: client.get(URL)


def bare2_async() -> Any:
    """httpx2 without any auth, awaited."""
    client = httpx2.AsyncClient(transport=Silent2())
    return lambda: client.get(URL)


def bare_async() -> Any:
    """httpx without any auth, awaited."""
    client = httpx.AsyncClient(transport=Silent())
    return lambda: client.get(URL)


def trivial_async() -> Any:
    """httpx with the trivial auth, awaited."""
    client = httpx.AsyncClient(transport=Silent(), auth=Constant())
    return lambda: client.get(URL)


def httpx_auth_holding(cache: httpx_auth.TokenMemoryCache, client_id: str = "c") -> Any:
    """Return an auth of httpx-auth whose token is in *cache*."""
    place = "https://as.example"
    auth = httpx_auth.OAuth2AuthorizationCode(f"{place}/authorize", f"{place}/token", client_id=client_id)
    cache._add_access_token(auth.state, TOKEN, AN_HOUR)
    return auth


def of_httpx_auth(cache: httpx_auth.TokenMemoryCache | None = None) -> Callable[[], object]:
    """httpx-auth with its cache in memory, or with another; it knows one for the whole process, so each call sets its own."""
    cache = httpx_auth.TokenMemoryCache() if cache is None else cache
    client = httpx.Client(transport=Silent(), auth=httpx_auth_holding(cache))

    def send() -> object:
        httpx_auth.OAuth2.token_cache = cache
        return client.get(URL)

    return send


def of_httpx_auth_file(folder: Path) -> Callable[[], object]:
    """httpx-auth with its cache in a file."""
    return of_httpx_auth(httpx_auth.JsonTokenFileCache(folder / "httpx-auth.json"))


def of_authlib() -> Callable[[], object]:
    """authlib's synchronous client."""
    client = OAuth2Client("c", "s", token=token(), transport=Silent2())
    return lambda: client.get(URL)


def of_authlib_async() -> Any:
    """authlib's asynchronous client."""
    client = AsyncOAuth2Client("c", "s", token=token(), transport=Silent2())
    return lambda: client.get(URL)


def bare_requests() -> Callable[[], object]:
    """requests without any auth."""
    session = mounted(requests.Session())
    return lambda: session.get(URL)


def of_requests_oauthlib() -> Callable[[], object]:
    """requests-oauthlib."""
    session = mounted(requests_oauthlib.OAuth2Session("c", token=token()))
    return lambda: session.get(URL)


def of_requests_oauth2client() -> Callable[[], object]:
    """requests-oauth2client."""
    held = requests_oauth2client.BearerToken(TOKEN, expires_at=datetime.now(UTC) + timedelta(hours=1))
    client = requests_oauth2client.OAuth2Client("https://as.example/token", client_id="c", client_secret="s")
    session = mounted(requests.Session())
    session.auth = requests_oauth2client.OAuth2AccessTokenAuth(client, held)
    return lambda: session.get(URL)


def of_google_auth() -> Callable[[], object]:
    """google-auth."""
    expiry = datetime.now(UTC).replace(tzinfo=None) + timedelta(hours=1)
    held = google.oauth2.credentials.Credentials(TOKEN, expiry=expiry)
    session = mounted(AuthorizedSession(held))
    return lambda: session.get(URL)


class _Microsoft:
    """What msal needs of a server to fill its cache, answered from here."""

    def get(self, url: str, **_: Any) -> Any:
        """Answer the discovery of the endpoints."""
        base = "https://login.microsoftonline.com/common"
        return self._said({"authorization_endpoint": f"{base}/a", "token_endpoint": f"{base}/t", "issuer": base})

    def post(self, url: str, **_: Any) -> Any:
        """Give tokens."""
        return self._said({**token(), "refresh_token": "r", "client_info": SOMEBODY, "scope": "s"})

    def close(self) -> None:
        """Nothing is open."""

    @staticmethod
    def _said(members: dict[str, object]) -> Any:
        response = requests.Response()
        response.status_code, response._content = 200, json.dumps(members).encode()
        return response


def of_msal() -> Callable[[], object]:
    """msal's look into its cache, which is all it does for a request."""
    application = msal.ConfidentialClientApplication(
        "c",
        authority="https://login.microsoftonline.com/common",
        client_credential="s",
        http_client=_Microsoft(),
        instance_discovery=False,
    )
    application.acquire_token_by_authorization_code("code", scopes=["s"])
    accounts = application.get_accounts()
    account = accounts[0] if accounts else None
    return lambda: application.acquire_token_silent(["s"], account=account)
