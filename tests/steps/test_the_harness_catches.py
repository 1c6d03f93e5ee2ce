"""The loop finds what it is for: with a part of the library taken away, one of its judges complains (issue 4)."""

import json
import os
import signal
import sqlite3
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from tests.steps import referee as r
from tests.steps.lab import Lab
from tests.steps.mailup import Door
from tests.steps.recovery import refreshed
from tests.steps.test_killed import undisturbed
from tests.steps.test_stopped_and_forked import check_forked

from mailup_oauth import StoreCorrupted
from mailup_oauth.adapters.guard.host import HostGuard
from mailup_oauth.adapters.serving.server import serve
from mailup_oauth.sandbox.commands import PlanFault
from mailup_oauth.sandbox.faults import Slow, Target

BROKEN = Path(__file__).with_name("broken")


@pytest.fixture
def without(tmp_path):
    """Return what takes a part of the library away, and starts the process that others are forked from without it."""

    @contextmanager
    def made(part):
        door = Door()
        with serve(door) as base:
            lab = Lab(tmp_path, base, door, BROKEN / f"{part}.py")
            try:
                yield lab
            finally:
                lab.close()

    return made


def sent(lab):
    """Return the number of the call that sends the token request."""
    return undisturbed(lab, "use", "grace").index("transport.send") + 1


def test_without_the_intent(without):
    """A refresh token that is sent before anything is on the disk is noticed at MailUp's door."""
    with without("intent") as lab:
        case = lab.case("expired")
        lab.live(case, "use")

        assert "a refresh token was sent without an intent on the disk" in case.complaints


def test_without_the_pause(without):
    """A refresh token that is sent again at once is noticed."""
    with without("pause") as lab:
        case = lab.case("expired", "grace")
        lab.live(case, "use", number=sent(lab), way="kill-after")
        lab.live(case, "use_patiently")

        assert ["a refresh token was sent again before the first request could settle"] == case.complaints


def test_without_the_recovery(without):
    """An intent that nobody closes keeps everybody waiting for ever, and that is noticed."""
    with without("recovery") as lab:
        case = lab.case("expired", "grace")
        lab.live(case, "use", number=sent(lab), way="kill")
        with pytest.raises(AssertionError):
            refreshed(lab, case)

        assert "temporarily_unavailable" == lab.live(case, "use_patiently").said["end"]


def test_without_the_doubt(without):
    """An authorization that is called dead though MailUp would take it is noticed."""
    with without("doubt") as lab:
        case = lab.case("expired", "grace")
        lab.live(case, "use", number=sent(lab), way="kill")

        assert {"end": "T"} == r.must_end(r.look(case))
        with pytest.raises(AssertionError):
            refreshed(lab, case)


def test_without_the_merge(without):
    """Tokens that stay in the spill are noticed: an older one is sent, and on a strict server all is lost."""
    with without("merge") as lab:
        case = lab.case("expired")
        lab.live(case, "use", number=sent(lab), way="made-then-away")
        with pytest.raises(AssertionError):
            refreshed(lab, case)

        assert "a refresh token was sent while a newer one waits in the spill" in case.complaints


def test_without_the_guard(without):
    """Whoever sends beside a process that is stopped, or that forked, is noticed when that one goes on."""
    with without("guard") as lab:
        case = lab.case("expired")
        process = lab.start(case, "use", number=sent(lab), way="stop")
        lab.wait(case, process)
        lab.live(case, "use", said="said-by-another", calls="calls-of-another")
        os.kill(process, signal.SIGCONT)
        lab.wait(case, process)

        with pytest.raises(AssertionError):
            check_forked(lab, "use", sent(lab), "fork-after")
        assert "a refresh token was sent without an intent on the disk" in case.complaints


def test_without_a_lock_that_ends_with_its_holder(without):
    """A child that keeps the lock of its dead parent is noticed: nobody else gets to the guard while it lives."""
    with without("leak") as lab:
        case = lab.case("expired")
        case.service.order(PlanFault(Target.TOKEN, Slow(delay=timedelta(seconds=1))))
        lab.live(case, "leave_a_child_in_the_midst")
        child = json.loads((case.folder / "child").read_text())["child"]
        said = lab.live(case, "use", patience=0.05).said
        os.kill(child, signal.SIGKILL)

        assert "temporarily_unavailable" == said["end"]


def test_without_a_draft_of_the_spill(without):
    """A spill that is written into its place is found half written, which is noticed."""
    with without("spill") as lab:
        calls = lab.live(lab.case("expired"), "use", number=sent(lab), way="made-then-away").calls
        kept = calls.index("spill.keep") + 1
        case = lab.case("expired")
        lab.live(case, "use", plan=[(sent(lab), "made-then-away", 0), (kept, "short", 500)])
        with pytest.raises(StoreCorrupted):
            r.look(case)


def test_a_journal_that_was_changed_is_noticed(lab):
    """The judge of the disk complains of a record that is not what was written."""
    case = lab.case("connected")
    with closing(sqlite3.connect(case.database)) as database, database:
        database.execute("UPDATE journal SET record = CAST(replace(record, 'TokensIssued', 'TokensLost') AS BLOB)")
    with pytest.raises(AssertionError, match=r"^Broken\(sequence=3"):
        r.look(case)


def test_a_token_of_nobody_s_is_noticed(lab):
    """The judge of tokens complains of one that MailUp never gave, or takes no more."""
    case = lab.case("connected")
    said = lab.live(case, "use").said
    r.check_token(case, said)
    for mark, later in ((f"{said['mark']}0", timedelta()), (said["mark"], timedelta(hours=2))):
        case.clock.move(later)
        with pytest.raises(AssertionError):
            r.check_token(case, {"mark": mark})


def test_a_complaint_on_the_way_is_noticed(lab):
    """The judge of what processes say on their way finds a word of one of them."""
    case = lab.case("connected")
    r.check_stderr(case)
    (case.folder / "stderr").write_text("Traceback")
    with pytest.raises(AssertionError):
        r.check_stderr(case)


def test_a_lock_that_is_held_is_noticed(lab):
    """The judge of locks complains while somebody holds the guard, the lock around writes, or the database."""
    case = lab.case("connected")
    locks = case.database.with_name("mailup.db.locks")
    with HostGuard(locks).hold("acme", patience=timedelta()), pytest.raises(r.LOCKED):
        r.check_locks(case)
    with r.FileLock(locks / "write.lock"), pytest.raises(r.LOCKED):
        r.check_locks(case)
    with closing(sqlite3.connect(case.database, isolation_level=None)) as database:
        database.execute("BEGIN IMMEDIATE")
        with pytest.raises(r.LOCKED):
            r.check_locks(case)

    r.check_locks(case)
