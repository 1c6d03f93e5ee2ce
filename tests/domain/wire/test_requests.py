"""What is asked of the authorization server, byte for byte."""

from base64 import b64decode, b64encode
from urllib.parse import parse_qsl, quote_plus, unquote_plus, urlsplit

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from mailup_oauth.domain.provider import MAILUP, STANDARD
from mailup_oauth.domain.secret import Secret
from mailup_oauth.domain.wire.requests import (
    authorization_url,
    challenge,
    exchange_request,
    identity_request,
    redirect_uri,
    refresh_request,
)

BASE = "https://app.example/mailup/callback"
NONCE = Secret("canary-nonce-4f1")
VERIFIER = Secret("canary-verifier-9c2-with-more-than-43-characters")
PASSWORD = Secret("canary-password")
CODE = Secret("canary-code")
REFRESH = Secret("canary-refresh")
BASIC_MAILUP = evolve(MAILUP, client_authentication=STANDARD.client_authentication)


def fields(request):
    """Read a request's body back."""
    return parse_qsl(request.body.reveal(), keep_blank_values=True, strict_parsing=True)


def test_the_challenge_is_that_of_rfc_7636():
    """The vector of RFC 7636 appendix B comes out."""
    verifier = Secret("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")

    assert challenge(verifier) == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


@pytest.mark.parametrize(
    ("base", "expected"),
    [
        (BASE, f"{BASE}?mailup_attempt=canary-nonce-4f1"),
        (f"{BASE}?", f"{BASE}?mailup_attempt=canary-nonce-4f1"),
        (f"{BASE}?page=mailup", f"{BASE}?page=mailup&mailup_attempt=canary-nonce-4f1"),
        (f"{BASE}?page=mailup&", f"{BASE}?page=mailup&mailup_attempt=canary-nonce-4f1"),
        ("https://App.Example/%7Ea/?q=%2f", "https://App.Example/%7Ea/?q=%2f&mailup_attempt=canary-nonce-4f1"),
    ],
)
def test_the_redirect_uri_is_only_added_to(base, expected):
    """The registered bytes stay as they are; the nonce follows the query that is there."""
    assert redirect_uri(base, NONCE, MAILUP).reveal() == expected


def test_a_nonce_that_travels_in_state_leaves_the_redirect_uri_alone():
    """Where ``state`` carries the nonce, the redirect URI is the registered one."""
    assert redirect_uri(BASE, NONCE, STANDARD).reveal() == BASE


@pytest.mark.parametrize("provider", [MAILUP, STANDARD])
def test_both_steps_send_the_same_redirect_uri(provider):
    """The exchange repeats the redirect URI of the log-on page byte for byte."""
    sent = redirect_uri("https://app.example/%7Ea/?x=%20", NONCE, provider)
    asked = dict(parse_qsl(urlsplit(authorization_url(provider, "id", sent, NONCE, VERIFIER).reveal()).query))
    swapped = dict(fields(exchange_request(provider, "id", PASSWORD, CODE, sent, VERIFIER)))

    assert asked["redirect_uri"] == swapped["redirect_uri"] == sent.reveal()


def test_sec_01_the_authorization_url_asks_for_a_code_and_nothing_else():
    """The query holds exactly the six members of the code grant with PKCE, and no scope (row 9)."""
    url = authorization_url(STANDARD, "an id", BASE, NONCE, VERIFIER).reveal()
    expected = {
        "response_type": "code",
        "client_id": "an id",
        "redirect_uri": BASE,
        "state": "canary-nonce-4f1",
        "code_challenge": challenge(VERIFIER),
        "code_challenge_method": "S256",
    }

    assert dict(parse_qsl(urlsplit(url).query)) == expected


def test_a_query_of_the_authorization_endpoint_is_kept():
    """What the endpoint's address already asks stays in front."""
    provider = evolve(STANDARD, authorize_url="https://as.example/authorize?tenant=a%20b")
    url = authorization_url(provider, "id", BASE, NONCE, VERIFIER).reveal()

    assert url.startswith("https://as.example/authorize?tenant=a%20b&response_type=code&")


@given(verifier=st.text(min_size=8), nonce=st.text(min_size=1), client_id=st.text(min_size=1))
def test_sec_05_the_authorization_url_never_shows_the_verifier(verifier, nonce, client_id):
    """Neither raw nor encoded is the verifier in the URL, for any texts; the URL itself is masked and ASCII."""
    secret = "canary " + verifier
    url = authorization_url(MAILUP, client_id, BASE, Secret(nonce), Secret(secret))
    raw = secret.encode("utf-8", "surrogatepass")
    shapes = {secret, quote_plus(raw), b64encode(raw).decode()}

    assert not any(shape in url.reveal() for shape in shapes)
    assert url.reveal().isascii()
    assert str(url) == "Secret(…)"


@pytest.mark.parametrize("provider", [MAILUP, BASIC_MAILUP])
@pytest.mark.parametrize("kind", ["exchange", "refresh"])
def test_sec_24_token_requests_are_posted_forms(provider, kind):
    """Every token request is a POST form that wants plain JSON back, with nothing in the query."""
    request = (
        exchange_request(provider, "id", PASSWORD, CODE, BASE, VERIFIER)
        if kind == "exchange"
        else refresh_request(provider, "id", PASSWORD, REFRESH)
    )
    headers = (
        ("Accept", "application/json"),
        ("Accept-Encoding", "identity"),
        ("Content-Type", "application/x-www-form-urlencoded"),
    )

    assert (request.method, request.url, request.headers) == ("POST", MAILUP.token_url, headers)
    assert "canary" not in repr(request)


def test_sec_27_the_exchange_in_the_body():
    """MailUp's way: everything in the body, credentials too, and no Authorization header."""
    request = exchange_request(MAILUP, "id", PASSWORD, CODE, BASE, VERIFIER)
    expected = [
        ("grant_type", "authorization_code"),
        ("code", "canary-code"),
        ("redirect_uri", BASE),
        ("code_verifier", VERIFIER.reveal()),
        ("client_id", "id"),
        ("client_secret", "canary-password"),
    ]

    assert fields(request) == expected
    assert request.authorization == Secret("")


def test_sec_26_the_refresh_in_the_body():
    """MailUp's refresh: four members, credentials included."""
    request = refresh_request(MAILUP, "id", PASSWORD, REFRESH)
    expected = [
        ("grant_type", "refresh_token"),
        ("refresh_token", "canary-refresh"),
        ("client_id", "id"),
        ("client_secret", "canary-password"),
    ]

    assert fields(request) == expected
    assert request.authorization == Secret("")


@given(client_id=st.text(min_size=1), password=st.text(min_size=1))
def test_sec_25_basic_credentials_are_form_encoded_first(client_id, password):
    """Any id and secret can be read back from the header, and neither is in the body."""
    request = refresh_request(STANDARD, client_id, Secret(password), REFRESH)
    scheme, _, credentials = request.authorization.reveal().partition(" ")
    name, _, secret = b64decode(credentials).decode().partition(":")
    read_back = (unquote_plus(name, errors="surrogatepass"), unquote_plus(secret, errors="surrogatepass"))

    assert (scheme, *read_back) == ("Basic", client_id, password)
    assert [("grant_type", "refresh_token"), ("refresh_token", "canary-refresh")] == fields(request)


def test_sec_25_basic_of_the_rfc_s_awkward_characters():
    """Colon, blank, plus, percent and letters beyond ASCII are all encoded before base64."""
    request = refresh_request(STANDARD, "a:b c", Secret("%+/é"), REFRESH)

    assert b64decode(request.authorization.reveal().removeprefix("Basic ")) == b"a%3Ab+c:%25%2B%2F%C3%A9"


@given(refresh=st.text(min_size=1))
def test_any_refresh_token_reaches_the_body_unchanged(refresh):
    """Even a lone surrogate, which an import may bring, is encoded and not an exception."""
    body = refresh_request(MAILUP, "id", PASSWORD, Secret(refresh)).body.reveal()

    assert body.isascii()
    assert dict(parse_qsl(body, errors="surrogatepass"))["refresh_token"] == refresh


def test_the_identity_is_asked_with_the_token_in_the_header():
    """The access token goes into the Authorization header as Bearer and nowhere else."""
    request = identity_request(MAILUP, Secret("canary-access"))

    assert request.authorization == Secret("Bearer canary-access")
    assert (request.method, request.url, request.body) == ("GET", MAILUP.identity_url, Secret(""))
    assert request.headers == (("Accept", "application/json"), ("Accept-Encoding", "identity"))
