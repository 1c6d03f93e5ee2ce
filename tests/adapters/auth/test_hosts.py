"""The token goes to MailUp's API hosts, in one header, and nowhere else, whatever a redirect says."""

import attrs
import httpx
import pytest

from mailup_oauth import MAILUP, STANDARD
from mailup_oauth.adapters.auth.promises import may_see_token, place_of
from mailup_oauth.sandbox.events import TokensRotated

HOST = "https://services.mailup.com"
HERE = attrs.evolve(STANDARD, api_hosts=frozenset({"127.0.0.1", "::1", "localhost", "10.0.0.1"}))
"""A provider whose API is on this machine, and beside it in places where http must not carry a token."""


def moved(place, status=307):
    """Return a redirect to *place*."""
    return httpx.Response(status, headers={"Location": place})


@pytest.mark.parametrize(
    ("url", "may"),
    [
        ("https://services.mailup.com/API/v1.1/", True),
        ("HTTPS://SERVICES.MAILUP.COM/API/v1.1/", True),
        ("https://services.mailup.com:8443/API/v1.1/", True),
        ("https://somebody:else@services.mailup.com/", True),
        ("http://services.mailup.com/", False),
        ("http://services.mailup.com:443/", False),
        ("wss://services.mailup.com/", False),
        ("https://services.mailup.com./", False),
        ("https://mailup.com/", False),
        ("https://send.mailup.com/", False),
        ("https://api.services.mailup.com/", False),
        ("https://services.mailup.com.evil.example/", False),
        ("https://evil.example/services.mailup.com/", False),
        ("https://services.mailup.com@evil.example/", False),
        ("https://services.mailup.com%2eevil.example/", False),
        ("https://127.0.0.1/", False),
        ("http://127.0.0.1/", False),
    ],
)
def test_sec_56_a_token_goes_to_the_api_and_nowhere_else(program, wire, url, may):
    """Only the provider's API hosts, over https, are shown the token; other requests leave as they were written."""
    wire.answers.append(httpx.Response(204))
    program.ask(url)

    assert [program.held() if may else ""] == wire.shown


@pytest.mark.parametrize(
    ("url", "may"),
    [
        ("http://127.0.0.1/", True),
        ("http://127.0.0.1:8000/", True),
        ("http://[::1]:8000/", True),
        ("https://10.0.0.1/", True),
        ("https://localhost/", True),
        ("http://10.0.0.1/", False),
        ("http://localhost/", False),
        ("http://127.0.0.2/", False),
    ],
)
def test_sec_56_http_is_for_loopback_addresses(url, may):
    """Without TLS a token goes to a loopback address of the provider's, and not to the name ``localhost``."""

    assert may is may_see_token(*place_of(url), HERE)


def test_sec_56_no_host_is_allowed_by_default():
    """A provider that names no API host has none."""

    assert not may_see_token("https", "authorization.invalid", STANDARD)
    assert may_see_token(*place_of(MAILUP.identity_url), MAILUP)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize(
    "place",
    [
        "https://evil.example/",
        "//evil.example/",
        "https://somebody:else@evil.example/",
        "https://api.services.mailup.com/",
        "https://services.mailup.com./",
        "https://services.mailup.com:8443/",
        "http://services.mailup.com/",
    ],
)
def test_sec_56_a_redirect_elsewhere_goes_without_the_token(program, wire, place, status):
    """Who follows a redirect away from the API does not take the token along, whatever kind of redirect it is."""
    wire.answers += [moved(place, status), httpx.Response(204)]
    answer = program.ask(follow_redirects=True)

    assert (204, [program.held(), ""]) == (answer.status_code, wire.shown)


@pytest.mark.parametrize("status", [400, 401])
def test_a_refusal_from_where_a_redirect_led_is_not_about_the_token(program, wire, stage, status):
    """Somebody who was never shown the token cannot have it renewed."""
    words = {"ErrorDescription": "Invalid or malformed token"}
    wire.answers += [moved("https://evil.example/"), httpx.Response(status, json=words)]
    answer = program.ask(follow_redirects=True)

    assert (status, 2, 0) == (answer.status_code, len(wire.left), stage.happened(TokensRotated))


def test_a_redirect_within_the_api_takes_the_token_along(program, wire):
    """The API's own redirects work."""
    wire.answers += [moved("/API/v1.1/elsewhere"), httpx.Response(204)]
    answer = program.ask(follow_redirects=True)

    assert (204, [program.held()] * 2) == (answer.status_code, wire.shown)


def test_what_was_refused_is_what_is_repeated(program, wire):
    """After a redirect it is the second request that is repeated; the first one was obeyed."""
    wire.answers += [moved("/API/v1.1/elsewhere", 303), httpx.Response(401), httpx.Response(204)]
    answer = program.ask(method="POST", content=b"a deed", follow_redirects=True)
    left = [(request.method, request.url.path) for request in wire.left[1:]]

    assert (204, [("GET", "/API/v1.1/elsewhere")] * 2) == (answer.status_code, left)


def test_a_redirect_to_the_api_brings_nobody_a_token(program, wire):
    """A request that began elsewhere stays without a token, wherever it is led."""
    wire.answers += [moved(f"{HOST}/API/v1.1/"), httpx.Response(401)]
    answer = program.ask("https://elsewhere.example/", follow_redirects=True)

    assert (401, ["", ""]) == (answer.status_code, wire.shown)


def test_other_requests_are_left_alone(program, wire, stage):
    """Elsewhere the caller's own header is sent, and a connection that is gone is no trouble."""
    stage.oauth.disconnect("acme")
    wire.answers.append(httpx.Response(401))
    answer = program.ask("https://elsewhere.example/", headers={"Authorization": "Basic of-their-own"})

    assert (401, ["Basic of-their-own"]) == (answer.status_code, wire.shown)


def test_the_callers_own_header_gives_way_to_the_token(program, wire):
    """At the API there is one ``Authorization``, and it is the token."""
    program.ask(headers={"Authorization": "Basic of-their-own"})

    assert [program.held()] == wire.shown


def test_sec_56_no_url_holds_a_token(program, wire, stage):
    """Through redirects, refusals and repeats the token is in no address."""
    wire.answers += [moved("/API/v1.1/elsewhere?a=b"), httpx.Response(401), moved("https://evil.example/")]
    wire.answers.append(httpx.Response(204))
    program.ask(params={"page": "1"}, follow_redirects=True)
    tokens = {token for token in wire.shown if token}

    assert (4, 2, 1) == (len(wire.left), len(tokens), stage.happened(TokensRotated))
    assert not any(token in str(request.url) for token in tokens for request in wire.left)
