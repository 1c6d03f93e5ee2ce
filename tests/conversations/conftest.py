"""A client and a MailUp on one stage, and a look at all that was stored when the play is over."""

import pytest

from mailup_oauth.journal import Verified, verify
from mailup_oauth.ports import Absent
from mailup_oauth.testing.canary import CANARY
from mailup_oauth.testing.stage import Stage


def audit(stage):
    """Claim of every stored connection: its journal proves it, and nothing in the clear holds a secret."""
    for name in stage.store.connections():
        row = stage.store.load(name)
        lines = stage.store.records(name, limit=100_000)

        assert not isinstance(row, Absent)
        assert isinstance(verify(name, lines, row), Verified)
        assert CANARY.encode() not in b"\n".join((row.clear, *lines))


@pytest.fixture
def stage():
    """Set the stage, and audit it when the play is over."""
    play = Stage()
    yield play
    audit(play)
