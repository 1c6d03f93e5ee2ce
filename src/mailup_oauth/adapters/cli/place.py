"""The place of the store: whether it can be had, whether what is there is ours, and which key opens it; no look leaves a trace."""

import os
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

from ...client.defaults import KEY_VARIABLE
from ...domain.errors import StorageError, StoreUnavailable
from ..cipher.keyfile import open_key_file
from ..cipher.keys import KeyRing, read_keys
from ..storage.sqlite import SqliteStore
from .exits import Trouble, trouble_of
from .settings import Given


def is_there(path: Path) -> bool:
    """Say whether anything is to be seen at *path*."""
    try:
        path.stat()
    except OSError:
        return False
    return True


def is_ours(database: Path) -> bool:
    """Say whether a store of this library is there, in which something was written."""
    try:
        with closing(SqliteStore(database)) as store:
            return bool(store.connections())
    except StorageError:
        return False


def obstacle(database: Path) -> str:
    """Return in a sentence why no store could be made here; empty if nothing is in the way.  A folder is tried and removed."""
    folder = database.absolute().parent
    nearest = next(place for place in (folder, *folder.parents) if is_there(place))
    try:
        SqliteStore(database)
        with TemporaryDirectory(prefix=".mailup-oauth-", dir=nearest):
            return ""
    except OSError as error:
        return f"The folder {folder} cannot be {'written' if folder.is_dir() else 'made'} ({error.strerror})."
    except StoreUnavailable:
        return f"{database} is no file that a store could be kept in."


def looked_at(given: Given) -> None:
    """
    Look whether a log-in could be stored, before anybody is asked for anything.

    Raises:
        Trouble: the store, its place or its key cannot be used.
    """
    problem = "" if is_there(given.database) else obstacle(given.database)
    if problem:
        raise Trouble(code="store_unavailable", message=problem, remedy="Name another place with --database.")
    try:
        with closing(SqliteStore(given.database)) as store:
            ring_of(store)
    except StorageError as error:
        trouble = trouble_of(error)
    else:
        return
    raise trouble


def ring_of(store: SqliteStore) -> KeyRing | None:
    """
    Return the keys of the environment, or else of the file beside the store; ``None`` while nothing needs one.

    Raises:
        StorageError: the key, or the store that may need it, cannot be used.
    """
    if os.environ.get(KEY_VARIABLE):
        return read_keys(os.environ[KEY_VARIABLE])
    if store.is_empty() and not is_there(store.key_file):
        return None
    return open_key_file(store.key_file, may_create=False)
