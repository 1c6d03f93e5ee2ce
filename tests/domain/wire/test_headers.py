"""What the headers of an answer say about its body and about waiting."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailup_oauth.domain.wire.headers import (
    FAR_OFF,
    LONGEST_WAIT,
    SHORTEST_WAIT,
    header,
    is_encoded,
    is_far_off,
    is_json,
    retry_after,
)

DATE = ("date", "Sun, 06 Nov 1994 08:49:37 GMT")


def test_repeated_headers_are_joined():
    """Two headers of one name are one list, as RFC 9110 section 5.3 says."""
    assert header((("a", "1"), ("b", "2"), ("a", "3")), "a") == "1, 3"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("application/json", True),
        ("Application/JSON ; charset=utf-8", True),
        ("application/json;x=,", True),
        ("application/jsonp", False),
        ("text/html", False),
        ("application/json, application/json", False),
        ("", False),
    ],
)
def test_sec_33_the_media_type_is_compared_without_its_parameters(value, expected):
    """Only ``application/json`` is JSON, whatever follows the semicolon."""
    assert is_json((("content-type", value),)) is expected


@pytest.mark.parametrize(
    ("value", "expected"), [("", False), ("identity", False), (" Identity", False), ("gzip", True), ("br", True)]
)
def test_only_identity_is_unpacked(value, expected):
    """Any other coding was not asked for."""
    assert is_encoded((("content-encoding", value),)) is expected


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120),
        (" 120 ", 120),
        ("0", 1),
        ("-5", 1),
        ("3600", 3600),
        ("3601", 3600),
        ("9" * 10_000, 3600),
        ("Sun, 06 Nov 1994 08:50:07 GMT", 30),
        ("Sun, 06 Nov 1994 08:49:00 GMT", 1),
        ("Sun, 06 Nov 2094 08:49:37 GMT", 3600),
        ("Sun, 06 Nov 9999 08:49:37 GMT", 3600),
        ("", 0),
        ("-", 0),
        ("soon", 0),
        ("1.5", 0),
        ("²", 0),
        ("1, 2", 0),
        ("Sun, 06 Nov 1994 08:50:07 XXX", 0),
        ("Sun, 99 Nov 1994 08:50:07 GMT", 0),
        ("Sun Nov  6 08:50:07 1994", 0),
        ("................................ GMT", 0),
        ("......................... GMT", 0),
    ],
)
def test_fault_N14_retry_after_is_clamped_or_ignored(value, seconds):
    """Seconds and dates are clamped to one second and one hour; nonsense says nothing."""
    assert retry_after((DATE, ("retry-after", value))) == timedelta(seconds=seconds)


@pytest.mark.parametrize("headers", [(), (("date", "now"),)])
def test_fault_N14_a_date_without_the_server_s_clock_says_nothing(headers):
    """No clock of ours takes part, so a date alone cannot be counted from anything."""
    assert retry_after((*headers, ("retry-after", DATE[1]))) == timedelta()


@pytest.mark.parametrize(
    ("off", "expected"),
    [
        (FAR_OFF, False),
        (-FAR_OFF, False),
        (FAR_OFF + timedelta(seconds=1), True),
        (-FAR_OFF - timedelta(seconds=1), True),
        (timedelta(days=365_000), True),
    ],
)
def test_fault_C08_a_date_far_from_ours_is_seen(off, expected):
    """Five minutes in either direction are usual; one second more is far off."""
    assert is_far_off((DATE,), datetime(1994, 11, 6, 8, 49, 37, tzinfo=UTC) + off) is expected


@pytest.mark.parametrize("headers", [(), (("date", "now"),), (DATE, DATE)])
def test_fault_C08_a_date_that_cannot_be_read_is_not_far_off(headers):
    """No date, nonsense, and two dates say nothing of the server's clock."""
    assert not is_far_off(headers, datetime(2026, 1, 1, tzinfo=UTC))


SHAPED = st.from_regex(
    r"[A-Z][a-z]{2}[, ][ 0-9-]{4}[A-Z][a-z]{2} [-+ 0-9]{4} [0-9]{2}:[0-9:]{2}:[0-9]{2} GMT", fullmatch=True
)


@given(value=st.text() | st.text(min_size=25, max_size=25).map("{} GMT".format) | SHAPED, date=st.text() | SHAPED)
def test_fault_N14_any_header_gives_a_bounded_wait(value, date):
    """Whatever the header says, the wait is nothing or between one second and one hour."""
    wait = retry_after((("date", date), DATE, ("retry-after", value)))
    other = retry_after((DATE, ("retry-after", value)))

    assert all(one == timedelta() or SHORTEST_WAIT <= one <= LONGEST_WAIT for one in (wait, other))
