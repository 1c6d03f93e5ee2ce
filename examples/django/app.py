"""
A Django project whose tenants each have a MailUp connection of their own.

    python examples/django/app.py

It starts with nothing configured, against a sandbox of MailUp in the same process, over a SQLite file in a temporary folder,
on the server that Django has for developers.  The project itself is in ``project/``.
"""

import logging
import os
import signal
import sys
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory

import django
from django.core.management import call_command

sys.path.append(str(Path(__file__).parents[1]))

from common import TENANTS, example


def serve(port: int) -> None:
    """Make the tables and the two people, and serve."""
    django.setup()
    from django.contrib.auth.models import User  # noqa: PLC0415  # Django is set up only now

    call_command("migrate", verbosity=0)
    User.objects.bulk_create(User(username=name) for name in TENANTS)
    logging.getLogger("django.server").setLevel(logging.ERROR)  # its lines hold every address, and so MailUp's codes
    call_command("runserver", f"127.0.0.1:{port}", use_reloader=False, stdout=StringIO())


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    with example("Django", 8004) as setup, TemporaryDirectory() as folder:
        os.environ |= {
            "DJANGO_SETTINGS_MODULE": "project.settings",
            "EXAMPLE_DATABASE": f"{folder}/example.sqlite3",
            "EXAMPLE_MAILUP": setup.mailup,
            "EXAMPLE_PORT": str(setup.port),
        }
        serve(setup.port)
