"""docs/django.md: the quickstart connects a newcomer in a fresh project, and every other program there runs."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from tests.web import documents

from mailup_oauth.adapters.serving.sandbox import serve_scenario

ROOT = Path(__file__).parents[3]
PAGE = "django.md"
TEXT = (documents.DOCS / PAGE).read_text()
SETTINGS, URLS, *OTHERS = documents.programs(PAGE)


def run(folder, *command):
    """Run a program of the project, and return what it did."""
    return subprocess.run(
        [sys.executable, "-W", "error", *command], cwd=folder, capture_output=True, text=True, check=False
    )


@pytest.fixture
def environment(tmp_path, monkeypatch):
    """A fresh project, with the quickstart at the end of its settings and its URLs, and a sandbox before it."""
    monkeypatch.delenv("DJANGO_SETTINGS_MODULE")
    monkeypatch.delenv("MAILUP_OAUTH_KEY", raising=False)
    assert 0 == run(tmp_path, "-m", "django", "startproject", "mysite", ".").returncode
    for name, program in (("settings", SETTINGS), ("urls", URLS)):
        file = tmp_path / "mysite" / f"{name}.py"
        file.write_text(f"{file.read_text()}\n{program}")
    with serve_scenario() as base:
        told = documents.exported(PAGE)
        for name, value in {**told, "MAILUP_PROVIDER": base, "DJANGO_SETTINGS_MODULE": "mysite.settings"}.items():
            monkeypatch.setenv(name, value)
        yield told


def test_the_quickstart_connects_a_newcomer(environment, tmp_path, monkeypatch):
    """Ten lines at most; the address that the page names shows a button, and afterwards the mailing lists."""
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join((str(ROOT), str(tmp_path))))
    origin = environment["MAILUP_REDIRECT_URI"].removesuffix("/mailup/complete")
    [opened] = re.findall(r"open\s<(\S+)>", TEXT)
    done = run(tmp_path, ROOT / "tests/web/django/newcomer.py", origin, opened.removeprefix(origin))

    assert 0 == done.returncode, done.stderr
    asked, (status, lists) = json.loads(done.stdout)
    assert documents.lines_of(SETTINGS) + documents.lines_of(URLS) <= 10
    assert [409, True] == asked
    assert (200, True) == (status, '"Name": "Newsletter"' in lists)


@pytest.mark.usefixtures("environment")
def test_every_program_of_the_page_runs(tmp_path):
    """The rest of the page's Python, as one file, is a module of tests that pass in the project, without a warning."""
    (tmp_path / "mysite" / "tests.py").write_text("\n\n".join(OTHERS))
    done = run(tmp_path, "manage.py", "test", "mysite")

    assert (0, True) == (done.returncode, "Ran 2 tests" in done.stderr), f"{done.stdout}{done.stderr}"


def test_the_commands_are_these():
    """Every command has a row, and every row is a command."""
    told = set(re.findall(r"^\| `manage.py (\w+)[^`]*` \|", TEXT, re.MULTILINE))
    folder = ROOT / "src/mailup_oauth/adapters/web/django/management/commands"

    assert {file.stem for file in folder.glob("mailup_*.py")} == told
