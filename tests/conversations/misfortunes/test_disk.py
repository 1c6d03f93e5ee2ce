"""A disk that is full, read-only or locked: nothing is sent before it is mended, and what was received is not lost."""

import sqlite3
from contextlib import ExitStack, closing, contextmanager
from datetime import timedelta

import attrs
import pytest

from mailup_oauth import StoreUnavailable
from mailup_oauth.adapters.spill.memory import MemorySpill
from mailup_oauth.domain.policy import PRODUCTION
from mailup_oauth.ports import Absent
from mailup_oauth.testing.stage import CONNECTION

READING = {
    "status": lambda oauth: oauth.status(CONNECTION).state,
    "journal": lambda oauth: len(list(oauth.journal(CONNECTION))) > 0,
}
WRITING = {
    "access_token": lambda oauth: oauth.access_token(CONNECTION),
    "refresh": lambda oauth: oauth.refresh(CONNECTION),
    "begin": lambda oauth: oauth.begin(CONNECTION),
    "disconnect": lambda oauth: oauth.disconnect(CONNECTION),
}


@contextmanager
def opened(house):
    """Keep the database open as some other process would, so that the files beside it are there."""
    with closing(sqlite3.connect(house.database)) as other:
        other.execute("SELECT count(*) FROM connection").fetchone()
        yield other


@pytest.fixture(params=["full", "locked"])
def trouble(request, full_disk):
    """Let no write succeed while inside."""

    @contextmanager
    def full(house):
        with opened(house), full_disk(0):
            yield "the disk failed to read or write"

    @contextmanager
    def locked(house):
        with opened(house) as other:
            other.execute("BEGIN IMMEDIATE")
            yield "another process has locked the database"

    return {"full": full, "locked": locked}[request.param]


def test_fault_S01_and_S03_nothing_is_sent_that_cannot_be_written_down(house, trouble):
    """While nothing can be written, whoever asks for more than a look is told so; afterwards everything goes on."""
    come_back = house.returning()
    deeds = {"complete": come_back, "report_rejected": lambda oauth: oauth.report_rejected(CONNECTION, house.token)}
    house.rest()
    with trouble(house) as problem:
        errors = {name: house.endured(lambda deed=deed: deed(house.oauth)) for name, deed in (WRITING | deeds).items()}
        seen = {name: deed(house.oauth) for name, deed in READING.items()}
    house.oauth.refresh(CONNECTION)

    assert dict.fromkeys(WRITING | deeds, problem) == {name: error.problem for name, error in errors.items()}
    assert {StoreUnavailable} == {type(error) for error in errors.values()}
    assert {"status": "Authorized", "journal": True} == seen
    assert "Authorized" == come_back(house.oauth).state


def test_a_token_that_still_works_is_handed_out_though_the_disk_is_full(house, trouble):
    """While the old token works, those who use it learn nothing of the disk; its renewal waits for room."""
    fresh = house.oauth.access_token(CONNECTION)
    house.stage.clock.move(timedelta(minutes=50))
    house.rest()
    sent = len(house.wire.sent)
    with trouble(house):
        marks = {house.client().access_token(CONNECTION).mark for _ in range(3)}
        house.rest()

    assert ({fresh.mark}, sent) == (marks, len(house.wire.sent))
    house.stage.clock.move(timedelta(minutes=20))
    assert house.oauth.access_token(CONNECTION).mark != fresh.mark


class Mender:
    """A clock under which somebody makes room while the flight waits for the store to come back."""

    def __init__(self, clock, mend, *, after):
        self._clock = clock
        self._mend = mend
        self._after = after
        self.waits = []

    def now(self):
        """Tell the time."""
        return self._clock.now()

    def sleep(self, span):
        """Let time pass, and mend after so many waits."""
        self.waits.append(span)
        if len(self.waits) == self._after:
            self._mend()
        self._clock.sleep(span)


@contextmanager
def filling_up(house, full_disk):
    """Fill the disk at the moment in which the next request leaves; yield what makes room again."""
    with ExitStack() as room:

        def fill():
            room.enter_context(full_disk(0))
            house.wire.meanwhile = lambda: None

        house.wire.meanwhile = fill
        yield room.close


def test_fault_S02_what_was_received_is_kept_until_it_can_be_stored(house, full_disk):
    """A disk that fills up behind the request loses no token: it is stored once there is room, and then handed out."""
    house.rest()
    with opened(house), filling_up(house, full_disk) as mend:
        clock = Mender(house.stage.clock, mend, after=20)
        token = house.client(clock=clock).access_token(CONNECTION)

    assert [timedelta(milliseconds=200)] * 20 == clock.waits
    assert token.mark == house.client().access_token(CONNECTION).mark != house.token.mark
    house.stage.expire()
    assert house.goes_on()


def test_fault_S02_tokens_of_a_code_are_kept_until_they_can_be_stored(house, full_disk):
    """The same holds for the first tokens, for which the code is spent and gone."""
    come_back = house.returning()
    house.rest()
    with opened(house), filling_up(house, full_disk) as mend:
        clock = Mender(house.stage.clock, mend, after=3)
        status = come_back(house.client(clock=clock))

    assert ("Authorized", 3) == (status.state, len(clock.waits))
    house.stage.expire()
    assert house.goes_on()


def test_fault_S02_patience_with_the_store_ends_and_the_tokens_wait_elsewhere(house, full_disk):
    """After a minute the callers are told; the tokens are in the spill, and serve as soon as there is room again."""
    seldom = attrs.evolve(PRODUCTION, store_retry_wait=timedelta(seconds=5))
    elsewhere = MemorySpill()
    house.rest()
    with opened(house), filling_up(house, full_disk), pytest.raises(StoreUnavailable) as caught:
        house.client(policy=seldom, spill=elsewhere).access_token(CONNECTION)
    sent = len(house.wire.sent)

    assert caught.value.remedy in str(caught.value)
    assert "refresh-in-flight" == house.oauth.status(CONNECTION).owed
    assert house.token.mark != house.client(spill=elsewhere).access_token(CONNECTION).mark
    assert (Absent(), sent) == (elsewhere.find(CONNECTION), len(house.wire.sent))
    house.stage.expire()
    assert house.goes_on()


def test_fault_S17_tokens_that_can_be_put_nowhere_are_held_while_the_process_lives(house, full_disk):
    """Where the spill has no room either, nobody gives the tokens up after the minute: they are stored when it can be."""
    house.rest()
    with opened(house), filling_up(house, full_disk) as mend:
        clock = Mender(house.stage.clock, mend, after=400)
        token = house.client(clock=clock).access_token(CONNECTION)

    assert {PRODUCTION.store_retry_wait, PRODUCTION.store_long_wait} == set(clock.waits)
    assert token.mark == house.client().access_token(CONNECTION).mark != house.token.mark


@pytest.fixture(params=["a read-only file", "a read-only folder"])
def read_only(request):
    """Take the right to write away while inside."""

    @contextmanager
    def taken(house):
        target, mode = (house.database, 0o400) if "file" in request.param else (house.folder, 0o500)
        target.chmod(mode)
        try:
            yield
        finally:
            house.folder.chmod(0o700)
            for path in house.folder.glob("mailup.db*"):  # what SQLite makes beside a database has its permissions
                path.chmod(0o700 if path.is_dir() else 0o600)

    return taken


@pytest.mark.parametrize("deed", WRITING.values(), ids=WRITING)
def test_fault_S04_a_read_only_disk_is_a_typed_error(house, read_only, mortal, deed):
    """What may only be read is never written to, and nothing is sent; with the right given back it goes on."""
    house.rest()
    with read_only(house):
        error = mortal(lambda: house.endured(lambda: deed(house.client())))

    assert isinstance(error, StoreUnavailable)
    assert error.problem in {"the database or its folder is read-only", "the database cannot be opened"}
    assert house.goes_on()


def test_fault_S04_files_that_cannot_be_made_are_a_typed_error(house):
    """Where SQLite cannot make the file that it writes first, nothing is sent either."""
    house.rest()
    wal = house.database.with_name("mailup.db-wal")
    wal.mkdir()
    error = house.endured(lambda: house.client().access_token(CONNECTION))
    wal.rmdir()

    assert isinstance(error, StoreUnavailable)
    assert house.goes_on()
