"""The key file: one key a line, newest first, for its owner alone."""

import os
import stat
from contextlib import suppress
from pathlib import Path
from shlex import quote

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
    if may_create and not os.path.lexists(path):
        return _create(path)
    try:
        return read_keys(_read(path))
    except FileNotFoundError:
        problem = f"there are sealed tokens, but the key file {path.name} is gone"
    except OSError as error:
        problem = f"the key file {path.name} cannot be read ({error.strerror})"
    raise KeyUnavailable(problem)


def _read(path: Path) -> str:
    """Return the text of a key file that is only its owner's; whatever else has its name keeps nobody waiting."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        _check(path.name, os.fstat(descriptor))
        return os.read(descriptor, _LARGEST).decode("ascii", "replace")
    finally:
        os.close(descriptor)


def _check(name: str, found: os.stat_result) -> None:
    """Refuse a file that somebody else made or may look into."""
    if not stat.S_ISREG(found.st_mode) or found.st_uid != os.geteuid():
        problem = f"the key file {name} is not a plain file of this user's own"
        raise KeyUnavailable(problem)
    if stat.S_IMODE(found.st_mode) & 0o077:
        problem = f"others may read the key file {name}; run: chmod 600 {quote(name)}"
        raise KeyUnavailable(problem)


def _create(path: Path) -> KeyRing:
    """Make the file with one fresh key, durable before it is used; whoever was faster has the say."""
    draft = path.with_name(f"{path.name}.{os.getpid()}-{new_key().id}")
    try:
        try:
            _write(draft, new_key().text())
            with suppress(FileExistsError):
                os.link(draft, path)
        finally:
            draft.unlink(missing_ok=True)
        _make_durable(path.parent)
        return read_keys(_read(path))
    except OSError as error:
        problem = f"the key file {path.name} cannot be made ({error.strerror})"
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
