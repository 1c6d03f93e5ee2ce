"""A spill in a folder: one file a connection, whole or not there, with some room reserved for a disk that is full."""

import os
from collections.abc import Generator
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path

from platformdirs import user_state_path

from ...domain.errors import StoreUnavailable
from ...ports import Absent

RESERVES = 8
"""Files whose room a spill can take when the disk gives none."""

WAITING = ".spill"
"""How the file of what waits to be stored ends."""

UNREADABLE = ".unreadable"
"""How the file ends that could not be opened, and waits for a person."""

_ROOM = 16 * 1024  # octets; a spill with the longest tokens that are accepted is smaller
_LARGEST = 1024 * 1024
_OWNER_ONLY = 0o600


class FolderSpill:
    """
    The Spill port as files in a folder; safe for threads, processes and forks.

    A file is written beside its place, made durable, and then renamed into it, so that a crash leaves the old one or
    the new one.  The folder's reserves are written over in place of a new file where the disk has no room left.

    Args:
        folder: Made with mode 0700 when it is needed.  Another disk than the store's is best.
    Source: ADR 0019.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder.absolute()
        self._is_ready = False

    def obstacle(self) -> str:
        """Return why nothing could be kept here, as far as that is seen without making anything; empty if nothing is."""
        nearest = next(place for place in (self._folder, *self._folder.parents) if _is_there(place))
        if not nearest.is_dir():
            return f"{nearest} is not a folder"
        if not os.access(nearest, os.R_OK | os.W_OK | os.X_OK):
            return f"{nearest} may not be read and written"
        return ""

    def find(self, connection: str) -> bytes | Absent:
        """
        Return what is kept for a connection.

        Raises:
            StoreUnavailable: the folder is there and cannot be read.
        """
        self._make_ready()
        with _complaining("read"):
            try:
                descriptor = os.open(self._file(connection), os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
            except FileNotFoundError:
                return Absent()
            with os.fdopen(descriptor, "rb") as file:
                return file.read(_LARGEST)

    def keep(self, connection: str, sealed: bytes) -> None:
        """
        Make *sealed* durable, in place of what was kept before.

        Raises:
            StoreUnavailable: it is not kept.
        """
        with _complaining("written"):
            place = self._file(connection)
            draft = place.with_suffix(".part")
            try:
                self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
                _write(draft, sealed)
            except OSError:
                if not self._take_reserve(draft):
                    raise
                _write(draft, sealed)
            draft.replace(place)
            _make_durable(self._folder)

    def drop(self, connection: str) -> None:
        """Keep it no longer."""
        with suppress(OSError):
            self._file(connection).unlink()
            _make_durable(self._folder)
            self._is_ready = False

    def set_aside(self, connection: str) -> None:
        """Keep it under another name, for a person to look at; an older one under that name goes."""
        with suppress(OSError):
            place = self._file(connection)
            place.replace(place.with_suffix(UNREADABLE))

    def _file(self, connection: str) -> Path:
        """Return the file of a connection, whose name the folder does not show."""
        return self._folder / f"{sha256(connection.encode()).hexdigest()}{WAITING}"

    def _make_ready(self) -> None:
        """Reserve room while there is some; whether it will be needed nobody knows."""
        if self._is_ready:
            return
        self._is_ready = True
        with suppress(OSError):
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            for number in range(RESERVES):
                reserve = self._reserve(number)
                if not reserve.exists():
                    _write(reserve, bytes(_ROOM))

    def _take_reserve(self, draft: Path) -> bool:
        """Turn one of the reserves into *draft*, and say whether there was one; nobody else gets the same."""
        for number in range(RESERVES):
            with suppress(OSError):
                self._reserve(number).rename(draft)
                return True
        return False

    def _reserve(self, number: int) -> Path:
        return self._folder / f"reserve-{number}"


def folder_for(identity: str) -> Path:
    """Return the folder for a store that has no place of its own on this machine; *identity* is the store's."""
    return user_state_path("mailup-oauth") / "spill" / sha256(identity.encode()).hexdigest()[:16]


def _is_there(place: Path) -> bool:
    """Say whether anything is to be seen at *place*."""
    try:
        place.stat()
    except OSError:
        return False
    return True


@contextmanager
def _complaining(deed: str) -> Generator[None, None, None]:
    """Say in the library's own words that the folder cannot be used."""
    problem = ""
    try:
        yield
    except OSError as error:
        problem = f"the spill folder cannot be {deed} ({error.strerror})"
    if problem:
        raise StoreUnavailable(problem)


def _write(path: Path, content: bytes) -> None:
    """Write a file that is its owner's alone, over whatever it held, and make it durable."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, _OWNER_ONLY)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.ftruncate(file.fileno(), len(content))
        os.fsync(file.fileno())


def _make_durable(folder: Path) -> None:
    """See that names in *folder* survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
