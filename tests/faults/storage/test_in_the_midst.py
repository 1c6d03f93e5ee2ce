"""A file that goes away while MailUp is asked, writers that meet, and a spill that has no place."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from tests.faults.storage.conftest import client_over

from mailup_oauth import MailUpOAuth, StoreUnavailable
from mailup_oauth.adapters.spill.folder import FolderSpill
from mailup_oauth.adapters.storage.sqlite import SqliteStore
from mailup_oauth.ports import Absent
from mailup_oauth.sandbox.events import TokensRotated
from mailup_oauth.testing.stage import CONNECTION

THREADS = 8


@pytest.fixture(params=["gone", "replaced by a copy"])
def vanishing(request, tmp_path):
    """Take the database away while a request is under way, and say how to bring it back."""

    def taken(house):
        kept = tmp_path / "kept.db"

        def take():
            house.wire.meanwhile = lambda: None
            house.database.rename(kept)
            if "copy" in request.param:
                house.database.write_bytes(kept.read_bytes())

        house.wire.meanwhile = take
        return lambda: kept.replace(house.database)

    return taken


def test_fault_S06_tokens_are_spilled_when_their_file_goes_away_behind_the_request(house, vanishing):
    """A file that is deleted or replaced while MailUp answers is noticed; the tokens wait, and go into the right file."""
    bring_back, oauth = vanishing(house), house.client()
    with pytest.raises(StoreUnavailable, match="deleted or replaced"):
        oauth.access_token(CONNECTION)
    bring_back()

    assert (CONNECTION, "spill:kept") in house.observer.told
    assert house.client().access_token(CONNECTION).mark != house.token.mark
    assert 1 == house.stage.happened(TokensRotated)


def test_fault_S13_writers_of_one_connection_lose_nothing(house):
    """Eight threads, each with a client and a store of its own, begin on one connection: the journal has all of it."""
    clients = [client_over(house, SqliteStore(house.database)) for _ in range(THREADS)]
    before = len(list(house.oauth.journal(CONNECTION)))
    with ThreadPoolExecutor(THREADS) as crowd:
        starts = list(crowd.map(lambda oauth: oauth.begin(CONNECTION), clients))
    told = [type(record.event).__name__ for record in house.oauth.journal(CONNECTION)][before:]

    assert THREADS == len({start.url.reveal() for start in starts}) == told.count("AuthorizationBegun")


@pytest.fixture
def no_place(house):
    """Leave a spill no place: it is not made yet, and its folder's folder may not be written to."""
    spill = house.folder / "elsewhere" / "spill"
    spill.parent.mkdir()
    spill.parent.chmod(0o500)
    yield spill
    spill.parent.chmod(0o700)


def test_fault_S17_a_spill_without_a_place_is_told_at_the_start(house, no_place, mortal):
    """Whoever begins without a place for a spill is told once, at the start, and works all the same."""

    def work():
        oauth = house.client(spill=FolderSpill(no_place))
        told = list(house.observer.told)
        return told[-1], oauth.access_token(CONNECTION).mark

    told, mark = mortal(work)

    assert (("", "spill:unusable"), True) == (told, mark != house.token.mark)
    assert 1 == house.observer.told.count(("", "spill:unusable"))
    assert not no_place.exists()


def test_fault_S17_a_spill_with_a_place_has_nothing_to_tell(house):
    """Where nothing is in the way, or a spill cannot say, nothing is told at the start."""

    class Plain:
        """A spill of somebody's own, which says nothing beforehand."""

        def find(self, _):
            return Absent()

    house.client()
    house.client(spill=Plain())

    assert [] == [what for _, what in house.observer.told if what.startswith("spill:")]


def test_fault_S17_an_observer_that_breaks_stops_nobody_at_the_start(house, tmp_path):
    """Whatever the observer makes of it, the client is made."""
    (house.folder / "mailup.db.spill").rename(tmp_path / "kept")
    (house.folder / "mailup.db.spill").write_text("in the way")

    class Broken:
        """An observer that always raises."""

        def notice(self, _):
            raise ZeroDivisionError

    assert isinstance(house.client(observer=Broken()), MailUpOAuth)
    (house.folder / "mailup.db.spill").unlink()
