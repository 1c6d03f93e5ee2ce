"""A spill in a folder is whole or not there, is its owner's alone, and finds room on a disk that is full."""

import os
import stat
import threading

import pytest
from tests.small_disk import fill, mounted

from mailup_oauth import StoreUnavailable
from mailup_oauth.adapters.spill import folder as module
from mailup_oauth.adapters.spill.folder import RESERVES, FolderSpill, folder_for
from mailup_oauth.ports import Absent

SEALED = b"sealed" * 400


@pytest.fixture
def spill(tmp_path):
    """Give a spill whose folder is not there yet."""
    return FolderSpill(tmp_path / "deep" / "spill")


def files(spill, pattern="*.spill"):
    """Return the files of a kind."""
    return sorted(spill._folder.glob(pattern))


def test_what_is_kept_is_found_until_it_is_dropped(spill):
    """A spill gives back what it was given last, for each connection its own, and nothing after that."""
    before = spill.find("acme")
    spill.keep("acme", b"older")
    spill.keep("acme", SEALED)
    spill.keep("beta", b"other")
    found = spill.find("acme"), spill.find("beta")
    spill.drop("acme")

    assert (Absent(), (SEALED, b"other")) == (before, found)
    assert (Absent(), b"other") == (spill.find("acme"), spill.find("beta"))


def test_what_is_kept_survives_its_object(spill):
    """Another process, with another object over the same folder, finds it."""
    spill.keep("acme", SEALED)

    assert SEALED == FolderSpill(spill._folder).find("acme")


def test_dropping_what_is_not_there_changes_nothing(spill):
    """It may be dropped twice, or where there is no folder at all."""
    spill.drop("acme")
    spill.find("acme")
    spill.drop("acme")

    assert Absent() == spill.find("acme")


def test_sec_71_a_spill_is_its_owner_s_alone(spill):
    """Folder and files are for their owner, whatever the umask, and no file shows a connection's name."""
    before = os.umask(0)
    try:
        spill.find("acme")
        spill.keep("acme", SEALED)
    finally:
        os.umask(before)
    modes = {stat.S_IMODE(path.stat().st_mode) for path in files(spill, "*")}

    assert (0o700, {0o600}) == (stat.S_IMODE(spill._folder.stat().st_mode), modes)
    assert [] == [path for path in files(spill, "*") if "acme" in path.name]


def test_what_was_set_aside_is_kept_and_not_found(spill):
    """A person can look at what could not be read; the library looks no more."""
    spill.keep("acme", SEALED)
    spill.set_aside("acme")
    spill.set_aside("acme")

    assert Absent() == spill.find("acme")
    assert [SEALED] == [path.read_bytes() for path in files(spill, "*.unreadable")]


def test_fault_P25_half_a_file_is_not_a_spill(spill, monkeypatch):
    """A process that dies while it writes leaves what was kept before, and the next one writes over the half."""
    spill.keep("acme", b"older")
    monkeypatch.setattr(module.os, "fsync", dying)
    with pytest.raises(Dying):
        spill.keep("acme", SEALED)
    monkeypatch.undo()
    found = spill.find("acme")
    spill.keep("acme", b"newest")

    assert (b"older", b"newest") == (found, spill.find("acme"))
    assert [] == files(spill, "*.part")


class Dying(BaseException):
    """The end of a process."""


def dying(_):
    """End here."""
    raise Dying


def test_fault_S17_a_folder_that_cannot_be_made_is_told(tmp_path):
    """Where the folder's place is taken by a file, nothing is kept, and it is said why."""
    (tmp_path / "spill").write_text("in the way")
    spill = FolderSpill(tmp_path / "spill")
    with pytest.raises(StoreUnavailable, match="cannot be written"):
        spill.keep("acme", SEALED)
    with pytest.raises(StoreUnavailable, match="cannot be read"):
        spill.find("acme")


def test_fault_S17_what_is_in_the_way_is_seen_before_it_is_needed(tmp_path):
    """A folder that could be made has nothing in its way; a file in its place has; and looking makes nothing."""
    taken = tmp_path / "taken"
    taken.write_text("in the way")
    spills = FolderSpill(tmp_path / "deep" / "spill"), FolderSpill(taken), FolderSpill(taken / "deep" / "spill")

    assert ["", *[f"{taken} is not a folder"] * 2] == [spill.obstacle() for spill in spills]
    assert [taken] == list(tmp_path.iterdir())


def test_fault_S02_where_no_file_can_be_made_a_reserve_is_taken(spill, monkeypatch):
    """When the disk gives no room for a new file, the spill is written over one that is there."""
    spill.find("acme")
    writing = module._write

    def write(path, content):
        if not path.exists():
            raise OSError(28, "No space left on device")
        writing(path, content)

    monkeypatch.setattr(module, "_write", write)
    spill.keep("acme", SEALED)

    assert (SEALED, RESERVES - 1) == (spill.find("acme"), len(files(spill, "reserve-*")))


@pytest.fixture
def full_disk(tmp_path):
    """Give the folder of a real file system, and a deed that fills it."""
    elsewhere = "test_fault_S02_where_no_file_can_be_made_a_reserve_is_taken"
    with mounted(tmp_path / "disk", size="512k", elsewhere=elsewhere) as place:
        yield place, lambda: fill(place / "rubbish")


def test_fault_S02_a_full_disk_has_room_for_what_was_received(full_disk):
    """On a disk without one free block, the reserves take as many spills as there are reserves, and then it is told."""
    place, fill_up = full_disk
    spill = FolderSpill(place / "spill")
    spill.find("acme")
    fill_up()
    for number in range(RESERVES):
        spill.keep(f"tenant-{number}", SEALED)
    with pytest.raises(StoreUnavailable, match="No space"):
        spill.keep("one-too-many", bytes(100_000))

    assert {SEALED} == {spill.find(f"tenant-{number}") for number in range(RESERVES)}


def test_a_reserve_is_made_anew_once_there_is_room(spill):
    """What a spill took is reserved again after the spill was merged."""
    spill.find("acme")
    files(spill, "reserve-*")[0].unlink()
    spill.keep("acme", SEALED)
    spill.drop("acme")
    spill.find("acme")

    assert RESERVES == len(files(spill, "reserve-*"))


def test_many_threads_spill_at_once(spill):
    """Each connection has a file of its own, so that spills of several do not disturb one another."""
    threads = [threading.Thread(target=spill.keep, args=(f"tenant-{number}", SEALED)) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert {SEALED} == {spill.find(f"tenant-{number}") for number in range(20)}


def test_a_store_without_a_place_of_its_own_has_one_with_this_user(monkeypatch, tmp_path):
    """Two stores do not share a folder, and one store has the same in every process of a user."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))

    assert folder_for("postgresql:a").is_relative_to(tmp_path / "mailup-oauth")
    assert folder_for("postgresql:a") == folder_for("postgresql:a") != folder_for("postgresql:b")
