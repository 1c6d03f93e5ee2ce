"""
Copies of a project's connection: made so that their commits are durable and nobody else's, and standing in for it.

Knows no table.
"""

from collections.abc import Generator
from contextlib import contextmanager
from typing import Protocol, cast

from django.core.exceptions import ImproperlyConfigured
from django.db import Error, connections
from django.db.backends.base.base import BaseDatabaseWrapper

from ....domain.errors import StoreUnavailable

VENDORS = ("postgresql", "sqlite")
"""The databases that keep names apart as the library does, and whose locks it knows."""

_FULL = "PRAGMA synchronous=FULL"
_SESSION = """
    SELECT set_config('lock_timeout', '30s', false), set_config('idle_session_timeout', '0', false),
           set_config('tcp_keepalives_idle', '60', false), set_config('tcp_keepalives_interval', '10', false),
           set_config('tcp_keepalives_count', '6', false),
           set_config('default_transaction_isolation', 'read committed', false),
           set_config('synchronous_commit', replace(current_setting('synchronous_commit'), 'off', 'on'), false)
"""


class _Untold(Protocol):
    """What the stubs of Django's types leave out of a connection, or get wrong."""

    def is_usable(self) -> bool:
        """Say whether the database answers."""
        ...

    def inc_thread_sharing(self) -> None:
        """Let other threads use it too, one at a time."""
        ...


def opened(alias: str) -> BaseDatabaseWrapper:
    """Return a new connection, with what makes its commits durable and alone decided by themselves."""
    wrapper = _copied(alias)
    cast("_Untold", wrapper).inc_thread_sharing()
    try:
        with in_place(alias, wrapper), wrapper.cursor() as cursor:
            cursor.execute(_SESSION if wrapper.vendor == "postgresql" else _FULL)
    except BaseException:
        closed(wrapper)
        raise
    return wrapper


def _copied(alias: str) -> BaseDatabaseWrapper:
    """
    Return a copy of the project's connection that is not open yet.

    Raises:
        StoreUnavailable: it leads to no database that can be used.
    """
    wrapper = cast("BaseDatabaseWrapper", connections.create_connection(alias).copy())
    settings, options = wrapper.settings_dict, wrapper.settings_dict["OPTIONS"]
    settings |= {"AUTOCOMMIT": True, "ATOMIC_REQUESTS": False, "CONN_HEALTH_CHECKS": False}
    if wrapper.vendor == "sqlite":
        if settings["NAME"] == ":memory:":
            problem = "SQLite keeps this database in the memory of one connection; use MemoryStore for that"
            raise StoreUnavailable(problem)
        options["transaction_mode"] = "IMMEDIATE"
    elif wrapper.vendor == "postgresql":
        options.pop("pool", None)  # whoever waits for a second connection of a small pool may wait for themselves
        options.pop("isolation_level", None)
    else:
        problem = f"{wrapper.display_name} is not among the databases that can be used: SQLite and PostgreSQL"
        raise StoreUnavailable(problem)
    return wrapper


@contextmanager
def in_place(alias: str, wrapper: BaseDatabaseWrapper) -> Generator[None, None, None]:
    """Let *alias* mean *wrapper*, on this thread and inside the ``with``; nothing of the caller's runs in between."""
    theirs = next((one for one in connections.all(initialized_only=True) if one.alias == alias), None)
    connections[alias] = wrapper
    try:
        yield
    finally:
        if theirs is None:
            del connections[alias]
        else:
            connections[alias] = theirs


def closed(wrapper: BaseDatabaseWrapper) -> None:
    """Close a connection, also one to memory, which Django's own would keep; what is broken is closed already."""
    try:
        BaseDatabaseWrapper.close(wrapper)
    except (Error, ImproperlyConfigured):
        wrapper.connection = None


def is_usable(wrapper: BaseDatabaseWrapper) -> bool:
    """Say whether the database answers."""
    return cast("_Untold", wrapper).is_usable()
