"""What a browser says of a request tells whether the person meant it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.web.shared.conftest import PLACES

from mailup_oauth.adapters.web.intent import is_deliberate, is_mute, is_only_a_look, is_under_its_own_name, origin_of
from mailup_oauth.adapters.web.visit import Visit, Who

OURS = "https://app.example/mailup/complete"


def visit(method="POST", **headers):
    """Return a visit with these headers."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Visit(method=method, query="", headers=named, cookies={}, who=None, places=PLACES)


@pytest.mark.parametrize(
    ("method", "headers", "expected"),
    [
        ("POST", {"sec_fetch_site": "same-origin"}, True),
        ("GET", {"sec_fetch_site": "same-origin"}, True),
        ("GET", {"sec_fetch_site": "same-origin", "sec_fetch_dest": "document"}, True),
        ("GET", {"sec_fetch_site": "same-origin", "sec_fetch_dest": "image"}, False),
        ("GET", {"sec_fetch_site": "same-origin", "sec_fetch_dest": "iframe"}, False),
        ("POST", {"sec_fetch_site": "same-origin", "sec_fetch_dest": "empty"}, True),
        ("POST", {"sec_fetch_site": "same-site"}, False),
        ("POST", {"sec_fetch_site": "cross-site"}, False),
        ("POST", {"sec_fetch_site": "none"}, False),
        ("POST", {"sec_fetch_site": "cross-site", "origin": "https://app.example"}, False),
        ("POST", {"sec_fetch_site": "same-origin, same-origin"}, False),
        ("POST", {"sec_fetch_site": "SAME-ORIGIN"}, False),
        ("POST", {"origin": "https://app.example"}, True),
        ("GET", {"origin": "https://app.example"}, False),
        ("POST", {"origin": "http://app.example"}, False),
        ("POST", {"origin": "https://app.example:8443"}, False),
        ("POST", {"origin": "https://app.example.evil.example"}, False),
        ("POST", {"origin": "null"}, False),
        ("POST", {"origin": ""}, False),
        ("POST", {}, False),
        ("POST", {"sec_fetch_site": "same-origin", "sec_purpose": "prefetch;prerender"}, False),
        ("GET", {"sec_fetch_site": "same-origin", "purpose": "prefetch"}, False),
        ("GET", {"sec_fetch_site": "same-origin", "x_moz": "prefetch"}, False),
    ],
)
def test_only_a_click_on_a_page_of_our_own_is_deliberate(method, headers, expected):
    """The browser's own word counts; where it says nothing, the origin of a POST does; prefetching never does."""

    assert expected == is_deliberate(visit(method, **headers), OURS)


@pytest.mark.parametrize(
    ("method", "headers", "expected"),
    [
        ("POST", {}, True),
        ("POST", {"origin": "", "sec_fetch_site": ""}, True),
        ("POST", {"origin": "null"}, False),
        ("POST", {"sec_fetch_site": "cross-site"}, False),
        ("GET", {}, False),
    ],
)
def test_a_browser_is_mute_where_every_other_would_speak(method, headers, expected):
    """A POST without either header is nobody's who could be believed the next time."""

    assert expected == is_mute(visit(method, **headers))


@given(site=st.text(max_size=20), origin=st.text(max_size=30), method=st.sampled_from(["GET", "POST"]))
def test_no_other_word_is_deliberate(site, origin, method):
    """Whatever else the two headers say, it is refused."""
    said = is_deliberate(visit(method, sec_fetch_site=site, origin=origin), OURS)

    assert said == (site == "same-origin" or (not site and method == "POST" and origin == "https://app.example"))


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("app.example", True),
        ("APP.example:443", True),
        ("app.example:8443", True),
        ("", True),
        ("evil.example", False),
        ("app.example.evil.example", False),
        ("app.example, evil.example", False),
        ("evil.example#app.example", False),
        ("evil.example/app.example", False),
        ("evil.example\\app.example", False),
        ("[", False),
        ("[::1", False),
        ("\ud800", False),
    ],
)
def test_the_host_is_ours_or_refused(host, expected):
    """Another name than the redirect URI's, or none at all that can be read, is not ours; the port is not looked at."""

    assert expected == is_under_its_own_name(visit(host=host), OURS)


@given(st.text(max_size=30))
def test_no_host_raises(host):
    """Whatever stands in the header, it is ours or it is not."""

    assert is_under_its_own_name(visit(host=host), OURS) in {True, False}


@pytest.mark.parametrize(
    ("address", "origin"),
    [
        ("https://app.example/mailup", "https://app.example"),
        ("https://app.example:443/mailup", "https://app.example"),
        ("https://app.example:8443/", "https://app.example:8443"),
        ("http://127.0.0.1:80/", "http://127.0.0.1"),
        ("http://127.0.0.1:8000/x?y#z", "http://127.0.0.1:8000"),
        ("http://[::1]:8000/x", "http://[::1]:8000"),
    ],
)
def test_an_origin_is_written_as_browsers_write_it(address, origin):
    """Scheme, host, and the port if it is not the usual one."""

    assert origin == origin_of(address)


@given(st.dictionaries(st.text(max_size=12), st.text(max_size=12)))
def test_looks_are_told_by_their_words(headers):
    """Only the three headers that say "prefetch" make a request a look."""

    assert is_only_a_look(visit(**headers)) == any(
        "prefetch" in headers.get(name, "") for name in ("sec-purpose", "purpose", "x-moz")
    )


def test_a_persons_name_fits_into_a_cookie():
    """A name that no cookie could hold is refused where it is given, and not in the middle of a journey."""
    with pytest.raises(ValueError, match="255"):
        Who(user="a" * 256, connection="acme")

    assert 255 == len(Who(user="a" * 255, connection="acme").user)
