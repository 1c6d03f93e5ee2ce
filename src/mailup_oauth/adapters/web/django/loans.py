"""
Connections of the library's own to one of the project's databases, so that nobody else's transaction is around its commits.

Django has one connection a thread, and whoever opened a transaction on it decides what becomes of everything inside.  Here
are copies of it, each lent to one thread at a time.  Knows no table.
"""

import os
import threading
from collections.abc import Generator
from contextlib import ExitStack, contextmanager, suppress
from hashlib import sha256
from typing import cast
from weakref import finalize

from attrs import define
from django.core.exceptions import ImproperlyConfigured
from django.db import Error, connections
from django.db.backends.base.base import BaseDatabaseWrapper

from ....domain.errors import StoreUnavailable
from ...storage.sqlite_loans import TURNS
from .copies import closed, in_place, is_usable, opened

_SPARE = 4  # connections kept open for the next loans, where CONN_MAX_AGE wants any to be kept


@define(eq=False)
class _Spare:
    """A connection that waits for its next loan, and the database that it leads to."""

    wrapper: BaseDatabaseWrapper
    identity: str


@define(eq=False)
class Session:
    """A connection that is lent for some time, and what it was at first; Django quietly connects anew when one breaks."""

    wrapper: BaseDatabaseWrapper
    first: object

    @property
    def is_whole(self) -> bool:
        """Whether it is still the same session of the server."""
        return self.wrapper.connection is self.first


class _Held(threading.local):
    """The session that everything on this thread goes through now, if there is one."""

    session: Session | None = None


class Loans:
    """
    Lends connections to one database; safe for threads and forks.

    Inside a loan the ORM's ``using(alias)`` and ``atomic(using=alias)`` mean the lent connection, on this thread.

    Args:
        alias: What ``DATABASES`` calls it.
    """

    def __init__(self, alias: str) -> None:
        self.alias = alias
        self._held = _Held()
        self._shelves: dict[int, list[_Spare]] = {}
        TURNS.join(self)
        finalize(self, _cleared, self._shelves)

    @property
    def vendor(self) -> str:
        """
        What kind of database it is: ``sqlite``, ``postgresql``, or another that cannot be used.

        Raises:
            StoreUnavailable: there is none, or nothing that could lead to it.
        """
        self._settings  # noqa: B018  # says what is missing
        with suppress(ImproperlyConfigured):
            return connections.create_connection(self.alias).vendor
        problem = f"DATABASES[{self.alias!r}] cannot work as it is written"
        raise StoreUnavailable(problem)

    @property
    def is_in_memory(self) -> bool:
        """Whether SQLite keeps it in the memory of this process, as for a test."""
        name = str(self._settings["NAME"] or "")
        asked = name in {"", ":memory:"} or (name.startswith("file:") and "mode=memory" in name)
        return asked and self.vendor == "sqlite"

    @property
    def is_alone(self) -> bool:
        """Whether it would be another database for each connection."""
        return self.vendor == "sqlite" and self._settings["NAME"] == ":memory:"

    def says(self, word: str) -> bool:
        """Say whether ``DATABASES`` switches something on."""
        return bool(self._settings.get(word))

    @property
    def file(self) -> str:
        """The file that SQLite keeps it in; empty if it keeps it in none, or another kind does otherwise."""
        name = str(self._settings["NAME"])
        is_file = self.vendor == "sqlite" and not self.is_in_memory
        return os.path.realpath(name.removeprefix("file:").partition("?")[0]) if is_file else ""

    @property
    def identity(self) -> str:
        """What tells the database from others, without anything that opens it."""
        settings, options = self._settings, cast("dict[str, object]", self._settings.get("OPTIONS") or {})
        if self.vendor == "sqlite":
            return f"django:sqlite:{self.file or settings['NAME']}"
        place = [settings.get("HOST"), settings.get("PORT"), settings.get("NAME"), options.get("service")]
        # Where a session begins (search_path) may make two databases of one; what stands there is nobody's business.
        begins = sha256(str(options.get("options", "")).encode()).hexdigest()[:16]
        return "django:" + ":".join([self.vendor, *(str(part or "") for part in place), begins])

    @contextmanager
    def lent(self) -> Generator[BaseDatabaseWrapper, None, None]:
        """
        Lend a connection: the one that this thread holds for some time, or any.

        Whatever goes wrong with it, it is not lent again.

        Raises:
            StoreUnavailable: no such database can be lent.
            django.db.Error: as the database has it.
        """
        held = self._held.session
        if held is None:
            with self._own() as wrapper, in_place(self.alias, wrapper):
                yield wrapper
            return
        try:
            with in_place(self.alias, held.wrapper):
                yield held.wrapper
        except Error:
            if not (held.is_whole and is_usable(held.wrapper)):
                self._held.session = None
            raise

    @contextmanager
    def held(self) -> Generator[Session, None, None]:
        """Lend one session for all loans of this thread inside the ``with``, until it breaks; raises as ``lent`` does."""
        before = self._held.session
        with self._own() as wrapper:
            self._held.session = session = Session(wrapper, wrapper.connection)
            try:
                yield session
            finally:
                self._held.session = before
                if not session.is_whole:
                    closed(wrapper)

    def close(self) -> None:
        """Close what is spare; later loans are of new connections."""
        _cleared(self._shelves)

    @property
    def _settings(self) -> dict[str, object]:
        """
        What ``DATABASES`` says now; a test runner puts its own database there.

        Raises:
            StoreUnavailable: it says nothing.
        """
        if self.alias not in connections:
            problem = f"there is no DATABASES[{self.alias!r}]"
            raise StoreUnavailable(problem)
        return cast("dict[str, object]", connections.settings[self.alias])

    @contextmanager
    def _own(self) -> Generator[BaseDatabaseWrapper, None, None]:
        """Lend a connection that nobody else has, and that is neither closed nor used again by a forked child."""
        process, identity, vendor = os.getpid(), self.identity, self.vendor
        with ExitStack() as turn:
            if vendor == "sqlite":
                turn.enter_context(TURNS.loan())
            wrapper = self._taken(identity) or opened(self.alias)
            try:
                yield wrapper
            except BaseException:
                if os.getpid() == process:
                    closed(wrapper)
                raise
            if os.getpid() == process:
                self._put_back(_Spare(wrapper, identity))

    def _taken(self, identity: str) -> BaseDatabaseWrapper | None:
        """Return a spare connection that still works, if there is one."""
        while True:
            with TURNS.turn:
                shelf = self._shelves.setdefault(os.getpid(), [])
                if not shelf:
                    return None
                spare = shelf.pop()
            if spare.identity == identity and is_usable(spare.wrapper):
                return spare.wrapper
            closed(spare.wrapper)

    def _put_back(self, spare: _Spare) -> None:
        """Keep a connection for the next loan, as long as ``CONN_MAX_AGE`` says; a file is opened anew each time."""
        wrapper = spare.wrapper
        if wrapper.vendor != "sqlite":
            wrapper.close_if_unusable_or_obsolete()
        with TURNS.turn:
            shelf = self._shelves.setdefault(os.getpid(), [])
            if wrapper.vendor != "sqlite" and wrapper.connection is not None and len(shelf) < _SPARE:
                shelf.append(spare)
                return
        closed(wrapper)


_LOANS: dict[str, Loans] = {}


def loans_of(alias: str) -> Loans:
    """Return the one lender of a database, so that a guard's connection is known to the store."""
    return _LOANS.get(alias) or _LOANS.setdefault(alias, Loans(alias))


def _cleared(shelves: dict[int, list[_Spare]]) -> None:
    """Close what this process has put on its shelf; also when the program ends."""
    with TURNS.turn:
        shelf = shelves.pop(os.getpid(), [])
    for spare in shelf:
        closed(spare.wrapper)
