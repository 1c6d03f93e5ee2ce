"""A program that calls MailUp's API through httpx, in both ways of writing one, and the wire that it calls over."""

import asyncio
from collections import deque
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from mailup_oauth import MAILUP, AsyncMailUpOAuth, MailUpOAuth
from mailup_oauth.sandbox.messages import Request
from mailup_oauth.sandbox.router import INFO_PATH
from mailup_oauth.testing.stage import CONNECTION, Stage

HOST = "https://services.mailup.com"
INFO = HOST + INFO_PATH
CROWD = 20


class Wire(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """What httpx sends with; like a socket it takes a body once and keeps none, and MailUp's sandbox answers."""

    def __init__(self, service, desks):
        self.service = service
        self.desks = desks
        self.answers = deque()
        self.left = []

    def handle_request(self, request):
        """Send a request of a synchronous client."""
        return self._answered(request, b"".join(request.stream))

    async def handle_async_request(self, request):
        """Send a request of an asynchronous client; who answers may block."""
        body = b"".join([piece async for piece in request.stream])
        return await asyncio.get_running_loop().run_in_executor(self.desks, self._answered, request, body)

    def _answered(self, request, body):
        """Keep what left, and let the next answer that was planned, or else the sandbox, answer."""
        sent = httpx.Request(request.method, request.url, headers=dict(request.headers), content=body)
        self.left.append(sent)
        answer = self.answers.popleft() if self.answers else self.service
        if isinstance(answer, httpx.Response):
            return answer
        return answer(sent) if callable(answer) else told(answer, sent)

    @property
    def shown(self):
        """The tokens that left, in order; an empty text for a request without one."""
        return [request.headers.get("Authorization", "").removeprefix("Bearer ") for request in self.left]


def told(service, request):
    """Return what a sandbox answers."""
    headers = tuple((name.lower(), value) for name, value in request.headers.items())
    query = request.url.query.decode()
    said = service.handle(
        Request(method=request.method, path=request.url.path, query=query, headers=headers, body=request.content)
    )
    return httpx.Response(said.status, headers=said.headers, content=said.body)


class Synchronous:
    """A program with ``MailUpOAuth`` and ``httpx.Client``."""

    kind = MailUpOAuth

    def __init__(self, stage, wire):
        self.oauth = stage.client(self.kind)
        self.wire = wire

    def held(self):
        """Return the text of the token that the connection has now."""
        return self.oauth.access_token(CONNECTION).value.reveal()

    def client(self, **settings):
        """Return a client that authorizes what it sends."""
        return httpx.Client(**{"auth": self.oauth.auth(CONNECTION), "transport": self.wire, **settings})

    def ask(self, url=INFO, *, method="GET", settings=None, **how):
        """Send one request and return the answer, read whole."""
        with self.client(**settings or {}) as client:
            return client.request(method, url, **how)

    @staticmethod
    def hook(see):
        """Return *see* as an event hook."""
        return see

    @staticmethod
    def flowing(*pieces):
        """Return a body that comes piece by piece, once."""
        yield from pieces

    def look(self, see, url=INFO, **settings):
        """Send one request, and return what is to be seen before the caller has read anything."""
        with self.client(**settings) as client, client.stream("GET", url) as answer:
            return see(answer)

    def crowd(self, count, url=INFO, **settings):
        """Send so many requests at once, and return the statuses of their answers."""
        with self.client(**settings) as client, ThreadPoolExecutor(count) as threads:
            return [answer.status_code for answer in threads.map(client.get, [url] * count)]


class Asynchronous(Synchronous):
    """A program with ``AsyncMailUpOAuth`` and ``httpx.AsyncClient``."""

    kind = AsyncMailUpOAuth

    def held(self):
        """Return the text of the token that the connection has now."""
        return asyncio.run(self.oauth.access_token(CONNECTION)).value.reveal()

    def client(self, **settings):
        """Return a client that authorizes what it sends."""
        return httpx.AsyncClient(**{"auth": self.oauth.auth(CONNECTION), "transport": self.wire, **settings})

    def ask(self, url=INFO, *, method="GET", settings=None, **how):
        """Send one request and return the answer, read whole."""

        async def asking():
            async with self.client(**settings or {}) as client:
                return await client.request(method, url, **how)

        return asyncio.run(asking())

    @staticmethod
    def hook(see):
        """Return *see* as an event hook."""

        async def seeing(what):
            see(what)

        return seeing

    @staticmethod
    async def flowing(*pieces):
        """Return a body that comes piece by piece, once."""
        for piece in pieces:
            yield piece

    def look(self, see, url=INFO, **settings):
        """Send one request, and return what is to be seen before the caller has read anything."""

        async def looking():
            async with self.client(**settings) as client, client.stream("GET", url) as answer:
                return see(answer)

        return asyncio.run(looking())

    def crowd(self, count, url=INFO, **settings):
        """Send so many requests at once, and return the statuses of their answers."""

        async def crowding():
            async with self.client(**settings) as client:
                return await asyncio.gather(*(client.get(url) for _ in range(count)))

        return [answer.status_code for answer in asyncio.run(crowding())]


WAYS = {"sync": Synchronous, "async": Asynchronous}


@pytest.fixture
def stage(request):
    """A stage on which ``m1`` is connected, and MailUp, or the provider that is asked for, behind it."""
    play = Stage(provider=getattr(request, "param", MAILUP))
    play.connect()
    return play


@pytest.fixture
def wire(stage):
    """The wire to the stage's MailUp."""
    with ThreadPoolExecutor(CROWD) as desks:
        yield Wire(stage.sandbox, desks)


@pytest.fixture(params=WAYS)
def program(request, stage, wire):
    """A program that calls the API of a connected user, written in either way."""
    return WAYS[request.param](stage, wire)
