"""Connections to one SQLite file, each lent to one thread at a time and never across a fork; knows no table."""

import os
import sqlite3
import threading
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Protocol
from weakref import WeakSet, finalize

from ...domain.errors import StoreUnavailable
from .sqlite_file import is_unsettled, made, opened, plain, settle

_SPARE = 4  # connections kept open for the next loans, each with open files and a cache of pages
_FORK_PATIENCE = 30.0  # seconds that a fork waits for the loans that are out; a loan takes milliseconds


class Lender(Protocol):
    """Whoever keeps databases open for the next loan."""

    def close(self) -> None:
        """Close them."""
        ...


class Turns:
    """
    Keeps loans and forks apart, in the whole process.

    SQLite remembers which locks of the kernel the process has.  A forked child inherits the memory and not the locks:
    a database that was open then would be used unlocked.  So a fork waits for the loans, and finds nothing open.
    """

    def __init__(self) -> None:
        self._lenders: WeakSet[Lender] = WeakSet()
        self._begin()
        os.register_at_fork(before=self._before, after_in_parent=self._after, after_in_child=self._begin)

    def _begin(self) -> None:
        """Begin without a loan; in a forked child the threads that had some do not exist."""
        self.turn = threading.Condition()
        self._out = 0

    def join(self, lender: Lender) -> None:
        """Remember a lender for as long as it lives."""
        with self.turn:
            self._lenders.add(lender)

    @contextmanager
    def loan(self) -> Generator[None, None, None]:
        """Let no fork happen inside the ``with``."""
        with self.turn:
            self._out += 1
        try:
            yield
        finally:
            with self.turn:
                self._out -= 1
                self.turn.notify_all()

    def _before(self) -> None:
        """Wait for the loans, close what is spare, and let nobody begin a loan."""
        self.turn.acquire()
        self.turn.wait_for(lambda: not self._out, timeout=_FORK_PATIENCE)
        for lender in self._lenders:
            lender.close()

    def _after(self) -> None:
        """Let the parent go on."""
        self.turn.release()


TURNS = Turns()

File = tuple[int, int]
"""What tells a file from any other that may come to have its name: its device and its number there."""

Shelf = list[sqlite3.Connection]
"""The spare connections of one process."""


class Loans:
    """
    Lends connections to one file; safe for threads and forks.

    Args:
        path: The file; once it was seen it may neither go away nor become another (S6).
        patience: How long SQLite waits for other processes, in seconds.
    """

    def __init__(self, path: Path, patience: float) -> None:
        self._path = path
        self._patience = patience
        self._seen: File | None = None
        self._is_unsettled = False
        self._shelves: dict[int, Shelf] = {}
        TURNS.join(self)
        finalize(self, _cleared, self._shelves)

    @property
    def is_untouched(self) -> bool:
        """Whether nobody has written anything there yet."""
        try:
            return self._seen is None and not plain(self._path).st_size
        except FileNotFoundError:
            return True

    @contextmanager
    def lent(self, *, may_make: bool) -> Generator[sqlite3.Connection, None, None]:
        """
        Lend a connection; whatever goes wrong with it, it is not lent again.

        What it was in the middle of is then rolled back.  After an ``fsync`` that failed (S7), the next loan settles first
        what there is to be read.

        Raises:
            StoreUnavailable: the file that it was is gone.
            StoreCorrupted: the file is not a database of this library.
            OSError, sqlite3.Error: as the system and SQLite have it.
        """
        with TURNS.loan():
            if may_make and self._seen is None:
                made(self._path)
            shelf, connection = self._taken()
            try:
                if self._is_unsettled:
                    settle(connection)
                    self._is_unsettled = False
                yield connection
            except BaseException as error:
                self._is_unsettled = self._is_unsettled or is_unsettled(error)
                connection.close()
                raise
            self._put_back(shelf, connection)

    def close(self) -> None:
        """Close what is spare, and what is lent as soon as it comes back; later loans are of new connections."""
        _cleared(self._shelves)

    def _taken(self) -> tuple[Shelf, sqlite3.Connection]:
        """Return a connection and the shelf that it goes back to; what another process has opened is let be."""
        file = self._checked()
        with TURNS.turn:
            shelf = self._shelves.setdefault(os.getpid(), [])
            if shelf:
                return shelf, shelf.pop()
        connection = opened(self._path, self._patience, may_make=self._seen is None)
        self._seen = file
        return shelf, connection

    def _put_back(self, shelf: Shelf, connection: sqlite3.Connection) -> None:
        """Keep a connection for the next loan, unless the shelf is full or was cleared away meanwhile."""
        with TURNS.turn:
            if self._shelves.get(os.getpid()) is shelf and len(shelf) < _SPARE:
                shelf.append(connection)
                return
        connection.close()

    def _checked(self) -> File:
        """Return the file that is there now, which may not be another than was seen."""
        file: File | None = None
        with suppress(FileNotFoundError):
            found = plain(self._path)
            file = found.st_dev, found.st_ino
        if file is None or self._seen not in {None, file}:
            problem = "the database file was deleted or replaced while it was in use"
            raise StoreUnavailable(problem)
        return file


def _cleared(shelves: dict[int, Shelf]) -> None:
    """Close what this process has put on its shelf; also when a store is forgotten, or the program ends."""
    with TURNS.loan():
        with TURNS.turn:
            shelf = shelves.pop(os.getpid(), [])
        for connection in shelf:
            connection.close()
