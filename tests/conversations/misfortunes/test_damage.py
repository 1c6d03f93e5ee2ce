"""A database that is damaged, foreign, gone or another's: a typed error, nothing sent, not one octet changed."""

import itertools
import sqlite3
from contextlib import closing, contextmanager
from hashlib import sha256

import pytest

from mailup_oauth import MailUpOAuthError, StoreCorrupted, StoreUnavailable
from mailup_oauth.testing.stage import CONNECTION

NOISE = b"".join(sha256(bytes([number])).digest() for number in range(128))
"""A page of a database that nobody wrote."""

BITS = itertools.cycle([1, 2, 4, 8, 16, 32, 64, 128, 255])

DEEDS = {
    "status": lambda house: house.oauth.status(CONNECTION),
    "journal": lambda house: list(house.oauth.journal(CONNECTION)),
    "complete": lambda house: house.come_back(house.oauth),
    "report_rejected": lambda house: house.oauth.report_rejected(CONNECTION, house.token),
    "access_token": lambda house: house.oauth.access_token(CONNECTION),
    "refresh": lambda house: house.oauth.refresh(CONNECTION),
    "begin": lambda house: house.oauth.begin(CONNECTION),
    "disconnect": lambda house: house.oauth.disconnect(CONNECTION),
}
"""All that can be asked of a connection, in an order in which each can succeed."""


def of_another_program(_):
    """Return a database that is nothing of ours."""
    with closing(sqlite3.connect(":memory:")) as database:
        database.execute("CREATE TABLE invoice (amount INTEGER)")
        return database.serialize()


DAMAGES = {
    "no database at all": lambda _: b"Dear diary, my canary is ill today.\n" * 1000,
    "a beginning of zeros": lambda good: bytes(100) + good[100:],
    "noise behind the first page": lambda good: good[:4096] + NOISE * (len(good) // 4096 - 1),
    "cut in the middle": lambda good: good[: len(good) // 2],
    "cut to nothing": lambda _: b"",
    "another program's": of_another_program,
    "a newer release's": lambda good: good[:60] + (2).to_bytes(4, "big") + good[64:],
}


@contextmanager
def filled_with(path, octets):
    """Let a file hold other octets while inside."""
    good = path.read_bytes()
    path.write_bytes(octets)
    try:
        yield
    finally:
        path.write_bytes(good)


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_fault_S05_a_damaged_file_stops_everything_and_harms_nothing(house, damage):
    """Whatever a running process is asked, it says that the store is damaged; once it is restored, all is as before."""
    house.come_back = house.returning()
    house.rest()
    with filled_with(house.database, damage(house.database.read_bytes())):
        errors = {name: type(house.endured(lambda deed=deed: deed(house))) for name, deed in DEEDS.items()}
    sent = len(house.wire.sent)

    assert dict.fromkeys(DEEDS, StoreCorrupted) == errors
    assert [] != [deed(house) for deed in DEEDS.values()]
    assert sent < len(house.wire.sent)


@pytest.mark.parametrize("damage", [name for name in DAMAGES if name != "cut to nothing"])
def test_fault_S05_a_damaged_file_is_found_when_a_process_begins(house, damage):
    """A new process does not begin over a damaged file; an empty one alone cannot be told from a new store."""
    house.rest()
    octets = DAMAGES[damage](house.database.read_bytes())
    with filled_with(house.database, octets):
        error = house.endured(house.client)

    assert isinstance(error, StoreCorrupted)
    assert house.goes_on()


ROW = {
    "sealed": "sealed = zeroblob(length(sealed))",
    "clear": "clear = CAST(replace(CAST(clear AS TEXT), '\"generation\":0', '\"generation\":9') AS BLOB)",
    "nonsense": "clear = CAST('{}' AS BLOB)",
    "version": "version = version + 1",
    "moment": "due_at = 'tomorrow'",
    "head": "head = x'00'",
    "text for octets": "clear = CAST(clear AS TEXT)",
    "octets for text": "due_at = CAST(due_at AS BLOB)",
    "text for a number": "version = 'nine'",
    "text that is none": "written_at = CAST(x'ff' AS TEXT)",
}


def change_row(path, change):
    """Change the row of a connection as a damaged page would: no rule of the table stands in the way."""
    with closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA writable_schema = ON")
        database.execute("UPDATE sqlite_schema SET sql = replace(sql, ') STRICT', ')')")
        database.commit()
    with closing(sqlite3.connect(path)) as database:
        assert 1 == database.execute(f"UPDATE connection SET {change}").rowcount  # noqa: S608  # words of this test
        database.commit()


@pytest.mark.parametrize("change", ROW.values(), ids=ROW)
def test_fault_S05_a_row_that_somebody_changed_is_not_used(house, change):
    """A row whose parts do not belong together stops its own connection, and is left as it was found."""
    house.come_back = house.returning()
    house.rest()
    good = house.database.read_bytes()
    change_row(house.database, change)
    deeds = {name: deed for name, deed in DEEDS.items() if name != "journal"}
    errors = {name: type(house.endured(lambda deed=deed: deed(house))) for name, deed in deeds.items()}
    house.database.write_bytes(good)

    assert dict.fromkeys(deeds, StoreCorrupted) == errors
    assert house.goes_on()


def test_the_cures_of_a_damaged_store_are_cures(house):
    """What the error advises without a backup works: another name beside a damaged row, or an empty store."""
    house.rest()
    change_row(house.database, "version = 7")
    beside = house.returning("acme-2")(house.oauth)
    house.rest()
    damaged = house.database.rename(house.folder / "damaged.db")
    house.oauth = house.client()
    anew = house.returning()(house.oauth)
    house.rest()

    assert (True, True) == (beside.connected, anew.connected)
    assert damaged.exists()


def test_fault_S05_no_single_octet_can_change_and_do_harm(house):
    """Whichever octet of the file changes: the right token, or a typed error; never a request, never anything else."""
    house.oauth.refresh(CONNECTION)
    token, sent = house.oauth.access_token(CONNECTION), len(house.wire.sent)
    house.rest()
    good = house.database.read_bytes()
    used = [at for at in range(len(good)) if good[at]]
    seen = set()
    for at, bits in zip(used[:: len(used) // 150], BITS, strict=False):
        with filled_with(house.database, good[:at] + bytes([good[at] ^ bits]) + good[at + 1 :]):
            seen.add(told(house))

    assert {token.mark, "a typed error"} == seen
    assert sent == len(house.wire.sent)


def told(house):
    """Return the mark of the token that a new process gets, or that it is told why there is none."""
    try:
        return house.client().access_token(CONNECTION).mark
    except MailUpOAuthError:
        return "a typed error"
    finally:
        house.rest()


@pytest.fixture(params=["gone", "replaced by another installation's", "replaced by a copy of its own", "a link to it"])
def lost(request, houses, tmp_path):
    """Take a database away under a running process, and say how to bring it back."""

    def taken(house):
        kept = tmp_path / "kept.db"
        house.rest()
        house.database.rename(kept)
        if request.param == "replaced by another installation's":
            other = houses("other")
            other.connect()
            other.rest()
            other.database.rename(house.database)
        elif request.param == "replaced by a copy of its own":
            house.database.write_bytes(kept.read_bytes())
        elif request.param == "a link to it":
            house.database.symlink_to(kept)
        return lambda: kept.replace(house.database)

    return taken


def test_fault_S06_a_file_that_was_taken_away_is_missed(house, lost):
    """A running process notices that its file is not the one it was, uses no other, makes none, and goes on with it."""
    house.come_back = house.returning()
    bring_back = lost(house)
    errors = {type(house.endured(lambda deed=deed: deed(house))) for deed in DEEDS.values()}
    bring_back()

    assert errors in ({StoreUnavailable}, {StoreCorrupted})
    assert house.oauth.access_token(CONNECTION).mark != house.token.mark
