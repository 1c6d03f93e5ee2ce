"""The Guard port beside Django's database: session locks of PostgreSQL, or locks of the kernel beside a file of SQLite."""

import logging
import os
from collections.abc import Generator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Final

from django.db import Error, OperationalError, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from ....ports import Busy
from ...guard.host import HostGuard
from ...guard.process import ProcessGuard
from .complaints import complaining, state_of
from .loans import Loans, Session, loans_of

LOGGER = logging.getLogger("mailup_oauth")

_TRY: Final = "SELECT pg_try_advisory_lock(%s)"
_PATIENCE: Final = "SELECT set_config('lock_timeout', %s, true), set_config('statement_timeout', '0', true)"
_WAIT: Final = "SELECT pg_advisory_lock(%s)"
_FREE: Final = "SELECT pg_advisory_unlock(%s)"
_TOO_LATE: Final = "55P03"  # lock_not_available
_LONGEST: Final = 2**31 - 1  # milliseconds of a lock_timeout

_PROCESS = ProcessGuard()


class DjangoGuard:
    """
    The Guard port by whatever excludes everybody who can see the database.

    PostgreSQL's own locks; beside a file of SQLite the locks of this machine's kernel; for a database in memory, which is a
    test's, the locks of this process.

    Args:
        alias: What ``DATABASES`` calls the database.
    Source: ADR 0021.
    """

    def __init__(self, alias: str = "default") -> None:
        self._loans = loans_of(alias)

    def hold(self, name: str, *, patience: timedelta) -> AbstractContextManager[None]:
        """
        Hold the guard called *name* inside the ``with``.

        Raises:
            Busy: others held it for all of *patience*.
            StoreUnavailable: the database or the folder cannot be used.
        """
        if self._loans.vendor != "sqlite":
            return AdvisoryGuard(self._loans).hold(name, patience=patience)
        if self._loans.is_in_memory:
            return _PROCESS.hold(f"{self._loans.identity} {name}", patience=patience)
        return HostGuard(Path(f"{self._loans.file}.locks")).hold(name, patience=patience)


class AdvisoryGuard:
    """
    The Guard port by session locks of PostgreSQL, which the server frees when the session ends; safe for threads and forks.

    Whatever the store does on the holder's thread goes through the session that holds the lock, so one that was lost is
    noticed by the commit before the send.  A pooler that lends one session to many transactions breaks this.

    Args:
        loans: Where the sessions come from.
    """

    def __init__(self, loans: Loans) -> None:
        self._loans = loans

    @property
    def alias(self) -> str:
        """What ``DATABASES`` calls the database."""
        return self._loans.alias

    @contextmanager
    def hold(self, name: str, *, patience: timedelta) -> Generator[None, None, None]:
        """Hold the guard called *name* inside the ``with``; raises as ``DjangoGuard.hold``."""
        process, key = os.getpid(), key_of(name)
        with ExitStack() as held:
            session = self._begun(held)
            if not self._is_taken(key, patience):
                raise Busy
            try:
                yield
            finally:
                if os.getpid() == process:
                    _free(session, key)

    @complaining
    def _begun(self, held: ExitStack) -> Session:
        """Return a session for everything that this thread does until *held* ends."""
        return held.enter_context(self._loans.held())

    @complaining
    def _is_taken(self, key: int, patience: timedelta) -> bool:
        """Take the lock, by waiting in the server's own queue if others hold it, and say whether it was to be had."""
        with self._loans.lent() as session:
            if _answer(session, _TRY, key):
                return True
            milliseconds = min(int(patience.total_seconds() * 1000), _LONGEST)
            if milliseconds <= 0:
                return False
            try:
                with transaction.atomic(using=self.alias):  # what is set ends with it; the lock does not
                    _answer(session, _PATIENCE, f"{milliseconds}ms")
                    _answer(session, _WAIT, key)
            except OperationalError as error:
                if state_of(error) != _TOO_LATE:
                    raise
                return False
        return True


def key_of(name: str) -> int:
    """Return the signed 64 bits that PostgreSQL knows a guard by; two names that share them wait for each other."""
    return int.from_bytes(sha256(f"mailup_oauth guard 1\0{name}".encode()).digest()[:8], "big", signed=True)


def _answer(session: BaseDatabaseWrapper, sql: str, value: int | str) -> object:
    """Return the one value that a question is answered with."""
    with session.cursor() as cursor:
        cursor.execute(sql, [value])
        found = cursor.fetchone()
    return found[0] if found else None


def _free(session: Session, key: int) -> None:
    """Free the lock; a session that is broken has freed it, and one that knows nothing of it was not the one."""
    if not session.is_whole:
        return
    try:
        is_free = bool(_answer(session.wrapper, _FREE, key))
    except Error:
        session.wrapper.close()
        return
    if not is_free:
        LOGGER.warning("a guard was lost: does a pooler stand before the database? docs/django.md says what to do")
