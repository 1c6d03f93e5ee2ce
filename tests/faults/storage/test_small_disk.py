"""A real disk of 1 MiB without one free octet: nothing is sent that cannot be written down, nothing received is lost."""

import sqlite3
from contextlib import closing, nullcontext

import pytest
from tests.conversations.misfortunes.test_disk import WRITING, opened

from mailup_oauth import StoreUnavailable
from mailup_oauth.adapters.spill.folder import RESERVES
from mailup_oauth.testing.stage import CONNECTION


@pytest.mark.parametrize("used", [opened, lambda _: nullcontext()], ids=["in use", "at rest"])
def test_fault_S01_a_disk_without_room_stops_every_deed_before_it_is_sent(disk, used):
    """Whoever asks for more than a look is told that the disk is full, and with room everything goes on."""
    house = disk.house
    house.rest()
    with used(house):
        disk.fill()
        errors = [house.endured(lambda deed=deed: deed(house.oauth)) for deed in WRITING.values()]
        disk.make_room()

    assert {StoreUnavailable} == {type(error) for error in errors}
    assert {error.problem for error in errors} <= {"the disk is full", "the disk failed to read or write"}
    assert house.goes_on()


def test_fault_S02_the_last_room_of_a_full_disk_is_the_spill_s(disk):
    """A disk that fills up behind the request has a reserve for the tokens: spilled there, merged by another process."""
    house = disk.house
    house.rest()
    with opened(house):
        house.wire.meanwhile = disk.fill
        with pytest.raises(StoreUnavailable):
            house.client().access_token(CONNECTION)
        house.wire.meanwhile = lambda: None
        kept = sorted(path.suffix or path.name for path in house.folder.joinpath("mailup.db.spill").iterdir())
        disk.make_room()
    sent = len(house.wire.sent)

    assert [".spill", *(f"reserve-{number}" for number in range(1, RESERVES))] == kept
    assert (CONNECTION, "spill:kept") in house.observer.told
    assert house.token.mark != house.client().access_token(CONNECTION).mark
    assert (sent, (CONNECTION, "spill:merged")) == (len(house.wire.sent), house.observer.told[-1])
    house.stage.expire()
    assert house.goes_on()


def test_fault_S03_a_database_that_is_locked_behind_the_request_is_waited_for(house):
    """When another process locks the database while MailUp answers, the tokens are stored as soon as it lets go."""
    with closing(sqlite3.connect(house.database, check_same_thread=False)) as other:

        def lock():
            other.execute("BEGIN IMMEDIATE")

        class Patient:
            """A clock under which the other process lets go after a while."""

            waits = 0

            def now(self):
                return house.stage.clock.now()

            def sleep(self, span):
                self.waits += 1
                if self.waits == 3:
                    other.rollback()
                house.stage.clock.sleep(span)

        house.wire.meanwhile = lock
        clock = Patient()
        token = house.client(clock=clock).access_token(CONNECTION)
        house.wire.meanwhile = lambda: None

    assert (3, True) == (clock.waits, token.mark != house.token.mark)
    assert token.mark == house.client().access_token(CONNECTION).mark
