"""Check and act are one step: who stored first is seen by who comes second, and every lock is given back (row 70)."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from mailup_oauth import MailUpOAuth, NotConnected, StoreUnavailable
from mailup_oauth.adapters.guard.host import HostGuard
from mailup_oauth.adapters.guard.process import ProcessGuard
from mailup_oauth.adapters.storage.sqlite import SqliteStore
from mailup_oauth.ports import Commit
from mailup_oauth.sandbox.events import CodeExchanged, ReuseDetected, TokensRotated
from mailup_oauth.testing.stage import CONNECTION


class Crossing:
    """A store at which somebody else arrives just before a change is made."""

    def __init__(self, inner):
        self._inner = inner
        self.commits = []
        self.rival = lambda: None

    def __getattr__(self, name):
        """Be the store in everything else."""
        return getattr(self._inner, name)

    def commit(self, change):
        """Let the rival go first, once."""
        rival, self.rival = self.rival, lambda: None
        rival()
        self.commits.append(self._inner.commit(change))
        return self.commits[-1]


@pytest.fixture
def crossing(stage):
    """Put the crossing in front of the stage's store."""
    stage.store = Crossing(stage.store)
    return stage.store


@pytest.fixture
def hosts(stage, crossing, wire):
    """Two clients of one store that know nothing of each other's guards, as on two machines."""
    return [stage.client(MailUpOAuth, transport=wire, guard=ProcessGuard()) for _ in range(2)]


def test_sec_70_two_beginnings_at_once_are_both_remembered(hosts, crossing, returning):
    """The slower of two writers is refused, looks again, and decides anew; neither attempt is lost."""
    backs = []
    crossing.rival = lambda: backs.append(returning(hosts[1]))
    backs.append(returning(hosts[0]))

    assert [Commit.DONE, Commit.CONFLICT, Commit.DONE] == crossing.commits
    assert ["Authorized", "Authorized"] == [back(hosts[0]).state for back in backs]


def test_sec_70_a_refresh_that_was_overtaken_is_not_sent(stage, hosts, crossing, wire, returning):
    """Where another machine refreshed between the look and the intent, its token is used and the old one not sent."""
    returning(hosts[0])(hosts[0])
    stage.expire()
    crossing.rival = lambda: hosts[1].refresh(CONNECTION)
    token = hosts[0].access_token(CONNECTION)

    assert Commit.CONFLICT in crossing.commits
    assert ["authorization_code", "refresh_token"] == [form["grant_type"] for form in wire.forms]
    assert token.mark == hosts[1].access_token(CONNECTION).mark
    assert (1, 0) == (stage.happened(TokensRotated), stage.happened(ReuseDetected))


def test_sec_70_a_report_that_was_overtaken_is_not_believed(stage, hosts, crossing, returning):
    """Where another machine replaced the rejected token between the look and the intent, its token is used instead."""
    returning(hosts[0])(hosts[0])
    rejected = hosts[0].access_token(CONNECTION)
    crossing.rival = lambda: hosts[1].refresh(CONNECTION)
    token = hosts[0].report_rejected(CONNECTION, rejected)

    assert Commit.CONFLICT in crossing.commits
    assert rejected.mark != token.mark == hosts[1].access_token(CONNECTION).mark
    assert (1, 0) == (stage.happened(TokensRotated), stage.happened(ReuseDetected))


def test_sec_70_disconnecting_wins_over_a_refresh_under_way(stage, oauth, wire, connected):
    """Tokens that arrive for a connection that was erased meanwhile are dropped, and none is handed out."""
    wire.meanwhile = lambda: oauth.disconnect(CONNECTION)
    with pytest.raises(NotConnected):
        oauth.access_token(CONNECTION)

    assert b"" == stage.store.load(CONNECTION).sealed
    assert 1 == stage.happened(TokensRotated)


def test_sec_70_a_new_authorization_wins_over_a_refresh_under_way(stage, hosts, wire, returning):
    """A late answer for the authorization of before does not take the place of the present one."""
    returning(hosts[0])(hosts[0])
    stage.expire()
    back = returning(hosts[0])

    def reauthorized():
        wire.meanwhile = lambda: None
        back(hosts[1])

    wire.meanwhile = reauthorized
    token = hosts[0].access_token(CONNECTION)

    assert "Authorized" == hosts[0].status(CONNECTION).state
    assert token.mark == hosts[1].access_token(CONNECTION).mark
    assert (2, 1) == (stage.happened(CodeExchanged), stage.happened(TokensRotated))


@pytest.fixture(params=["process", "host"])
def guard(request, tmp_path):
    """A guard of each reach."""
    return ProcessGuard() if request.param == "process" else HostGuard(tmp_path / "locks")


@pytest.fixture(params=[lambda: StoreUnavailable("full"), OSError, KeyboardInterrupt], ids=["store", "wire", "thread"])
def failing(request, crossing, wire):
    """Let the next flight end in the middle: by its store, by a transport that breaks its promise, by Ctrl-C."""

    def fail():
        raise request.param()

    def begin():
        if isinstance(request.param(), StoreUnavailable):
            crossing.rival = fail
        else:
            wire.meanwhile = fail

    return begin


def test_sec_70_a_guard_is_given_back_whatever_happens(stage, wire, guard, failing):
    """However a flight ends, the next one need not wait, and goes on from what was stored."""
    client = stage.client(MailUpOAuth, transport=wire, guard=guard)
    start = client.begin(CONNECTION)
    client.complete(stage.visit(start), binding=start.binding)
    stage.expire()
    failing()
    with pytest.raises((StoreUnavailable, OSError, KeyboardInterrupt)):
        client.access_token(CONNECTION)
    with guard.hold(CONNECTION, patience=timedelta()):
        wire.meanwhile = lambda: None

    assert client.access_token(CONNECTION).expires_at > stage.clock.now()
    assert (1, 0) == (stage.happened(TokensRotated), stage.happened(ReuseDetected))


def test_sec_70_one_callback_by_many_is_one_exchange(stage, tmp_path):
    """Twelve threads, each with a client of its own, bring the same callback: all are served, one code is sent."""
    clients = []
    for _ in range(12):
        stage.store = SqliteStore(tmp_path / "mailup.db")
        clients.append(stage.client(MailUpOAuth))
    start = clients[0].begin(CONNECTION)
    address = stage.visit(start)
    with ThreadPoolExecutor(12) as crowd:
        states = list(crowd.map(lambda one: one.complete(address, binding=start.binding).state, clients))
    for client in clients:
        client.close()

    assert ["Authorized"] * 12 == states
    assert 1 == stage.happened(CodeExchanged)
