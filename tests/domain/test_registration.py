"""The application's own settings are refused at once where they cannot work, or must not."""

import traceback

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailup_oauth.domain.errors import BadRegistration
from mailup_oauth.domain.registration import Registration
from mailup_oauth.domain.secret import Secret

PLACE = "https://app.example/mailup/callback"
SECRET = Secret("canary-of-the-application")


def registered(**changes):
    """Register an application that is in order but for *changes*."""
    return Registration(**{"client_id": "an-id", "client_secret": SECRET, "redirect_uri": PLACE} | changes)


def complaint(**changes):
    """Return why an application is refused."""
    with pytest.raises(BadRegistration) as refused:
        registered(**changes)
    return refused.value.problem


def verdict(address):
    """Return a redirect URI as it is kept, or why it is refused."""
    try:
        return registered(redirect_uri=address).redirect_uri
    except BadRegistration as refused:
        return refused.problem


@pytest.mark.parametrize(
    "address",
    [
        PLACE,
        "https://app.example",
        "https://app.example/",
        "https://app.example:8443/cb",
        "HTTPS://APP.example/CB",
        "https://app.example/cb?tenant=7&empty=&state_of_mind=calm",
        "https://app.example/%7Euser/caf%C3%A9",
        "https://app.example/~user//double/",
        "https://xn--mnchen-3ya.example/cb",
        "https://localhost/cb",
        "https://192.0.2.1/cb",
        "http://127.0.0.1/cb",
        "http://127.0.0.1:5000/cb?x=1",
        "http://127.0.0.1:0/cb",
        "http://[::1]/cb",
        "HTTP://[::1]:5000/cb",
    ],
)
def test_sec_07_an_address_that_a_code_may_travel_to_is_kept_as_it_was_written(address):
    """Https anywhere, and http to this machine by its number, are accepted, and not a byte of them is tidied."""

    assert address == registered(redirect_uri=address).redirect_uri


SAFE = ("https://", "http://127.", "http://[")
NO_URL, ODD = "redirect_uri is not a URL", "redirect_uri holds blanks"
RELATIVE, UNSAFE = "redirect_uri is not absolute", "redirect_uri must be https"
FRAGMENT, USER = "redirect_uri has a fragment", "redirect_uri holds a user name"


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("http://app.example/cb", UNSAFE),
        ("http://localhost/cb", UNSAFE),
        ("http://localhost:5000/cb", UNSAFE),
        ("http://LOCALHOST/cb", UNSAFE),
        ("http://127.0.0.1.evil.example/cb", UNSAFE),
        ("http://127.1/cb", UNSAFE),
        ("http://2130706433/cb", UNSAFE),
        ("http://0.0.0.0/cb", UNSAFE),
        ("http://[::]/cb", UNSAFE),
        ("http://192.168.0.1/cb", UNSAFE),
        ("ftp://app.example/cb", UNSAFE),
        ("ws://127.0.0.1/cb", UNSAFE),
        ("//app.example/cb", UNSAFE),
        ("/cb", RELATIVE),
        ("app.example/cb", RELATIVE),
        ("https:app.example", RELATIVE),
        ("https:/app.example/cb", RELATIVE),
        ("https:///cb", RELATIVE),
        ("https://:8443/cb", RELATIVE),
        ("com.example.app:/cb", RELATIVE),
        ("javascript:alert(1)", RELATIVE),
        ("", RELATIVE),
        ("https://app.example/cb#", FRAGMENT),
        ("https://app.example/cb#part", FRAGMENT),
        ("https://app.example/cb?x=1#/route", FRAGMENT),
        ("https://user@app.example/cb", USER),
        ("https://user:word@app.example/cb", USER),
        ("https://@app.example/cb", USER),
        ("http://127.0.0.1@evil.example/cb", USER),
        ("https://app.example:port/cb", NO_URL),
        ("https://app.example:65536/cb", NO_URL),
        ("https://app.example:-1/cb", NO_URL),
        ("https://[::1/cb", NO_URL),
        ("https://app.example/a b", ODD),
        (" https://app.example/cb", ODD),
        ("https://app.example/cb ", ODD),
        ("https://app.example/cb\n", ODD),
        ("https://app\t.example/cb", ODD),
        ("https://app.example/\r\nSet-Cookie:x", ODD),
        ("https://app.example/\0", ODD),
        ("https://app.example/\x7f", ODD),
        ("https://app.example/caf\u00e9", ODD),
        ("https://m\u00fcnchen.example/cb", ODD),
        ("https://app.example/\u202ecb", ODD),
        ("https://app.example/\ud800", ODD),
    ],
)
def test_sec_07_an_address_that_a_code_must_not_travel_to_is_refused(address, why):
    """Http to a name (``localhost`` too), user names, fragments, relative and odd addresses are refused, and why is told."""

    assert complaint(redirect_uri=address).startswith(why)


def test_sec_07_the_refusal_of_localhost_names_what_to_write_instead():
    """Whoever writes ``http://localhost`` is told which addresses http is for."""

    assert complaint(redirect_uri="http://localhost:5000/cb").endswith(
        "(http is for the addresses 127.0.0.1 and [::1], not for a name)"
    )


@pytest.mark.parametrize("name", ["code", "state", "error", "iss"])
@pytest.mark.parametrize("query", ["{}=x", "{}=", "{}", "a=b&{}=x", "%{:x}"])
def test_a_query_must_not_answer_for_the_server(name, query):
    """A member that the server will add cannot be there already, whatever its value and however it is written."""
    member = query.format(ord(name[0])) + name[1:] if "%" in query else query.format(name)

    assert f"redirect_uri's query already holds {name!r}" == complaint(redirect_uri=f"{PLACE}?{member}")


@given(text=st.text() | st.text().map("https://{}".format) | st.text().map(PLACE.__add__))
def test_sec_07_every_text_is_kept_or_refused_with_a_reason(text):
    """No text is changed and none raises anything else; what is kept is printable, and leads to https or to this host."""
    told = verdict(text)
    is_kept = text == told and told.isascii() and told.isprintable()

    assert told.startswith("redirect_uri") or (is_kept and told.lower().startswith(SAFE))


@pytest.mark.parametrize("client_id", ["0", "a b~!", "9c2d7e5a-0000-4000-8000-1f3b5d7e9a0c", " ", ":%/+"])
def test_a_client_id_of_the_grammar_is_kept(client_id):
    """Every printable character of ASCII may be in an id (RFC 6749 appendix A.1)."""

    assert client_id == registered(client_id=client_id).client_id


@pytest.mark.parametrize("client_id", ["", "a\n", "\ta", "a\0", "a\x7f", "caf\u00e9", "\ud800"])
def test_a_client_id_that_no_server_gave_is_refused(client_id):
    """An id that is empty, or holds what is not printable ASCII, was copied wrongly."""

    assert "client_id is empty or holds characters other than printable ASCII" == complaint(client_id=client_id)


def test_sec_52_a_fixed_secret_is_given_whenever_it_is_asked_for():
    """A ``Secret`` is as good as a callable that always returns it."""
    registration = registered()

    assert registration.client_secret() is registration.client_secret() is SECRET


def test_sec_52_a_callable_is_asked_each_time_and_not_before():
    """A secret manager's callable is kept as it is, so that each request gets the secret of its moment."""
    secrets = iter([Secret("canary-old"), Secret("canary-new")])
    registration = registered(client_secret=lambda: next(secrets))

    assert [Secret("canary-old"), Secret("canary-new")] == [registration.client_secret() for _ in range(2)]


def test_sec_52_no_repr_shows_where_the_secret_comes_from():
    """The printed registration names the id and the address, and has no word about the secret."""

    assert f"Registration(client_id='an-id', redirect_uri='{PLACE}')" == repr(registered())


@pytest.mark.parametrize("bare", ["canary-of-the-application", b"canary", None, 7, ["canary"], {"secret": "canary"}])
def test_sec_52_a_bare_secret_is_refused_and_no_frame_of_the_refusal_holds_it(bare):
    """What is neither a ``Secret`` nor callable is refused by name; error, chain and locals of its frames are silent."""
    with pytest.raises(BadRegistration) as refused:
        registered(client_secret=bare)
    stack = traceback.TracebackException.from_exception(refused.value, capture_locals=True).stack
    shown = [str(frame.locals) for frame in stack if frame.filename != __file__]

    assert "client_secret is neither a Secret nor a callable that returns one" == refused.value.problem
    assert "canary" not in f"{refused.value} {refused.value!r} {refused.value.args}"
    assert len(shown) > 1
    assert [] == [text for text in shown if "canary" in text]


def test_a_registration_changes_only_into_one_that_is_checked():
    """It is frozen; ``attrs.evolve`` checks anew and keeps the source of the secret."""
    registration = registered()
    moved = attrs.evolve(registration, redirect_uri="http://127.0.0.1:5000/cb")

    assert registration.client_secret is moved.client_secret
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        registration.client_id = "another"
    with pytest.raises(BadRegistration):
        attrs.evolve(registration, redirect_uri="http://app.example/cb")


@pytest.mark.parametrize("bare", ["canary-of-the-application", None, 7])
def test_sec_52_what_is_no_secret_is_refused_by_name(bare):
    """Whoever gives bare text is told what to give instead."""

    assert "client_secret is neither a Secret nor a callable that returns one" == complaint(client_secret=bare)


def test_sec_07_the_refusal_of_a_fragment_names_its_source():
    """Whoever doubts it can look it up."""

    assert "redirect_uri has a fragment, which RFC 6749 section 3.1.2 forbids" == complaint(redirect_uri=f"{PLACE}#x")
