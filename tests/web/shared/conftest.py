"""What the flows are tried with: a stage without a socket, visits by name, and both ways of taking the steps."""

import asyncio
import json

import pytest
from attrs import define, field

from mailup_oauth import AsyncMailUpOAuth, MailUpOAuth
from mailup_oauth.adapters.web import flows
from mailup_oauth.adapters.web.reading import places_below
from mailup_oauth.adapters.web.steps import run, run_async
from mailup_oauth.adapters.web.visit import Visit, Who
from mailup_oauth.sandbox.commands import Answer
from mailup_oauth.testing.stage import CONNECTION, PASSWORD, Stage
from mailup_oauth.testing.visitor import in_process, walk

PLACES = places_below("/mailup/", "/")
ADA = Who(user="ada", connection=CONNECTION)
FROM_A_PAGE = {"sec-fetch-site": "same-origin"}
FROM_ELSEWHERE = {"sec-fetch-site": "cross-site"}
ATTEMPT = "__Host-mailup-flow-"
NOTICE = "__Host-mailup-notice"
OVER = "__Host-mailup-over"
PAGES = {
    "status": flows.status,
    "begin": flows.begin,
    "complete": flows.complete,
    "disconnect": flows.disconnect,
    "failed": flows.failed,
}


class Overhearing:
    """The way to MailUp, and every token that came over it."""

    def __init__(self, way):
        self._way = way
        self.tokens = set()

    def send(self, request, *, deadline):
        """Send, and remember."""
        answer = self._way.send(request, deadline=deadline)
        told = json.loads(answer.body) if getattr(answer, "body", b"").startswith(b"{") else {}
        self.tokens |= {value for name, value in told.items() if name in {"access_token", "refresh_token"}}
        return answer

    def close(self):
        """Give back nothing."""


def header(answer, name):
    """Return the one header of an answer that has this name; empty if there is none."""
    [value] = [value for key, value in answer.headers if key == name] or [""]
    return value


def waited(stage, flow):
    """Take the steps of a flow by waiting."""
    return run(flow, stage.oauth)


def awaited(stage, flow):
    """Take the steps of a flow by awaiting."""
    return asyncio.run(run_async(flow, stage.client(AsyncMailUpOAuth)))


@define
class Browser:
    """
    A browser on a stage, with somebody at it; it keeps cookies and follows nothing.

    Attributes:
        pages: Everything that it has shown.
        queries: What it has come back with.
        seen: The values of the attempts' cookies that it was given.
    """

    stage: Stage
    take: object = waited
    who: Who | None = ADA
    cookies: dict[str, str] = field(factory=dict)
    pages: list[str] = field(factory=list, repr=False)
    queries: list[str] = field(factory=list, repr=False)
    seen: set[str] = field(factory=set, repr=False)

    def visit(self, flow, method="GET", *, query="", headers=FROM_A_PAGE, wanted="", **more):
        """Ask for one of the pages, keep the answer's cookies, and return it."""
        seen = Visit(
            method=method,
            query=query,
            headers={"host": "app.example", **headers},
            cookies=dict(self.cookies),
            wanted=wanted,
            who=self.who,
            places=PLACES,
            **more,
        )
        answer = self.take(self.stage, flows.answered(flow, self.stage.oauth.core, seen))
        self.pages.append(answer.body)
        self.queries.append(query)
        self.seen |= {cookie.value for cookie in answer.cookies if cookie.name.startswith(ATTEMPT) and cookie.value}
        for cookie in answer.cookies:
            if cookie.lives:
                self.cookies[cookie.name] = cookie.value
            else:
                self.cookies.pop(cookie.name, None)
        return answer

    def begin(self, wanted=""):
        """Press the connect button."""
        return self.visit(flows.begin, "POST", wanted=wanted)

    def consent(self, answer, username="m1", said=Answer.ALLOW):
        """Fill in MailUp's forms, and return the query that comes back."""
        fetch = in_process(self.stage.sandbox)
        back = walk(header(answer, "Location"), username=username, password=PASSWORD, answer=said, fetch=fetch)
        return back.partition("?")[2]

    def come_back(self, query):
        """Come back from MailUp."""
        return self.visit(flows.complete, query=query, headers=FROM_ELSEWHERE)

    def connect(self, wanted="", **at_mailup):
        """Connect, from the button to the answer to the callback."""
        return self.come_back(self.consent(self.begin(wanted), **at_mailup))

    @property
    def attempts(self):
        """The names of the cookies of attempts that the browser keeps."""
        return [name for name in self.cookies if name.startswith(ATTEMPT)]

    @property
    def notice(self):
        """The word that the next page tells."""
        return self.cookies.get(NOTICE, "").partition(".")[0]


def listened(stage):
    """Let *stage* overhear its own way to MailUp."""
    stage.transport = Overhearing(stage.transport)
    stage.oauth = stage.client(MailUpOAuth)
    return stage


@pytest.fixture(params=[waited, awaited], ids=["waiting", "awaiting"])
def take(request):
    """Give each of the two ways of taking a flow's steps."""
    return request.param


@pytest.fixture
def stage():
    """Set a stage on which every token is overheard."""
    return listened(Stage())


@pytest.fixture
def browser(stage, take):
    """Give Ada's browser."""
    return Browser(stage, take)
