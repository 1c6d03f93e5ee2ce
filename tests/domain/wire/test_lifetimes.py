"""Every row of the table in ``lifetimes``, and everything beyond it."""

from datetime import timedelta

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from mailup_oauth.domain.provider import STANDARD
from mailup_oauth.domain.wire.lifetimes import read_life
from mailup_oauth.domain.wire.outcomes import Note

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
PROVIDER = evolve(STANDARD, default_life=timedelta(minutes=7), longest_life=DAY)
ASSUMED = (timedelta(minutes=7), (Note.LIFE_ASSUMED,))
TEXT, FLOORED, BORN, CAPPED = Note.LIFE_AS_TEXT, Note.LIFE_NOT_WHOLE, Note.BORN_EXPIRED, Note.LIFE_CAPPED


@pytest.mark.parametrize(
    ("expires_in", "expected"),
    [
        (3600, (HOUR, ())),
        (1, (timedelta(seconds=1), ())),
        (86400, (DAY, ())),
        (3600.0, (HOUR, ())),
        ("3600", (HOUR, (TEXT,))),
        ("03600", (HOUR, (TEXT,))),
        ("0" * 60 + "3600", (HOUR, (TEXT,))),
        ("3600.00", (HOUR, (TEXT,))),
        ("3600.5", (HOUR, (TEXT, FLOORED))),
        (3600.9, (HOUR, (FLOORED,))),
        (0, (timedelta(), (BORN,))),
        (-1, (timedelta(), (BORN,))),
        (-(10**40), (timedelta(), (BORN,))),
        (0.5, (timedelta(), (FLOORED, BORN))),
        (-0.5, (timedelta(), (FLOORED, BORN))),
        ("0", (timedelta(), (TEXT, BORN))),
        ("-1", (timedelta(), (TEXT, BORN))),
        ("-0.5", (timedelta(), (TEXT, FLOORED, BORN))),
        (86401, (DAY, (CAPPED,))),
        (10**12, (DAY, (CAPPED,))),
        (10**400, (DAY, (CAPPED,))),
        (1e300, (DAY, (CAPPED,))),
        ("9" * 30, (DAY, (TEXT, CAPPED))),
        (None, ASSUMED),
        (True, ASSUMED),
        (False, ASSUMED),
        ("", ASSUMED),
        ("3600abc", ASSUMED),
        ("+3600", ASSUMED),
        (" 3600", ASSUMED),
        ("3600\n", ASSUMED),
        ("1e3", ASSUMED),
        ("٣٦٠٠", ASSUMED),
        ("9" * 65, ASSUMED),
        ("9" * 10_000, ASSUMED),
        ([], ASSUMED),
        ({}, ASSUMED),
        (float("nan"), ASSUMED),
        (float("inf"), ASSUMED),
    ],
)
def test_sec_35_expires_in_has_one_verdict(expires_in, expected):
    """Each row of peers.md 1c, and each value near its edges, has the life and the notes that the table says."""
    assert read_life(expires_in, PROVIDER) == expected


@given(
    expires_in=st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.from_regex(r"-?[0-9]+(\.[0-9]+)?")
)
def test_any_expires_in_gives_a_bounded_life(expires_in):
    """No value makes a token immortal, longer-lived than the provider allows, or an exception."""
    life, notes = read_life(expires_in, PROVIDER)

    assert timedelta() <= life <= PROVIDER.longest_life
    assert (life == timedelta()) is (Note.BORN_EXPIRED in notes)
