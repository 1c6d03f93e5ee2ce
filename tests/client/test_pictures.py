"""On the everyday path a picture is looked at and nothing else; it fades soon enough (ADR 0014)."""

from concurrent.futures import wait
from datetime import timedelta

import pytest

from mailup_oauth import (
    MailUpOAuth,
    NotConnected,
    ReauthorizationRequired,
    StillRefreshing,
    TemporarilyUnavailable,
)
from mailup_oauth.engine import FLIGHTS
from mailup_oauth.sandbox.events import TokensRotated
from mailup_oauth.sandbox.faults import Throttle
from mailup_oauth.sandbox.switches import Switches, Told
from mailup_oauth.testing.stage import CONNECTION

SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
FADES = 30 * SECOND
"""When the store is asked again (``policy.snapshot_age``)."""


def landed(stage):
    """Wait for every flight of a stage."""
    wait(FLIGHTS.aloft(stage.store.identity))


@pytest.fixture
def used(stage, store):
    """Give a connected client that has just handed out its token, and the token."""
    stage.connect()
    token = stage.oauth.access_token(CONNECTION)
    store.loads = store.commits = 0
    return stage.oauth, token


@pytest.fixture
def elsewhere(stage):
    """Give another client of the same store, as another process would have."""
    return stage.client(MailUpOAuth)


def test_a_fresh_picture_asks_nobody(stage, store, used):
    """Until 30 s have passed, a token is handed out a thousand times without one call of the store or of MailUp."""
    oauth, token = used
    for _ in range(1000):
        assert token.mark == oauth.access_token(CONNECTION).mark
        stage.clock.move(FADES / 1001)

    assert (0, 0, 0) == (store.loads, store.commits, stage.happened(TokensRotated))


def test_an_old_picture_looks_again(stage, store, used):
    """After 30 s the store is asked once, and the picture is good for as long again."""
    oauth, token = used
    for _ in range(2):
        stage.clock.move(FADES)
        for _ in range(3):
            assert token.mark == oauth.access_token(CONNECTION).mark

    assert (2, 0) == (store.loads, store.commits)


def test_a_picture_from_the_future_is_not_believed(stage, store, used):
    """When the clock was set back before the moment of the picture, the store is asked."""
    oauth, _ = used
    stage.clock.move(-SECOND)
    oauth.access_token(CONNECTION)

    assert 1 == store.loads


def test_a_disconnect_elsewhere_is_noticed_in_time(stage, used, elsewhere):
    """For 30 s after another process disconnected, the token is still handed out here; then no more."""
    oauth, token = used
    elsewhere.disconnect(CONNECTION)
    stage.clock.move(FADES - SECOND)
    last = oauth.access_token(CONNECTION)
    stage.clock.move(SECOND)

    assert token.mark == last.mark
    with pytest.raises(NotConnected):
        oauth.access_token(CONNECTION)


def test_a_new_account_elsewhere_is_noticed_in_time(stage, used, elsewhere):
    """The token of another account that was connected in another process is handed out here within 30 s."""
    oauth, token = used
    start = elsewhere.begin(CONNECTION, allow_account_change=True)
    elsewhere.complete(stage.visit(start, username="m2"), binding=start.binding)
    stage.clock.move(FADES)

    assert token.mark != elsewhere.access_token(CONNECTION).mark == oauth.access_token(CONNECTION).mark


@pytest.mark.parametrize("ending", ["disconnect", "begin anew"])
def test_what_ends_a_token_here_is_noticed_at_once(stage, used, ending):
    """A disconnect or a new authorization by this client takes the picture down."""
    oauth, token = used
    if ending == "disconnect":
        oauth.disconnect(CONNECTION)
        with pytest.raises(NotConnected):
            oauth.access_token(CONNECTION)
    else:
        stage.connect()

        assert token.mark != oauth.access_token(CONNECTION).mark


def test_in_the_renewal_window_it_is_looked_at_every_second(stage, store, used):
    """While a renewal in advance is due and fails, the token is handed out from a picture of one second."""
    oauth, token = used
    stage.clock.move(50 * MINUTE)
    stage.plan(Throttle(wait=Told(MINUTE)))
    oauth.access_token(CONNECTION)
    landed(stage)
    store.loads = 0
    for _ in range(4):
        assert token.mark == oauth.access_token(CONNECTION).mark
        stage.clock.move(SECOND / 2)

    assert 1 == store.loads


def test_a_picture_ends_with_its_token(stage, used):
    """The picture of a token that is over in less than a second ends with it, whether or not there is another."""
    oauth, token = used
    stage.clock.move(token.expires_at - stage.clock.now() - SECOND / 4)
    stage.plan(Throttle())
    last = oauth.access_token(CONNECTION)
    landed(stage)
    stage.clock.move(SECOND / 4)

    assert token.mark == last.mark
    with pytest.raises(TemporarilyUnavailable):
        oauth.access_token(CONNECTION)


def test_a_newer_token_replaces_a_rejected_one_without_a_request(stage, used, elsewhere):
    """When the store already holds a newer token than the one that was refused, that is handed out and nothing is sent."""
    oauth, token = used
    newer = elsewhere.refresh(CONNECTION)

    assert newer.mark == oauth.report_rejected(CONNECTION, token).mark == oauth.access_token(CONNECTION).mark
    assert 1 == stage.happened(TokensRotated)


def test_a_rejected_token_is_not_handed_out_again(stage, gate, used):
    """What one caller knows of a token is not lost because a renewal was under way, which then came to nothing."""
    _, token = used
    stage.clock.move(50 * MINUTE)
    stage.plan(Throttle())
    oauth = stage.client(MailUpOAuth, transport=gate)
    oauth.access_token(CONNECTION)
    with pytest.raises(StillRefreshing):
        oauth.report_rejected(CONNECTION, token, timeout=timedelta())
    gate.open()
    landed(stage)

    with pytest.raises(TemporarilyUnavailable):
        oauth.access_token(CONNECTION)
    assert "Expired" == oauth.status(CONNECTION).state


def test_a_token_that_is_born_expired_is_an_answer(stage):
    """A MailUp that gives tokens without any life leads to a typed answer and not to a storm of requests."""
    stage.connect()
    stage.switch(Switches(access_life=timedelta()))
    with pytest.raises(TemporarilyUnavailable) as caught:
        stage.oauth.refresh(CONNECTION)

    assert "born-expired" == caught.value.cause
    assert 1 == stage.happened(TokensRotated)


def test_a_forced_refresh_that_fails_is_no_success(stage, used):
    """``refresh`` raises why it brought nothing, though the old token still works and is still handed out."""
    oauth, token = used
    stage.plan(Throttle())
    with pytest.raises(TemporarilyUnavailable):
        oauth.refresh(CONNECTION)

    assert token.mark == oauth.access_token(CONNECTION).mark


def test_the_dead_are_not_asked_about(stage, store, used):
    """Where only the user can help, one look into the store says so; nothing flies and nothing is sent."""
    oauth, _ = used
    stage.revoke()
    stage.expire()
    with pytest.raises(ReauthorizationRequired):
        oauth.access_token(CONNECTION)
    store.loads = 0
    happened = stage.sandbox.events
    with pytest.raises(ReauthorizationRequired):
        oauth.access_token(CONNECTION)

    assert (1, happened) == (store.loads, stage.sandbox.events)
