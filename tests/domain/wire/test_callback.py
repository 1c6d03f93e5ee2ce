"""What a browser, or an enemy, brings back."""

from typing import get_args
from urllib.parse import quote, urlencode

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from mailup_oauth.domain.errors import CallbackFault
from mailup_oauth.domain.provider import MAILUP, STANDARD
from mailup_oauth.domain.secret import Secret
from mailup_oauth.domain.wire.callback import (
    LONGEST_ADDRESS,
    LONGEST_CODE,
    LONGEST_NONCE,
    Absent,
    Callback,
    CallbackUnreadable,
    Denied,
    Faulty,
    Returned,
    digests,
    nonce_digest,
    read_callback,
)
from mailup_oauth.domain.wire.places import Arrival, arrival

REDIRECT_URI = "https://app.example/mailup/callback?page=mailup"
NONCE = Secret("canary-nonce")
GOOD = "code=canary-code&state=canary-nonce"


@pytest.fixture(scope="session")
def read(marking):
    """Read a callback at the registered address."""
    return lambda address, provider=STANDARD, redirect_uri=REDIRECT_URI: read_callback(
        address, redirect_uri=redirect_uri, provider=provider, marking=marking
    )


@pytest.fixture(scope="session")
def returned(marking):
    """Build what a good callback means."""

    def build(*nonces, code="canary-code", issuer=None):
        wanted = nonces or ("canary-nonce",)
        return Returned(nonces=tuple(map(Secret, wanted)), issuer=issuer or Absent(), code=marking(Secret(code)))

    return build


def faulty(fault):
    """Build what a callback with the right nonce and a wrong rest means."""
    return Faulty(nonces=(NONCE,), issuer=Absent(), fault=fault)


@pytest.mark.parametrize(
    "address",
    [
        f"https://app.example/mailup/callback?page=mailup&{GOOD}",
        f"HTTPS://APP.example:443/mailup/callback?{GOOD}&token_type=bearer&expires_in=3600#_=_",
        "https://app.example/mailup/callback?state=canary-nonce&code=canary-code#_=_",
        f"/mailup/callback?{GOOD}",
        f"?{GOOD}",
        GOOD,
        f"{GOOD}&next=https://elsewhere.example/?x",
        f"&&{GOOD}&&=&x",
        "%63ode=canary%2Dcode&st%61te=canary-nonce",
    ],
)
def test_a_code_comes_back_in_each_form_of_address(read, returned, address):
    """Whole addresses, paths and bare queries are read alike; what else they say is ignored."""
    assert read(address) == returned()


def test_a_bare_query_came_from_nowhere():
    """What a gateway hands on has no place before its query."""
    assert arrival(GOOD) == Arrival("", GOOD)


@pytest.mark.parametrize(
    ("query", "nonces"),
    [
        ("code=canary-code&mailup_attempt=canary-1", ["canary-1"]),
        ("code=canary-code&state=canary-2", ["canary-2"]),
        ("mailup_attempt=canary-1&code=canary-code&state=canary-2", ["canary-2", "canary-1"]),
        ("mailup_attempt=canary-1&code=canary-code&state=", ["canary-1"]),
    ],
)
def test_every_carrier_that_came_back_is_told(read, returned, query, nonces):
    """For MailUp one carrier is enough, and all that come are handed on to be compared."""
    assert read(query, MAILUP) == returned(*nonces)


@pytest.mark.parametrize(
    ("query", "provider"),
    [
        ("code=canary-code", STANDARD),
        ("code=canary-code&state=", STANDARD),
        ("code=canary-code&mailup_attempt=canary-1", STANDARD),
        ("error=access_denied", MAILUP),
        ("", MAILUP),
        ("https://app.example/mailup/callback", MAILUP),
        ("https://app.example/mailup/callback#code=canary-code&state=canary", MAILUP),
    ],
)
def test_fault_M12_and_M14_without_a_nonce_nothing_else_is_believed(read, query, provider):
    """An error without a nonce, an empty one, or a fragment belongs to no attempt."""
    assert read(query, provider) == CallbackUnreadable(CallbackFault.NONCE_MISSING)


@pytest.mark.parametrize(
    ("state", "is_ours"), [("n" * LONGEST_NONCE, True), ("n" * (LONGEST_NONCE + 1), False), ("%C3%A9", False)]
)
def test_a_nonce_of_no_shape_of_ours_is_unknown(read, state, is_ours):
    """Beyond 512 characters or visible ASCII, no attempt needs to be looked for."""
    seen = read(f"code=canary-code&state={state}")

    assert isinstance(seen, Returned) is is_ours
    assert is_ours or seen == CallbackUnreadable(CallbackFault.NONCE_UNKNOWN)


@pytest.mark.parametrize("name", ["code", "state", "iss", "error", "mailup_attempt"])
@pytest.mark.parametrize("values", [("a", "a"), ("a", "b"), ("", "a"), ("a", "")])
def test_a_parameter_given_twice_is_refused(read, name, values):
    """Equal, different or empty: a repeat is refused before anything is looked at, also under an encoded name."""
    rest = urlencode([(other, "x") for other in ("code", "state") if other != name])
    first, second = values
    seen = read(f"https://evil.example/?{rest}&{name}={first}&%{ord(name[0]):x}{name[1:]}={second}", MAILUP)

    assert seen == CallbackUnreadable(CallbackFault.REPEATED_PARAMETER)


@pytest.mark.parametrize(
    "query", [f"{GOOD}&mailup_attempt=a&mailup_attempt=a", f"{GOOD}&page=a&page=b", f"{GOOD}&state[]=b"]
)
def test_other_repeats_are_none_of_our_business(read, returned, query):
    """The redirect URI's own members, and names that only look like ours, may come as often as they like."""
    assert read(query) == returned()


def test_a_semicolon_separates_nothing(read, returned):
    """``;`` is part of a value, so that nobody can hide a second code behind it."""
    assert read("code=canary;code=b&state=canary-nonce") == returned(code="canary;code=b")


TEXTS = st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=20)


@given(extra=st.dictionaries(TEXTS, TEXTS))
def test_sec_16_unknown_parameters_are_ignored(read, returned, extra):
    """Whatever else comes changes nothing, and empty parameters count as absent."""
    others = {f"x{name}": value for name, value in extra.items()}

    assert read(f"{urlencode(others)}&error=&iss=&{GOOD}") == returned()


@pytest.mark.parametrize(
    "address",
    [
        "https://evil.example/mailup/callback",
        "https://app.example.evil.example/mailup/callback",
        "http://app.example/mailup/callback",
        "https://app.example:8443/mailup/callback",
        "https://app.example:x/mailup/callback",
        "https://app.example:99999/mailup/callback",
        "https://user@app.example/mailup/callback",
        "https://app.example/mailup/callback/",
        "https://app.example/Mailup/callback",
        "https://app.example",
        "https://[app.example/mailup/callback",
        "https://",
        "ftp://app.example/mailup/callback",
        "//app.example/mailup/callback",
        "/mailup",
        "/",
    ],
)
def test_another_address_is_refused(read, address):
    """Scheme, host, port and path must be those of the redirect URI, as far as the address tells them."""
    assert read(f"{address}?{GOOD}") == CallbackUnreadable(CallbackFault.ELSEWHERE)


@pytest.mark.parametrize(
    ("address", "redirect_uri"),
    [
        ("https://app.example/", "https://app.example"),
        ("https://app.example", "https://app.example/"),
        ("/", "https://app.example"),
        ("http://127.0.0.1:5000/cb", "http://127.0.0.1:5000/cb"),
        ("http://[::1]:80/cb", "http://[::1]/cb"),
        ("http://127.0.0.1:0/cb", "http://127.0.0.1:0/cb"),
    ],
)
def test_addresses_that_differ_in_writing_only_are_one(read, returned, address, redirect_uri):
    """An empty path is the root, and a default port need not be written."""
    assert read(f"{address}?{GOOD}", redirect_uri=redirect_uri) == returned()


@pytest.mark.parametrize(
    "query",
    [
        "code=a%00&state=canary",
        "code=a%0d&state=canary",
        "code=a%0A&state=canary",
        "code=a&state=canary&x=%1b[31m",
        "code=a&state=canary&x=%7F",
        "code=a&state=canary&x=%C2%85",
        "code=a&state=canary&x=%FF",
        "code=a&state=canary&x=%C0%AF",
        "code=a&state=canary&x=%ED%A0%80",
        "code=a&state=canary&%FF=x",
        "code=a&state=canary&x=%",
        "code=a&state=canary&x=%zz",
        "code=a&state=canary&x=%4",
        "code=a\n&state=canary",
        "code=a\x00&state=canary",
        "code=\ud800&state=canary",
        "/mailup\r\n/callback?code=a&state=canary",
    ],
)
def test_fault_M7_what_is_not_text_is_refused_before_anything_else(read, query):
    """Control characters, broken escapes and broken UTF-8 are refused anywhere, raw or encoded."""
    assert read(query) == CallbackUnreadable(CallbackFault.NOT_TEXT)
    assert read(f"{query}&code=b") == CallbackUnreadable(CallbackFault.NOT_TEXT)


def test_the_size_is_judged_first(read):
    """One character more than 16 KiB is refused unread, whatever it is."""
    filler = "x" * (LONGEST_ADDRESS - len(GOOD) - 1)

    assert isinstance(read(f"{GOOD}&{filler}"), Returned)
    assert read(f"{GOOD}&{filler}\x00") == CallbackUnreadable(CallbackFault.TOO_LARGE)


@pytest.mark.parametrize(
    ("code", "fault"),
    [
        ("", CallbackFault.CODE_MISSING),
        ("%C3%A9", CallbackFault.CODE_MALFORMED),
        ("c" * (LONGEST_CODE + 1), CallbackFault.CODE_MALFORMED),
        ("canary&error=access_denied", CallbackFault.CODE_AND_ERROR),
    ],
)
def test_what_is_wrong_behind_the_nonce_is_told_with_it(read, code, fault):
    """Faults that must not be judged before the nonce come together with it."""
    assert read(f"code={code}&state=canary-nonce") == faulty(fault)


@given(code=st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=LONGEST_CODE))
def test_any_code_of_the_grammar_is_returned_as_sent(read, returned, code):
    """A code is opaque: visible ASCII, blanks, dashes and plus signs included, comes out as it went in."""
    assert read(f"code={quote(code)}&state=canary-nonce") == returned(code=code)


def test_the_issuer_is_handed_on_as_it_came(read, returned):
    """``iss`` is neither judged nor tidied here."""
    assert read(f"{GOOD}&iss=https%3A%2F%2FAS.example%2F") == returned(issuer="https://AS.example/")


@pytest.mark.parametrize(
    ("error", "fault"),
    [
        ("access_denied", CallbackFault.DENIED),
        ("server_error", CallbackFault.SERVER_ERROR),
        ("temporarily_unavailable", CallbackFault.SERVER_ERROR),
        ("invalid_request", CallbackFault.APPLICATION_REFUSED),
        ("unauthorized_client", CallbackFault.APPLICATION_REFUSED),
        ("unsupported_response_type", CallbackFault.APPLICATION_REFUSED),
        ("invalid_scope", CallbackFault.APPLICATION_REFUSED),
        ("something_else", CallbackFault.APPLICATION_REFUSED),
    ],
)
def test_sec_19_every_documented_error_has_its_meaning(read, error, fault):
    """The seven codes of RFC 6749 section 4.1.2.1 and an unknown one each have one fault."""
    expected = Denied(nonces=(NONCE,), issuer=Absent(), error=error, description="No, thanks", fault=fault)
    query = f"error={error}&error_description=No,+thanks&error_description=ignored&state=canary-nonce"

    assert read(query) == expected


def test_an_error_needs_no_description(read):
    """Where the server says nothing more, nothing more is kept."""
    expected = Denied(
        nonces=(NONCE,), issuer=Absent(), error="access_denied", description="", fault=CallbackFault.DENIED
    )

    assert read("error=access_denied&state=canary-nonce") == expected


@pytest.mark.parametrize(
    ("hostile", "harmless"),
    [
        ('"<script>alert(1)</script>\\', "?<script>alert(1)</script>?"),
        ("é\u202eevil", "??evil"),
        ("x" * 10_000, "x" * 256),
    ],
)
def test_a_stranger_s_words_are_made_fit_for_a_journal(read, hostile, harmless):
    """Error and description are cut and keep only the characters RFC 6749 allows; escaping is the page's business."""
    seen = read(f"state=canary-nonce&error={quote(hostile)[:5000]}&error_description={quote(hostile)}")

    assert seen.description == harmless
    assert seen.error == harmless[:64]


def test_digests_are_the_keys_of_the_index(read):
    """Each nonce that came back is looked for once, by its SHA-256 and never by itself."""
    seen = read(f"{GOOD}&mailup_attempt=canary-nonce", MAILUP)
    other = read(f"{GOOD}&mailup_attempt=canary-other", MAILUP)

    assert digests(seen) == (nonce_digest(NONCE),)
    assert digests(other) == (nonce_digest(NONCE), nonce_digest(Secret("canary-other")))
    assert nonce_digest(Secret("abc")) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


PIECES = st.sampled_from(
    [
        "code=",
        "state=",
        "iss=",
        "error=",
        "mailup_attempt=",
        "&",
        "=",
        ";",
        "#",
        "?",
        "/",
        "%",
        "%00",
        "%C3",
        "+",
        "x",
        "://",
    ]
) | st.text(max_size=3)
ADDRESSES = st.text() | st.lists(PIECES).map("".join) | st.lists(PIECES).map(lambda them: f"https://{''.join(them)}")


@given(address=ADDRESSES, provider=st.sampled_from([MAILUP, STANDARD]), redirect_uri=st.just(REDIRECT_URI) | ADDRESSES)
def test_every_address_has_a_meaning(read, address, provider, redirect_uri):
    """Any text gives one of the closed set; nothing is raised, and no secret is shown."""
    seen = read(address, provider, redirect_uri)

    assert isinstance(seen, get_args(Callback))
    assert "canary" not in repr(read(GOOD, evolve(provider, nonce_member="attempt")))
