"""A file of another time: a backup, a log that was cut, a row of a later release, a key of tomorrow."""

import json
import shutil
import sqlite3
from contextlib import closing
from datetime import timedelta

import pytest

from mailup_oauth import KeyUnavailable, ReauthorizationRequired, StoreCorrupted
from mailup_oauth.adapters.cipher.keys import new_key
from mailup_oauth.adapters.storage.sqlite import SqliteStore
from mailup_oauth.client.defaults import KEY_VARIABLE
from mailup_oauth.domain.errors import DeathCause
from mailup_oauth.journal import Verified, verify
from mailup_oauth.sandbox.events import TokensRotated
from mailup_oauth.sandbox.switches import Dead, Grace, ReuseKillsFamily, StaysValid, Switches
from mailup_oauth.testing.stage import CONNECTION


@pytest.fixture
def home(houses):
    """An installation that is not audited at the end: in these tests MailUp may well see an old token again."""
    home = houses("home")
    home.connect()
    return home


def proved(house):
    """Say whether the journal proves the row, whatever time it is from."""
    store = SqliteStore(house.database)
    found = verify(CONNECTION, store.records(CONNECTION), store.load(CONNECTION))
    store.close()
    return isinstance(found, Verified)


def restored_after_two_refreshes(home, habits):
    """Restore the backup that was made before two refreshes, and return a client over it."""
    home.stage.switch(Switches(old_refresh=habits))
    home.rest()
    backup = home.database.read_bytes()
    home.oauth.refresh(CONNECTION)
    home.oauth.refresh(CONNECTION)
    home.rest()
    home.database.write_bytes(backup)
    home.stage.expire()
    return home.client()


@pytest.mark.parametrize("habits", [Dead(), ReuseKillsFamily()], ids=["strict", "strictest"])
def test_fault_S18_an_old_backup_ends_definitely_where_old_tokens_are_dead(home, habits):
    """The server's verdict on the old token is believed, at once and for good: one request, and no other after it."""
    oauth, sent = restored_after_two_refreshes(home, habits), len(home.wire.sent)
    causes = []
    for _ in range(3):
        with pytest.raises(ReauthorizationRequired) as caught:
            oauth.access_token(CONNECTION)
        causes.append(caught.value.reason)

    assert ([DeathCause.REFRESH_TOKEN_REFUSED] * 3, sent + 1) == (causes, len(home.wire.sent))
    assert proved(home)


def test_fault_S18_an_old_backup_goes_on_where_old_tokens_work(home):
    """Where the server still takes the old token, the connection goes on from the backup, a generation at a time."""
    oauth = restored_after_two_refreshes(home, StaysValid())

    assert oauth.access_token(CONNECTION).mark != home.token.mark
    assert ("Refreshed", 1) == (oauth.status(CONNECTION).state, oauth.status(CONNECTION).generation)
    assert proved(home)


def test_fault_S18_a_row_that_is_older_than_its_journal_is_refused(home):
    """Where only the row was restored, its journal is ahead of it: nothing is sent, and the audit names the place."""
    home.rest()
    with closing(sqlite3.connect(home.database)) as database:
        database.execute("CREATE TABLE kept AS SELECT * FROM connection")
        database.commit()
    home.oauth.access_token(CONNECTION)
    home.rest()
    with closing(sqlite3.connect(home.database)) as database:
        database.execute("REPLACE INTO connection SELECT * FROM kept")
        database.commit()
    error = home.endured(lambda: home.client().access_token(CONNECTION))

    assert isinstance(error, StoreCorrupted)
    assert not proved(home)


@pytest.fixture
def crashed(home):
    """Return the deed of a machine that loses its power after a refresh, and the last octets of the log with it."""

    def crash(lost):
        with closing(sqlite3.connect(home.database)) as other:  # so that nobody tidies the log up
            other.execute("SELECT 1 FROM connection").fetchone()
            home.oauth.access_token(CONNECTION)
            copy = home.folder / "copy"
            copy.mkdir()
            for name in ("mailup.db", "mailup.db-wal"):
                shutil.copy(home.folder / name, copy)
        home.rest()
        shutil.copy(copy / "mailup.db", home.database)
        log = (copy / "mailup.db-wal").read_bytes()
        home.database.with_name("mailup.db-wal").write_bytes(log[: len(log) - lost] + b"\xa5" * lost)
        return home.client()

    return crash


def test_fault_S05_a_log_that_is_whole_brings_everything_back(crashed, home):
    """What a crash leaves in the log is read from there: the newest token goes on."""
    oauth = crashed(0)
    home.stage.expire()

    assert oauth.access_token(CONNECTION).mark != home.token.mark
    assert (2, 2) == (oauth.status(CONNECTION).generation, home.stage.happened(TokensRotated))


@pytest.mark.parametrize(
    ("habits", "end"),
    [(ReuseKillsFamily(), "rotation-outcome-lost"), (Grace(timedelta(hours=2)), "")],
    ids=["strict", "grace"],
)
def test_fault_S05_a_log_that_is_cut_leaves_the_intent_to_be_taken_up(crashed, home, habits, end):
    """When the commit of the answer is lost, the intent before it says that the token is in doubt: T or a definite R."""
    home.stage.switch(Switches(old_refresh=habits))
    oauth = crashed(100)
    try:
        oauth.access_token(CONNECTION)
        came = ""
    except ReauthorizationRequired as error:
        came = error.reason.value

    assert end == came
    assert "RefreshOutcomeUnknown" in [type(record.event).__name__ for record in oauth.journal(CONNECTION)]
    assert proved(home)


def from_the_future(clear):
    """Return a row's clear part as a later release may write it."""
    return json.dumps({**json.loads(clear), "format": 2}, separators=(",", ":"), sort_keys=True).encode()


@pytest.mark.parametrize(
    "change", [from_the_future, lambda clear: clear.replace(b'"Authorized"', b'"Suspended"')], ids=["format", "state"]
)
def test_fault_S15_and_K11_a_row_of_a_later_release_is_refused_untouched(home, change):
    """A row of a format, or with a state, that this release does not know: a typed error, nothing sent, nothing changed."""
    home.rest()
    with closing(sqlite3.connect(home.database)) as database:
        ((clear,),) = database.execute("SELECT clear FROM connection").fetchall()
        database.execute("UPDATE connection SET clear = ?", (change(clear),))
        database.commit()
    deeds = {
        "status": lambda: home.client().status(CONNECTION),
        "access_token": lambda: home.client().access_token(CONNECTION),
        "refresh": lambda: home.client().refresh(CONNECTION),
        "begin": lambda: home.client().begin(CONNECTION),
        "disconnect": lambda: home.client().disconnect(CONNECTION),
    }
    errors = {name: home.endured(deed) for name, deed in deeds.items()}

    assert {StoreCorrupted} == {type(error) for error in errors.values()}
    assert {"a state is not in the form in which this release writes it"} == {e.problem for e in errors.values()}


def test_fault_S16_a_key_that_was_replaced_is_told_by_whoever_has_not_got_it(house, monkeypatch):
    """While keys are replaced one process after the other, one without the new key stops, and the others go on."""
    newer = f"{new_key().text()},{house.key.read_text()}"
    monkeypatch.setenv(KEY_VARIABLE, newer)
    ahead = house.client()
    monkeypatch.delenv(KEY_VARIABLE)
    behind, token = house.client(), ahead.access_token(CONNECTION)
    house.stage.expire()
    error = house.endured(lambda: behind.access_token(CONNECTION))

    assert isinstance(error, KeyUnavailable)
    assert ahead.access_token(CONNECTION).mark != token.mark
