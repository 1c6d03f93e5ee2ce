"""Django, set up for the project of the tests; whoever imports this may import what wants its settings afterwards."""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

import django

PLACE = Path(tempfile.mkdtemp(prefix="mailup-"))  # short, for a socket's path has 107 characters at most
atexit.register(shutil.rmtree, PLACE, ignore_errors=True)
os.environ.update(
    DJANGO_SETTINGS_MODULE="tests.web.django.project.settings",
    TESTS_SQLITE=str(PLACE / "first.sqlite3"),
    TESTS_POSTGRES=str(PLACE / "postgres"),
)
django.setup()
