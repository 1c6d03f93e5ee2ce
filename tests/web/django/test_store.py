"""The store over Django's ORM passes the contract of stores, on a file of SQLite and on a real PostgreSQL."""

import pytest

from mailup_oauth.adapters.web.django.store import DjangoStore
from mailup_oauth.testing.store_contract import StoreContract


@pytest.mark.usefixtures("sqlite")
class TestOverSqlite(StoreContract):
    """The contract over a file."""

    @pytest.fixture
    def opened(self):
        """Open any number of objects over one database."""
        return DjangoStore


@pytest.mark.usefixtures("postgres")
class TestOverPostgres(StoreContract):
    """The contract over a server."""

    @pytest.fixture
    def opened(self):
        """Open any number of objects over one database."""
        return lambda: DjangoStore("postgres")
