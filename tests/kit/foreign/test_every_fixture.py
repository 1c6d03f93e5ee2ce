"""Every fixture of the kit works for a project that has no conftest and only the wheel."""

import asyncio
from datetime import timedelta

import httpx
import pytest
from my_store import Drawer, MyStore
from newsletter import INFO, greeting

import mailup_oauth
from mailup_oauth import MailUpOAuth, ReauthorizationRequired
from mailup_oauth.adapters.serving.sandbox import provider_at
from mailup_oauth.testing.plays import PLAYS


def test_the_library_is_that_of_the_wheel():
    """What is imported lies beside pytest's own links, and not in anybody's sources."""
    assert "site-packages" in mailup_oauth.__file__


def test_a_user_is_connected(mailup_sandbox, mailup_client, mailup_events):
    """A visit to the sandbox ends with a connection."""
    start = mailup_client.begin("acme")
    status = mailup_client.complete(mailup_sandbox.visit(start), binding=start.binding)

    assert "m1" == status.user
    mailup_events.assert_events(
        ["AuthorizationBegun", "CallbackAccepted", "TokensIssued", "IdentityAsked", "UserIdentified"]
    )
    assert "CodeExchanged" in mailup_events.mailup()


@pytest.mark.mailup(scenario="connected")
class TestConnected:
    """A user is connected before the test begins."""

    def test_the_api_answers(self, mailup_client, mailup_sandbox):
        """The application's own httpx calls end in the sandbox."""
        assert "Hello, m1!" == greeting(mailup_client, "acme", mailup_sandbox.network)

    def test_time_passes_when_it_is_told_to(self, mailup_client, mailup_clock, mailup_events):
        """An hour later the token is another."""
        first = mailup_client.access_token("acme")
        mailup_clock.move(timedelta(hours=1))

        assert first.mark != mailup_client.access_token("acme").mark
        mailup_events.assert_events(["AccessTokenExpired", "RefreshStarted", "TokensRefreshed"])

    def test_both_facades_share_a_connection(self, mailup_client, mailup_async_client):
        """What one client got, the other hands out."""
        token = asyncio.run(mailup_async_client.access_token("acme"))

        assert mailup_client.access_token("acme").mark == token.mark


@pytest.mark.mailup(scenario="lost_answer")
def test_the_worst_is_told(mailup_client, mailup_sandbox):
    """The application tells its user what to do."""
    assert greeting(mailup_client, "acme", mailup_sandbox.network).startswith("Sorry: ")


@pytest.mark.mailup(scenario="revoked")
def test_the_end_is_an_exception(mailup_client):
    """Where only the user can help, the client says so."""
    with pytest.raises(ReauthorizationRequired):
        mailup_client.refresh("acme")


@pytest.mark.parametrize("name", [pytest.param(name, marks=pytest.mark.mailup(scenario=name)) for name in PLAYS])
@pytest.mark.mailup(all_faults_met=False)
def test_every_scenario_can_be_begun(mailup_client, name):
    """Each begins with a connected user."""
    assert "m1" == mailup_client.status("acme").user


def test_tokens_for_whoever_only_calls_the_api(mailup_tokens, mailup_server):
    """A token is good at the served sandbox, over a real socket."""
    bearer = {"Authorization": f"Bearer {mailup_tokens('acme', username='m2').value.reveal()}"}
    answer = httpx.get(INFO.replace("https://services.mailup.com", mailup_server), headers=bearer, trust_env=False)

    assert "m2" == answer.json()["Username"]


def test_a_client_of_ones_own_over_a_socket(mailup_server, mailup_sandbox):
    """An application that makes its own client reaches the served sandbox by its provider."""
    store, provider = MyStore(Drawer()), provider_at(mailup_server)
    with MailUpOAuth(mailup_sandbox.registration, store=store, provider=provider, **ports_of(mailup_sandbox)) as oauth:
        start = oauth.begin("acme")
        status = oauth.complete(mailup_sandbox.visit(start), binding=start.binding)

    assert status.connected


def ports_of(sandbox):
    """Return the sandbox's ports, but for those that spare a program its sockets and its chance."""
    return {name: port for name, port in sandbox.ports.items() if name not in {"transport", "entropy"}}
