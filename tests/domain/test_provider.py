"""A provider is data, and data that would send a secret to the wrong place cannot be made."""

import inspect
import re
from datetime import timedelta
from urllib.parse import parse_qsl, urlsplit

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailup_oauth.domain.errors import BadProvider
from mailup_oauth.domain.provider import (
    MAILUP,
    STANDARD,
    ClientAuthentication,
    Issuer,
    NonceCarrier,
    Provider,
    Tolerance,
)
from mailup_oauth.domain.secret import Secret
from mailup_oauth.domain.wire.requests import authorization_url

SETTINGS = ("authorize_url", "token_url", "identity_url")
IN_EACH = pytest.mark.parametrize("setting", SETTINGS)


def refused(setting, address):
    """Return the endpoint that is complained about when one of them is set to *address*; nothing if it is taken."""
    try:
        provider = attrs.evolve(STANDARD, **{setting: address})
    except BadProvider as error:
        return error.setting
    return "" if address == getattr(provider, setting) else "changed"


@IN_EACH
@pytest.mark.parametrize(
    "address",
    [
        "https://as.example/token",
        "https://as.example",
        "HTTPS://AS.example:8443/OAuth/Token",
        "https://as.example/token?tenant=7&x=",
        "https://as.example/%7Ea/caf%C3%A9",
        "https://localhost/token",
        "https://192.0.2.1/token",
        "http://127.0.0.1:5000/token",
        "http://[::1]:5000/token",
    ],
)
def test_sec_08_an_endpoint_that_is_protected_is_kept_as_it_was_written(setting, address):
    """Https anywhere and http to this machine are taken, with path, case and query untouched."""

    assert "" == refused(setting, address)


@IN_EACH
@pytest.mark.parametrize(
    "address",
    [
        "https://as.example/token#",
        "https://as.example/token#part",
        "https://user@as.example/token",
        "https://user:word@as.example/token",
        "https://@as.example/token",
        "http://127.0.0.1@evil.example/token",
        "https:///token",
        "https://:8443/token",
        "https:as.example",
        "//as.example/token",
        "/token",
        "as.example",
        "ftp://as.example/token",
        "file:///etc/passwd",
        "https://as.example:port/token",
        "https://as.example:65536/token",
        "https://[::1/token",
        " https://as.example/token",
        "https://as.example/token\n",
        "https://as.exam\tple/token",
        "ht\ntps://as.example/token",
        "https://as.example/to ken",
        "https://as.example/\r\nHost:evil.example",
        "https://as.example/\0",
        "https://\u00e4s.example/token",
        "https://as.example/\ud800",
    ],
)
def test_sec_08_an_endpoint_that_is_odd_is_refused_by_name(setting, address):
    """Fragments, user names, relative, broken and untidy addresses are refused, and the setting is told."""

    assert setting == refused(setting, address)


@IN_EACH
@pytest.mark.parametrize(
    "address",
    [
        "http://as.example/token",
        "HTTP://as.example/token",
        "http://as.example:443/token",
        "http://localhost/token",
        "http://localhost:5000/token",
        "http://127.0.0.1.evil.example/token",
        "http://0.0.0.0/token",
        "http://192.168.0.1/token",
        "http://[::2]/token",
        "ws://127.0.0.1/token",
    ],
)
def test_sec_55_http_is_refused_and_not_made_https(setting, address):
    """An unprotected endpoint is neither used nor silently mended: whoever wrote it is told."""

    assert setting == refused(setting, address)


@IN_EACH
@given(text=st.text() | st.text().map("http://{}".format) | st.text().map("https://as.example/{}".format))
def test_sec_08_every_text_is_kept_or_refused(setting, text):
    """No text is changed, none raises anything else, and none that is kept is unprotected."""
    verdict = refused(setting, text)
    is_empty = setting == "identity_url" and not text

    assert verdict in {"", setting}
    assert verdict or is_empty or text.lower().startswith(("https://", "http://127.", "http://["))


@pytest.mark.parametrize(("setting", "expected"), [("authorize_url", "authorize_url"), ("token_url", "token_url")])
def test_an_endpoint_that_is_needed_must_not_be_empty(setting, expected):
    """Only the place that tells who the user is may be missing."""

    assert expected == refused(setting, "")
    assert "" == refused("identity_url", "")


def test_sec_08_the_query_of_the_log_on_page_is_kept_and_added_to():
    """What the address has already stays in front, and what we ask for follows it, encoded."""
    provider = attrs.evolve(STANDARD, authorize_url="https://as.example/authorize?tenant=7&x=%26")
    secrets = (Secret("canary-nonce"), Secret("canary-verifier"))
    url = authorization_url(provider, "an id&x=1", "https://app.example/cb?a=b&c", *secrets).reveal()
    before, _, added = url.partition("&response_type=")

    assert provider.authorize_url == before
    assert ("an id&x=1", "https://app.example/cb?a=b&c") == tuple(value for _, value in parse_qsl(added)[:2])


def test_sec_08_the_refusal_says_what_to_write():
    """The complaint names the setting and the remedy, and never repeats an address that nobody should use."""
    with pytest.raises(BadProvider) as error:
        attrs.evolve(STANDARD, token_url="https://user:word@as.example/token")

    assert str(error.value) == (
        "The provider's token_url cannot be used. Give an absolute https address (http only for 127.0.0.1 and [::1])."
    )


OAUTH = "https://services.mailup.com/Authorization/OAuth/"
CONSOLE = "https://services.mailup.com/API/v1.1/Rest/ConsoleService.svc/Console/"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("name", "MailUp"),
        ("authorize_url", f"{OAUTH}LogOn"),
        ("token_url", f"{OAUTH}Token"),
        ("identity_url", f"{CONSOLE}Authentication/Info"),
        ("api_hosts", {"services.mailup.com"}),
        ("issuer", ""),
        ("issuer_promise", Issuer.NOT_SENT),
        ("nonce_carrier", NonceCarrier.STATE_AND_REDIRECT_URI),
        ("nonce_member", "mailup_attempt"),
        ("client_authentication", ClientAuthentication.BODY),
        ("tolerances", set(Tolerance)),
        ("default_life", timedelta(seconds=3600)),
        ("longest_life", timedelta(days=1)),
        ("rotation_grace", timedelta()),
    ],
)
def test_mailup_is_as_its_pages_and_clients_show_it(name, value):
    """Each value is that of the wire notes: sections 1 (addresses), 4 (state), 5 (body), 6 (no grace known), 10 (an hour)."""

    assert value == getattr(MAILUP, name)


def test_mailup_says_where_an_authorization_is_ended():
    """There is no revocation endpoint, so a person is told where to go."""

    assert "console" in MAILUP.revocation_help


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("identity_url", ""),
        ("api_hosts", frozenset()),
        ("issuer_promise", Issuer.NOT_SENT),
        ("nonce_carrier", NonceCarrier.STATE),
        ("client_authentication", ClientAuthentication.BASIC),
        ("tolerances", frozenset()),
        ("rotation_grace", timedelta()),
    ],
)
def test_the_standard_tolerates_nothing(name, value):
    """Where nothing is said, RFC 6749 is kept to the letter, and no host may see an access token."""

    assert value == getattr(STANDARD, name)


@pytest.mark.parametrize("setting", ["authorize_url", "token_url"])
def test_the_addresses_of_the_standard_lead_nowhere(setting):
    """Whoever forgets to replace them sends nothing anywhere: the domain ``invalid`` never resolves (RFC 6761)."""
    parts = urlsplit(getattr(STANDARD, setting))

    assert ("https", True) == (parts.scheme, parts.hostname.endswith(".invalid"))


def test_every_member_is_explained_and_no_other():
    """The docstring's list of attributes is the class's own, in the same order."""
    attributes = inspect.getdoc(Provider).partition("Attributes:")[2].partition("Raises:")[0]

    assert [field.name for field in attrs.fields(Provider)] == re.findall(r"^ {4}(\w+): ", attributes, re.MULTILINE)
