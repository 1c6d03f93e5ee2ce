"""What Django and the databases complain of, as one of the two errors that a store may raise; never their own text."""

import sqlite3
from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, Protocol, TypeVar

from django.core.exceptions import ImproperlyConfigured, SynchronousOnlyOperation
from django.db import DatabaseError, Error, InterfaceError, OperationalError, connections

from ....domain.errors import MailUpOAuthError, StoreCorrupted, StoreUnavailable
from ...storage.sqlite_file import complaint_of

P = ParamSpec("P")
T = TypeVar("T")

MIGRATE = "its tables are not there, or not those of this release; run: python manage.py migrate mailup_oauth"
IN_A_LOOP = "it was asked inside an event loop, which it would block; use aoauth() there"
OWN_TRANSACTION = (
    "SQLite is locked, perhaps by the transaction that this very request has open; docs/django.md says what to do"
)

_STATES = {
    "08": "the connection to the database broke",
    "22": "",
    "23": "",
    "25006": "the database is read-only",
    "28": "the database does not let this application in",
    "3D": "there is no such database",
    "40": "the database called the transaction off",
    "42501": "this application's user may not use its tables",
    "42703": MIGRATE,
    "42P01": MIGRATE,
    "53100": "the disk is full",
    "53300": "the database takes no more connections",
    "53": "the database lacks room",
    "55P03": "others have kept it locked",
    "57": "the database stopped the query, or is going down",
    "58": "the disk failed to read or write",
    "XX001": "",
    "XX002": "",
}
"""What an SQLSTATE of PostgreSQL means, by its longest beginning that is known; nothing, where there is damage."""


class Lodger(Protocol):
    """Whoever keeps something in one of the project's databases."""

    @property
    def alias(self) -> str:
        """Which one, as ``DATABASES`` calls it."""
        ...


L = TypeVar("L", bound=Lodger)


def complaining(method: Callable[Concatenate[L, P], T]) -> Callable[Concatenate[L, P], T]:
    """Turn whatever Django or a database complains of into ``StoreUnavailable`` or ``StoreCorrupted``."""

    @wraps(method)
    def told(lodger: L, /, *args: P.args, **kwargs: P.kwargs) -> T:
        complaint: MailUpOAuthError
        try:
            return method(lodger, *args, **kwargs)
        except Error as error:
            complaint = _of_database(error, lodger.alias)
        except SynchronousOnlyOperation:
            complaint = StoreUnavailable(IN_A_LOOP)
        except ImproperlyConfigured:
            complaint = StoreUnavailable(f"DATABASES[{lodger.alias!r}] cannot work as it is written")
        except ValueError:
            complaint = StoreCorrupted("a row of it holds what no row can hold")
        raise complaint

    return told


def state_of(error: Error) -> str:
    """Return the SQLSTATE that PostgreSQL gave; empty if it gave none."""
    state = getattr(error.__cause__, "sqlstate", None) or getattr(error.__cause__, "pgcode", None)
    return state if isinstance(state, str) else ""


def _of_database(error: Error, alias: str) -> MailUpOAuthError:
    """Return what an error of a database means to the person who has to mend it."""
    cause = error.__cause__
    if isinstance(cause, sqlite3.Error):
        return _of_sqlite(cause, alias)
    if state := state_of(error):
        problem = next((_STATES[state[:length]] for length in (5, 2) if state[:length] in _STATES), "")
    else:
        lost = isinstance(error, OperationalError | InterfaceError) or not isinstance(error, DatabaseError)
        problem = "the database cannot be reached" if lost else ""
    return (
        StoreUnavailable(problem) if problem else StoreCorrupted("the database does not find in it what belongs there")
    )


def _of_sqlite(error: sqlite3.Error, alias: str) -> MailUpOAuthError:
    """Return the same of an error of SQLite."""
    if str(error).startswith(("no such table", "no such column")):
        return StoreUnavailable(MIGRATE)
    is_locked = (getattr(error, "sqlite_errorcode", 0) & 0xFF) in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
    if is_locked and connections[alias].in_atomic_block:
        return StoreUnavailable(OWN_TRANSACTION)
    return complaint_of(error)
