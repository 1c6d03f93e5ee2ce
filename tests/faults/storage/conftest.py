"""Installations on a real disk, as the misfortunes have them, and disks that can be filled, slowed down and cursed."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from tests.conversations.misfortunes.conftest import (
    House,
    full_disk,
    house,
    houses,
    mortal,
    no_key_of_the_developer_s_own,
)
from tests.faults.storage.curse import curse_this_thread
from tests.small_disk import fill, mounted

from mailup_oauth import MailUpOAuth

__all__ = ["full_disk", "house", "houses", "mortal", "no_key_of_the_developer_s_own"]


def client_over(house, store, **other):
    """Return a client of a house over a store object of the test's own, with *other* parts than the usual ones."""
    stage = house.stage
    usual = {"transport": house.wire, "clock": stage.clock, "entropy": stage.entropy, "observer": house.observer}
    oauth = MailUpOAuth(stage.registration, store=store, **(usual | other))
    house.clients.append(oauth)
    return oauth


class Disk:
    """A file system of 1 MiB with an installation on it."""

    def __init__(self, folder):
        self.house = House(folder / "home")
        self._rubbish = folder / "rubbish"

    def fill(self):
        """Fill it to the last octet."""
        fill(self._rubbish)

    def make_room(self):
        """Take away what fills it."""
        self._rubbish.unlink()


@pytest.fixture
def disk(tmp_path):
    """Mount a disk of 1 MiB with an installation on it, whose access token has expired."""
    with mounted(tmp_path / "disk", size="1m", elsewhere="misfortunes/test_disk.py") as place:
        one = Disk(place)
        one.house.connect()
        yield one
        one.house.rest()
        one.house.audit()


@pytest.fixture
def cursed():
    """Do a deed on a thread, and the threads that it begins, for which no ``fsync`` succeeds."""

    def done(deed):
        with ThreadPoolExecutor(1, initializer=curse_this_thread) as thread:
            return thread.submit(deed).result()

    return done
