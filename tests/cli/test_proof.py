"""What the command line proves a journal with: read in pages, beside a program that goes on writing."""

import re

import pytest

from mailup_oauth.adapters.storage.memory import MemoryStore
from mailup_oauth.client.proof import both_sides, lines, read, verified
from mailup_oauth.domain.errors import StoreCorrupted
from mailup_oauth.journal import Verified
from mailup_oauth.testing.stage import CONNECTION, Stage


class Paged(MemoryStore):
    """A store with small pages, in which something happens before a page is read, as often as it is told."""

    def __init__(self):
        super().__init__()
        self.meanwhile = []

    def records(self, connection, *, after=0, limit=1000):
        """Let the next thing happen, and return a page."""
        if self.meanwhile:
            self.meanwhile.pop()()
        return super().records(connection, after=after, limit=min(limit, 3))


@pytest.fixture
def stage():
    """A stage on which ``m1`` is connected, over a store with small pages."""
    play = Stage(store=Paged())
    play.connect()
    return play


def test_a_journal_is_read_in_pages(stage):
    """No record is lost or told twice where one page ends and the next begins."""
    stage.oauth.refresh(CONNECTION)
    places = [record.sequence for record in read(stage.store, CONNECTION)]

    assert list(range(1, len(places) + 1)) == places
    assert (7, 7) == (len(places), len(list(lines(stage.store, CONNECTION))))


def test_a_commit_in_between_is_no_forgery(stage):
    """Records that are written while a journal is being verified do not make it look broken."""
    stage.store.meanwhile += [lambda: stage.oauth.refresh(CONNECTION)] * 2
    verdict = verified(stage.store, CONNECTION)

    assert isinstance(verdict, Verified)
    assert (9, []) == (verdict.records, stage.store.meanwhile)


def test_both_sides_are_shown_for_a_person_to_compare(stage):
    """The state that the journal leads to and the one that is stored are told in the same words."""
    stage.oauth.begin("beta")
    sides = (*both_sides(stage.store, CONNECTION), *both_sides(stage.store, "beta"))
    told = [re.fullmatch(r"redacted state (?:replayed|stored): +((.*), SHA-256 \w{16}…)", side) for side in sides]

    assert ["Authorized, generation 0"] * 2 + ["AwaitingCode"] * 2 == [one[2] for one in told]
    assert (told[0][1], told[2][1]) == (told[1][1], told[3][1])


def test_there_are_no_two_sides_of_nothing(stage):
    """Where there is no connection there is no state to show."""
    with pytest.raises(StoreCorrupted):
        both_sides(stage.store, "nobody")
