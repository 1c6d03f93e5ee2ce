"""Closing waits for what is under way, as long as it is told, and then gives back what was opened."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from mailup_oauth import AsyncMailUpOAuth, MailUpOAuth, StillRefreshing
from mailup_oauth.sandbox.events import TokensRotated
from mailup_oauth.testing.stage import CONNECTION, Stage

AT_ONCE = timedelta()


def test_closing_waits_for_the_flights_of_this_store(stage, gate):
    """``close`` returns when the refresh that a caller did not wait for has been stored."""
    stage.connect()
    oauth = stage.client(MailUpOAuth, transport=gate)
    with pytest.raises(StillRefreshing):
        oauth.refresh(CONNECTION, timeout=AT_ONCE)
    gate.open()
    oauth.close()

    assert 1 == stage.happened(TokensRotated) == oauth.status(CONNECTION).generation


def test_closing_waits_no_longer_than_it_is_told(stage, gate, store):
    """When the patience is over ``close`` returns, and takes nothing from a flight that still needs it."""
    stage.connect()
    oauth = stage.client(MailUpOAuth, transport=gate)
    with pytest.raises(StillRefreshing):
        oauth.refresh(CONNECTION, timeout=AT_ONCE)
    oauth.close(patience=AT_ONCE)

    assert (0, 0) == (gate.closed, store.closed)
    gate.open()
    oauth.close()
    assert (1, 1) == (gate.closed, store.closed)


def test_closing_does_not_wait_for_another_store(stage, gate):
    """A flight of another store is no concern of this one."""
    stage.connect()
    with pytest.raises(StillRefreshing):
        stage.client(MailUpOAuth, transport=gate).refresh(CONNECTION, timeout=AT_ONCE)
    other = Stage()
    other.connect()
    other.oauth.close()

    assert 0 == stage.happened(TokensRotated)


def test_a_with_block_closes(stage, gate, store):
    """Leaving the ``with``, by an exception too, closes, and the exception goes on."""

    def used():
        with stage.client(MailUpOAuth, transport=gate) as oauth:
            oauth.begin(CONNECTION)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        used()

    assert (1, 1) == (gate.closed, store.closed)


def test_an_async_with_block_closes(stage, gate, store):
    """Leaving the ``async with``, by an exception too, closes, and the exception goes on."""

    async def used():
        async with stage.client(AsyncMailUpOAuth, transport=gate) as oauth:
            await oauth.begin(CONNECTION)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        asyncio.run(used())

    assert (1, 1) == (gate.closed, store.closed)


def test_a_closed_client_can_be_used_again(stage):
    """After ``close`` the client opens what it needs anew."""
    stage.connect()
    stage.oauth.close()

    assert stage.oauth.access_token(CONNECTION).expires_at > stage.clock.now()


def test_closing_forgets_the_pictures(stage, store):
    """After ``close`` the store is asked again."""
    stage.connect()
    stage.oauth.access_token(CONNECTION)
    stage.oauth.close()
    before = store.loads
    stage.oauth.access_token(CONNECTION)

    assert before + 1 == store.loads


def test_closing_may_wait_for_ever(stage, gate):
    """There is no patience too long to close with."""
    stage.connect()
    oauth = stage.client(MailUpOAuth, transport=gate)
    with pytest.raises(StillRefreshing):
        oauth.refresh(CONNECTION, timeout=AT_ONCE)
    with ThreadPoolExecutor(1) as other:
        closing = other.submit(oauth.close, patience=timedelta.max)
        gate.wait_until_reached()
        gate.open()

    assert closing.exception() is None
    assert 1 == gate.closed
