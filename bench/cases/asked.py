"""What the browser carries: the authorization URL and the callback, ours and the peers'."""

import base64
import hashlib
import hmac
import itertools
import secrets
from collections.abc import Callable, Coroutine, Iterator
from urllib.parse import parse_qs, urlencode, urlsplit

import oauthlib.common
import oauthlib.oauth2
import requests_oauth2client
from authlib.common.security import generate_token
from authlib.oauth2.client import OAuth2Client as AuthlibClient
from authlib.oauth2.rfc6749.parameters import parse_authorization_code_response
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from httpx_oauth.oauth2 import OAuth2

from mailup_oauth import MAILUP, Secret
from mailup_oauth.adapters.cipher.keys import KeyRing, new_key
from mailup_oauth.adapters.cipher.marker import HmacMarker
from mailup_oauth.adapters.entropy.system import SystemEntropy
from mailup_oauth.domain.credential import Credential, Mark, Marking
from mailup_oauth.domain.wire.callback import nonce_digest, read_callback
from mailup_oauth.domain.wire.requests import authorization_url, redirect_uri

CLIENT_ID, CLIENT_SECRET = "11111111-2222-3333-4444-555555555555", "66666666-7777-8888-9999-000000000000"
REDIRECT_URI = "https://app.example/mailup/callback"
AUTHORIZE, TOKEN = MAILUP.authorize_url, MAILUP.token_url
STATE = secrets.token_urlsafe(32)

_marker = HmacMarker(KeyRing((new_key(),)))
_NO_MARK = Mark("", "")


def marking(secret: Secret) -> Credential:
    """Mark a token where it is born."""
    return Credential(secret, _marker.mark(secret))


def ran(coroutine: Coroutine[object, object, object]) -> object:
    """Return what a coroutine returns that waits for nothing."""
    try:
        coroutine.send(None)
    except StopIteration as ended:
        return ended.value
    raise AssertionError


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


def httpx_oauth_url() -> Callable[[], object]:
    """httpx-oauth's client; state and PKCE are made beside it."""
    client = OAuth2(CLIENT_ID, CLIENT_SECRET, AUTHORIZE, TOKEN, TOKEN)

    def make() -> object:
        challenge = create_s256_code_challenge(secrets.token_urlsafe(36))
        return ran(client.get_authorization_url(REDIRECT_URI, secrets.token_urlsafe(32), None, challenge, "S256"))

    return make


def stdlib_url() -> Callable[[], object]:
    """The standard library alone."""

    def make() -> str:
        digest = hashlib.sha256(secrets.token_urlsafe(36).encode()).digest()
        members = {
            "response_type": "code",
            "client_id": CLIENT_ID,
            "redirect_uri": REDIRECT_URI,
            "state": secrets.token_urlsafe(32),
            "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
            "code_challenge_method": "S256",
        }
        return f"{AUTHORIZE}?{urlencode(members)}"

    return make


# -- the callback and its nonce -------------------------------------------------------------------------------------------


def callbacks_of_one() -> Iterator[str]:
    """
    Return callbacks for one case, each another one, as callbacks are.

    The standard library remembers the latest addresses that it took apart, so no case may meet those of another.
    """
    return itertools.cycle([f"{REDIRECT_URI}?code={secrets.token_hex(25)}&state={STATE}" for _ in range(1000)])


def our_callback(marking: Marking = marking) -> Callable[[], object]:
    """Ours: read and judged up to the nonce, which is compared in constant time with the attempt's."""
    expected, callbacks = nonce_digest(Secret(STATE)), callbacks_of_one()

    def read() -> bool:
        callback = read_callback(next(callbacks), redirect_uri=REDIRECT_URI, provider=MAILUP, marking=marking)
        return hmac.compare_digest(nonce_digest(callback.nonces[0]).encode(), expected.encode())

    return read


def authlib_callback() -> Callable[[], object]:
    """authlib's parser."""
    callbacks = callbacks_of_one()
    return lambda: parse_authorization_code_response(next(callbacks), STATE)


def oauthlib_callback() -> Callable[[], object]:
    """oauthlib's parser."""
    client, callbacks = oauthlib.oauth2.WebApplicationClient(CLIENT_ID), callbacks_of_one()
    return lambda: client.parse_request_uri_response(next(callbacks), state=STATE)


def requests_oauth2client_callback() -> Callable[[], object]:
    """requests-oauth2client's validation."""
    request = requests_oauth2client.AuthorizationRequest(
        AUTHORIZE, client_id=CLIENT_ID, redirect_uri=REDIRECT_URI, scope=None, state=STATE
    )
    callbacks = callbacks_of_one()
    return lambda: request.validate_callback(next(callbacks))


def stdlib_callback() -> Callable[[], object]:
    """The standard library alone."""
    callbacks = callbacks_of_one()
    return lambda: hmac.compare_digest(parse_qs(urlsplit(next(callbacks)).query)["state"][0], STATE)
