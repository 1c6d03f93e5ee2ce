"""Keys that are replaced: a row is sealed anew, and whoever is killed in it leaves what both keys open (P26)."""

import signal
from contextlib import closing

import pytest
from tests.steps import referee as r
from tests.steps.recovery import points, refreshed
from tests.steps.test_torn import number_of, torn

from mailup_oauth import KeyUnavailable
from mailup_oauth.adapters.cipher.cobblestone import CobblestoneCipher
from mailup_oauth.adapters.cipher.keys import KeyRing, new_key
from mailup_oauth.adapters.storage.sqlite import SqliteStore
from mailup_oauth.journal import open_row


@pytest.fixture
def rotating(lab):
    """Return what makes an installation whose key file has just got a newer key in front of the one that sealed."""

    def made(kind="connected"):
        case = lab.case(kind)
        case.keys.write_text(f"{new_key().text()}\n{case.keys.read_text()}")
        return case

    return made


def opens(case, *keys):
    """Say whether a ring of just these keys opens the row."""
    with closing(SqliteStore(case.database)) as store:
        row = store.load("acme")
    try:
        return bool(open_row("acme", row, CobblestoneCipher(KeyRing(keys))))
    except KeyUnavailable:
        return False


def records(case):
    """Return the journal as it is stored."""
    with closing(SqliteStore(case.database)) as store:
        return store.records("acme")


def test_fault_P26_killed_at_every_call(lab, rotating):
    """Wherever the sealing ends, one of the two keys opens the row; done again it is finished, and the journal is as before."""
    calls = lab.live(rotating(), "reseal").calls
    for number, way in points(calls, all_of_them=True):
        case = rotating()
        newer, older = case.ring.keys
        ended = lab.live(case, "reseal", number=number, way=way)
        is_done = number > calls.index("store.commit") and way == "kill-after"
        told = records(case.copied(lab.next_folder()))
        assert (-signal.SIGKILL, number) == (ended.code, len(ended.calls))
        assert (is_done, not is_done) == (opens(case, newer), opens(case, older))
        assert {"end": "T"} == lab.live(case, "reseal").said
        assert (True, False, told) == (opens(case, newer), opens(case, older), records(case))
        case.keys.write_text(newer.text())
        assert "T" == lab.live(case, "use").said["end"]
        r.check_locks(case)
        r.look(case)


def test_fault_P26_killed_in_the_commit_of_a_row_sealed_anew(lab, rotating):
    """However much of that commit is on the disk, the row is sealed by the one key or by the other, and whole."""
    number = number_of(lab.live(rotating(), "reseal").calls, "store.commit", 0)
    found = set()
    for case in torn(lab, rotating, "reseal", number):
        found.add(tuple(opens(case, key) for key in case.ring.keys))
        assert "T" == lab.live(case, "use").said["end"]
        r.check_locks(case)

    assert (False, True) in found
    assert found <= {(False, True), (True, False)}


@pytest.mark.parametrize("way", ["kill", "kill-after"])
def test_fault_P26_a_refresh_between_two_keys(lab, rotating, way):
    """While both keys are there a refresh goes on as ever, killed or not, and what it stores is sealed with the newer."""
    number = lab.live(rotating("expired"), "use").outer.index("store.commit") + 1
    case = rotating("expired")
    assert -signal.SIGKILL == lab.live(case, "use", number=number, way=way).code
    newer, older = case.ring.keys

    assert "T" == refreshed(lab, case)[1]
    assert (True, False) == (opens(case, newer), opens(case, older))


def test_fault_P26_a_spill_of_the_older_key_is_merged(lab, rotating):
    """What waits in the spill was sealed with the key of its time, and is merged after the key was replaced."""
    case = lab.case("expired")
    sent = lab.live(lab.case("expired"), "use").outer.index("transport.send") + 1
    assert "store_unavailable" == lab.live(case, "use", number=sent, way="made-then-away").said["end"]
    case.keys.write_text(f"{new_key().text()}\n{case.keys.read_text()}")
    found, end = refreshed(lab, case)

    assert (True, "T") == (found.is_spilled, end)
