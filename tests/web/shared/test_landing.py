"""``landing`` lets through places of this site, and nothing that anybody could take for another."""

import re
import string
from urllib.parse import unquote, urljoin, urlsplit

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from tests.web.payloads import HARMLESS, HOSTILE

from mailup_oauth.adapters.web.landing import LONGEST, landing, path_of

HERE = "https://app.example"
TREACHEROUS = "/\\:@?#%.;&=\t\r\n\0 aA02fF5cC" + "\u2044\uff0f\u3002\ud800"


def where_a_browser_goes(place):
    """
    Return the origin to which a browser takes *place*, by the parts of the URL standard that move one.

    Blanks and control characters at the ends go, tabs and line ends go everywhere, and a backslash is a slash.  Whether
    this is what Chromium does is tried in ``tests/browser``.
    """
    text = re.sub(r"[\t\r\n]", "", place.strip("".join(map(chr, range(33))))).replace("\\", "/")
    scheme = re.match(r"([A-Za-z][A-Za-z0-9+.-]*):", text)
    if scheme:
        return "elsewhere"
    if text.startswith("//"):
        return "elsewhere"
    parts = urlsplit(urljoin(f"{HERE}/mailup/complete", text))
    return f"{parts.scheme}://{parts.netloc}"


def test_there_are_enough_hostile_places():
    """At least sixty, each another."""

    assert 60 <= len(HOSTILE)
    assert len(HOSTILE) == len(set(HOSTILE.values()))


@pytest.mark.parametrize("place", HOSTILE.values(), ids=HOSTILE)
def test_hostile_places_are_passed_over(place):
    """Whoever wants to go to one of them lands at the default."""

    assert "/mailup/" == landing(place, "/mailup/")
    with pytest.raises(ValueError, match="only a path of this site") as refused:
        path_of(place)
    assert not place or place not in str(refused.value)


@pytest.mark.parametrize("place", HARMLESS.values(), ids=HARMLESS)
def test_harmless_places_are_let_through(place):
    """Whoever wants to go to one of them lands there, to the letter."""

    assert place == landing(place, "/mailup/")
    assert place == path_of(place)
    assert HERE == where_a_browser_goes(place)


@example("/a/..//evil.example")
@example("/\\evil.example")
@given(st.text(alphabet=TREACHEROUS, max_size=12).map("/".__add__) | st.text(alphabet=TREACHEROUS, max_size=14))
def test_no_place_that_is_let_through_leads_away(place):
    """Whatever is let through is ASCII, stays here for a browser, also when it was decoded once, and is not long."""
    let_through = landing(place, "")
    if not let_through:
        return

    assert HERE == where_a_browser_goes(place)
    assert HERE == where_a_browser_goes(unquote(place))
    assert set(place) <= set(string.printable) - set(string.whitespace)
    assert len(place) <= LONGEST


def test_the_judge_of_these_tests_knows_who_leads_away():
    """The browser that these tests imagine is led away by what leads real ones away."""
    away = ("absolute-https", "scheme-relative", "slash-backslash", "tab-first", "tab-between-slashes", "script")

    assert ["elsewhere"] * len(away) == [where_a_browser_goes(HOSTILE[name]) for name in away]
