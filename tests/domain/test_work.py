"""The refresh work of a connection as values, and how long a doubt is a doubt."""

from datetime import UTC, datetime, timedelta
from typing import get_args

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailup_oauth.domain import work as w
from mailup_oauth.domain.credential import Mark
from mailup_oauth.domain.instants import Wait
from mailup_oauth.testing.strategies import values

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
MINUTE, TICK = timedelta(minutes=1), timedelta.resolution
NO_WAIT = Wait(since=NOON, span=timedelta())
OTHERS = [kind for kind in w.SetbackKind if kind is not w.SetbackKind.UNANSWERED]

MOMENTS = st.datetimes(timezones=st.just(UTC))
SETBACKS = st.lists(values(w.Setback), max_size=4).map(tuple)
GRACES = st.timedeltas(timedelta(), timedelta(days=1))


def doubt(*setbacks):
    """Return a doubt with this history."""
    return w.Unknown(setbacks=setbacks, wait=NO_WAIT, number=len(setbacks))


def unanswered(ago):
    """Return a refresh that left so long before noon and was not answered."""
    return w.Setback(w.SetbackKind.UNANSWERED, NOON - ago)


@pytest.mark.parametrize(
    ("ages", "is_older"),
    [
        ([2 * MINUTE], True),
        ([MINUTE + TICK], True),
        ([MINUTE], False),
        ([timedelta()], False),
        ([-MINUTE], False),
        ([3 * MINUTE, 2 * MINUTE], True),
        ([3 * MINUTE, MINUTE], False),
        ([MINUTE, 3 * MINUTE], False),
    ],
)
def test_a_doubt_is_as_young_as_the_youngest_request_without_an_answer(ages, is_older):
    """Only when every unanswered request left longer ago than the grace is the grace over for all of them."""

    assert is_older is doubt(*map(unanswered, ages)).is_older_than(MINUTE, NOON)


@pytest.mark.parametrize("kind", OTHERS)
def test_other_setbacks_prolong_no_doubt(kind):
    """What was answered, or never left, rotated nothing; its moment does not count."""
    later = w.Setback(kind, NOON)

    assert doubt(unanswered(2 * MINUTE), later).is_older_than(MINUTE, NOON)
    assert not doubt(unanswered(MINUTE), later).is_older_than(MINUTE, NOON)


@given(setbacks=SETBACKS, grace=GRACES, now=MOMENTS)
def test_a_doubt_is_never_older_than_a_longer_grace_and_not_than_a_shorter(setbacks, grace, now):
    """If even a longer grace is over, so is each shorter one; and nothing without an answer means nothing to wait for."""
    one = doubt(*setbacks)
    is_clear = all(setback.kind is not w.SetbackKind.UNANSWERED for setback in setbacks)

    assert one.is_older_than(grace, now) or not one.is_older_than(grace + MINUTE, now)
    assert one.is_older_than(grace, now) or not is_clear


@given(setbacks=SETBACKS, grace=GRACES, now=MOMENTS)
def test_a_doubt_is_never_settled_by_a_request_in_the_future(setbacks, grace, now):
    """A clock that was set back makes a doubt younger, never older: the careful side."""
    ahead = w.Setback(w.SetbackKind.UNANSWERED, now)

    assert not doubt(*setbacks, ahead).is_older_than(grace, now)


@pytest.mark.parametrize("kind", get_args(w.Work))
@given(data=st.data())
def test_every_kind_of_work_is_a_value(kind, data):
    """Equal by its members, frozen, and of its own kind: no other kind with the same members is taken for it."""
    work = data.draw(values(kind))

    assert work == attrs.evolve(work)
    assert hash(work) == hash(attrs.evolve(work))
    assert [kind] == [other for other in get_args(w.Work) if isinstance(work, other)]


def test_a_refresh_in_flight_remembers_what_went_wrong_before():
    """A first refresh has no history; what is owed is said by the intent alone."""
    intent = w.Intent(epoch=0, generation=3, number=1, mark=Mark("k", "0" * 32), sent=NO_WAIT)

    assert () == w.InFlight(intent=intent).setbacks
    assert w.InFlight(intent=intent, setbacks=()) != w.Retrying(intent=intent, setbacks=())
