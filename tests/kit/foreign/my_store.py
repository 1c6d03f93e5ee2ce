"""A store of somebody else's: dictionaries, for as many objects as one likes over one drawer."""

import threading
from collections import defaultdict

from mailup_oauth.ports import Absent, Commit


class Drawer:
    """What several objects share."""

    def __init__(self):
        self.rows, self.journals, self.nonces = {}, defaultdict(list), {}
        self.lock = threading.RLock()  # a reader sees a whole commit, or none of it


class MyStore:
    """The Store port over a drawer."""

    def __init__(self, drawer):
        self._drawer = drawer

    @property
    def identity(self):
        """Every object over one drawer is the same store."""
        return f"drawer:{id(self._drawer)}"

    def load(self, connection):
        """Return the newest row."""
        with self._drawer.lock:
            return self._drawer.rows.get(connection, Absent())

    def version(self, connection):
        """Return its version."""
        row = self.load(connection)
        return 0 if isinstance(row, Absent) else row.version

    def commit(self, change):
        """Change all three dictionaries, or none."""
        drawer, name = self._drawer, change.connection
        with drawer.lock:
            if self.version(name) != change.replaces:
                return Commit.CONFLICT
            drawer.rows[name] = change.row
            drawer.journals[name].extend(change.records)
            kept = {nonce: owner for nonce, owner in drawer.nonces.items() if owner != name}
            drawer.nonces = {**kept, **dict.fromkeys(change.nonces, name)}
            return Commit.DONE

    def find(self, nonce):
        """Return whose nonce it is."""
        with self._drawer.lock:
            return self._drawer.nonces.get(nonce, Absent())

    def records(self, connection, *, after=0, limit=1000):
        """Return a piece of a journal."""
        with self._drawer.lock:
            return tuple(self._drawer.journals.get(connection, ())[after : after + limit])

    def connections(self):
        """Return every name."""
        with self._drawer.lock:
            return tuple(sorted(self._drawer.rows))

    def is_empty(self):
        """Say whether nothing sealed is held."""
        with self._drawer.lock:
            return not any(row.sealed for row in self._drawer.rows.values())

    def close(self):
        """Keep everything."""
