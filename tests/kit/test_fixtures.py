"""The fixtures are parts of one stage, and tell what happens on it."""

from datetime import UTC, datetime, timedelta

import httpx
import pytest

from mailup_oauth import AsyncMailUpOAuth, MailUpOAuth
from mailup_oauth.adapters.storage.memory import MemoryStore
from mailup_oauth.domain import events as domain
from mailup_oauth.sandbox import events as mailup
from mailup_oauth.sandbox.commands import BeginAgain
from mailup_oauth.sandbox.scenario import DEMONSTRATION
from mailup_oauth.testing.canary import CANARY
from mailup_oauth.testing.stage import CONNECTION

CONNECTING = ["AuthorizationBegun", "CallbackAccepted", "TokensIssued", "IdentityAsked", "UserIdentified"]


def test_without_a_mark_nothing_has_happened(mailup_client, mailup_sandbox, mailup_store):
    """A MailUp that is asked for without a mark has no connection and no past."""

    assert "Unregistered" == mailup_client.status(CONNECTION).state
    assert ((), ()) == (mailup_sandbox.sandbox.events, mailup_store.connections())


def test_they_share_a_stage(mailup_client, mailup_async_client, mailup_clock, mailup_sandbox, mailup_store):
    """Both clients keep their connections in the same store, and everybody looks at the same clock."""

    assert (MailUpOAuth, AsyncMailUpOAuth) == (type(mailup_client), type(mailup_async_client))
    assert mailup_client is mailup_sandbox.oauth
    assert mailup_clock is mailup_sandbox.clock
    assert mailup_store is mailup_sandbox.store
    assert isinstance(mailup_store, MemoryStore)


def test_a_token_connects_once(mailup_tokens, mailup_events):
    """A token that is asked for twice is one, of a connection that was made once."""
    first, second = mailup_tokens(), mailup_tokens()

    assert first.mark == second.mark
    assert CONNECTING == mailup_events.journal()


def test_tokens_are_those_of_their_users(mailup_tokens, mailup_client):
    """Each connection's token is that of the user who was named."""
    mailup_tokens("one", username="m1")
    mailup_tokens("two", username="m2")

    assert ["m1", "m2"] == [mailup_client.status(name).user for name in ("one", "two")]


@pytest.mark.mailup(scenario="connected")
def test_events_begin_with_the_fixture(mailup_events):
    """What a scenario did before the test is not told."""

    assert ([], []) == (mailup_events.journal(), mailup_events.mailup())
    mailup_events.assert_events([])


@pytest.mark.mailup(scenario="expired")
def test_events_are_told_of_both_sides(mailup_events, mailup_client):
    """A refresh is told by the names of its events, here and at MailUp; then it can be forgotten."""
    mailup_client.access_token(CONNECTION)

    assert ["AccessTokenExpired", "RefreshStarted", "TokensRefreshed"] == mailup_events.journal()
    assert ["TokensRotated"] == mailup_events.mailup()

    mailup_events.forget()
    mailup_events.assert_events([])
    assert [] == mailup_events.mailup()


@pytest.mark.mailup(scenario="connected")
def test_events_of_each_connection_are_apart(mailup_events, mailup_sandbox):
    """A connection that is made later is told from its beginning; one that is not there has nothing to tell."""
    mailup_sandbox.connect("other", username="m2")

    mailup_events.assert_events(CONNECTING, "other")
    mailup_events.assert_events([])
    assert [] == mailup_events.journal("nobody")


@pytest.mark.mailup(scenario="expired")
def test_a_difference_is_told_line_by_line(mailup_events, mailup_client):
    """What was expected and did not happen, and what happened unexpectedly, is marked."""
    mailup_client.access_token(CONNECTION)

    with pytest.raises(AssertionError) as told:
        mailup_events.assert_events(["AccessTokenExpired", "GrantDied"])
    assert {"  AccessTokenExpired", "- GrantDied", "+ RefreshStarted", "+ TokensRefreshed"} <= {
        *str(told.value).split("\n")
    }
    with pytest.raises(AssertionError):
        mailup_events.assert_events(["RefreshStarted", "AccessTokenExpired", "TokensRefreshed"])


@pytest.mark.mailup(scenario="connected")
def test_a_mailup_that_begins_again_is_told_from_there(mailup_events, mailup_sandbox):
    """What a reset forgot is not missed."""
    mailup_sandbox.sandbox.order(BeginAgain(scenario=DEMONSTRATION, now=mailup_sandbox.clock.now()))

    assert ["BegunAgain"] == mailup_events.mailup()


def test_the_names_are_those_of_the_events(mailup_events, mailup_sandbox):
    """Every name that is told is that of a class in the module that the page names."""
    mailup_sandbox.connect()

    assert all(hasattr(domain, name) for name in mailup_events.journal())
    assert all(hasattr(mailup, name) for name in mailup_events.mailup())
    assert {"LoggedOn", "CodeIssued", "TokensIssued"} <= {*mailup_events.mailup()}


def test_the_server_is_the_same_sandbox(mailup_server, mailup_tokens, mailup_clock):
    """What happens in this process is seen at the socket, and its clock is the fixture's."""
    mailup_tokens()
    mailup_clock.move(timedelta(hours=2))
    told = httpx.get(f"{mailup_server}/__sandbox__/state", trust_env=False)

    assert (datetime(2026, 1, 1, 14, tzinfo=UTC), 1) == (
        datetime.fromisoformat(told.json()["now"]),
        len(told.json()["grants"]),
    )
    assert CANARY not in told.text
