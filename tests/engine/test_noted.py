"""What belongs to no connection is written behind whatever others write, or it is an error."""

import pytest

from mailup_oauth.domain.errors import StoreUnavailable
from mailup_oauth.engine import noted
from mailup_oauth.engine import steps as t
from mailup_oauth.journal import INSTALLATION, Context, TokensImported, read_record, verify
from mailup_oauth.ports import Commit

EVENT = TokensImported(connection="acme", source="a test")


def test_an_event_is_stored_and_then_told(parts):
    """The installation's row is read, the event is stored with who caused it, and the observer hears of it last."""
    hands = parts.hands()
    hands.play(noted(parts.setting, EVENT, Context(actor="somebody")))
    lines = parts.ports.store.records(INSTALLATION)
    record = read_record(lines[0])

    assert "Load Now Save Tell" == hands.taken()
    assert (1, EVENT, "somebody", 1) == (len(lines), record.event, record.actor, record.sequence)
    assert [(INSTALLATION, "TokensImported")] == [(one.connection, one.what) for one in hands.of(t.Tell)[0].notices]


def test_an_event_comes_behind_a_faster_one(parts):
    """Whoever is overtaken reads anew and writes behind; nothing is lost, and the journal is whole."""
    hands = parts.hands()

    def overtaken(step, ports):
        parts.hands().play(noted(parts.setting, EVENT, Context()))
        return step.take(ports)

    hands.plan(t.Save, overtaken)
    hands.play(noted(parts.setting, EVENT, Context()))
    store = parts.ports.store

    assert "Load Now Save Load Now Save Tell" == hands.taken()
    assert 2 == verify(INSTALLATION, store.records(INSTALLATION), store.load(INSTALLATION)).records


def test_an_event_that_is_always_overtaken_is_an_error(parts):
    """Who was overtaken as often as the policy allows gives up, and nothing is told."""
    hands = parts.hands()
    hands.plan(t.Save, *[lambda *_: Commit.CONFLICT] * parts.setting.policy.commit_attempts)
    with pytest.raises(StoreUnavailable):
        hands.play(noted(parts.setting, EVENT, Context()))

    assert ([], 0) == (hands.of(t.Tell), parts.ports.store.version(INSTALLATION))


def test_a_handed_out_token_is_told_by_its_mark(stage):
    """The client tells which connection's token left, by its mark and by the way it went."""
    stage.connect("acme")
    token = stage.oauth.access_token("acme")
    stage.oauth._core.hand_out("acme", token, "a test", Context(actor="somebody"))
    event = read_record(stage.store.records(INSTALLATION)[0]).event

    assert ("acme", token.mark, "a test") == (event.connection, event.mark, event.to)
