"""docs/flask.md: the quickstart connects a newcomer, every other program there runs, and its tables are complete."""

import re
import subprocess
import sys

import pytest
from tests.web import documents
from tests.web.scene import Person, over_flask

from mailup_oauth.adapters.serving.sandbox import serve_scenario
from mailup_oauth.adapters.web.flask import MailUp
from mailup_oauth.adapters.web.flask.settings import MAKING, MOUNTING
from mailup_oauth.sandbox.scenario import DEMONSTRATION

PAGE = "flask.md"
TEXT = (documents.DOCS / PAGE).read_text()
USER = DEMONSTRATION.users[0]


@pytest.fixture
def environment(tmp_path, monkeypatch):
    """What the page tells to export, but for the sandbox's address; the working directory is an empty one."""
    with serve_scenario() as base:
        settings = documents.exported(PAGE) | {"FLASK_MAILUP_PROVIDER": base}
        for name, value in settings.items():
            monkeypatch.setenv(name, value)
        monkeypatch.chdir(tmp_path)
        yield settings


def quickstart():
    """Run the first piece of Python on the page as the module ``app``, and return what it has defined."""
    page = documents.parsed(PAGE)
    page.namespace["__name__"] = "app"  # Flask looks for its folders beside it
    next(iter(page.examples())).evaluate()
    return page.namespace


def test_the_quickstart_connects_a_newcomer(environment):
    """Ten lines at most; the address that the page names shows a button, and afterwards the mailing lists."""
    app = quickstart()["app"]
    origin = environment["FLASK_MAILUP_REDIRECT_URI"].removesuffix("/mailup/complete")
    [opened] = re.findall(r"open <(\S+)>", TEXT)
    send = over_flask(app.test_client(use_cookies=False), origin)
    newcomer = Person(send, origin=origin, at_mailup=USER.username, password=USER.password)
    path = opened.removeprefix(origin)
    asked = newcomer.ask("GET", path, {"accept": "text/html"})
    lists = newcomer.follows(newcomer.connects(path))

    assert documents.lines_of(documents.programs(PAGE)[0]) <= 10
    assert (409, True) == (asked.status, "Connect to MailUp</button>" in asked.body)
    assert (200, True) == (lists.status, '"Name":"Newsletter"' in lists.body)


@pytest.mark.usefixtures("environment")
def test_every_program_of_the_page_runs(tmp_path):
    """The page's Python, from top to bottom as one file, is a test file whose tests pass without a warning."""
    (tmp_path / "test_page.py").write_text("\n\n".join(documents.programs(PAGE)))
    command = [sys.executable, "-W", "error", "-m", "pytest", "-p", "no:cacheprovider", "-q", "test_page.py"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)

    assert (0, True) == (done.returncode, "3 passed" in done.stdout), f"{done.stdout}{done.stderr}"


def test_the_settings_are_these():
    """Every setting has a row, and every row is a setting."""
    told = re.findall(r"^\| `MAILUP_([A-Z_]+)` \|", TEXT, re.MULTILINE)

    assert [*MAKING, *MOUNTING] == told


def test_the_commands_are_these():
    """Every command has a row, and every row is a command."""
    told = re.findall(r"^\| `flask mailup ([a-z]+)` \|", TEXT, re.MULTILINE)

    assert [*MailUp().blueprint.cli.commands] == told
