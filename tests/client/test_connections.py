"""What a connection may be called, what is told of it in its journal, and who else may be renewing it."""

import asyncio
from datetime import timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mailup_oauth import AccessToken, AsyncMailUpOAuth, BadConnection, MailUpOAuth, TemporarilyUnavailable
from mailup_oauth.adapters.storage.memory import MemoryStore
from mailup_oauth.client.core import checked
from mailup_oauth.ports import Busy
from mailup_oauth.sandbox.faults import LOST_REQUEST
from mailup_oauth.testing import scenario as scene
from mailup_oauth.testing.stage import CONNECTION, Stage

REJECTED = AccessToken(value=scene.secret("access"), expires_at=scene.NOW, mark=scene.credential("access").mark)
CALLS = {
    "begin": lambda oauth, name: oauth.begin(name),
    "access_token": lambda oauth, name: oauth.access_token(name),
    "refresh": lambda oauth, name: oauth.refresh(name),
    "report_rejected": lambda oauth, name: oauth.report_rejected(name, REJECTED),
    "status": lambda oauth, name: oauth.status(name),
    "disconnect": lambda oauth, name: oauth.disconnect(name),
    "journal": lambda oauth, name: oauth.journal(name),
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


def test_a_journal_of_nobody_is_empty(stage):
    """A name that was never used has a journal without records."""

    assert [] == list(stage.oauth.journal("nobody"))


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
