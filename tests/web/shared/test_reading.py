"""What every shell reads off a request: where it is, where the person wants to be, and the headers."""

from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailup_oauth import BadRegistration
from mailup_oauth.adapters.web.landing import path_of
from mailup_oauth.adapters.web.reading import BEGIN, STATUS, headers_of, places_below, places_for, wanted, wants_page


@pytest.mark.parametrize(
    ("path", "page", "status", "begin"),
    [
        ("/mailup/", STATUS, "/mailup/", "/mailup/begin"),
        ("/mailup/begin", BEGIN, "/mailup/", "/mailup/begin"),
        ("/", STATUS, "/", "/begin"),
        ("/begin", BEGIN, "/", "/begin"),
        ("/a/b/begin", BEGIN, "/a/b/", "/a/b/begin"),
        ("/begin/begin", BEGIN, "/begin/", "/begin/begin"),
        ("/caf\u00e9 x/begin", BEGIN, "/caf%C3%A9%20x/", "/caf%C3%A9%20x/begin"),
    ],
)
def test_the_other_pages_are_beside_the_one_that_was_asked_for(path, page, status, begin):
    """The prefix is what stands before the page's own path; it is written as addresses are."""
    places = places_below(path, page)

    assert (status, begin) == (places.status, places.begin)
    assert [f"{status}{word}" for word in ("complete", "disconnect", "failed")] == [
        places.complete,
        places.disconnect,
        places.failed,
    ]


@given(st.lists(st.text(min_size=1, max_size=8).filter(lambda part: not set(part) & set("/\\") and part.isprintable())))
def test_every_prefix_makes_places_that_can_be_redirected_to(parts):
    """Whatever an application's prefix is, as long as it has no empty part, its pages are places of this site."""
    places = places_below("".join(f"/{part}" for part in parts) + "/complete", "/complete")

    assert [path_of(place) for place in (places.status, places.failed)] == [places.status, places.failed]


@pytest.mark.parametrize(
    ("query", "form", "expected"),
    [
        ("next=/a", b"", "/a"),
        ("", b"next=/a", "/a"),
        ("next=/a", b"next=/b", "/b"),
        ("next=/a&next=/b", b"", ""),
        ("next=%2Fa%3Fb%3D1", b"", "/a?b=1"),
        ("next", b"", ""),
        ("", b"", ""),
        ("next=%FF", b"", "\ufffd"),
        ("", b"\xff\xfe\x00", ""),
        ("&".join(["a=1"] * 40) + "&next=/a", b"", ""),
        ("other=/a", b"csrf=1&next=/b", "/b"),
    ],
)
def test_where_a_person_wants_to_be(query, form, expected):
    """The form has the first word, then the query; said twice, or among too many others, it is not said."""

    assert expected == wanted(query, form)


@given(query=st.text(), form=st.binary())
def test_no_form_and_no_query_raises(query, form):
    """Whatever is posted and asked, it is read as text."""

    assert isinstance(wanted(query, form), str)


@given(st.text())
def test_what_a_form_says_arrives(place):
    """A place that a browser writes into a form is read as it was, but for halves of characters."""
    form = urlencode({"next": place}, errors="replace").encode()

    assert place.encode("utf-8", "replace").decode() == wanted("", form)


def test_headers_are_found_in_any_case_and_two_are_both():
    """What came twice is told as both, so that neither is believed by mistake."""
    pairs = [("Sec-Fetch-Site", "cross-site"), ("sec-fetch-site", "same-origin"), ("Host", "app.example")]

    assert {"sec-fetch-site": "cross-site, same-origin", "host": "app.example"} == headers_of(pairs)


def test_the_pages_are_where_the_redirect_uri_says():
    """Another page of the application finds ours by the registered address; one that leads nowhere is refused."""
    places = places_for("https://app.example/a%20b/mailup/complete?x=1")

    assert "/a%20b/mailup/begin" == places.begin
    with pytest.raises(BadRegistration, match="does not end in /complete"):
        places_for("https://app.example/mailup/callback")


@pytest.mark.parametrize(("accept", "expected"), [("text/html,*/*", True), ("application/json", False), ("*/*", False)])
def test_who_wants_a_page(accept, expected):
    """A browser that shows something says so; whoever does not say it is a program."""

    assert expected == wants_page({"accept": accept})
    assert not wants_page({})
