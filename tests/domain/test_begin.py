"""Beginning an attempt, which of the earlier ones it costs, and ending a connection."""

from datetime import timedelta

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailup_oauth.domain import attempts as a
from mailup_oauth.domain import commands as c
from mailup_oauth.domain import events as e
from mailup_oauth.domain import refusals as r
from mailup_oauth.domain import states as s
from mailup_oauth.domain.instants import Wait
from mailup_oauth.domain.policy import PRODUCTION
from mailup_oauth.domain.redact import credentials
from mailup_oauth.testing import scenario as scene
from mailup_oauth.testing.scenario import NOW
from mailup_oauth.testing.shapes import SHAPES, connections, moments

KEPT = PRODUCTION.attempts_kept
LIFE = PRODUCTION.attempt_life
LONG_AGO = NOW - LIFE
CONNECTED = scene.authorized()
any_connection = st.sampled_from(SHAPES).flatmap(lambda shape: connections(*shape))


def beginning(number, now=NOW, rule=a.AccountRule.SAME_USER):
    """Ask for the attempt with this number."""
    return c.BeginAuthorization(
        now=now,
        attempt=scene.attempt_id(number),
        binding=scene.binding(number),
        rule=rule,
        verifier=scene.credential(f"verifier-{number}"),
        redirect_uri=scene.credential(f"redirect-uri-{number}"),
    )


def begun(number):
    """Return the event that an attempt was begun."""
    return e.AuthorizationBegun(attempt=scene.awaiting(number))


def dropped(number, why):
    """Return the event that an attempt is forgotten."""
    return e.AttemptDropped(attempt=scene.attempt_id(number), why=why)


@pytest.mark.parametrize("rule", a.AccountRule)
def test_an_attempt_is_remembered_with_all_that_its_callback_will_need(rule):
    """The nonce's digest, the browser, whose authorization is welcome, the verifier and the address, for ten minutes."""
    life = Wait(since=NOW, span=timedelta(minutes=10))
    browser = a.Browser(id=scene.attempt_id(1), binding=scene.binding(1), rule=rule, life=life)
    attempt = a.AwaitingCallback(
        browser=browser, verifier=scene.credential("verifier-1"), redirect_uri=scene.credential("redirect-uri-1")
    )

    assert scene.awaiting_code(attempt) == scene.given(s.INITIAL).when(beginning(1, rule=rule)).state


def test_an_attempt_is_begun_once():
    """The same attempt again changes nothing, whatever became of it since."""
    once = scene.given(s.INITIAL).when(beginning(1))

    assert () == once.when(beginning(1)).decided
    assert () == scene.given(scene.authorized(scene.finished(1))).when(beginning(1)).decided


def test_beginning_anew_takes_no_service_away():
    """While connected, an attempt runs beside the authorization that works."""
    after = scene.given(CONNECTED).when(beginning(1)).state

    assert scene.authorized(scene.awaiting(1)) == after


@pytest.mark.parametrize(
    ("attempts", "displaced"),
    [
        ([scene.awaiting(number) for number in range(1, 6)], 1),
        ([scene.awaiting(1), scene.finished(2), scene.awaiting(3), scene.finished(4), scene.awaiting(5)], 2),
        ([*map(scene.exchanging, (1, 2)), scene.identifying(3), scene.awaiting(4), scene.exchanging(5)], 4),
        ([scene.exchanging(1), *map(scene.identifying, (2, 3)), *map(scene.exchanging, (4, 5))], 2),
    ],
)
def test_sec_11_the_least_useful_attempt_makes_room(attempts, displaced):
    """Beyond five, the oldest finished attempt goes, else one that is awaited, else one that is held; no code is given up."""
    scenery = scene.given(scene.authorized(*attempts)).when(beginning(6))

    assert (begun(6), dropped(displaced, e.DropReason.DISPLACED)) == scenery.decided


def test_sec_11_nothing_that_is_under_way_makes_room():
    """Where every attempt is being exchanged, a sixth is refused and all go on."""
    busy = scene.authorized(*map(scene.exchanging, range(1, KEPT + 1)))
    refused = scene.given(busy).when(beginning(6))

    assert (r.TooManyAttempts(), busy) == (refused.decided, refused.state)


@pytest.mark.parametrize(
    ("attempt", "gone"),
    [
        (scene.awaiting(1, since=LONG_AGO), (dropped(1, e.DropReason.LAPSED),)),
        (scene.awaiting(1, since=LONG_AGO + timedelta.resolution), ()),
        (scene.finished(1, since=LONG_AGO), (dropped(1, e.DropReason.OVER),)),
        (scene.finished(1, since=LONG_AGO + timedelta.resolution), ()),
        (attrs.evolve(scene.exchanging(1), browser=scene.browser(1, since=LONG_AGO)), ()),
        (attrs.evolve(scene.identifying(1), browser=scene.browser(1, since=LONG_AGO)), ()),
    ],
)
def test_sec_11_what_is_over_is_forgotten_at_the_next_beginning(attempt, gone):
    """After ten minutes an awaited attempt has lapsed and a finished one is over; what is under way has its own end."""
    assert (begun(6), *gone) == scene.given(scene.authorized(attempt)).when(beginning(6)).decided


def test_what_is_over_makes_room_before_anything_is_displaced():
    """With five remembered, one of them over, the sixth costs that one alone."""
    attempts = [*map(scene.awaiting, range(1, KEPT)), scene.finished(KEPT, since=LONG_AGO)]
    after = scene.given(scene.authorized(*attempts)).when(beginning(6))

    assert (begun(6), dropped(KEPT, e.DropReason.OVER)) == after.decided


@given(begins=st.lists(moments, min_size=1, max_size=12))
def test_sec_11_however_often_it_is_begun_few_are_remembered_and_the_newest_is_one(begins):
    """At most five attempts, at any moments in any order, and the newest is always the last of them."""
    scenery = scene.given(s.INITIAL)
    for number, now in enumerate(begins):
        scenery = scenery.when(beginning(number, now))
        names = [attempt.browser.id for attempt in scenery.state.attempts]

        assert len(names) <= KEPT
        assert scene.attempt_id(number) == names[-1]


@settings(max_examples=60)
@given(before=any_connection, now=moments)
def test_disconnecting_erases_everything_and_twice_is_once(before, now):
    """Wherever a connection stands, afterwards nothing is held, not one secret, and the second time changes nothing."""
    once = scene.given(before).when(c.Disconnect(now=now))
    again = once.when(c.Disconnect(now=now))

    assert (s.Unregistered, {}) == (type(once.state), credentials(once.state))
    assert ((), once.state) == (again.decided, again.state)
    assert (() if isinstance(before, s.Unregistered) else (e.Disconnected(),)) == once.decided
