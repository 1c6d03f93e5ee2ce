"""What belongs to no connection is noted in the installation's journal before it may be acted upon."""

import attrs
import pytest

from mailup_oauth import PRODUCTION, StoreUnavailable
from mailup_oauth.engine import noted
from mailup_oauth.engine import steps as t
from mailup_oauth.journal import INSTALLATION, Context, TokenHandedOut, read_record
from mailup_oauth.ports import Commit
from mailup_oauth.testing import scenario as scene
from mailup_oauth.testing.stage import CONNECTION

MARK = scene.credential("access").mark


def handing(to):
    """Return that a token was given to somebody."""
    return TokenHandedOut(connection=CONNECTION, mark=MARK, to=to)


def note(parts, hands, to, **numbers):
    """Note it."""
    setting = attrs.evolve(parts.setting, policy=attrs.evolve(PRODUCTION, **numbers))
    return hands.play(noted(setting, handing(to), Context(actor="alice")))


def listed(parts):
    """Return what the installation's journal says."""
    return [read_record(line).event for line in parts.ports.store.records(INSTALLATION)]


def overtaken(parts):
    """Return the mishap of a note before which somebody else writes another."""

    def late(step, ports):
        note(parts, parts.hands(), "somebody else")
        return step.take(ports)

    return late


def test_a_note_is_stored_and_then_told(parts):
    """It is read where the journal ends, stored behind it, and then the observer is told, without a connection's name."""
    hands = parts.hands()
    note(parts, hands, "alice")

    assert "Load Now Save Tell" == hands.taken()
    assert [handing("alice")] == listed(parts)
    assert [(INSTALLATION, "TokenHandedOut")] == [
        (notice.connection, notice.what) for notice in hands.steps[-1].notices
    ]


def test_whoever_was_overtaken_writes_behind(parts):
    """When somebody else wrote first, the note stands after theirs, and none is lost."""
    hands = parts.hands()
    hands.plan(t.Save, overtaken(parts))
    note(parts, hands, "alice")

    assert "Load Now Save Load Now Save Tell" == hands.taken()
    assert [handing("somebody else"), handing("alice")] == listed(parts)


def test_whoever_is_always_overtaken_gives_up(parts):
    """After ``commit_attempts`` notes that came too late it is said so, and nobody is told of any."""
    hands = parts.hands()
    hands.plan(t.Save, *[lambda *_: Commit.CONFLICT] * 5)
    with pytest.raises(StoreUnavailable, match="others wrote"):
        note(parts, hands, "alice", commit_attempts=3)

    assert 3 == len(hands.of(t.Save))
    assert ([], []) == (hands.of(t.Tell), listed(parts))


def test_a_client_notes_what_leaves_it(parts):
    """A token that is handed out by hand is noted with its mark, for whom, and by whom."""
    parts.stage.connect()
    token = parts.stage.oauth.access_token(CONNECTION)
    parts.stage.oauth._core.hand_out(CONNECTION, token, "the terminal", Context(actor="alice"))
    (line,) = parts.ports.store.records(INSTALLATION)

    assert TokenHandedOut(connection=CONNECTION, mark=token.mark, to="the terminal") == read_record(line).event
    assert "alice" == read_record(line).actor
