"""What a connection may be called, what is told of it in its journal, and who else may be renewing it."""

import asyncio
from datetime import timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mailup_oauth import (
    AccessToken,
    AsyncMailUpOAuth,
    BadConnection,
    MailUpOAuth,
    StoreCorrupted,
    TemporarilyUnavailable,
)
from mailup_oauth.adapters.spill.memory import MemorySpill
from mailup_oauth.adapters.storage.memory import MemoryStore
from mailup_oauth.client.core import checked
from mailup_oauth.domain.wire.outcomes import Defect, Salvaged
from mailup_oauth.journal import RefreshReceived, seal_received
from mailup_oauth.ports import Absent, Busy
from mailup_oauth.sandbox.faults import LOST_REQUEST
from mailup_oauth.testing import scenario as scene
from mailup_oauth.testing.stage import CONNECTION, Stage

REJECTED = AccessToken(value=scene.secret("access"), expires_at=scene.NOW, mark=scene.credential("access").mark)
SALVAGED = Salvaged(refresh=scene.credential("new-refresh"), defect=Defect.BODY_CUT)
CALLS = {
    "begin": lambda oauth, name: oauth.begin(name),
    "access_token": lambda oauth, name: oauth.access_token(name),
    "refresh": lambda oauth, name: oauth.refresh(name),
    "report_rejected": lambda oauth, name: oauth.report_rejected(name, REJECTED),
    "status": lambda oauth, name: oauth.status(name),
    "disconnect": lambda oauth, name: oauth.disconnect(name),
    "journal": lambda oauth, name: oauth.journal(name),
    "recent": lambda oauth, name: oauth.recent(name),
}
BAD = ["", "@installation", "a" * 256, "two\nlines", "\x7f", "\u2028", "\ud800"]


@example("a" * 255)
@given(st.text(st.characters(categories=["L", "N", "P", "S"]), min_size=1, max_size=255))
def test_any_printable_name_will_do(name):
    """A name is taken as it is, in whatever script, unless it begins with ``@``."""
    if name.startswith("@"):
        name = f"a{name[1:]}"

    assert name == checked(name)


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
@pytest.mark.parametrize("name", BAD, ids=ascii)
def test_every_method_refuses_what_is_no_name(call, name, awaiting):
    """A name that is empty, too long, not printable or the installation's is refused by both facades, and kept nowhere."""
    for stage in (Stage(), awaiting(Stage())):
        with pytest.raises(BadConnection):
            call(stage.oauth, name)

        assert () == stage.store.connections()


class Leaflets(MemoryStore):
    """A store that gives three records at a time."""

    def records(self, connection, *, after=0, limit=3):
        """Return the next three."""
        return super().records(connection, after=after, limit=limit)


def test_a_journal_is_read_page_by_page(awaiting):
    """A journal that does not come at once is told whole, in order, each record once."""
    told = []
    for stage in (Stage(store=Leaflets()), awaiting(Stage(store=Leaflets()))):
        stage.connect()
        told.append([record.sequence for record in stage.oauth.journal(CONNECTION)])

    assert [[1, 2, 3, 4, 5]] * 2 == told


class Loop(MemoryStore):
    """A store that somebody changed so that its journal never ends."""

    def records(self, connection, *, after=0, limit=3):  # noqa: ARG002  # always the same
        """Return the first three, again and again."""
        return super().records(connection, limit=limit)


def test_a_journal_that_does_not_go_on_is_damaged():
    """A record in another one's place ends the reading, and not the reader's patience."""
    stage = Stage(store=Loop())
    stage.connect()
    told = stage.oauth.journal(CONNECTION)

    assert [1, 2, 3] == [next(told).sequence for _ in range(3)]
    with pytest.raises(StoreCorrupted, match="place of record 4"):
        next(told)
    with pytest.raises(StoreCorrupted, match="place of record 5"):
        stage.oauth.recent(CONNECTION, count=1)


@pytest.mark.parametrize("count", [1, 2, 5, 6, 1000])
def test_the_newest_records_are_read_without_the_others(count, awaiting):
    """Both facades give the end of a journal, oldest first, and all of it where there is not more."""
    for stage in (Stage(), awaiting(Stage())):
        stage.connect()

        assert list(stage.oauth.journal(CONNECTION))[-count:] == list(stage.oauth.recent(CONNECTION, count))


def test_a_journal_of_nobody_is_empty(stage):
    """A name that was never used has a journal without records."""

    assert [] == list(stage.oauth.journal("nobody"))
    assert () == stage.oauth.recent("nobody")


def test_the_journal_says_who_and_why(stage):
    """``actor``, ``reason`` and ``correlation_id`` of a call stand in all records that it caused."""
    about = {"actor": "alice", "reason": "because", "correlation_id": "c-1"}
    start = stage.oauth.begin(CONNECTION, **about)
    stage.oauth.complete(stage.visit(start), binding=start.binding, **about)
    token = stage.oauth.refresh(CONNECTION, **about)
    stage.oauth.report_rejected(CONNECTION, token, **about)
    stage.oauth.disconnect(CONNECTION, **about)

    assert {tuple(about.values())} == {
        (record.actor, record.reason, record.correlation_id) for record in stage.oauth.journal(CONNECTION)
    }


class Elsewhere:
    """A guard that others hold."""

    def hold(self, _, **__):
        """Give up at once."""
        raise Busy


@pytest.mark.parametrize("facade", [MailUpOAuth, AsyncMailUpOAuth])
def test_whoever_waits_in_vain_for_another_process_is_told_so(stage, facade):
    """When another process holds the guard for too long, the caller may come again in a second; nothing was sent."""
    stage.connect()
    events = stage.sandbox.events
    call = stage.client(facade, guard=Elsewhere()).refresh
    with pytest.raises(TemporarilyUnavailable) as caught:
        call(CONNECTION) if facade is MailUpOAuth else asyncio.run(call(CONNECTION))

    assert ("renewed-elsewhere", timedelta(seconds=1)) == (caught.value.cause, caught.value.retry_after)
    assert events == stage.sandbox.events


def test_a_doubt_that_another_left_is_sat_out(stage):
    """When the rest of a wait is short, whoever asks next sits it out and gets a token, instead of being sent away."""
    stage.connect()
    stage.expire()
    stage.plan(*[LOST_REQUEST] * 3)
    with pytest.raises(TemporarilyUnavailable) as caught:
        stage.oauth.access_token(CONNECTION)
    stage.clock.move(caught.value.retry_after - timedelta(seconds=5))
    before = stage.clock.now()

    assert stage.oauth.access_token(CONNECTION).expires_at > stage.clock.now()
    assert before + timedelta(seconds=5) == stage.clock.now()


class Dying:
    """A transport whose process dies when it sends."""

    def send(self, _, **__):
        """Die."""
        raise SystemExit


def test_fault_P14_what_a_dead_process_left_is_taken_up(stage):
    """An intent that a process left behind when it died is settled and tried again by whoever asks next."""
    stage.connect()
    stage.expire()
    with pytest.raises(SystemExit):
        stage.client(MailUpOAuth, transport=Dying()).access_token(CONNECTION)
    owed = stage.oauth.status(CONNECTION).owed
    stage.oauth.access_token(CONNECTION)
    told = [type(record.event).__name__ for record in stage.oauth.journal(CONNECTION)][-4:]

    assert "refresh-in-flight" == owed
    assert ["RefreshStarted", "RefreshOutcomeUnknown", "RefreshStarted", "TokensRefreshed"] == told


@pytest.fixture
def spilling(stage):
    """A client of the stage's connection, with tokens in its spill."""
    oauth = stage.client(MailUpOAuth, spill=MemorySpill())
    stage.connect()
    received = RefreshReceived(intent=scene.intent(), answer=SALVAGED)
    oauth._core.ports.spill.keep(CONNECTION, seal_received(CONNECTION, received, oauth._core.setting.cipher))
    return oauth


def test_a_disconnection_sees_to_what_was_spilled(spilling):
    """Tokens that wait in the spill are gone with those that are stored."""
    spilling.disconnect(CONNECTION)

    assert Absent() == spilling._core.ports.spill.find(CONNECTION)
    assert not spilling.status(CONNECTION).connected


def test_a_disconnection_waits_for_nobody(spilling):
    """Where somebody is at the connection, the spill is theirs to see to, and the connection is over all the same."""
    ports = spilling._core.ports
    with ports.guard.hold(CONNECTION, patience=timedelta()):
        spilling.disconnect(CONNECTION)

    assert isinstance(ports.spill.find(CONNECTION), bytes)
    assert not spilling.status(CONNECTION).connected
