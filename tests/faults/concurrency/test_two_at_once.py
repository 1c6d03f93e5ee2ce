"""Two deeds on one connection at once: a callback twice, two tabs, a refresh beside a log-on, a refresh beside an end."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import httpx
import pytest
from tests.faults.concurrency.conftest import THREADS, client, expired

from mailup_oauth import NotConnected, Secret
from mailup_oauth.domain.errors import DeathCause
from mailup_oauth.sandbox.commands import Answer
from mailup_oauth.sandbox.events import CodeExchanged, CodeReplayed, TokensRotated
from mailup_oauth.testing.stage import CONNECTION
from mailup_oauth.testing.visitor import over_http, walk

INFO = "https://services.mailup.com/API/v1.1/Rest/ConsoleService.svc/Console/Authentication/Info"


def journalled(oauth):
    """Return the names of the events of the connection."""
    return [type(record.event).__name__ for record in oauth.journal(CONNECTION)]


def works(stage):
    """Say whether MailUp's API takes the token that is handed out."""
    with httpx.Client(auth=stage.oauth.auth(CONNECTION), transport=stage.network) as api:
        return api.get(INFO).status_code == 200


def test_fault_K05_a_callback_that_comes_eight_times_at_once_is_one_exchange(stage, gate):
    """Eight threads with two clients bring the same address: one code is sent, and each is told that it is connected."""
    start = stage.oauth.begin(CONNECTION)
    address, clients = stage.visit(start), [client(stage, transport=gate) for _ in range(2)] * (THREADS // 2)
    with ThreadPoolExecutor(THREADS) as crowd:
        coming = [crowd.submit(oauth.complete, address, binding=start.binding) for oauth in clients]
        gate.wait_until_reached()
        gate.open()
        states = [one.result().state for one in coming]
    reloaded = stage.oauth.complete(address, binding=start.binding)

    assert [["Authorized"] * THREADS, "Authorized"] == [states, reloaded.state]
    assert (1, 0) == (stage.happened(CodeExchanged), stage.happened(CodeReplayed))


def test_fault_K05_a_callback_that_comes_to_two_processes_at_once_is_one_exchange(port, crew):
    """Two processes of eight threads bring the same address; whoever comes second finds the connection made."""
    before = exchanges(port)
    with port.client() as oauth, httpx.Client() as browser:
        start = oauth.begin("acme")
        address = walk(
            start.url.reveal(),
            username="m1",
            password=Secret("canary-password"),
            answer=Answer.ALLOW,
            fetch=over_http(browser),
        )
    processes = crew.start("callback", 2, ahead=0, address=address, binding=start.binding.reveal())

    assert [["Authorized"] * THREADS] * 2 == crew.told(processes)
    assert [1, 0] == [now - then for now, then in zip(exchanges(port), before, strict=True)]


def exchanges(port):
    """Return how many codes were used, and how many came again."""
    events = port.service.events
    return [sum(isinstance(event, kind) for event in events) for kind in (CodeExchanged, CodeReplayed)]


def test_fault_K06_two_tabs_both_come_to_an_end_and_the_later_wins(stage):
    """Two attempts of one user that come back at once are both connected; what came later is used, and it works."""
    starts = [stage.oauth.begin(CONNECTION) for _ in range(2)]
    addresses = [stage.visit(start) for start in starts]
    clients = [client(stage), client(stage)]
    with ThreadPoolExecutor(2) as tabs:
        coming = [
            tabs.submit(oauth.complete, address, binding=start.binding)
            for oauth, address, start in zip(clients, addresses, starts, strict=True)
        ]
        states = [one.result().state for one in coming]
    state = stage.oauth._core.held(CONNECTION).state

    assert (["Authorized"] * 2, 2, True) == (states, state.epoch, works(stage))
    assert [2, 0] == [stage.happened(kind) for kind in (CodeExchanged, CodeReplayed)]
    assert 2 == journalled(stage.oauth).count("TokensIssued")


@contextmanager
def coming_back(stage):
    """Yield the deed of a user who authorizes again, and is about to come back."""
    start = stage.oauth.begin(CONNECTION)
    address = stage.visit(start)
    yield lambda: stage.oauth.complete(address, binding=start.binding)


def test_fault_K07_a_log_on_waits_for_the_refresh_beside_it_and_wins(stage, gate):
    """A user comes back in the middle of a refresh: both requests are sent, one after the other, and the log-on wins."""
    expired(stage)
    with coming_back(stage) as come_back, ThreadPoolExecutor(2) as crowd:
        refreshing = crowd.submit(client(stage, transport=gate).access_token, CONNECTION)
        gate.wait_until_reached()
        coming = crowd.submit(come_back)
        gate.open()
        old, status = refreshing.result(), coming.result()
    new = client(stage).access_token(CONNECTION)

    assert ("Authorized", 0, True) == (status.state, status.generation, new.mark != old.mark)
    assert (2, True) == (stage.oauth._core.held(CONNECTION).state.epoch, works(stage))


class Nobody:
    """A guard that excludes nobody, such as a lock on a network's file system may be."""

    @contextmanager
    def hold(self, _, **__):
        """Hold nothing."""
        yield


@pytest.mark.parametrize("deed", ["access_token", "refresh"])
def test_fault_K07_the_late_answer_to_the_old_authorization_is_fenced_off(stage, gate, deed):
    """Even where no guard holds: an answer that comes after a new log-on changes nothing, and the caller gets the new token."""
    expired(stage)
    stage.oauth = client(stage, guard=Nobody())
    late = client(stage, guard=Nobody(), transport=gate)
    with coming_back(stage) as come_back, ThreadPoolExecutor(1) as crowd:
        refreshing = crowd.submit(getattr(late, deed), CONNECTION)
        gate.wait_until_reached()
        status = come_back()
        gate.open()
        token = refreshing.result()
    state = stage.oauth._core.held(CONNECTION).state

    assert ("Authorized", 2, 0) == (status.state, state.epoch, state.grant.generation)
    assert (1, 0) == (stage.happened(TokensRotated), journalled(stage.oauth).count("TokensRefreshed"))
    assert (state.access.credential.mark, True) == (token.mark, works(stage))


@pytest.mark.parametrize("deed", ["access_token", "refresh"])
def test_fault_K08_whoever_ends_a_connection_in_the_middle_of_a_refresh_has_ended_it(stage, gate, deed):
    """An end does not wait for MailUp; the tokens that come later are dropped, and all who wait are told of the end."""
    expired(stage)
    waiting = client(stage, transport=gate)
    with ThreadPoolExecutor(THREADS) as crowd:
        callers = [crowd.submit(getattr(waiting, deed), CONNECTION) for _ in range(THREADS)]
        gate.wait_until_reached()
        farewell = client(stage).disconnect(CONNECTION)
        gate.open()
        errors = [caller.exception() for caller in callers]
    status, row = stage.oauth.status(CONNECTION), stage.store.load(CONNECTION)

    assert (True, 1) == (farewell.was_connected, stage.happened(TokensRotated))
    assert {(NotConnected, DeathCause.DISCONNECTED)} == {(type(error), error.reason) for error in errors}
    assert ("Unregistered", b"", "Disconnected") == (status.state, row.sealed, journalled(stage.oauth)[-1])
