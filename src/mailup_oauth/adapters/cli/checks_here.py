"""What ``doctor`` looks at on this machine: settings, the application's keys, the store, its key, its files, its lock."""

import os
import stat
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from ...client.defaults import KEY_VARIABLE
from ...domain.errors import KeyUnavailable, StorageError, StoreUnavailable
from ...ports import Busy
from ..cipher.keyfile import open_key_file
from ..cipher.keys import KeyRing, read_keys
from ..guard.host import HostGuard
from ..spill.folder import UNREADABLE, WAITING, FolderSpill
from ..storage.sqlite import SqliteStore
from .exits import SECRET_MISSING, Trouble
from .findings import Finding, bad, good, odd
from .receiver import can_receive
from .session import registered
from .settings import CONFIG_VARIABLE, NAMES, NO_SECRET, PREFIX, Given, secret_in, variable

_OTHERS: Final = 0o077
"""The mode bits of everybody but the owner."""
_BRIEFLY: Final = timedelta(seconds=2)


def settings(given: Given) -> Iterator[Finding]:
    """Tell which configuration file is read, and what of the environment is not understood."""
    there = "is read" if given.file.is_file() else "is not there, and does not have to be"
    yield good("settings", f"{given.file} {there}")
    known = {variable(name) for name in NAMES} | {CONFIG_VARIABLE, KEY_VARIABLE}
    for name in sorted(set(os.environ) - known):
        if name.startswith(PREFIX):
            yield odd("settings", f"{name} is set, and means nothing", f"There are {', '.join(sorted(known))}.")


def application(given: Given) -> Iterator[Finding]:
    """Tell whether id, secret and redirect URI are there and can work."""
    try:
        registered(given, lambda: NO_SECRET, given.settings.redirect_uri)
    except Trouble as trouble:
        yield bad("application", trouble.message, trouble.remedy)
    else:
        yield from _redirect_uri(given.settings.redirect_uri)
    try:
        found = secret_in(given)
    except Trouble as trouble:
        yield bad("application", trouble.message, trouble.remedy)
    else:
        if found == NO_SECRET:
            yield bad("application", SECRET_MISSING.message, SECRET_MISSING.remedy)
        else:
            yield good("application", f"client id {given.settings.client_id or '?'}, with a secret")


def _redirect_uri(redirect_uri: str) -> Iterator[Finding]:
    """Tell how the browser's answer comes back."""
    if not can_receive(redirect_uri):
        yield odd(
            "application",
            f"{redirect_uri} does not lead to this machine",
            "Its answers have to be pasted; http://127.0.0.1:0/callback receives them.",
        )
        return
    port = urlsplit(redirect_uri).port
    where = "any free port of this machine" if port == 0 else f"port {port} of this machine"
    yield good("application", f"the browser comes back to {where}")


def store(given: Given) -> Iterator[Finding]:
    """Tell whether the store can be read, and whether its key opens it."""
    database = given.database
    if not database.exists():
        yield good("store", f"{database} is not there yet; the first login makes it")
        return
    try:
        with closing(SqliteStore(database)) as opened:
            names = [name for name in opened.connections() if not name.startswith("@")]
            yield good("store", f"{database} holds {len(names)} connection{'s' if len(names) != 1 else ''}")
            yield from _key(opened)
    except KeyUnavailable as error:
        yield bad("key", f"the key cannot be used: {error.problem}", error.remedy)
    except StorageError as error:
        yield bad("store", str(error).partition(error.remedy)[0], error.remedy)


def _key(opened: SqliteStore) -> Iterator[Finding]:
    """Tell which key seals, looked for as the library does; looking makes none."""
    if not os.environ.get(KEY_VARIABLE) and opened.is_empty() and not opened.key_file.exists():
        yield good("key", "nothing is sealed yet; the next login makes one")
        return
    ring = _ring(opened)
    yield good("key", f"{len(ring.keys)} in the ring, the newest is {ring.newest.id}")


def _ring(opened: SqliteStore) -> KeyRing:
    """Return the keys of the environment, or else of the file beside the store."""
    if os.environ.get(KEY_VARIABLE):
        return read_keys(os.environ[KEY_VARIABLE])
    return open_key_file(opened.key_file, may_create=False)


def files(given: Given) -> Iterator[Finding]:
    """Tell who else may look into files that are their owner's business."""
    database = given.database
    private = [database.parent, database, database.with_name(f"{database.name}.key")]
    if given.settings.client_secret_file:
        private.append(Path(given.settings.client_secret_file).expanduser())
    there = [path for path in private if path.exists()]
    shared = [path for path in there if stat.S_IMODE(path.stat().st_mode) & _OTHERS]
    for path in shared:
        mode = stat.S_IMODE(path.stat().st_mode)
        fix = f"Run: chmod {'700' if path.is_dir() else '600'} {path}"
        yield odd("files", f"others may look into {path} (mode {mode:o})", fix)
    if there and not shared:
        yield good("files", "nobody else may look into them")


def lock(given: Given) -> Iterator[Finding]:
    """Tell whether this file system can keep two processes from refreshing at once."""
    if not given.database.exists():
        return
    guard = HostGuard(SqliteStore(given.database).lock_folder)
    try:
        with guard.hold("@doctor", patience=_BRIEFLY):
            yield good("lock", "processes of this machine exclude one another")
    except Busy:
        yield odd("lock", "another process holds it for long", "Run mailup-oauth doctor again in a while.")
    except StoreUnavailable as error:
        yield bad("lock", error.problem, "Keep the database on a local file system, in a folder of your own.")


def spill(given: Given) -> Iterator[Finding]:
    """Tell whether tokens that the store does not take could wait beside it, and whether some do."""
    folder = SqliteStore(given.database).spill_folder
    obstacle = FolderSpill(folder).obstacle()
    waiting, unreadable = (sorted(folder.glob(f"*{ending}")) for ending in (WAITING, UNREADABLE))
    if obstacle:
        yield odd(
            "spill",
            f"tokens that the store does not take could only wait in memory: {obstacle}",
            "Let this user write there.",
        )
    for file in waiting:
        yield odd("spill", f"tokens wait in {file}", "They are stored when their connection is used the next time.")
    for file in unreadable:
        fix = "Look at it; delete it if nobody can tell what it was."
        yield odd("spill", f"{file} holds what could not be read", fix)
    if not (obstacle or waiting or unreadable):
        yield good("spill", f"{folder} is free for tokens that the store does not take")
