"""A permit for every other client: which addresses get one, what it shows, and what follows when it is refused."""

import asyncio

import attrs
import pytest

from mailup_oauth import MAILUP, AsyncMailUpOAuth, ForeignAddress, NotConnected
from mailup_oauth.adapters.auth.headers import async_authorize, async_renew, authorize, renew
from mailup_oauth.sandbox.events import TokensRotated
from mailup_oauth.testing.stage import CONNECTION

INFO = MAILUP.identity_url
HERE = attrs.evolve(MAILUP, api_hosts=frozenset({"127.0.0.1", "::1"}))


def asked(stage, url, kind):
    """Return a permit, asked for in one of the two ways."""
    if kind == "sync":
        return authorize(stage.oauth, CONNECTION, url)
    return asyncio.run(async_authorize(stage.client(AsyncMailUpOAuth), CONNECTION, url))


BOTH = pytest.mark.parametrize("kind", ["sync", "async"])


@BOTH
@pytest.mark.parametrize(
    "url",
    [
        INFO,
        "HTTPS://SERVICES.MAILUP.COM/",
        "https://services.mailup.com:8443/a%20b?who=you@example.com#top",
        "https://services.mailup.com",
        "https://services.mailup.com?a=b",
    ],
)
def test_an_address_of_the_api_gets_the_token(stage, url, kind):
    """The permit's header is the connection's token."""
    permit = asked(stage, url, kind)

    assert {"Authorization": f"Bearer {stage.token().value.reveal()}"} == permit.headers
    assert (CONNECTION, url) == (permit.connection, permit.url)


@BOTH
@pytest.mark.parametrize(
    "url",
    [
        "http://services.mailup.com/",
        "https://evil.example/",
        "https://services.mailup.com.evil.example/",
        "https://services.mailup.com@evil.example/",
        "https://somebody:else@services.mailup.com/",
        "https://evil.example@services.mailup.com/",
        "https://evil.example\\@services.mailup.com/",
        "https://services.mailup.com\\@evil.example/",
        "https://services.mailup.com\\.evil.example/",
        "https://services.mailup.com/\\evil.example",
        "https://services.mailup.com%2eevil.example/",
        "https://services.mailup.com./",
        "https://services.mailup.com /",
        " https://services.mailup.com/",
        "https://services.mail\tup.com/",
        "https://services.mailup.com/\r\nHost: evil.example",
        "https://\u017fervices.mailup.com/",
        "https://services\u3002mailup.com/",
        "https:services.mailup.com/",
        "https:///services.mailup.com/",
        "//services.mailup.com/",
        "services.mailup.com",
        "https://[services.mailup.com/",
        "",
        "ftp://services.mailup.com/",
    ],
)
def test_sec_56_any_other_address_is_refused(stage, url, kind):
    """What is elsewhere, or is read differently by different clients, is refused before a token is asked for."""
    stage.expire()
    with pytest.raises(ForeignAddress) as caught:
        asked(stage, url, kind)

    assert ("foreign_address", 0) == (caught.value.code, stage.happened(TokensRotated))
    assert None is caught.value.__context__
    assert len(caught.value.place) <= 100


@pytest.mark.parametrize("stage", [HERE], indirect=True)
@pytest.mark.parametrize("url", ["http://127.0.0.1:8000/", "http://[::1]:8000/", "https://127.0.0.1/"])
def test_sec_56_http_is_for_loopback_addresses(stage, url):
    """The sandbox can be asked without TLS."""

    assert authorize(stage.oauth, CONNECTION, url).headers


def test_an_error_tells_the_place_and_no_more():
    """The query, where a secret may be, and the user are not told."""

    assert "No token may be sent to 'https://evil.example'." in str(ForeignAddress("https://evil.example"))


def test_sec_48_an_error_tells_neither_query_nor_user(stage):
    """The query, where a secret may be, and the user's password are not told."""
    with pytest.raises(ForeignAddress) as caught:
        authorize(stage.oauth, CONNECTION, "https://you:password@evil.example/?key=value")

    assert "https://evil.example" == caught.value.place


@BOTH
def test_a_permit_that_was_refused_is_renewed_once_for_everybody(stage, kind):
    """Who renews a permit has the newer token; the second who holds the old one has the same without a refresh."""
    permits = [asked(stage, INFO, kind) for _ in range(2)]
    if kind == "sync":
        newer = [renew(stage.oauth, permit) for permit in permits]
    else:
        oauth = stage.client(AsyncMailUpOAuth)
        newer = [asyncio.run(async_renew(oauth, permit)) for permit in permits]

    assert 1 == stage.happened(TokensRotated)
    assert newer[0].headers == newer[1].headers == {"Authorization": f"Bearer {stage.token().value.reveal()}"}
    assert permits[0].headers != newer[0].headers
    assert (CONNECTION, INFO) == (newer[0].connection, newer[0].url)


@pytest.mark.parametrize(
    ("status", "headers", "body", "is_refused"),
    [
        (401, {}, b"", True),
        (400, {}, b'{"ErrorDescription": "Invalid or malformed token"}', True),
        (400, {"WWW-Authenticate": 'Bearer error="invalid_token"'}, b"", True),
        (400, {}, b'{"ErrorDescription": "The list is not there"}', False),
        (403, {"WWW-Authenticate": 'Bearer error="invalid_token"'}, b"", False),
        (200, {}, b'{"ErrorDescription": "Invalid or malformed token"}', False),
        (302, {"Location": "https://evil.example/"}, b"", False),
    ],
)
def test_sec_41_an_answer_is_judged_as_the_other_clients_judge_it(stage, status, headers, body, is_refused):
    """A 401, or a 400 that blames the token, means that it is refused."""
    permit = authorize(stage.oauth, CONNECTION, INFO)

    assert is_refused == permit.is_refused(status, headers.items(), body)


def test_sec_48_a_permit_does_not_show_its_token(stage):
    """Only ``headers`` has it in clear."""
    permit = authorize(stage.oauth, CONNECTION, INFO)

    assert stage.token().value.reveal() not in f"{permit!r} {permit}"


@BOTH
def test_why_there_is_no_token_is_told(stage, kind):
    """There is no permit for a connection that is gone."""
    stage.oauth.disconnect(CONNECTION)
    with pytest.raises(NotConnected):
        asked(stage, INFO, kind)
