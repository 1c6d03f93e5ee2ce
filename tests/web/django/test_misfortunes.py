"""What PostgreSQL may do to a refresh: connections that die around COMMIT, transactions called off, and no writing at all."""

import os
import tempfile
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.db import connections
from tests.web.django.cutting import Cutter
from tests.web.django.test_making import connect, staged

from mailup_oauth.adapters.web.django import oauth
from mailup_oauth.adapters.web.django.loans import loans_of
from mailup_oauth.domain.errors import StoreUnavailable
from mailup_oauth.sandbox.events import TokensRotated

INTENT, ANSWER = 0, 1
"""Which of the two commits of a refresh meets the misfortune: before the token is sent, or after."""


@pytest.fixture
def cutter(postgres, monkeypatch):
    """Have the project reach the server through something that can break the way."""
    behind = Path(connections.settings["postgres"]["HOST"]) / ".s.PGSQL.5432"
    with (
        tempfile.TemporaryDirectory(prefix="cut-") as folder,
        Cutter(Path(folder), behind) as cutter,
        monkeypatch.context() as patch,
    ):
        patch.setitem(connections.settings["postgres"], "HOST", folder)
        yield cutter
        loans_of("postgres").close()


@pytest.mark.parametrize("when", ["before", "after"])
def test_fault_S08_the_connection_dies_around_the_commit_of_the_answer(cutter, caplog, when):
    """New tokens whose commit was not heard of, or not answered, are stored once, and used; nothing is sent again."""
    with staged("postgres") as stage:
        connect(stage)
        before = oauth().access_token("acme").value
        cutter.arm(when, passing=ANSWER)
        token = oauth().refresh("acme").value

        assert (1, 1) == (cutter.cut, stage.happened(TokensRotated))
        assert [] == [line for line in caplog.messages if "pooler" in line]
        assert before != token == oauth().access_token("acme").value
        assert 1 == oauth().status("acme").generation
        assert ["TokensRefreshed"] == [told for told in names() if told == "TokensRefreshed"]
        assert {"30s"} == set(map(lock_timeout, loans_of("postgres")._shelves[os.getpid()]))


def lock_timeout(spare):
    """Return what tells a session of the library's own from one that Django connected anew."""
    with spare.wrapper.cursor() as cursor:
        cursor.execute("SHOW lock_timeout")
        return cursor.fetchone()[0]


@pytest.mark.parametrize("when", ["before", "after"])
def test_fault_S08_the_connection_dies_around_the_commit_of_the_intent(cutter, when):
    """Nothing is sent before it is known that the intent is stored; the next refresh goes on."""
    with staged("postgres") as stage:
        connect(stage)
        cutter.arm(when, passing=INTENT)
        with pytest.raises(StoreUnavailable):
            oauth().refresh("acme")
        assert (1, 0) == (cutter.cut, stage.happened(TokensRotated))
        stage.expire()
        oauth().access_token("acme")

        assert oauth().status("acme").connected


def names():
    """Return what the journal tells, in order."""
    return [type(record.event).__name__ for record in oauth().journal("acme")]


@contextmanager
def called_off(state, *, passing):
    """Have the server call off one of the next transactions that change a row, with an SQLSTATE of its own."""
    with connections["postgres"].cursor() as cursor:
        cursor.execute("CREATE SEQUENCE attempts")
        cursor.execute(
            f"CREATE FUNCTION mishap() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
            f" IF nextval('attempts') = {passing + 1} THEN RAISE SQLSTATE '{state}'; END IF; RETURN NEW; END $$"
        )
        cursor.execute("CREATE TRIGGER mishap BEFORE UPDATE ON mailup_oauth_connection EXECUTE FUNCTION mishap()")
    try:
        yield
    finally:
        with connections["postgres"].cursor() as cursor:
            cursor.execute("DROP FUNCTION mishap CASCADE")
            cursor.execute("DROP SEQUENCE attempts")


@pytest.mark.usefixtures("postgres")
@pytest.mark.parametrize("state", ["40001", "40P01", "53300", "57014"])
def test_fault_S10_the_server_calls_off_the_commit_of_the_answer(state):
    """A serialization failure, a deadlock, or a server without room: the tokens are stored as soon as it takes them."""
    with staged("postgres") as stage:
        connect(stage)
        with called_off(state, passing=ANSWER):
            token = oauth().refresh("acme").value

        assert 1 == stage.happened(TokensRotated)
        assert token == oauth().access_token("acme").value


@pytest.mark.usefixtures("postgres")
@pytest.mark.parametrize("state", ["40001", "40P01"])
def test_fault_S10_the_server_calls_off_the_commit_of_the_intent(state):
    """Nothing was sent, and the caller is told that the store is unavailable; asked again, all goes well."""
    with staged("postgres") as stage:
        connect(stage)
        with called_off(state, passing=INTENT):
            with pytest.raises(StoreUnavailable, match="called the transaction off"):
                oauth().refresh("acme")
            assert 0 == stage.happened(TokensRotated)

            oauth().refresh("acme")

        assert 1 == oauth().status("acme").generation


@pytest.mark.usefixtures("postgres")
def test_fault_S09_where_nothing_can_be_written_nothing_is_sent():
    """A replica, which may lack the newest row, takes no intent; so no token is sent from what it shows."""
    with staged("postgres") as stage:
        connect(stage)
        with read_only(), pytest.raises(StoreUnavailable, match="read-only"):
            oauth().refresh("acme")
        assert 0 == stage.happened(TokensRotated)

        oauth().refresh("acme")
        assert 1 == stage.happened(TokensRotated)


@contextmanager
def read_only():
    """Have new sessions be those of a server that only reads."""
    with connections["postgres"].cursor() as cursor:
        cursor.execute("ALTER ROLE tester SET default_transaction_read_only = on")
    loans_of("postgres").close()
    try:
        yield
    finally:
        with connections["postgres"].cursor() as cursor:
            cursor.execute("ALTER ROLE tester RESET ALL")
        loans_of("postgres").close()
