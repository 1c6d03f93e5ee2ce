"""Tokens that were received and cannot be stored: killed around the spill, in it, and in the merge (P9, P19, P25)."""

import signal
from itertools import count

import pytest
from tests.steps import referee as r
from tests.steps.recovery import EVERY, completed, points, refreshed
from tests.steps.test_killed import KINDS, undisturbed
from tests.steps.test_recovery_killed import killed_in_recovery

STRIDE = 16 if EVERY else 211
"""Octets between two places at which the spill's file may grow no further."""

JUDGED = {"use": refreshed, "complete": completed}
ROWS = pytest.mark.parametrize("deed", [pytest.param("use", id="P19-P25"), pytest.param("complete", id="P09-P25")])


def spilling(lab, deed, **more):
    """Let a process receive tokens of a strict MailUp just when its store goes away; return where, and how that ended."""
    sent = undisturbed(lab, deed, "strict").index("transport.send") + 1
    case = lab.case(KINDS[deed])
    return case, lab.live(case, deed, plan=[(sent, "made-then-away", 0), *more.pop("plan", ())], **more)


def place_of(lab, deed, name):
    """Return the calls of such a life, and the number of its first call of this name after the tokens were received."""
    _, ended = spilling(lab, deed)
    assert "store_unavailable" == ended.said["end"]
    sent = ended.calls.index("transport.send")
    return ended.calls, ended.calls.index(name, sent) + 1


@ROWS
def test_fault_killed_while_the_store_is_away(lab, deed):
    """From the moment of the spill on, whatever kills the process, the next one has the tokens; before it, it says not."""
    calls, kept = place_of(lab, deed, "spill.keep")
    sent = calls.index("transport.send") + 1
    ends = {}
    for number, way in points(calls, all_of_them=EVERY):
        if number > sent:
            case, ended = spilling(lab, deed, plan=[(number, way, 0)])
            assert (-signal.SIGKILL, number) == (ended.code, len(ended.calls))
            ends.setdefault(number >= kept + (way == "kill"), set()).add(JUDGED[deed](lab, case)[1])

    assert {True: {"T"}, False: {"reauthorization_required"}} == ends


@ROWS
def test_fault_killed_in_the_spill_at_every_call_of_the_system(lab, deed):
    """A file is made, written, made durable and named: wherever that ends, there is no spill yet, or the whole one."""
    _, kept = place_of(lab, deed, "spill.keep")
    ends, told = [], []
    for inner in count(1):
        case, ended = spilling(lab, deed, plan=[(kept, "disk", inner)])
        if ended.code == 0:
            break
        told = [call.strip() for call in ended.calls if call.startswith(" ")]
        ends.append(JUDGED[deed](lab, case)[1])

    assert {"open", "ftruncate", "fsync", "replace"} <= set(told)
    assert {"T", "reauthorization_required"} == set(ends)
    assert sorted(ends, reverse=True) == ends  # once it was whole, it stayed so
    assert told[-2:] == ["open", "fsync"]


@ROWS
def test_fault_killed_in_the_spill_at_every_octet(lab, deed):
    """Half a file is no spill: it has not yet its name, and nobody takes it for one."""
    _, kept = place_of(lab, deed, "spill.keep")
    tries = 0
    for octets in count(1, STRIDE):
        case, ended = spilling(lab, deed, plan=[(kept, "short", octets)])
        if ended.code == 0:
            break
        assert -signal.SIGXFSZ == ended.code
        assert "reauthorization_required" == JUDGED[deed](lab, case)[1]
        tries += 1

    assert tries > 3


@ROWS
def test_fault_P24_killed_in_the_merge(lab, deed):
    """Whoever merges may be killed at every call: the tokens are in the spill until they are in the store."""
    wreck, _ = spilling(lab, deed)
    ends = [JUDGED[deed](lab, case)[1] for case in killed_in_recovery(lab, wreck, f"{deed}_patiently")]

    assert ["T"] * len(ends) == ends
    assert len(ends) > 10


def test_fault_P25_an_older_spill_is_there_until_the_newer_one_is(lab):
    """Whoever is killed while a spill takes the place of another leaves the one or the other, and both were whole."""
    found, older, newer = [], b"older", b"n" * 5000
    kept = 1 + lab.live(lab.case("connected"), "keep_a_spill", text="").calls.index("spill.keep")
    for inner in count(1):
        case = lab.case("connected")
        case.spill.keep("acme", older)
        ended = lab.live(case, "keep_a_spill", text=newer.decode(), number=kept, way="disk", inner=inner)
        found.append(case.spill.find("acme"))
        if ended.code == 0:
            break

    assert {older, newer} == set(found)
    assert found == sorted(found, reverse=True)


@pytest.mark.parametrize("server", ["strict", "grace"])
def test_fault_P19_a_disk_that_is_really_full(lab, server):
    """When SQLite itself finds no room for what was received, it is spilled, the process may die, and nothing is lost."""
    sent = undisturbed(lab, "use", server).index("transport.send") + 1
    case = lab.case("expired", server)
    lab.live(case, "use", number=sent, way="kill-after")
    size = case.database.with_name("mailup.db-wal").stat().st_size
    case = lab.case("expired", server)
    ended = lab.live(case, "use", number=sent, way="made-then-full", inner=size)
    found, end = refreshed(lab, case)

    assert ("store_unavailable", True, "T") == (ended.said["end"], found.is_spilled, end)
    assert ["spill:kept", "spill:merged"] == [what for what in notices(case) if what.startswith("spill:")]


def notices(case):
    """Return what the observer was told, in every life of an installation."""
    return (case.folder / "notices").read_text().splitlines()


def test_fault_P19_what_was_spilled_is_not_lost_by_a_disconnection(lab):
    """A spill of a connection that was ended here is gone with it: no token of it comes back later."""
    case, _ = spilling(lab, "use")
    assert {"end": "T"} == lab.live(case, "disconnect").said

    assert (False, "not_connected") == (case.has_spill(), lab.live(case, "use").said["end"])
    assert not isinstance(r.look(case).state, r.HOLDING)
