"""What a user's own tests do with Django's own test cases, in its own runner, over its own database in memory."""

import pytest
from django.contrib.auth.models import Group
from django.test import TestCase, TransactionTestCase, override_settings
from tests.web.django.test_making import settings

from mailup_oauth import StoreUnavailable
from mailup_oauth.adapters.web.django import oauth
from mailup_oauth.adapters.web.django.complaints import OWN_TRANSACTION
from mailup_oauth.adapters.web.django.models import Connection

MEMORY = settings(STORE="mailup_oauth.adapters.storage.memory.MemoryStore")


@override_settings(MAILUP_OAUTH=MEMORY)
class WithMemory(TestCase):
    """As the documentation says: a store in memory, new for each class, whatever the test writes."""

    def test_begins(self):
        """The database is left alone."""
        Group.objects.create(name="written by the test")
        oauth().begin("acme")

        assert ("acme",) == oauth().core.ports.store.connections()
        assert not Connection.objects.exists()


class WithDatabase(TransactionTestCase):
    """The real store, in a test case that commits and is emptied afterwards."""

    def test_begins(self):
        """A transaction case sees what the library commits."""
        oauth().begin("acme")

        assert Connection.objects.filter(name="acme").exists()

    def test_is_emptied(self):
        """What another test left is gone."""
        assert not Connection.objects.exists()


class WithBoth(TestCase):
    """The real store inside the transaction of a test that has written: SQLite says no, and the library says why."""

    def test_is_locked(self):
        """The sentence names the transaction."""
        Group.objects.create(name="written by the test")
        with pytest.raises(StoreUnavailable) as caught:
            oauth().begin("acme")

        assert OWN_TRANSACTION == caught.value.problem
