"""Every store of this library passes the contract that is shipped for those of others."""

import pytest

from mailup_oauth.adapters.storage.memory import MemoryStore
from mailup_oauth.adapters.storage.sqlite import SqliteStore
from mailup_oauth.testing.store_contract import StoreContract


class TestMemoryStore(StoreContract):
    """The store that lasts as long as the process; every storage has one object."""

    @pytest.fixture
    def opened(self):
        """Give the one object, again and again."""
        store = MemoryStore()
        return lambda: store


class TestSqliteStore(StoreContract):
    """The embedded store, over a real file."""

    @pytest.fixture
    def opened(self, tmp_path):
        """Open any number of objects over one file, and close them all in the end."""
        stores = []

        def one_more():
            stores.append(SqliteStore(tmp_path / "store.db"))
            return stores[-1]

        yield one_more
        for store in stores:
            store.close()
