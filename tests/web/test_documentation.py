"""docs/starlette.md and docs/fastapi.md: the quickstart connects a newcomer, and every other program there runs."""

import os
import re
import subprocess
import sys

import pytest
from starlette.testclient import TestClient
from tests.web import documents
from tests.web.scene import Person, over_httpx

from mailup_oauth.adapters.serving.sandbox import serve_scenario
from mailup_oauth.sandbox.scenario import DEMONSTRATION

PAGES = ("starlette.md", "fastapi.md")
USER = DEMONSTRATION.users[0]


@pytest.fixture
def environment(request, tmp_path, monkeypatch):
    """What the page tells to export, but for the sandbox's address and the place of the database."""
    with serve_scenario() as base:
        settings = documents.exported(request.getfixturevalue("page"))
        settings |= {"MAILUP_OAUTH_SERVER": base, "MAILUP_OAUTH_DATABASE": str(tmp_path / "mailup.db")}
        for name in [*os.environ]:
            if name.startswith("MAILUP_OAUTH_"):
                monkeypatch.delenv(name)
        for name, value in settings.items():
            monkeypatch.setenv(name, value)
        yield settings


@pytest.mark.parametrize("page", PAGES)
def test_the_quickstart_connects_a_newcomer(page, environment):
    """Ten lines at most; the address that the page names shows a button, and afterwards the mailing lists."""
    app = documents.quickstart(page)["app"]
    origin = environment["MAILUP_OAUTH_REDIRECT_URI"].removesuffix("/mailup/complete")
    [opened] = re.findall(r"open <(\S+)>", (documents.DOCS / page).read_text())
    with TestClient(app, base_url=origin) as client:
        newcomer = Person(over_httpx(client), origin=origin, at_mailup=USER.username, password=USER.password)
        path = opened.removeprefix(origin)
        asked = newcomer.ask("GET", path, {"accept": "text/html"})
        lists = newcomer.follows(newcomer.connects(path))

    assert documents.lines_of(documents.programs(page)[0]) <= 10
    assert (409, True) == (asked.status, "Connect to MailUp</button>" in asked.body)
    assert (200, True) == (lists.status, '"Name":"Newsletter"' in lists.body)


@pytest.mark.parametrize("page", PAGES)
def test_every_program_of_the_page_runs(page, environment, tmp_path):
    """The page's Python, from top to bottom as one file, is a test file whose tests pass without a warning."""
    (tmp_path / "test_page.py").write_text("\n\n".join(documents.programs(page)))
    command = [sys.executable, "-W", "error", "-m", "pytest", "-p", "no:cacheprovider", "-q", "test_page.py"]
    done = subprocess.run(
        command,
        cwd=tmp_path,
        env={**os.environ, "SESSION_KEY": "a key for tests"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert (0, True) == (done.returncode, "3 passed" in done.stdout), f"{done.stdout}{done.stderr}"
