"""
The oldest and newest versions that are promised, of every framework and of Python: ``nox``, on demand; CI runs the pinned.

    pip install "nox[uv]" && nox -l     list the sessions
    nox -k flask                        run those of one framework
    nox -s everything                   all tests on every Python, of which CI has one

Each session has an environment of its own, with everything that the tests need at its pinned version, and one framework
at another.  A Python that is not on this machine is left out, and nox says so.
"""

import nox

nox.options.error_on_missing_interpreters = False

PYTHONS = ["3.11", "3.12", "3.13", "3.14"]

MATRIX = [
    ("3.11", "django", "django~=5.2.0", "tests/web"),
    ("3.12", "django", "django~=6.0.0", "tests/web"),
    ("3.13", "django", "django>=6.1", "tests/web"),
    ("3.11", "flask", "flask~=3.0.0", "tests/web"),
    ("3.13", "flask", "flask>=3.1", "tests/web"),
    ("3.11", "starlette", "starlette~=0.46.0 fastapi~=0.118.0", "tests/web"),
    ("3.13", "starlette", "starlette>=1", "tests/web"),
    ("3.11", "fastapi", "fastapi~=0.118.0", "tests/web"),
    ("3.13", "fastapi", "fastapi>=0.160", "tests/web"),
    ("3.11", "requests", "requests~=2.32.0", "tests/adapters/auth"),
    ("3.11", "httpx2", "httpx2~=2.0.0", "tests/adapters/auth"),
]
"""Python, framework, what is installed of it, and where its tests are."""
OLD_NEWS = "ignore:The anyio.abc.BlockingPortal alias is deprecated:DeprecationWarning"
"""What a newer anyio says of the test client that an older Starlette has."""


@nox.session
@nox.parametrize(
    ("python", "framework", "version", "tests"),
    [nox.param(*row, id=f"{row[2].partition(' ')[0]}-python{row[0]}") for row in MATRIX],
)
def matrix(session: nox.Session, framework: str, version: str, tests: str) -> None:
    """Run one framework's tests against one of its versions."""
    session.install("--no-deps", "-r", "requirements/test.txt")
    session.install(*version.split())
    session.install("--no-deps", "--no-build-isolation", "-e", ".")
    which = f"{framework} and not documentation"  # the pages are written for the newest, which CI runs
    command = ["python", "-m", "pytest", tests, "-k", which, "-n", "2", "-p", "no:cacheprovider", "-W", OLD_NEWS]
    session.run(*command, *session.posargs)


@nox.session(python=PYTHONS)
def everything(session: nox.Session) -> None:
    """Run all tests, and with them the histories whose digests are kept: one seed is one history on every Python."""
    session.install("--no-deps", "-r", "requirements/test.txt")
    session.install("--no-deps", "--no-build-isolation", "-e", ".")
    session.run("python", "-m", "pytest", "-n", "2", "-p", "no:cacheprovider", *session.posargs)
