"""The pieces of the protocol, ours and the peers': what is sent, what comes back, what it means."""

import hmac
import itertools
import json
import secrets
from collections.abc import Callable
from urllib.parse import urlencode

import oauthlib.common
import oauthlib.oauth2
import requests_oauth2client
from authlib.common.security import generate_token
from authlib.oauth2.auth import encode_client_secret_post
from authlib.oauth2.client import OAuth2Client as AuthlibClient
from authlib.oauth2.rfc6749 import OAuth2Token
from authlib.oauth2.rfc6749.parameters import parse_authorization_code_response, prepare_token_request
from authlib.oauth2.rfc7636 import create_s256_code_challenge

from mailup_oauth import MAILUP, Secret
from mailup_oauth.adapters.cipher.keys import KeyRing, new_key
from mailup_oauth.adapters.cipher.marker import HmacMarker
from mailup_oauth.adapters.entropy.system import SystemEntropy
from mailup_oauth.domain.credential import Credential, Mark, Marking
from mailup_oauth.domain.wire.answers import read_token_answer
from mailup_oauth.domain.wire.callback import nonce_digest, read_callback
from mailup_oauth.domain.wire.http import Ending, HttpResponse
from mailup_oauth.domain.wire.requests import authorization_url, redirect_uri, refresh_request

CLIENT_ID, CLIENT_SECRET = "11111111-2222-3333-4444-555555555555", "66666666-7777-8888-9999-000000000000"
REDIRECT_URI = "https://app.example/mailup/callback"
AUTHORIZE, TOKEN = MAILUP.authorize_url, MAILUP.token_url
ANSWER = json.dumps(
    {"access_token": "a1" * 190, "expires_in": 3600, "refresh_token": "r2" * 190, "token_type": "bearer", "scope": ""}
).encode()
STATE = secrets.token_urlsafe(32)
CALLBACKS = tuple(f"{REDIRECT_URI}?code={secrets.token_hex(25)}&state={STATE}" for _ in range(1000))
"""Each another one, as callbacks are: the standard library remembers the latest addresses that it took apart."""

REFRESH = "r2" * 64

_marker = HmacMarker(KeyRing((new_key(),)))
_NO_MARK = Mark("", "")


def marking(secret: Secret) -> Credential:
    """Mark a token where it is born."""
    return Credential(secret, _marker.mark(secret))


def unmarked(secret: Secret) -> Credential:
    """Leave the keyed digest out, which no peer makes."""
    return Credential(secret, _NO_MARK)


# -- the authorization URL, with a fresh nonce and PKCE S256 --------------------------------------------------------------


def our_url() -> Callable[[], object]:
    """Ours: the nonce in the redirect URI as well."""
    entropy = SystemEntropy()

    def make() -> Secret:
        nonce, verifier = entropy.token(), entropy.token()
        return authorization_url(MAILUP, CLIENT_ID, redirect_uri(REDIRECT_URI, nonce, MAILUP), nonce, verifier)

    return make


def authlib_url() -> Callable[[], object]:
    """authlib's client, which makes the state."""
    client = AuthlibClient(None, CLIENT_ID, CLIENT_SECRET, redirect_uri=REDIRECT_URI, code_challenge_method="S256")
    return lambda: client.create_authorization_url(AUTHORIZE, code_verifier=generate_token(48))


def oauthlib_url() -> Callable[[], object]:
    """oauthlib's client."""
    client = oauthlib.oauth2.WebApplicationClient(CLIENT_ID)

    def make() -> object:
        verifier = client.create_code_verifier(48)
        return client.prepare_request_uri(
            AUTHORIZE,
            redirect_uri=REDIRECT_URI,
            state=oauthlib.common.generate_token(),
            code_challenge=create_s256_code_challenge(verifier),
            code_challenge_method="S256",
        )

    return make


def requests_oauth2client_url() -> Callable[[], object]:
    """requests-oauth2client's request, which makes state and PKCE."""
    client = requests_oauth2client.OAuth2Client(
        TOKEN,
        client_id=CLIENT_ID,
        client_secret=CLIENT_SECRET,
        authorization_endpoint=AUTHORIZE,
        redirect_uri=REDIRECT_URI,
    )
    return lambda: client.authorization_request().uri


# -- the callback and its nonce -------------------------------------------------------------------------------------------


def our_callback(marking: Marking = marking) -> Callable[[], object]:
    """Ours: read and judged up to the nonce, which is compared in constant time with the attempt's."""
    expected, callbacks = nonce_digest(Secret(STATE)), itertools.cycle(CALLBACKS)

    def read() -> bool:
        callback = read_callback(next(callbacks), redirect_uri=REDIRECT_URI, provider=MAILUP, marking=marking)
        return hmac.compare_digest(nonce_digest(callback.nonces[0]).encode(), expected.encode())

    return read


def authlib_callback() -> Callable[[], object]:
    """authlib's parser."""
    callbacks = itertools.cycle(CALLBACKS)
    return lambda: parse_authorization_code_response(next(callbacks), STATE)


def oauthlib_callback() -> Callable[[], object]:
    """oauthlib's parser."""
    client, callbacks = oauthlib.oauth2.WebApplicationClient(CLIENT_ID), itertools.cycle(CALLBACKS)
    return lambda: client.parse_request_uri_response(next(callbacks), state=STATE)


def requests_oauth2client_callback() -> Callable[[], object]:
    """requests-oauth2client's validation."""
    request = requests_oauth2client.AuthorizationRequest(
        AUTHORIZE, client_id=CLIENT_ID, redirect_uri=REDIRECT_URI, scope=None, state=STATE
    )
    callbacks = itertools.cycle(CALLBACKS)
    return lambda: request.validate_callback(next(callbacks))


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


PIECES = {
    "authorization URL, fresh nonce and PKCE": (
        our_url,
        {"authlib": authlib_url, "oauthlib": oauthlib_url, "requests-oauth2client": requests_oauth2client_url},
    ),
    "callback and nonce check": (
        our_callback,
        {
            "mailup_oauth, reading alone": lambda: our_callback(unmarked),
            "authlib": authlib_callback,
            "oauthlib": oauthlib_callback,
            "requests-oauth2client": requests_oauth2client_callback,
        },
    ),
    "refresh request": (our_refresh, {"authlib": authlib_refresh, "oauthlib": oauthlib_refresh, "stdlib": urlencoded}),
    "token answer, 900 bytes": (
        our_answer,
        {
            "mailup_oauth, reading alone": lambda: our_answer(unmarked),
            "authlib": authlib_answer,
            "oauthlib": oauthlib_answer,
            "requests-oauth2client": requests_oauth2client_answer,
        },
    ),
}
"""Each piece: ours, and the peers'."""
