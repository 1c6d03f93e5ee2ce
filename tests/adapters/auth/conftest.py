"""A program that calls MailUp's API through each HTTP library, in every way of writing one, and the wire that it calls over."""

import asyncio
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import httpx
import httpx2
import pytest
import requests
from requests.adapters import BaseAdapter

from mailup_oauth import MAILUP, AsyncMailUpOAuth, MailUpOAuth
from mailup_oauth.adapters.auth import httpx2 as for_httpx2
from mailup_oauth.adapters.auth import requests as for_requests
from mailup_oauth.sandbox import switches as sw
from mailup_oauth.sandbox.messages import Request
from mailup_oauth.sandbox.router import INFO_PATH
from mailup_oauth.testing.stage import CONNECTION, Stage

HOST = "https://services.mailup.com"
INFO = HOST + INFO_PATH
CROWD = 20
UNTOLD = sw.Switches(access_life=timedelta(minutes=15), expires_in_type=sw.ExpiresInType.MISSING)
"""A MailUp whose tokens live for a quarter of an hour, and which does not say so."""


class Wire(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """What httpx sends with; like a socket it takes a body once and keeps none, and MailUp's sandbox answers."""

    def __init__(self, service, desks):
        self.service = service
        self.desks = desks
        self.answers = deque()
        self.left = []

    def handle_request(self, request):
        """Send a request of a synchronous client."""
        return self.answered(request, b"".join(request.stream))

    async def handle_async_request(self, request):
        """Send a request of an asynchronous client; who answers may block."""
        body = b"".join([piece async for piece in request.stream])
        return await asyncio.get_running_loop().run_in_executor(self.desks, self.answered, request, body)

    def answered(self, request, body):
        """Keep what left, and let the next answer that was planned, or else the sandbox, answer."""
        sent = httpx.Request(request.method, str(request.url), headers=dict(request.headers), content=body)
        self.left.append(sent)
        answer = self.answers.popleft() if self.answers else self.service
        if isinstance(answer, httpx.Response):
            return answer
        return answer(sent) if callable(answer) else told(answer, sent)

    @property
    def shown(self):
        """The tokens that left, in order; an empty text for a request without one."""
        return [request.headers.get("Authorization", "").removeprefix("Bearer ") for request in self.left]


class Wire2(httpx2.BaseTransport, httpx2.AsyncBaseTransport):
    """The same for httpx2."""

    def __init__(self, wire):
        self.wire = wire

    def handle_request(self, request):
        """Send a request of a synchronous client."""
        return self.poured(self.wire.handle_request(request))

    async def handle_async_request(self, request):
        """Send a request of an asynchronous client."""
        return self.poured(await self.wire.handle_async_request(request))

    @staticmethod
    def poured(answer):
        """Return an answer of httpx as one of httpx2."""
        return httpx2.Response(answer.status_code, headers=answer.headers.multi_items(), stream=Stream2(answer.stream))


class Stream2(httpx2.SyncByteStream, httpx2.AsyncByteStream):
    """An answer's body for httpx2."""

    def __init__(self, stream):
        self.stream = stream

    def __iter__(self):
        yield from self.stream

    async def __aiter__(self):
        async for piece in self.stream:
            yield piece


class WireOfRequests(BaseAdapter):
    """The same for requests."""

    def __init__(self, wire):
        super().__init__()
        self.wire = wire

    def send(self, request, **_):
        """Send a request, and say what it was answered."""
        answer = self.wire.answered(request, whole(request.body))
        response = requests.Response()
        response.status_code = answer.status_code
        response.headers.update(answer.headers)
        response.url, response.request, response.connection = request.url, request, self
        response.raw = Raw(answer.stream)
        return response

    def close(self):
        """Do nothing."""


class Raw:
    """An answer's body for requests, which reads it in its own way."""

    def __init__(self, pieces):
        self.pieces = pieces

    def stream(self, *_, **__):
        """Yield it piece by piece."""
        yield from self.pieces

    def close(self):
        """Do nothing."""


def whole(body):
    """Return a body of requests as it leaves."""
    if hasattr(body, "read"):
        return body.read()
    if isinstance(body, str):
        return body.encode()
    return b"".join(body) if hasattr(body, "__next__") else body or b""


def told(service, request):
    """Return what a sandbox answers."""
    headers = tuple((name.lower(), value) for name, value in request.headers.items())
    query = request.url.query.decode()
    said = service.handle(
        Request(method=request.method, path=request.url.path, query=query, headers=headers, body=request.content)
    )
    return httpx.Response(said.status, headers=said.headers, content=said.body)


class OverHttpx:
    """A program with ``MailUpOAuth`` and ``httpx.Client``."""

    kind = MailUpOAuth
    library = httpx
    rewinds = False
    """Whether a file is wound back and sent again."""

    sights = 4
    """How often hooks see one API call and its repeat: as requests, and as answers."""

    def __init__(self, stage, wire):
        self.oauth = stage.client(self.kind)
        self.wire = wire

    def held(self):
        """Return the text of the token that the connection has now."""
        return self.oauth.access_token(CONNECTION).value.reveal()

    def auth(self):
        """Return what authorizes."""
        return self.oauth.auth(CONNECTION)

    def transport(self):
        """Return the wire, as the library wants it."""
        return self.wire

    def client(self, **settings):
        """Return a client that authorizes what it sends."""
        return self.library.Client(**{"auth": self.auth(), "transport": self.transport(), **settings})

    def ask(self, url=INFO, *, method="GET", settings=None, **how):
        """Send one request and return the answer, read whole."""
        with self.client(**settings or {}) as client:
            return client.request(method, url, **how)

    @staticmethod
    def watching(seen):
        """Return settings that note every address which the client's own hooks see."""
        return {
            "event_hooks": {
                "request": [lambda request: seen.append(str(request.url))],
                "response": [lambda response: seen.append(str(response.url))],
            }
        }

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


class OverAsyncHttpx(OverHttpx):
    """A program with ``AsyncMailUpOAuth`` and ``httpx.AsyncClient``."""

    kind = AsyncMailUpOAuth

    def held(self):
        """Return the text of the token that the connection has now."""
        return asyncio.run(self.oauth.access_token(CONNECTION)).value.reveal()

    def client(self, **settings):
        """Return a client that authorizes what it sends."""
        return self.library.AsyncClient(**{"auth": self.auth(), "transport": self.transport(), **settings})

    def ask(self, url=INFO, *, method="GET", settings=None, **how):
        """Send one request and return the answer, read whole."""

        async def asking():
            async with self.client(**settings or {}) as client:
                return await client.request(method, url, **how)

        return asyncio.run(asking())

    @staticmethod
    def watching(seen):
        """Return settings that note every address which the client's own hooks see."""

        async def see(what):
            seen.append(str(what.url))

        return {"event_hooks": {"request": [see], "response": [see]}}

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


class OverHttpx2(OverHttpx):
    """A program with ``MailUpOAuth`` and ``httpx2.Client``."""

    library = httpx2

    def auth(self):
        """Return what authorizes."""
        return for_httpx2.MailUpAuth(self.oauth, CONNECTION)

    def transport(self):
        """Return the wire, as the library wants it."""
        return Wire2(self.wire)


class OverAsyncHttpx2(OverAsyncHttpx):
    """A program with ``AsyncMailUpOAuth`` and ``httpx2.AsyncClient``."""

    library = httpx2
    transport = OverHttpx2.transport

    def auth(self):
        """Return what authorizes."""
        return for_httpx2.AsyncMailUpAuth(self.oauth, CONNECTION)


class OverRequests(OverHttpx):
    """A program with ``MailUpOAuth`` and ``requests.Session``; it is asked in the words of httpx."""

    library = requests
    rewinds = True
    sights = 1  # a response hook sees the last answer of the two

    def auth(self):
        """Return what authorizes."""
        return for_requests.MailUpAuth(self.oauth, CONNECTION)

    def client(self, *, transport=..., event_hooks=None, trust_env=True, auth=...):
        """Return a client that authorizes what it sends."""
        session = requests.Session()
        session.auth = self.auth() if auth is ... else auth
        session.trust_env = trust_env
        session.hooks["response"] += (event_hooks or {}).get("response", [])
        if transport is ...:
            for scheme in ("http://", "https://", "wss://"):
                session.mount(scheme, WireOfRequests(self.wire))
        return session

    @staticmethod
    def watching(seen):
        """Return settings that note every address which the client's own hooks see."""
        return {"event_hooks": {"response": [lambda response, **_: seen.append(response.url)]}}

    def ask(self, url=INFO, *, method="GET", settings=None, **how):
        """Send one request and return the answer, read whole."""
        if "content" in how:
            how["data"] = how.pop("content")
        how["allow_redirects"] = how.pop("follow_redirects", False)
        return super().ask(url, method=method, settings=settings, **how)

    def look(self, see, url=INFO, **settings):
        """Send one request, and return what is to be seen before the caller has read anything."""
        with self.client(**settings) as client, client.get(url, stream=True) as answer:
            return see(answer)


WAYS = {
    "httpx": OverHttpx,
    "async-httpx": OverAsyncHttpx,
    "httpx2": OverHttpx2,
    "async-httpx2": OverAsyncHttpx2,
    "requests": OverRequests,
}


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
    """A program that calls the API of a connected user, written in one of the ways."""
    return WAYS[request.param](stage, wire)


@pytest.fixture(scope="session")
def ways():
    """Every way of writing such a program, by its name."""
    return WAYS


@pytest.fixture(scope="session")
def outlived():
    """Leave a stage's connection with a token that MailUp has ended and the client believes in."""

    def leave(stage):
        stage.switch(UNTOLD)
        stage.oauth.refresh(CONNECTION)
        stage.switch(sw.DOCUMENTED)
        stage.clock.move(timedelta(minutes=20))

    return leave
