"""Each example application starts with what its page tells to install, and somebody walks through it over HTTP."""

import re
import signal
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from tests.examples.closure import closure, told
from tests.web.scene import BROWSER_SHOWS, FROM_A_PAGE, Person, over_httpx

from mailup_oauth import Secret
from mailup_oauth.sandbox.commands import Answer

ROOT = Path(__file__).parents[2]
FRAMEWORKS = [folder for folder in ("starlette", "fastapi", "flask", "django") if (ROOT / "examples" / folder).is_dir()]
ALONE = Path(__file__).parent / "alone.py"
PROGRAMS = {}
"""What is started, where it is not ``app.py``."""
BUTTON = re.compile(r'<form method="post" action="([^"]+)">(.*?)<button[^>]*>([^<]+)</button></form>')
HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)">')


@contextmanager
def running(framework, words=()):
    """Start an example on a free port, with what its page tells to install; yield what it printed, and end it as Ctrl-C does."""
    installed = ",".join(sorted(closure(words or told(framework))))
    program = ROOT / "examples" / framework / PROGRAMS.get(framework, "app.py")
    process = subprocess.Popen(
        [sys.executable, "-W", "error", ALONE, installed, program, "--port", "0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )
    try:
        yield [process.stdout.readline() for _ in range(3)]
    finally:
        process.send_signal(signal.SIGINT)
        try:
            _, complaints = process.communicate(timeout=60)
        finally:
            process.kill()
    assert not [line for line in complaints.splitlines() if "Traceback" in line or "Error" in line], complaints


class Visitor:
    """Somebody at a browser, at the example that printed *said*."""

    def __init__(self, said):
        self.address, self.mailup = (re.search(r"(http://127\.0\.0\.1:\d+)/", line)[1] for line in said[:2])
        user, password = re.search(r"as (\S+), password (\S+)\. ", said[2]).groups()
        self._client = httpx.Client(base_url=self.address, trust_env=False, transport=patient())
        self.person = Person(over_httpx(self._client), origin=self.address, at_mailup=user, password=Secret(password))

    def opens(self, path):
        """Open a page as a browser does."""
        return self.person.follows(self.person.ask("GET", path, {**FROM_A_PAGE, **BROWSER_SHOWS}))

    def presses(self, page, label):
        """Press the button with this label; the answer may lead anywhere."""
        found = {said: (action, dict(HIDDEN.findall(inside))) for action, inside, said in BUTTON.findall(page.body)}
        action, members = found[next(said for said in found if label in said)]
        return self.person.submits(action, members)

    def comes_back(self, page, answer=Answer.ALLOW):
        """Answer MailUp's forms, come back, and go where that leads."""
        return self.person.follows(self.person.returns(self.person.consents(page.location, answer)))

    def lets_an_hour_pass_at_mailup(self):
        """Move the sandbox's clock, over its desk."""
        order, here = {"forward": "61m"}, {"x-mailup-sandbox": "1"}
        answer = httpx.post(f"{self.mailup}/__sandbox__/clock", json=order, headers=here, trust_env=False)
        assert 200 == answer.status_code

    def close(self):
        """Close the browser."""
        self._client.close()


def patient():
    """Return a way to a server that may be about to listen."""
    return httpx.HTTPTransport(retries=8)


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_an_example_can_be_walked_through(framework):
    """Sign in, be asked to connect, say no, connect, see the lists, outlive the token, disconnect, sign out."""
    with running(framework) as said:
        visitor = Visitor(said)
        try:
            walk(visitor)
        finally:
            visitor.close()


def walk(visitor):
    """Walk through an example."""
    first = visitor.opens("/")
    assert "no password: this is an example" in first.body
    assert 303 == visitor.presses(first, "Sign in as ada").status
    asked = visitor.opens("/lists")
    assert (409, True) == (asked.status, "MailUp is not connected" in asked.body)
    refused = visitor.comes_back(visitor.presses(asked, "Connect to MailUp"), Answer.DENY)
    assert "said no" in refused.body
    lists = visitor.comes_back(visitor.presses(asked, "Connect to MailUp"))
    assert (200, "/lists", True) == (lists.status, lists.path, "<li>Newsletter</li>" in lists.body)
    visitor.lets_an_hour_pass_at_mailup()
    assert "<li>Newsletter</li>" in visitor.opens("/lists").body
    status = visitor.opens("/mailup/")
    assert (True, True) == (visitor.person.at_mailup in status.body, "was renewed" in status.body)
    assert ["no-store"] * 3 == [visitor.opens(path).header("cache-control") for path in ("/", "/lists", "/mailup/")]
    assert visitor.mailup in visitor.opens("/").header("content-security-policy")

    visitor.presses(visitor.opens("/"), "Sign out")
    assert 401 == visitor.opens("/lists").status
    visitor.presses(visitor.opens("/"), "Sign in as bob")
    assert 409 == visitor.opens("/lists").status

    visitor.presses(visitor.opens("/"), "Sign out")
    visitor.presses(visitor.opens("/"), "Sign in as ada")
    gone = visitor.person.follows(visitor.presses(visitor.opens("/mailup/"), "Disconnect"))
    assert "erased here" in gone.body
    assert 409 == visitor.opens("/lists").status


def test_an_example_that_needs_more_than_its_page_tells_does_not_start():
    """Without the package that the sessions of Starlette need, this example ends as it would for a newcomer."""
    words = ["mailup-oauth[starlette,cli]"]

    with pytest.raises(AssertionError, match="No module named 'itsdangerous'"), running("starlette", words):
        pass


def test_what_a_requirement_brings_is_known():
    """Extras of extras and what they need are in it, and what only the tests need is not."""
    brought = closure(["mailup-oauth[fastapi,cli]"])

    assert {"mailup-oauth", "fastapi", "starlette", "uvicorn", "pydantic", "httpx", "rich", "anyio"} <= brought
    assert not brought & {"itsdangerous", "flask", "django", "pytest", "hypothesis", "playwright"}


def test_an_example_that_complains_is_noticed(monkeypatch):
    """The checks above fail for a program that ends with a traceback."""
    monkeypatch.setitem(PROGRAMS, "starlette", "../../tests/examples/broken.py")

    with pytest.raises(AssertionError, match="nobody wrote this example"), running("starlette"):
        pass
