"""The command line over a real file, in this process; and a hand that forges what is in the file."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import attrs
import pytest

from mailup_oauth.adapters.cli.app import main
from mailup_oauth.adapters.storage.sqlite import SqliteStore
from mailup_oauth.journal import genesis, read_record, record_bytes
from mailup_oauth.journal.canonical import digest
from mailup_oauth.testing.stage import Stage


@attrs.frozen
class Said:
    """What a command came to: its exit code, its results and its complaints."""

    code: int
    out: str
    err: str


@pytest.fixture
def command(capfd):
    """Run a command of the command line and return what it said."""

    def run(*arguments):
        capfd.readouterr()
        try:
            code = main([str(argument) for argument in arguments])
        except SystemExit as end:
            code = end.code
        return Said(code, *capfd.readouterr())

    return run


@pytest.fixture(scope="session")
def original(tmp_path_factory):
    """A database in which ``acme`` has lived through a refresh and ``beta`` was just connected; nobody has it open."""
    path = tmp_path_factory.mktemp("original") / "mailup.db"
    stage = Stage(store=SqliteStore(path))
    stage.connect("acme", username="m1")
    stage.expire()
    stage.oauth.access_token("acme")
    stage.connect("beta", username="m2")
    stage.oauth.close()
    return path


@pytest.fixture
def database(original, tmp_path):
    """A copy of the original, in a folder of its own."""
    return Path(shutil.copy(original, tmp_path))


class Forger:
    """Somebody who may write the file, and so everything that stands in it in the clear."""

    def __init__(self, path):
        self._path = path

    def obey(self, sql, *values):
        """Run one statement, and return the rows it gives."""
        with closing(sqlite3.connect(self._path)) as database, database:
            return database.execute(sql, values).fetchall()

    def flip(self, connection, sequence, place):
        """Change one bit of the octet at *place* of a record."""
        where = (connection, sequence)
        ((record,),) = self.obey("SELECT record FROM journal WHERE connection = ? AND sequence = ?", *where)
        changed = bytearray(record)
        changed[place % len(record)] ^= 1
        self.obey("UPDATE journal SET record = ? WHERE connection = ? AND sequence = ?", bytes(changed), *where)

    def rewrite(self, connection, *, name=None, **members):
        """Write a whole journal anew with other members, chained as it should be, under another name if one is given."""
        name = connection if name is None else name
        head = genesis(name)
        told = self.obey("SELECT record FROM journal WHERE connection = ? ORDER BY sequence", connection)
        for (record,) in told:
            other = attrs.evolve(read_record(record), connection=name, previous=head.hex(), **members)
            head = digest(record_bytes(other))
            self.obey(
                "UPDATE journal SET connection = ?, record = ? WHERE connection = ? AND sequence = ?",
                name,
                record_bytes(other),
                connection,
                other.sequence,
            )
        self.obey("UPDATE connection SET name = ?, head = ? WHERE name = ?", name, head, connection)


@pytest.fixture
def forger(database):
    """Forges the database."""
    return Forger(database)
