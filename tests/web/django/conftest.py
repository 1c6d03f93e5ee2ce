"""A Django project like a user's, over a fresh file of SQLite or a real PostgreSQL that this run starts for itself."""

import shutil

import pytest
from tests.web.django.cluster import HOW, Cluster, binaries
from tests.web.django.configured import PLACE

from django.core.management import call_command  # isort: skip  # it wants the settings
from django.db import connections  # isort: skip

from mailup_oauth.adapters.web.django.loans import loans_of  # isort: skip

WITHOUT_POSTGRES = f"no PostgreSQL is installed here; {HOW}"
TABLES = ("mailup_oauth_nonce", "mailup_oauth_journalrecord", "mailup_oauth_connection", "auth_group")


def pytest_unconfigure():
    """Leave nothing behind; a worker of pytest-xdist ends without what is registered for the end."""
    shutil.rmtree(PLACE, ignore_errors=True)


def forgotten(alias):
    """Close what this thread and the library have open, so that the next connection leads to what is there then."""
    loans_of(alias).close()
    connections[alias].close()


@pytest.fixture(scope="session")
def migrated():
    """Return a file in which every table of the project is, to be copied."""
    call_command("migrate", verbosity=0, interactive=False)
    forgotten("default")
    return PLACE / "first.sqlite3"


@pytest.fixture
def sqlite(migrated, tmp_path, monkeypatch):
    """Have ``default`` be a fresh file, and return it."""
    file = tmp_path / "project.sqlite3"
    shutil.copyfile(migrated, file)
    monkeypatch.setitem(connections.settings["default"], "NAME", str(file))
    yield file
    forgotten("default")


@pytest.fixture(scope="session")
def cluster():
    """Return a PostgreSQL of this process's own, with the project's tables in it."""
    if binaries() is None:
        pytest.skip(WITHOUT_POSTGRES)
    with Cluster(PLACE / "postgres") as running:
        call_command("migrate", database="postgres", verbosity=0, interactive=False)
        forgotten("postgres")
        yield running


@pytest.fixture
def postgres(cluster):
    """Have ``postgres`` be empty, and return the server."""
    with connections["postgres"].cursor() as cursor:
        cursor.execute(f"TRUNCATE {', '.join(TABLES)} CASCADE")
    yield cluster
    forgotten("postgres")


@pytest.fixture(params=["default", "postgres"])
def alias(request):
    """Each database in turn, fresh: its name in ``DATABASES``."""
    request.getfixturevalue("sqlite" if request.param == "default" else "postgres")
    return request.param
