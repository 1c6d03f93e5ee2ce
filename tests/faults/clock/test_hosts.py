"""Two machines whose clocks drift apart: who may send is settled by the kernel's lock, and by nobody's clock."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Event

import pytest

from mailup_oauth import StillRefreshing

FIVE_MINUTES = timedelta(minutes=5)
A_WHILE = 10.0  # seconds after which a test that waits for a thread has failed


def test_fault_C03_clocks_that_drift_apart_by_a_fifth_cost_refreshes_and_no_authorization(world):
    """
    One clock a tenth too slow, one a tenth too fast: for ten hours both get tokens, and MailUp sees none twice.

    While they are less than a token's life apart that costs nothing; beyond it, a refresh each time that one of them looks.
    """
    slow, fast = world.host(pace=0.9), world.host(pace=1.1)
    world.connect(slow)
    tokens, per_hour = 0, []
    for _ in range(10):
        before = world.rotations
        for _ in range(12):
            tokens += sum(bool(host.oauth.access_token("acme")) for host in (slow, fast))
            world.settle()
            world.pass_(FIVE_MINUTES)
        per_hour.append(world.rotations - before)

    assert (240, True) == (tokens, fast.clock.now() - slow.clock.now() > timedelta(hours=1, minutes=59))
    assert (True, True) == (max(per_hour[:5]) <= 2, max(per_hour) <= 24)


@pytest.mark.parametrize("ahead", [timedelta(hours=-2), timedelta(hours=2)])
def test_fault_C03_a_lock_does_not_end_by_any_clock(world, ahead):
    """While one host waits for MailUp, though both clocks jump by a day, the other host stays excluded; one request."""
    one, other = world.host(), world.host(ahead=ahead)
    world.connect(one)
    world.pass_(timedelta(hours=1, minutes=1))
    asked, answered = Event(), Event()

    def hold():
        world.wire.before = lambda: None
        asked.set()
        assert answered.wait(A_WHILE)

    world.wire.before = hold
    sent = world.wire.sent
    with ThreadPoolExecutor(1) as thread:
        first = thread.submit(one.oauth.access_token, "acme")
        assert asked.wait(A_WHILE)
        one.clock.move(timedelta(days=1))
        other.clock.move(timedelta(days=-1))
        with pytest.raises(StillRefreshing):
            other.oauth.access_token("acme", timeout=timedelta(milliseconds=50))
        during = world.wire.sent - sent
        answered.set()
        first.exception()
    other.oauth.close()

    assert 1 == during
