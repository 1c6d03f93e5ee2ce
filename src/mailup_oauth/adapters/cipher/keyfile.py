"""The key file: one key a line, newest first, for its owner alone."""

import os
import stat
from pathlib import Path

from ...domain.errors import KeyUnavailable
from .keys import KeyRing, new_key, read_keys

_OWNER_ONLY = 0o600
_LARGEST = 64 * 1024


def open_key_file(path: Path, *, may_create: bool) -> KeyRing:
    """
    Return the keys in *path*; make the file with a fresh key if there is none and nothing is sealed yet.

    Args:
        path: The file.
        may_create: Whether nothing is sealed yet, so that a new key locks nobody out.
    Raises:
        KeyUnavailable: it is missing, not a plain file of this user's own with mode 0600, or does not hold keys.
    """
    try:
        return read_keys(_read(path))
    except FileNotFoundError:
        if may_create:
            return _create(path)
        problem = f"there are sealed tokens, but the key file {path.name} is gone"
    except OSError as error:
        problem = f"the key file {path.name} cannot be read ({error.strerror})"
    raise KeyUnavailable(problem)


def _read(path: Path) -> str:
    """Return the text of a key file that is only its owner's."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    with os.fdopen(descriptor, "rb") as file:
        found = os.fstat(file.fileno())
        if not stat.S_ISREG(found.st_mode) or found.st_uid != os.geteuid():
            problem = f"the key file {path.name} is not a plain file of this user's own"
            raise KeyUnavailable(problem)
        if stat.S_IMODE(found.st_mode) & 0o077:
            problem = f"others may read the key file {path.name}; run: chmod 600 {path.name}"
            raise KeyUnavailable(problem)
        return file.read(_LARGEST).decode("ascii", "replace")


def _create(path: Path) -> KeyRing:
    """Make the file with one fresh key, durable before it is used; whoever was faster has the say."""
    draft = path.with_name(f"{path.name}.{os.getpid()}-{new_key().id}")
    ring = KeyRing((new_key(),))
    try:
        _write(draft, ring.newest.text())
        try:
            os.link(draft, path)
        except FileExistsError:
            return read_keys(_read(path))
        finally:
            draft.unlink()
        _make_durable(path.parent)
    except OSError as error:
        problem = f"the key file {path.name} cannot be made ({error.strerror})"
    else:
        return ring
    raise KeyUnavailable(problem)


def _write(path: Path, text: str) -> None:
    """Write a new file that is its owner's alone, whatever the umask."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, _OWNER_ONLY)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        os.fchmod(file.fileno(), _OWNER_ONLY)
        file.write(text + "\n")
        file.flush()
        os.fsync(file.fileno())


def _make_durable(folder: Path) -> None:
    """See that a new name in *folder* survives a power cut."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
