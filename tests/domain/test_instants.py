"""Moments and waits by arithmetic alone, also where clocks were wrong and at the ends of time."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailup_oauth.domain.instants import END_OF_TIME, NO_TIME, Wait, later, stretched

BEGINNING_OF_TIME = datetime.min.replace(tzinfo=UTC)
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
SECOND, MINUTE, DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(days=1)

ENDS = st.sampled_from([BEGINNING_OF_TIME, END_OF_TIME, NOON])
MOMENTS = ENDS | st.datetimes(timezones=st.just(UTC))
SPANS = st.timedeltas(NO_TIME, DAY) | st.timedeltas(NO_TIME, timedelta.max)
WAITS = st.builds(Wait, since=MOMENTS, span=SPANS)
SHARES = st.floats(0, 1)


def earlier(moment, span):
    """Return *moment* less *span*, or the first moment there is."""
    return moment - span if span <= moment - BEGINNING_OF_TIME else BEGINNING_OF_TIME


@st.composite
def looks(draw):
    """Draw a wait and a moment at which somebody looks at it: anywhere, or within three spans of its beginning."""
    wait, away = draw(WAITS), draw(st.floats(0, 3))
    near = draw(st.sampled_from([earlier, later]))(wait.since, min(wait.span, timedelta.max / 4) * away)
    return wait, draw(st.just(near) | MOMENTS)


@given(moment=MOMENTS, span=SPANS)
def test_fault_C04_later_never_overflows(moment, span):
    """Any moment and any span give a moment: the sum, or the last there is."""
    reached = later(moment, span)

    assert moment <= reached <= END_OF_TIME
    assert reached - moment == span or (reached == END_OF_TIME and reached - moment < span)


@pytest.mark.parametrize(
    ("moment", "span", "reached"),
    [
        (NOON, NO_TIME, NOON),
        (NOON, DAY, NOON + DAY),
        (END_OF_TIME, NO_TIME, END_OF_TIME),
        (END_OF_TIME, timedelta.resolution, END_OF_TIME),
        (END_OF_TIME - SECOND, SECOND, END_OF_TIME),
        (END_OF_TIME - MINUTE, SECOND, END_OF_TIME - 59 * SECOND),
        (BEGINNING_OF_TIME, timedelta.max, END_OF_TIME),
        (datetime(1969, 12, 31, 23, 59, 59, tzinfo=UTC), SECOND, datetime(1970, 1, 1, tzinfo=UTC)),
        (datetime(2038, 1, 19, 3, 14, 7, tzinfo=UTC), SECOND, datetime(2038, 1, 19, 3, 14, 8, tzinfo=UTC)),
    ],
)
def test_fault_C04_the_years_that_trouble_other_clocks_do_not_trouble_this(moment, span, reached):
    """Neither 1970 nor 2038 is a border; after the year 9999 time stands still."""

    assert reached == later(moment, span)


@given(look=looks())
def test_fault_C04_what_remains_of_a_wait_is_between_nothing_and_all_of_it(look):
    """Whatever the clock says, nobody waits longer than the span, and nobody a negative time."""
    wait, now = look

    assert NO_TIME <= wait.remaining(now) <= wait.span


@given(look=looks())
def test_a_wait_is_over_when_nothing_remains(look):
    """The two questions have one answer."""
    wait, now = look

    assert wait.is_over(now) is (NO_TIME == wait.remaining(now))


@given(since=MOMENTS, span=SPANS, share=SHARES)
def test_a_wait_whose_clock_was_right_ends_at_its_end(since, span, share):
    """While it goes on, what is left and what has passed make the span; at the end nothing is left."""
    now = later(since, span * share)
    wait = Wait(since=since, span=span)

    assert later(since, span) - now == wait.remaining(now)
    assert wait.is_over(later(since, span))


@given(look=looks())
def test_fault_C02_a_wait_begun_further_ahead_than_it_lasts_is_over(look):
    """A clock that stood days ahead when the wait began freezes nobody: who finds such a beginning does not wait."""
    wait, now = look

    assert wait.is_over(now) or now >= wait.since or wait.since - now <= wait.span


@given(since=MOMENTS, span=SPANS, share=SHARES)
def test_fault_C01_a_clock_that_was_set_back_costs_two_spans_at_most(since, span, share):
    """Whoever finds the beginning up to a span ahead waits the span, and once more at most, until time has caught up."""
    wait, now = Wait(since=since, span=span), earlier(since, span * share)
    after = later(later(now, wait.remaining(now)), span)

    assert wait.is_over(after)


@given(look=looks(), passed=SPANS)
def test_what_remains_never_grows_while_the_clock_goes_forward(look, passed):
    """Once the clock has passed the beginning, what remains never grows."""
    wait, now = look
    then = later(max(now, wait.since), passed)

    assert wait.remaining(then) <= wait.remaining(max(now, wait.since))


@pytest.mark.parametrize(
    ("ahead", "remaining"),
    [
        (-DAY, NO_TIME),
        (-MINUTE, NO_TIME),
        (-59 * SECOND, SECOND),
        (NO_TIME, MINUTE),
        (SECOND, MINUTE),
        (MINUTE, MINUTE),
        (MINUTE + timedelta.resolution, NO_TIME),
        (DAY, NO_TIME),
    ],
)
def test_a_minute_s_wait_by_where_its_beginning_is_found(ahead, remaining):
    """A beginning up to a span ahead costs a whole span; further ahead, or a span ago, it costs nothing."""
    wait = Wait(since=NOON + ahead, span=MINUTE)

    assert remaining == wait.remaining(NOON)


@given(span=st.timedeltas(NO_TIME, 3650 * DAY), spread=SHARES, chance=SHARES)
def test_a_stretched_span_is_never_shorter_and_never_longer_than_its_spread(span, spread, chance):
    """Chance only adds, and adds the spread at most."""

    assert span <= stretched(span, spread=spread, chance=chance) <= stretched(span, spread=spread, chance=1)
    assert stretched(span, spread=spread, chance=1) <= span + span * spread + timedelta.resolution


@given(span=SPANS, share=SHARES)
def test_without_spread_or_without_luck_a_span_stays_what_it_is(span, share):
    """No spread, or a chance of zero, adds nothing at all, not even a rounding."""

    assert span == stretched(span, spread=0, chance=share) == stretched(span, spread=share, chance=0)


@given(spread=st.floats(0.1, 1), chances=st.tuples(SHARES, SHARES).map(sorted))
def test_more_chance_stretches_more(spread, chances):
    """Different draws lead to different ends, in the order of the draws."""
    less, more = chances
    ends = [stretched(DAY, spread=spread, chance=chance) for chance in chances]

    assert ends == sorted(ends)
    assert ends[0] < ends[1] or more - less < 1e-9
