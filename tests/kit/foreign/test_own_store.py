"""A project's own store takes the place of the kit's by its name."""

import pytest
from my_store import Drawer, MyStore


@pytest.fixture
def mailup_store():
    """Give the project's own store."""
    return MyStore(Drawer())


@pytest.mark.mailup(scenario="expired")
def test_the_kit_lives_on_the_projects_store(mailup_store, mailup_client, mailup_events):
    """What the client does is stored where the project wants it."""
    mailup_client.access_token("acme")

    assert ("acme",) == mailup_store.connections()
    mailup_events.assert_events(["AccessTokenExpired", "RefreshStarted", "TokensRefreshed"])
