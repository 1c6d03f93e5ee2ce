"""The switches as words: every habit can be said, and what was said is what is done."""

from datetime import timedelta
from typing import get_type_hints

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailup_oauth.adapters.serving.reading import NotUnderstood, read
from mailup_oauth.sandbox import switches as sw
from mailup_oauth.sandbox.desk.words import FORMS, NUMBER, SPAN, NotAWord, read_span, told, written_span

SPANS = st.timedeltas(timedelta(0), timedelta(days=400_000))
PHRASES = {
    sw.OldRefresh: st.builds(sw.Grace, SPANS) | st.sampled_from([sw.Dead(), sw.StaysValid(), sw.ReuseKillsFamily()]),
    sw.RefreshLife: st.builds(sw.Idle, SPANS) | st.builds(sw.Absolute, SPANS) | st.just(sw.Endless()),
    sw.Wait: st.builds(sw.Told, SPANS) | st.just(sw.Untold()),
    timedelta: SPANS,
    int: st.integers(1, 10**9 - 1),
}
SWITCHES = st.builds(
    sw.Switches, **{name: PHRASES.get(kind, st.from_type(kind)) for name, kind in get_type_hints(sw.Switches).items()}
)


@given(switches=SWITCHES)
def test_what_is_told_can_be_said(switches):
    """Any switches, told as words and read again, are the same switches."""
    assert switches == read(told(switches), sw.Switches, "here")


@given(span=SPANS)
def test_a_span_that_is_written_is_read_as_it_was(span):
    """A span survives being written, to the microsecond."""
    assert span == read_span(written_span(span))


def test_every_switch_has_its_words():
    """The table of words names the switches, all of them, in their order."""
    assert [one.name for one in attrs.fields(sw.Switches)] == list(FORMS)


@pytest.mark.parametrize(
    "name", [name for name, forms in FORMS.items() if not any(form.endswith((SPAN, NUMBER)) for form in forms)]
)
def test_every_form_of_a_choice_is_understood(name):
    """Whatever the table says can be said of a choice is told back in the same words."""
    said = [told(read({name: form}, sw.Switches, "here"))[name] for form in FORMS[name]]

    assert list(FORMS[name]) == said


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("90s", timedelta(seconds=90)),
        ("1h30m", timedelta(minutes=90)),
        (" 2 d 3 ms ", timedelta(days=2, milliseconds=3)),
        ("5us", timedelta(microseconds=5)),
        ("0s", timedelta(0)),
    ],
)
def test_a_span_is_numbers_with_units(text, span):
    """Units may be joined, and blanks do not matter."""
    assert span == read_span(text)


@pytest.mark.parametrize("text", ["", "s", "5", "-5s", "5 weeks", "1.5h", "5S", "9" * 15 + "d", "9" * 16 + "s", "٣s"])
def test_what_is_no_span_is_refused(text):
    """A span without a number, a unit or an end is none."""
    with pytest.raises(NotAWord, match="a span such as 90s"):
        read_span(text)


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("state_echo", "canary", "state_echo must be never-on-log-on, or always, or in-token-json"),
        ("over_limit", 500, "over_limit must be 429, or 403"),
        ("old_refresh", "grace canary", "or reuse-kills-family, or grace 30s"),
        ("old_refresh", "dead 30s", "must be dead, or"),
        ("refresh_life", "idle", "must be endless, or idle 30s, or absolute 30s"),
        ("retry_after", True, "must be untold, or told 30s"),
        ("access_life", 3600, "must be a span such as"),
        ("calls_per_second", "canary", "must be a whole number"),
        ("calls_per_second", True, "must be a whole number"),
        ("calls_per_second", 0, "'calls_per_second' must be >= 1"),
        ("canary_switch", "on", "canary_switch is not known; there are access_life, bad_token_status,"),
    ],
)
def test_what_is_no_word_is_refused_with_those_that_are(name, text, said):
    """A wrong word is answered with the switch and all that can be said of it, and is not repeated."""
    with pytest.raises(NotUnderstood) as caught:
        read({name: text}, sw.Switches, "here")

    assert said in str(caught.value)
    assert str(caught.value).startswith("here: ")
    assert "canary" not in str(caught.value).replace("canary_switch", "")
