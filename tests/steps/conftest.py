"""A place where processes die: one that forks them, a MailUp on loopback, and installations to be copied."""

import os
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from tests.steps.lab import Lab
from tests.steps.mailup import Door

from mailup_oauth.adapters.serving.server import serve

MEMORY = Path("/dev/shm")  # noqa: S108  # only a folder of our own is made there
"""Where Linux has files in memory: a process that dies loses nothing that any file system was told, and this one is fast."""


@pytest.fixture(scope="module")
def place():
    """Serve MailUp on loopback, and start the process that the others are forked from."""
    fast = MEMORY if os.access(MEMORY, os.W_OK) else None
    door = Door()
    with TemporaryDirectory(prefix="mailup-steps-", dir=fast) as folder, serve(door) as base:
        one = Lab(Path(folder), base, door)
        yield one
        one.close()


@pytest.fixture
def lab(place):
    """Return that place; what a test leaves there is removed."""
    yield place
    place.tidy()
