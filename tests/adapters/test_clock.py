"""The two clocks that tell real time: the system's, and the one with a hand on it."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from mailup_oauth.adapters.clock.shifted import ShiftedClock
from mailup_oauth.adapters.clock.system import SystemClock

CLOCKS = pytest.mark.parametrize("kind", [SystemClock, ShiftedClock])
AN_HOUR = timedelta(hours=1)


@CLOCKS
def test_the_moment_is_the_systems_aware_and_in_utc(kind):
    """A clock tells the moment that it is, and says that this is UTC."""
    before, told, after = datetime.now(UTC), kind().now(), datetime.now(UTC)

    assert UTC is told.tzinfo
    assert before <= told <= after


def test_sleeping_takes_the_time_it_takes():
    """The system's clock returns when the span is over, and not before."""
    began = time.monotonic()
    SystemClock().sleep(timedelta(milliseconds=20))

    assert time.monotonic() - began >= 0.02


@pytest.mark.parametrize("passing", [ShiftedClock.move, ShiftedClock.sleep])
def test_a_moved_clock_is_ahead_of_the_systems(passing):
    """Whether it is moved or slept on, the clock is ahead by just that span, at once, and goes on from there."""
    clock = ShiftedClock()
    passing(clock, AN_HOUR)
    before, told, after = datetime.now(UTC), clock.now(), datetime.now(UTC)

    assert before + AN_HOUR <= told <= after + AN_HOUR


def test_no_move_of_many_threads_is_lost():
    """Eight threads that move one clock move it by all of their spans together."""
    clock = ShiftedClock()
    with ThreadPoolExecutor(8) as crowd:
        list(crowd.map(lambda _: clock.move(AN_HOUR), range(800)))
    before, told, after = datetime.now(UTC), clock.now(), datetime.now(UTC)

    assert before + 800 * AN_HOUR <= told <= after + 800 * AN_HOUR
