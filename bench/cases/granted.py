"""What the token endpoint is sent, and what it answers: ours and the peers'."""

import json
from collections.abc import Callable
from urllib.parse import urlencode

import httpx
import oauthlib.common
import oauthlib.oauth2
import requests
import requests_oauth2client
from authlib.oauth2.auth import encode_client_secret_post
from authlib.oauth2.client import OAuth2Client as AuthlibClient
from authlib.oauth2.rfc6749 import OAuth2Token
from authlib.oauth2.rfc6749.parameters import prepare_token_request
from httpx_oauth.oauth2 import OAuth2
from httpx_oauth.oauth2 import OAuth2Token as HttpxOAuthToken

from mailup_oauth import MAILUP, Secret
from mailup_oauth.domain.credential import Marking
from mailup_oauth.domain.wire.answers import read_token_answer
from mailup_oauth.domain.wire.http import Ending, HttpResponse
from mailup_oauth.domain.wire.requests import refresh_request

from .asked import AUTHORIZE, CLIENT_ID, CLIENT_SECRET, TOKEN, marking

ANSWER = json.dumps(
    {"access_token": "a1" * 190, "expires_in": 3600, "refresh_token": "r2" * 190, "token_type": "bearer", "scope": ""}
).encode()
REFRESH = "r2" * 64


# -- the refresh request's body -------------------------------------------------------------------------------------------


def our_refresh() -> Callable[[], object]:
    """Ours: the whole request, not only its body."""
    secret, refresh = Secret(CLIENT_SECRET), Secret(REFRESH)
    return lambda: refresh_request(MAILUP, CLIENT_ID, secret, refresh)


def authlib_refresh() -> Callable[[], object]:
    """authlib's body and its client authentication."""
    client = AuthlibClient(None, CLIENT_ID, CLIENT_SECRET)
    return lambda: encode_client_secret_post(
        client, "POST", TOKEN, {}, prepare_token_request("refresh_token", "", refresh_token=REFRESH)
    )


def oauthlib_refresh() -> Callable[[], object]:
    """oauthlib's body."""
    client = oauthlib.oauth2.WebApplicationClient(CLIENT_ID)
    return lambda: client.prepare_refresh_body(refresh_token=REFRESH, client_id=CLIENT_ID, client_secret=CLIENT_SECRET)


def urlencoded() -> Callable[[], object]:
    """The standard library alone."""
    members = {
        "grant_type": "refresh_token",
        "refresh_token": REFRESH,
        "client_id": CLIENT_ID,
        "client_secret": CLIENT_SECRET,
    }
    return lambda: urlencode(members).encode()


def httpx_oauth_refresh() -> Callable[[], object]:
    """httpx-oauth's request, which is httpx's; it has nothing that makes the body alone."""
    client, http = OAuth2(CLIENT_ID, CLIENT_SECRET, AUTHORIZE, TOKEN, TOKEN), httpx.AsyncClient()
    members = {"grant_type": "refresh_token", "refresh_token": REFRESH}
    return lambda: client.build_request(http, "POST", TOKEN, auth_method="client_secret_post", data=members)


def requests_oauth2client_refresh() -> Callable[[], object]:
    """requests-oauth2client's client authentication on a request of requests; nor has it anything that makes the body."""
    client = requests_oauth2client.OAuth2Client(TOKEN, client_id=CLIENT_ID, client_secret=CLIENT_SECRET)
    members = {"grant_type": "refresh_token", "refresh_token": REFRESH}
    return lambda: requests.Request("POST", TOKEN, data=members, auth=client.auth).prepare()


# -- the token answer -----------------------------------------------------------------------------------------------------


def our_answer(marking: Marking = marking) -> Callable[[], object]:
    """Ours: total, strict, both tokens marked."""
    headers = (("content-type", "application/json"),)
    response = HttpResponse(status=200, headers=headers, body=ANSWER, ending=Ending.WHOLE)
    return lambda: read_token_answer(response, MAILUP, marking)


def authlib_answer() -> Callable[[], object]:
    """authlib's reading, without its HTTP."""
    return lambda: OAuth2Token.from_dict(json.loads(ANSWER))


def oauthlib_answer() -> Callable[[], object]:
    """oauthlib's reading."""
    client = oauthlib.oauth2.WebApplicationClient(CLIENT_ID)
    text = ANSWER.decode()
    return lambda: client.parse_request_body_response(text)


def requests_oauth2client_answer() -> Callable[[], object]:
    """requests-oauth2client's token, made of the members."""
    return lambda: requests_oauth2client.BearerToken(**json.loads(ANSWER))


def httpx_oauth_answer() -> Callable[[], object]:
    """httpx-oauth's token, made of the members."""
    return lambda: HttpxOAuthToken(json.loads(ANSWER))


def stdlib_answer() -> Callable[[], object]:
    """The standard library alone."""
    return lambda: json.loads(ANSWER)
