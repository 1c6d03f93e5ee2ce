"""One seed is one history, byte for byte, on every Python; the digests were made by CPython 3.11."""

import pytest

from mailup_oauth.journal import records
from mailup_oauth.testing.simulation.seeded.dawns import dawn
from mailup_oauth.testing.simulation.seeded.drawing import drawn
from mailup_oauth.testing.simulation.seeded.history import digest_of
from mailup_oauth.testing.simulation.seeded.plan import read_plan


@pytest.fixture
def unversioned(monkeypatch):
    """Let journals be written by a release without a number, so that the next one does not change every digest."""
    dawn.cache_clear()
    monkeypatch.setattr(records, "LIBRARY_VERSION", "simulated")
    yield
    dawn.cache_clear()


@pytest.mark.usefixtures("unversioned")
def test_a_seed_is_one_history_on_every_python(lines_of):
    """The first fifty histories, journals and rows included, are those whose digests are kept."""
    kept = dict(line.split() for line in lines_of("digests.txt"))

    assert kept == {str(seed): digest_of(drawn(seed)) for seed in range(50)}


def test_a_plan_that_was_written_down_is_read_again():
    """What is written of a plan is all of it."""
    plans = [drawn(seed) for seed in range(500)]

    assert plans == [read_plan(str(plan)) for plan in plans]


def test_another_seed_is_another_history():
    """No two of the first fifty histories are alike, and a digest shows it."""
    assert 50 == len({digest_of(drawn(seed)) for seed in range(50)})
