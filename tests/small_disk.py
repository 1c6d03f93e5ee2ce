"""A real file system of a few hundred KiB, which can be filled to the last octet."""

import subprocess
from contextlib import contextmanager, suppress

import pytest


@contextmanager
def mounted(place, *, size, elsewhere):
    """
    Mount one at *place* while inside.

    Only root may; other users leave the test out, and *elsewhere* says where the same is shown without a disk.
    """
    place.mkdir()
    made = subprocess.run(["/bin/mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", place], check=False)
    if made.returncode:
        pytest.skip(f"only root may mount a small disk; {elsewhere} shows the same without one")
    try:
        yield place
    finally:
        subprocess.run(["/bin/umount", place], check=True)


def fill(rubbish):
    """Let the file *rubbish* take all the room there is."""
    with rubbish.open("wb", buffering=0) as file, suppress(OSError):
        for size in (4096, 1):
            with suppress(OSError):
                while True:
                    file.write(bytes(size))
