"""The programs in README and docs run, as they stand there, against a MailUp in this process."""

import re
import runpy
from functools import reduce
from pathlib import Path

import httpx
import pytest

from mailup_oauth.adapters.transport.sandbox import SandboxTransport
from mailup_oauth.domain.states import Authorized
from mailup_oauth.journal import Verified
from mailup_oauth.sandbox.commands import Answer
from mailup_oauth.sandbox.messages import HungUp, Request
from mailup_oauth.testing.stage import CLIENT_ID, CLIENT_SECRET, PASSWORD, Stage
from mailup_oauth.testing.visitor import in_process, walk

PROGRAM = re.compile(r"```python\n(.*?)```", re.DOTALL)
WAYS_OUT = {
    'store=SqliteStore("mailup.db"))': 'store=SqliteStore("mailup.db"), transport=token_endpoint)',
    "Client(auth=": "Client(transport=wire, auth=",
}
"""The two ways to the network, and where they lead in this test; nothing else of a program is changed."""


def answered(stage):
    """Return a handler that lets the stage's MailUp answer an httpx request."""

    def answer(request):
        headers = tuple(request.headers.items())
        path, query = request.url.path, request.url.query.decode()
        said = stage.sandbox.handle(Request(method=request.method, path=path, query=query, headers=headers))
        assert not isinstance(said, HungUp)
        return httpx.Response(said.status, headers=said.headers, content=said.body)

    return answer


@pytest.fixture
def desk(tmp_path, monkeypatch):
    """A working directory, the application's keys in the environment, and a user who does as they are told."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MAILUP_CLIENT_ID", CLIENT_ID)
    monkeypatch.setenv("MAILUP_CLIENT_SECRET", CLIENT_SECRET.reveal())
    return Stage()


def visited(address, stage):
    """Log on and consent at *address*, as a user does, and return where that ends."""
    fetch = in_process(stage.sandbox)
    return walk(address, username="m1", password=PASSWORD, answer=Answer.ALLOW, fetch=fetch)


def run(text, stage, said):
    """Run every program of a document, one after the other, and return what the names of the last one stand for."""
    world = {"token_endpoint": SandboxTransport(stage.sandbox), "wire": httpx.MockTransport(answered(stage))}
    world["print"] = lambda *words: said.append(" ".join(map(str, words)))
    world["input"] = lambda _: visited(said[-1].removeprefix("Log on here: "), stage)
    names = {}
    for number, program in enumerate(PROGRAM.findall(text)):
        file = Path(f"program-{number}.py")
        file.write_text(reduce(lambda told, way: told.replace(way, WAYS_OUT[way]), WAYS_OUT, program))
        names = runpy.run_path(str(file), world, "__main__")
    return names


def test_the_programs_of_the_documents_run(root, desk):
    """The quickstarts connect a user and call the API in both ways, and the journal that they leave is verified."""
    said = []
    run((root / "README.md").read_text(), desk, said)
    names = run((root / "docs" / "journal.md").read_text(), desk, [])

    assert "m1" == said[1]
    assert said[2].startswith("good until ")
    assert isinstance(names["verdict"], Verified)
    assert isinstance(names["state"], Authorized)
