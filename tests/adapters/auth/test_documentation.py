"""The programs of docs/http-clients.md run, as they stand there, against a MailUp on a socket of this machine."""

import ast
import re
from pathlib import Path

import pytest

from mailup_oauth import AsyncMailUpOAuth
from mailup_oauth.adapters.serving.sandbox import provider_at
from mailup_oauth.adapters.serving.server import serve
from mailup_oauth.sandbox.events import TokensRotated
from mailup_oauth.testing.stage import Stage

PAGE = (Path(__file__).parents[3] / "docs" / "http-clients.md").read_text()
PROGRAMS = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
HOST = "https://services.mailup.com"


def spoken_to(program):
    """Return the first library that a program imports beside asyncio, and whether it awaits."""
    names = [node for node in ast.walk(ast.parse(program)) if isinstance(node, ast.Import | ast.ImportFrom)]
    modules = [node.module if isinstance(node, ast.ImportFrom) else node.names[0].name for node in names]
    first = next(module for module in modules if module != "asyncio")
    return first.partition(".")[0], "await" in program


def test_the_page_has_a_program_for_each_client():
    """There is one for each library, in both ways where the page says so."""

    assert [("httpx", False), ("httpx2", False), ("httpx2", True), ("requests", False), ("urllib", False)] == [
        spoken_to(program) for program in PROGRAMS
    ]


@pytest.mark.parametrize("is_refused", [False, True])
@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: "-".join(map(str, spoken_to(program))))
def test_the_programs_of_the_page_run(program, is_refused, outlived):
    """Each calls the API as the connected user, and once more with a newer token if MailUp refuses the first."""
    stage = Stage()
    stage.connect()
    if is_refused:
        outlived(stage)
    said, before = [], stage.happened(TokensRotated)
    with serve(stage.sandbox) as base:
        stage.provider = provider_at(base)
        _, is_async = spoken_to(program)
        oauth = stage.client(AsyncMailUpOAuth) if is_async else stage.client(type(stage.oauth))
        assert HOST in program
        exec(program.replace(HOST, base), {"oauth": oauth, "print": said.append})  # noqa: S102  # what is tested

    assert ["m1"] == re.findall(r"m1\b", str(said[0]))
    assert is_refused == stage.happened(TokensRotated) - before
