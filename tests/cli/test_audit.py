"""``audit show`` and ``audit verify`` over a real file: what they find, what they say where, and what they leave alone."""

import re
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from mailup_oauth.adapters.storage.sqlite import SqliteStore
from mailup_oauth.domain.credential import Mark
from mailup_oauth.journal import INSTALLATION, Context, TokenHandedOut, note

VERDICT = re.compile(r"^(\w+): (\d+) records chained up to ([0-9a-f]{16})…; replayed, they give the stored state .*$")
LENGTHS = {"acme": 8, "beta": 5}
"""How many records the journals of the database have."""


def verdicts(said):
    """Return how many records of each connection are verified, if that is all that was said."""
    found = [VERDICT.match(line) for line in said.out.splitlines()]
    return {one[1]: int(one[2]) for one in found}


def footprint(folder):
    """Return the name, the bytes and the time of every file in a folder, but for what SQLite shares between processes."""
    files = [path for path in folder.iterdir() if path.is_file() and not path.name.endswith("-shm")]
    return {path.name: (path.read_bytes(), path.stat().st_mtime_ns) for path in files}


def hand_out(store):
    """Write into the installation's journal that a token was handed out."""
    event = TokenHandedOut(connection="acme", mark=Mark("k1", "0" * 32), to="stdout")
    moment, context = datetime(2026, 1, 1, tzinfo=UTC), Context(actor="root")
    store.commit(note(store.load(INSTALLATION), event, now=moment, context=context, policy_hash="p"))


def test_every_journal_is_verified(command, database):
    """Without names every connection is verified, each in a line of its own."""
    said = command("audit", "verify", "--database", database)

    assert (0, LENGTHS, "") == (said.code, verdicts(said), said.err)


def test_the_journals_that_are_asked_for_are_verified(command, database):
    """With names those connections are verified, and no other."""

    assert {"beta": 5} == verdicts(command("audit", "verify", "--database", database, "beta"))


def test_the_installations_journal_is_verified_too(command, database):
    """What belongs to no connection is verified with the rest, and shown under its own name."""
    with closing(SqliteStore(database)) as store:
        hand_out(store)
        hand_out(store)
    verified, shown = (
        command("audit", "verify", "--database", database),
        command("audit", "show", "--database", database, INSTALLATION),
    )

    assert (0, 3) == (verified.code, len(verified.out.splitlines()))
    assert verified.out.startswith("@installation: 2 records chained")
    assert "An access token of acme was handed out to stdout.  (root)" in shown.out


def test_a_journal_is_shown(command, database):
    """Every record is a whole line, with its time, its event, and a sentence."""
    said = command("audit", "show", "--database", database, "acme")
    title, *lines = said.out.splitlines()

    assert (0, "", LENGTHS["acme"]) == (said.code, said.err, len(lines))
    assert ["#", "when (UTC)", "event", "what happened"] == re.split(r"\s{2,}", title.strip())
    assert re.match(r"1  2026-01-01 12:00:00  AuthorizationBegun +A browser was sent to the log-on page\.", lines[0])
    assert re.match(r"8  2026-01-01 13:01:00  TokensRefreshed +New tokens: generation 1, ", lines[-1])
    assert "It belongs to m1 (UID 1)." in said.out


@pytest.mark.parametrize("sequence", range(1, LENGTHS["acme"] + 1))
@pytest.mark.parametrize("place", [1, 300, -2])
def test_sec_69_a_flipped_bit_is_named(command, database, forger, sequence, place):
    """A record that was changed is named, the other connections are still verified, and the exit code is 1."""
    forger.flip("acme", sequence, place)
    said = command("audit", "verify", "--database", database)
    bad, good = said.out.splitlines()

    assert (1, "") == (said.code, said.err)
    assert bad.startswith(f"acme: BROKEN at record {sequence}: ")
    assert good.startswith("beta: 5 records chained")


@pytest.mark.parametrize(
    ("sql", "sequence"),
    [
        ("DELETE FROM journal WHERE connection = 'acme' AND sequence = 3", 3),
        ("DELETE FROM journal WHERE connection = 'acme' AND sequence = 8", 8),
        ("DELETE FROM journal WHERE connection = 'acme'", 1),
        ("UPDATE journal SET sequence = 999999999999 WHERE connection = 'acme' AND sequence = 2", 2),
        ("INSERT INTO journal SELECT connection, 9, record FROM journal WHERE connection = 'acme' AND sequence = 5", 9),
        ("UPDATE connection SET sequence = 7 WHERE name = 'acme'", 8),
        ("UPDATE connection SET clear = (SELECT clear FROM connection WHERE name = 'beta') WHERE name = 'acme'", 8),
    ],
    ids=["one-dropped", "last-dropped", "all-dropped", "one-moved", "one-added", "row-cut", "state-of-another"],
)
def test_sec_69_what_was_dropped_added_or_moved_is_named(command, database, forger, sql, sequence):
    """A journal that is not the one that was written is broken, at the first record that is wrong."""
    forger.obey(sql)
    said = command("audit", "verify", "--database", database, "acme")

    assert (1, "") == (said.code, said.err)
    assert said.out.startswith(f"acme: BROKEN at record {sequence}: ")


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE journal SET record = x'ff' WHERE connection = 'acme' AND sequence = 8",
        "UPDATE journal SET sequence = 999999999999 WHERE connection = 'acme' AND sequence = 2",
        "UPDATE connection SET written_at = 'noon' WHERE name = 'acme'",
    ],
    ids=["unreadable", "moved-far-away", "bad-row"],
)
def test_a_journal_that_cannot_be_read_is_not_shown_in_part(command, database, forger, sql):
    """Nothing is printed of a journal that cannot be read to its end, and the reading comes to one."""
    forger.obey(sql)
    said = command("audit", "show", "--database", database, "acme")

    assert (1, "") == (said.code, said.out)
    assert said.err.startswith("The store is damaged or not ours: ")


@pytest.mark.parametrize("words", [("show",), ("verify",), ("verify", "beta")])
def test_an_unknown_connection_is_a_complaint(command, database, words):
    """A name that nobody has gives no result, not even for the names beside it."""
    kind, *others = words
    said = command("audit", kind, "--database", database, *others, "nobody")
    advice = "There are: acme, beta."

    assert (1, "", f"nobody: no connection has this name. {advice}\n") == (said.code, said.out, said.err)


NO_STORES = {
    "missing": (Path.exists, "There is no store at"),
    "folder": (Path.mkdir, "There is no store at"),
    "text": (lambda path: path.write_text("What I always wanted to say.\n" * 99), "damaged or not ours"),
    "half": (lambda path: path.write_bytes(b"SQLite format 3\0" + b"\1" * 2000), "damaged or not ours"),
    "another": (
        lambda path: sqlite3.connect(path).execute("CREATE TABLE t (c)").connection.close(),
        "another program's",
    ),
    "empty": (Path.touch, "no connection is stored in"),
}


@pytest.mark.parametrize("what", NO_STORES)
def test_what_is_no_store_is_a_complaint_and_is_left_as_it_was(command, tmp_path, what):
    """A file that is missing or is something else gives no result, and is neither made nor mended."""
    path = tmp_path / "other.db"
    make, complaint = NO_STORES[what]
    make(path)
    before = footprint(tmp_path)
    said = command("audit", "verify", "--database", path)

    assert (1, "", True) == (said.code, said.out, complaint in said.err)
    assert before == footprint(tmp_path)


@pytest.mark.parametrize(
    ("words", "whose"), [(("verify",), ""), (("show", "acme"), " -c acme"), (("show", "@installation"), "")]
)
def test_a_missing_store_is_told_with_what_would_make_it(command, tmp_path, words, whose):
    """Who looks in the wrong place is told which one it was, how to name another, and what makes one there."""
    place = tmp_path / "x.db"
    said = command("audit", *words, "--database", place)
    remedy = f"Name another with --database, or make it: mailup-oauth login{whose} --database {place}"

    assert (1, "", f"There is no store at {place}. {remedy}\n") == (said.code, said.out, said.err)


def test_a_connection_can_be_named_by_the_option(command, database):
    """``-c`` names a journal to be verified, alone or beside others; an unknown one is a complaint."""
    verify = ("audit", "verify", "--database", database)

    assert {"beta": 5} == verdicts(command(*verify, "-c", "beta"))
    assert LENGTHS == verdicts(command(*verify, "acme", "-c", "beta"))
    assert {"beta": 5} == verdicts(command(*verify, "beta", "-c", "beta"))
    assert (1, "") == ((said := command(*verify, "-c", "nobody")).code, said.out)


def test_a_setting_for_all_commands_narrows_no_verification(command, database, monkeypatch):
    """Where the environment names the connection of everyday, every journal is verified all the same."""
    monkeypatch.setenv("MAILUP_OAUTH_CONNECTION", "beta")

    assert LENGTHS == verdicts(command("audit", "verify", "--database", database))


@pytest.mark.parametrize("words", [("verify",), ("show", "acme")])
def test_looking_writes_nothing(command, database, words):
    """After an audit every file is as it was, to the byte and to the nanosecond, and there is no new one."""
    kind, *names = words
    before = footprint(database.parent)
    said = command("audit", kind, "--database", database, *names)

    assert 0 == said.code
    assert before == footprint(database.parent)


def test_looking_at_a_store_in_use_writes_nothing(command, database):
    """While a program has the store open its newest records are seen, and its files are left as they are."""
    with closing(SqliteStore(database)) as store:
        hand_out(store)
        before = footprint(database.parent)
        said = command("audit", "verify", "--database", database)

        assert before == footprint(database.parent)
    assert said.out.startswith("@installation: 1 record chained")


def test_no_key_is_needed(command, database, monkeypatch):
    """The journal is verified where the key that seals the tokens is not at hand, or a useless one is."""
    monkeypatch.setenv("MAILUP_OAUTH_KEY", "not a key at all")

    assert not database.with_name("mailup.db.key").exists()
    assert LENGTHS == verdicts(command("audit", "verify", "--database", database))
