"""What ``doctor`` looks at where connections are kept: the store, its key, its files, its lock, its spill."""

import stat
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from shlex import quote
from typing import Final

from platformdirs import user_data_path

from ...domain.errors import KeyUnavailable, StorageError, StoreUnavailable
from ...ports import Busy
from ..guard.host import HostGuard
from ..spill.folder import UNREADABLE, WAITING, FolderSpill
from ..storage.sqlite import SqliteStore
from .exits import trouble_of
from .findings import Finding, bad, good, odd
from .place import is_ours, is_there, obstacle, ring_of
from .settings import APP, Given

_OTHERS: Final = 0o077
"""The mode bits of everybody but the owner."""
_BRIEFLY: Final = timedelta(seconds=2)


def store(given: Given) -> Iterator[Finding]:
    """Tell whether the store can be read, or could be made."""
    database = given.database
    if not is_there(database):
        problem = obstacle(database)
        there = f"{database} is not there yet; the first login makes it"
        yield bad("store", problem, "Name another place with --database.") if problem else good("store", there)
        return
    try:
        with closing(SqliteStore(database)) as opened:
            names = [name for name in opened.connections() if not name.startswith("@")]
            yield good("store", f"{database} holds {len(names)} connection{'s' if len(names) != 1 else ''}")
    except StorageError as error:
        trouble = trouble_of(error)
        yield bad("store", trouble.message, trouble.remedy)


def key(given: Given) -> Iterator[Finding]:
    """Tell which key seals, looked for as the library does; looking makes none."""
    try:
        with closing(SqliteStore(given.database)) as opened:
            ring = ring_of(opened)
    except KeyUnavailable as error:
        trouble = trouble_of(error)
        yield bad("key", trouble.message, trouble.remedy)
    except StorageError:
        return  # told of the store already
    else:
        if ring:
            yield good("key", f"{len(ring.keys)} in the ring, the newest is {ring.newest.id}")
        elif _is_fit(given.database):
            yield good("key", "nothing is sealed yet; the next login makes one")


def files(given: Given) -> Iterator[Finding]:
    """Tell who else may look into what is known to be ours; nobody is told to close what others may need."""
    found = [*_folder(given.database), *_files(given)]
    yield from found
    if not found and is_ours(given.database):
        yield good("files", "nobody else may look into them")


def _folder(database: Path) -> Iterator[Finding]:
    """Tell who may look into the folder; it is ours alone if it is the one that this program makes."""
    folder = database.absolute().parent
    if not (_is_fit(database) and folder.is_dir() and _mode(folder) & _OTHERS):
        return
    sentence = f"others may look into {folder} (mode {_mode(folder):o})"
    is_for_us = folder == user_data_path(APP)
    fix = (
        f"Run: chmod 700 {quote(str(folder))}" if is_for_us else "With --database, name a file in a folder of your own."
    )
    yield odd("files", sentence, fix)


def _files(given: Given) -> Iterator[Finding]:
    """Tell who may look into the store, its key and the client secret, as far as each is a plain file."""
    database, fixes = given.database, dict[Path, str]()
    if is_ours(database):
        fixes = dict.fromkeys((database.resolve(), SqliteStore(database).key_file), "Run:")
    if given.settings.client_secret_file:
        fixes[Path(given.settings.client_secret_file).expanduser()] = "If it holds the secret and nothing else, run:"
    for path, fix in fixes.items():
        if is_there(path) and stat.S_ISREG(path.lstat().st_mode) and _mode(path) & _OTHERS:
            sentence = f"others may look into {path} (mode {_mode(path):o})"
            yield odd("files", sentence, f"{fix} chmod 600 {quote(str(path))}")


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def _is_fit(database: Path) -> bool:
    """Say whether our store is here, or could be."""
    return is_ours(database) or not (is_there(database) or obstacle(database))


def lock(given: Given) -> Iterator[Finding]:
    """Tell whether this file system can keep two processes from refreshing at once."""
    if not is_ours(given.database):
        return
    guard = HostGuard(SqliteStore(given.database).lock_folder)
    try:
        with guard.hold("@doctor", patience=_BRIEFLY):
            yield good("lock", "processes of this machine exclude one another")
    except Busy:
        yield odd("lock", "another process holds it for long", "Run this again in a while.")
    except StoreUnavailable as error:
        yield bad("lock", error.problem, "Keep the database on a local file system, in a folder of your own.")


def spill(given: Given) -> Iterator[Finding]:
    """Tell whether tokens that the store does not take could wait beside it, and whether some do."""
    if not _is_fit(given.database):
        return
    folder = SqliteStore(given.database).spill_folder
    problem = FolderSpill(folder).obstacle()
    waiting, unreadable = (sorted(folder.glob(f"*{ending}")) for ending in (WAITING, UNREADABLE))
    if problem:
        yield odd(
            "spill",
            f"tokens that the store does not take could only wait in memory: {problem}",
            "Let this user write there.",
        )
    for file in waiting:
        yield odd("spill", f"tokens wait in {file}", "They are stored when their connection is used the next time.")
    for file in unreadable:
        fix = "Look at it; delete it if nobody can tell what it was."
        yield odd("spill", f"{file} holds what could not be read", fix)
    if not (problem or waiting or unreadable):
        yield good("spill", f"{folder} is free for tokens that the store does not take")
