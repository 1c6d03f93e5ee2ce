"""What is not a whole database of this library is refused in words, and left as it was, byte for byte (S5, S15)."""

import os
import sqlite3
from contextlib import closing

import pytest

from mailup_oauth.adapters.storage.memory import MemoryStore
from mailup_oauth.adapters.storage.sqlite import SqliteStore
from mailup_oauth.adapters.storage.sqlite_file import APPLICATION_ID, SCHEMA_VERSION
from mailup_oauth.domain.errors import StoreCorrupted
from mailup_oauth.testing.store_claims.changes import commit, following, loaded, nonce

FIRST = following(MemoryStore(), nonces=["1"])
PAGE = 4096
READING = (
    lambda store: store.load("acme"),
    lambda store: store.version("acme"),
    lambda store: store.find(nonce("1")),
    lambda store: store.records("acme"),
    lambda store: store.connections(),
    lambda store: store.is_empty(),
)
USES = (*READING, lambda store: store.commit(FIRST))


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A database of this library, with something in every table."""
    path = tmp_path_factory.mktemp("whole") / "store.db"
    store = SqliteStore(path)
    for version in range(30):
        commit(store, following(store, records=[b"{}" * 200] * 3, nonces=["1", str(version)], sealed=b"x" * 600))
    store.close()
    return path.read_bytes()


@pytest.fixture
def path(tmp_path, whole):
    """Where that database is, closed."""
    (tmp_path / "store.db").write_bytes(whole)
    return tmp_path / "store.db"


def sql(*words):
    """Return what changes a file by SQL, as its owner with another program might."""

    def spoil(path):
        with closing(sqlite3.connect(path, isolation_level=None)) as connection:
            for word in words:
                connection.execute(word)

    return spoil


def anew(*words):
    """Return what puts another database in the file's place."""

    def spoil(path):
        path.unlink()
        sql(*words)(path)

    return spoil


def octets(change):
    """Return what changes a file's octets."""
    return lambda path: path.write_bytes(change(path.read_bytes()))


def folder(path):
    """Put a folder there."""
    path.unlink()
    path.mkdir()


def pipe(path):
    """Put a pipe there that nobody writes to."""
    path.unlink()
    os.mkfifo(path)


STRANGERS = {
    "another program's": anew("PRAGMA application_id = 7", "CREATE TABLE t (x)"),
    "a nameless program's": anew("CREATE TABLE connection (name)"),
    "another program's with a log": anew("PRAGMA journal_mode = WAL", "CREATE TABLE t (x)"),
    "a database without tables": anew("PRAGMA user_version = 7"),
    "a newer release's": sql(f"PRAGMA user_version = {SCHEMA_VERSION + 1}"),
    "an older release's": sql("PRAGMA user_version = 0"),
    "a text": octets(lambda _: b"canary\n" * 1000),
    "a short text": octets(lambda _: b"canary"),
    "two octets": octets(lambda whole: whole[:2]),
    "a header": octets(lambda whole: whole[:100]),
    "a sector": octets(lambda whole: whole[:512]),
    "one page": octets(lambda whole: whole[:PAGE]),
    "the first half": octets(lambda whole: whole[: len(whole) // 2]),
    "a header and noise": octets(lambda whole: whole[:100] + b"\xa5" * (len(whole) - 100)),
    "a page and noise": octets(lambda whole: whole[:PAGE] + b"\xa5" * (len(whole) - PAGE)),
    "a page and zeros": octets(lambda whole: whole[:PAGE] + bytes(len(whole) - PAGE)),
    "noise": octets(lambda whole: b"\xa5" * len(whole)),
    "zeros": octets(lambda whole: bytes(len(whole))),
}


@pytest.mark.parametrize("spoil", STRANGERS.values(), ids=STRANGERS)
def test_fault_S05_S15_what_is_not_ours_is_refused_and_left_as_it_was(path, spoil):
    """Another program's database, another schema, a part, a text or noise is none of this library's business."""
    spoil(path)
    before = path.read_bytes()
    for use in USES:
        store = SqliteStore(path)
        with pytest.raises(StoreCorrupted):
            use(store)
        store.close()

        assert before == path.read_bytes()


@pytest.mark.parametrize("spoil", [folder, pipe])
def test_fault_S05_what_is_not_a_file_is_refused(path, spoil):
    """A folder or a pipe is refused at once; nobody waits for what comes out of it."""
    spoil(path)
    for use in USES:
        with pytest.raises(StoreCorrupted, match="not a plain file"):
            use(SqliteStore(path))


@pytest.mark.parametrize(
    ("member", "value"),
    [("due_at", "soon"), ("due_at", "2026-01-01T12:00:00"), ("due_at", ""), ("written_at", "2026-13-01T12:00:00Z")],
)
def test_fault_S05_a_row_that_nobody_wrote_is_refused(path, member, value):
    """A moment that is none, or that is nowhere, is not handed on."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute(f"UPDATE connection SET {member} = ?", (value,))  # noqa: S608  # the table's own names
    with pytest.raises(StoreCorrupted, match="a moment in it is none"):
        SqliteStore(path).load("acme")


@pytest.mark.parametrize(
    ("column", "use"),
    [
        ("connection SET due_at", lambda store: store.load("acme")),
        ("connection SET name", lambda store: store.connections()),
        ("nonce SET connection", lambda store: store.find(nonce("29"))),
    ],
)
def test_fault_S05_text_that_is_none_is_refused(path, column, use):
    """Octets that are no UTF-8, where a text belongs, are damage and not a reason to try again."""
    sql(f"UPDATE {column} = CAST(x'61ff' AS TEXT)")(path)
    with pytest.raises(StoreCorrupted, match="text that is none"):
        use(SqliteStore(path))


@pytest.mark.parametrize("member", ["version", "clear", "sealed", "due_at", "sequence", "head", "written_at"])
@pytest.mark.parametrize("value", ["1.5", "'soon'"])
def test_fault_S05_a_value_of_another_kind_is_refused(path, member, value):
    """What stands where a strict table would not have let it is not handed on, whatever put it there."""
    loose = "UPDATE sqlite_schema SET sql = replace(sql, 'STRICT', '')"
    sql("PRAGMA writable_schema = ON", loose)(path)
    sql(f"UPDATE connection SET {member} = {value}")(path)  # noqa: S608  # the table's own names
    store = SqliteStore(path)
    with pytest.raises(StoreCorrupted):
        store.load("acme")

    assert ("acme",) == store.connections()


def test_fault_S05_a_journal_that_does_not_fit_its_row_is_not_written_on(path):
    """Where a record already stands that a commit would write, the commit is refused and changes nothing."""
    sql("UPDATE connection SET sequence = sequence - 1")(path)
    store = SqliteStore(path)
    before = (loaded(store), store.records("acme"))
    with pytest.raises(StoreCorrupted):
        store.commit(following(store))

    assert before == (loaded(store), store.records("acme"))


def test_fault_S05_one_bad_page_never_surprises(path, whole):
    """Whichever page is noise, every question is answered or refused as damage, and nothing is written."""
    refused = 0
    for place in range(PAGE, len(whole), PAGE):
        path.write_bytes(spoilt := whole[:place] + b"\xa5" * PAGE + whole[place + PAGE :])
        store = SqliteStore(path)
        for use in READING:
            try:
                use(store)
            except StoreCorrupted:
                refused += 1
        store.close()

        assert spoilt == path.read_bytes()
    assert refused > 5


def test_fault_S05_damage_that_is_mended_is_forgotten(path, whole):
    """Once the file is whole again, the very object that refused it goes on."""
    store = SqliteStore(path)
    path.write_bytes(whole[:PAGE])
    with pytest.raises(StoreCorrupted):
        store.load("acme")
    path.write_bytes(whole)

    assert 30 == loaded(store).version


def test_fault_S06_a_file_that_was_emptied_is_not_begun_anew(path):
    """A database that lost everything while its store lived is damage, and no new one is put in its place."""
    store = SqliteStore(path)
    store.load("acme")
    store.close()
    os.truncate(path, 0)
    for use in USES:
        with pytest.raises(StoreCorrupted):
            use(store)

    assert 0 == path.stat().st_size


def test_a_database_says_whose_it_is(path):
    """Application and schema stand in the file's header, where ``file`` and other releases look for them."""
    with closing(sqlite3.connect(path)) as connection:
        found = [connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("application_id", "user_version")]

    assert [APPLICATION_ID, SCHEMA_VERSION] == found
    assert b"MUPO" == path.read_bytes()[68:72]
