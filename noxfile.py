"""
The oldest and newest versions that are promised, of every framework and of Python: ``nox``, on demand.

    pip install "nox[uv]" && nox -l     list the sessions
    nox -k flask                        run those of one framework
    nox -s everything                   all tests on every Python, of which CI has one
    nox -s newcomer                     the quickstart of every framework's page, in an environment that was empty

CI runs the pinned versions alone, on the Python that it has: on 3.11 that is Django 5.2, for Django 6 needs a newer one.
Each session has an environment of its own, with everything that the tests need at its pinned version, and one framework
at another.  A Python that is not on this machine is left out, and nox says so.
"""

import re
from pathlib import Path

import nox

nox.options.error_on_missing_interpreters = False

PYTHONS = ["3.11", "3.12", "3.13", "3.14"]
WEB = ["tests/web", "tests/examples"]
AUTH = ["tests/adapters/auth"]
OLD, NEW = False, True

MATRIX = [
    ("3.11", OLD, "django~=5.2.0", WEB),
    ("3.12", OLD, "django~=6.0.0", WEB),
    ("3.13", NEW, "django>=6.1", WEB),
    ("3.11", OLD, "flask~=3.0.0", WEB),
    ("3.13", NEW, "flask>=3.1", WEB),
    ("3.11", OLD, "starlette~=0.46.0 fastapi~=0.118.0", WEB),
    ("3.13", NEW, "starlette>=1", WEB),
    ("3.11", OLD, "fastapi~=0.118.0", WEB),
    ("3.13", NEW, "fastapi>=0.160", WEB),
    ("3.11", OLD, "requests~=2.32.0", AUTH),
    ("3.11", OLD, "httpx2~=2.0.0", AUTH),
]
"""Python, whether the newest is meant, what is installed, and where its tests are: whole folders, whatever they are called."""
DOCUMENTED = ["test_documentation.py", "test_flask_documentation.py", "django/test_documented.py"]
"""Tests of the pages of ``docs/``, which are written for the newest versions."""
OLD_NEWS = "ignore:The anyio.abc.BlockingPortal alias is deprecated:DeprecationWarning"
"""What a newer anyio says of the test client that an older Starlette has."""


@nox.session
@nox.parametrize(
    ("python", "is_newest", "version", "tests"),
    [nox.param(*row, id=f"{row[2].partition(' ')[0]}-python{row[0]}") for row in MATRIX],
)
def matrix(session: nox.Session, is_newest: bool, version: str, tests: list[str]) -> None:  # noqa: FBT001  # nox calls it
    """Run the tests that a framework is in against one of its versions."""
    session.install("--no-deps", "-r", "requirements/test.txt")
    session.install("--upgrade", *version.split())
    session.install("--no-deps", "--no-build-isolation", "-e", ".")
    left_out = [] if is_newest else [f"--ignore=tests/web/{name}" for name in DOCUMENTED]
    command = ["python", "-m", "pytest", *tests, *left_out, "-n", "2", "-p", "no:cacheprovider", "-W", OLD_NEWS]
    session.run(*command, *session.posargs)


@nox.session(python=PYTHONS)
def everything(session: nox.Session) -> None:
    """Run all tests, and with them the histories whose digests are kept: one seed is one history on every Python."""
    session.install("--no-deps", "-r", "requirements/test.txt")
    session.install("--no-deps", "--no-build-isolation", "-e", ".")
    session.run("python", "-m", "pytest", "-n", "2", "-p", "no:cacheprovider", *session.posargs)


@nox.session(python="3.11")
@nox.parametrize("framework", ["django", "fastapi", "flask", "starlette"])
def newcomer(session: nox.Session, framework: str) -> None:
    """Install the wheel as a framework's page tells, and nothing else, and walk the page's quickstart until it is connected."""
    [told] = re.findall(
        r"^pip install \"mailup-oauth(.*)\"$", Path("docs", f"{framework}.md").read_text(), re.MULTILINE
    )
    session.install(f"mailup-oauth{told} @ {Path.cwd().as_uri()}")
    session.run("python", "tests/examples/newcomer.py", framework)
