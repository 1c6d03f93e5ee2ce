"""What Starlette and FastAPI share: what comes over the wire, the clients, the lifespan, the exceptions."""

import asyncio
import json
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta

import httpx
import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient
from tests.web.claims import told
from tests.web.scene import LIST, ORIGIN, PREFIX, Person, over_httpx
from tests.web.starlette_app import application_of, mailup_at, walked, whom

from mailup_oauth import (
    AsyncMailUpOAuth,
    BadConnection,
    ClientRejected,
    ContractNotSigned,
    DeathCause,
    ReauthorizationRequired,
    ServerNotTrusted,
    StillRefreshing,
    StoreUnavailable,
    TemporarilyUnavailable,
    TrustFault,
)
from mailup_oauth.adapters.web.starlette import ConnectionRequired, MailUp

# -- what comes over the wire ------------------------------------------------------------------------------------------


def asked(app, *, method="POST", path="/mailup/begin", headers=(), messages=()):
    """Ask an application as a server does, with *messages* for a body; return the status, the headers, and what is left."""
    sent, waiting = [], list(messages)

    async def receive():
        return waiting.pop(0)

    async def send(message):
        sent.append(message)

    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "https",
        "path": path,
        "raw_path": path.encode(),
        "root_path": "",
        "query_string": b"",
        "headers": [(b"host", b"app.example"), (b"cookie", b"user=ada@acme"), *headers],
        "server": ("app.example", 443),
        "client": ("192.0.2.1", 50000),
    }
    asyncio.run(app(scope, receive, send))
    return sent[0]["status"], dict(sent[0]["headers"]), waiting


HERE = (b"sec-fetch-site", b"same-origin")


def piece(body, *, more=True):
    """Return a part of a body."""
    return {"type": "http.request", "body": body, "more_body": more}


def test_a_body_that_never_ends_is_left_on_the_wire(scene):
    """No more is read than a form of ours could have; then the person is on the way, to the default landing place."""
    app = application_of(mailup_at(scene, PREFIX))
    status, _, waiting = asked(app, headers=[HERE], messages=[piece(b"next=/lists&a=" + b"x" * 8000)] * 100)

    assert (303, 97) == (status, len(waiting))


def test_a_browser_that_goes_away_has_asked_for_nothing(scene):
    """Half a request does nothing, and is no error of the server's."""
    app = application_of(mailup_at(scene, PREFIX))
    status, headers, _ = asked(app, headers=[HERE], messages=[piece(b"next="), {"type": "http.disconnect"}])

    assert (400, None) == (status, headers.get(b"set-cookie"))


def test_a_body_is_read_only_where_it_is_posted(scene):
    """Whatever comes with another method stays on the wire."""
    app = application_of(mailup_at(scene, PREFIX))
    status, _, waiting = asked(app, method="PUT", headers=[HERE], messages=[piece(b"next=/lists", more=False)])

    assert (405, 1) == (status, len(waiting))


@pytest.mark.parametrize(
    "headers",
    [
        [HERE, (b"sec-fetch-site", b"cross-site")],
        [(b"sec-fetch-site", b"cross-site"), HERE],
        [(b"origin", b"https://app.example"), (b"origin", b"https://evil.example")],
        [(b"origin", b"https://app.example\xff")],
    ],
)
def test_headers_that_contradict_one_another_are_not_believed(scene, headers):
    """A header that comes twice says nothing; the person is asked."""
    app = application_of(mailup_at(scene, PREFIX))
    status, _, _ = asked(app, headers=headers, messages=[piece(b"", more=False)])

    assert 403 == status


def test_a_cookie_that_comes_twice_does_no_harm(scene, started):
    """Another value beside the attempt's own makes it unreadable or is passed over; nothing else happens."""
    mailup = mailup_at(scene, PREFIX)
    ada = Person(started(application_of(mailup)), cookies={"user": "ada@acme"})
    callback = ada.consents(ada.begins().location)
    [name] = ada.attempts()
    ada.cookies[name] += f"; {name}=AAAA"
    page = ada.returns(callback)

    assert ("/mailup/failed", 0) == (page.location, scene.grants)


@pytest.mark.parametrize("host", [b"evil.example", b"app.example/evil?", b"app.example@evil.example", b"\xff", b""])
def test_no_host_header_leads_anywhere(scene, host):
    """Where a redirect leads has nothing to do with the name under which the application was asked."""
    app = application_of(mailup_at(scene, PREFIX))
    headers = [(b"host", host)]

    assert b"/mailup/failed" == asked(app, method="GET", path="/mailup/complete", headers=headers)[1][b"location"]


# -- the client --------------------------------------------------------------------------------------------------------


def test_a_crowd_over_an_expired_token_refreshes_once(scene):
    """Fifty calls of the API at once, an hour later: all are answered, after one refresh."""
    mailup = mailup_at(scene, PREFIX)
    app = application_of(mailup)
    with TestClient(app, base_url=ORIGIN) as client:
        Person(over_httpx(client), cookies={"user": "ada@acme"}).connects()
        scene.pass_time()

        async def crowd():
            way = httpx.ASGITransport(app)
            cookies = {"user": "ada@acme"}
            async with mailup.lifespan(app), httpx.AsyncClient(transport=way, base_url=ORIGIN, cookies=cookies) as each:
                return await asyncio.gather(*(each.get("/lists") for _ in range(50)))

        answers = asyncio.run(crowd())

    assert [[LIST]] * 50 == [answer.json() for answer in answers]
    assert 1 == scene.rotations


def test_clients_share_a_pool_while_the_application_is_open(scene):
    """One connection serves call after call; when the application ends it is given back, and may begin again."""
    mailup = mailup_at(scene, PREFIX)
    person = told({"user": "ada@acme"})

    async def ask():
        async with mailup.client_for(person) as api:
            answer = await api.get(f"{scene.base}/__sandbox__/state", auth=None)
            return answer.extensions["network_stream"].get_extra_info("client_addr")

    async def life():
        async with mailup.lifespan(None):
            return [await ask(), await ask()]

    async def outside():
        return [await ask(), await ask()]

    once, again, apart = asyncio.run(life()), asyncio.run(life()), asyncio.run(outside())

    assert [1, 1, 2] == [len(set(ports)) for ports in (once, again, apart)]


def test_an_application_brings_a_transport_of_its_own(scene):
    """The clients send with it, and leave it open."""

    class Counting(httpx.MockTransport):
        closed = 0

        async def aclose(self):
            self.closed += 1

    transport = Counting(lambda request: httpx.Response(200, text=str(request.url)))
    mailup = MailUp(scene.facade(AsyncMailUpOAuth), who=whom, transport=transport)

    async def life():
        async with mailup.lifespan(None), mailup.client_for(told({"user": "ada@acme"})) as api:
            return (await api.get("https://elsewhere.example/")).text

    assert ("https://elsewhere.example/", 0) == (asyncio.run(life()), transport.closed)


def test_an_application_without_the_lifespan_works_too(scene):
    """A test that does not enter the lifespan asks each time in another event loop, and leaves no socket open."""
    mailup = mailup_at(scene, PREFIX)
    ada = Person(over_httpx(TestClient(application_of(mailup), base_url=ORIGIN)), cookies={"user": "ada@acme"})
    ada.connects()

    assert [[LIST], [LIST]] == [json.loads(ada.clicks("/lists").body) for _ in range(2)]


# -- lifespans ---------------------------------------------------------------------------------------------------------


class Watched(AsyncMailUpOAuth):
    """A facade that tells whether it was closed."""

    closed = 0

    async def aclose(self, **patience):
        """Close, and count."""
        self.closed += 1
        await super().aclose(**patience)


def test_the_lifespan_closes_the_facade(scene):
    """It is open while the application is, and closed afterwards, also if the application ends in an error."""
    oauth = scene.facade(Watched)
    mailup = MailUp(oauth, who=whom)

    async def failing():
        async with mailup.lifespan(None):
            raise LookupError

    with TestClient(application_of(mailup)):
        assert 0 == oauth.closed
    with pytest.raises(LookupError):
        asyncio.run(failing())

    assert 2 == oauth.closed


def test_an_application_may_have_a_lifespan_of_its_own(scene, started):
    """Two objects, for two MailUp applications, are entered within it; each has its pages and its connections."""
    facades = [scene.facade(Watched, redirect_uri=f"{ORIGIN}/{name}/complete") for name in ("one", "two")]
    one, two = (MailUp(oauth, who=whom) for oauth in facades)

    @asynccontextmanager
    async def lifespan(app):
        async with AsyncExitStack() as stack:
            for mailup in (one, two):
                await stack.enter_async_context(mailup.lifespan(app))
            yield {"opened": True}

    routes = [one.mount("/one", "one"), two.mount("/two", "two")]
    with TestClient(Starlette(routes=routes, lifespan=lifespan), base_url=ORIGIN) as client:
        places = [walked(scene, over_httpx(client), prefix) for prefix in ("/one", "/two")]

    assert (["/one/", "/two/"], [1, 1]) == (places, [oauth.closed for oauth in facades])


# -- exceptions --------------------------------------------------------------------------------------------------------


def test_an_application_may_answer_in_its_own_way(scene, started):
    """Its own handler for ``ConnectionRequired`` is told where to connect."""

    def handler(request, error):
        return PlainTextResponse(f"go to {error.connect_at}", error.status_code)

    mailup = mailup_at(scene, PREFIX)
    handlers = {**mailup.exception_handlers, ConnectionRequired: handler}
    ada = Person(started(application_of(mailup, exception_handlers=handlers)), cookies={"user": "ada@acme"})
    page = ada.clicks("/guarded")

    assert (409, "go to /mailup/") == (page.status, page.body)


def test_without_handlers_the_refusal_is_starlettes_own(scene, started):
    """Nobody is let past without a connection though no handler was installed; the text says where to connect."""
    mailup = mailup_at(scene, PREFIX)
    ada = Person(started(application_of(mailup, exception_handlers={})), cookies={"user": "ada@acme"})
    page = ada.clicks("/guarded")

    assert (409, "text/plain; charset=utf-8", True) == (
        page.status,
        page.header("content-type"),
        page.body.endswith("(/mailup/)"),
    )


def test_a_posted_page_is_not_promised_again(scene, started):
    """Whoever posted something is offered to connect, but not to come back to an address that wants a form."""
    mailup = mailup_at(scene, PREFIX)

    async def save(request):
        await mailup.require_connection(request)

    app = application_of(mailup, lifespan=mailup.lifespan)
    app.router.routes.append(Route("/save", save, methods=["POST"]))
    ada = Person(started(app), cookies={"user": "ada@acme"})
    page = ada.ask("POST", "/save", {"accept": "text/html"}, form={"a": "b"})

    assert (409, True, False) == (page.status, 'action="/mailup/begin"' in page.body, 'name="next"' in page.body)


def test_a_websocket_is_left_alone(scene):
    """There is no page for a websocket; it ends with the exception itself."""
    mailup = mailup_at(scene, PREFIX)

    async def endpoint(websocket):
        await websocket.accept()
        await mailup.connection_for(told(websocket.cookies))

    app = application_of(mailup)
    app.router.routes.append(WebSocketRoute("/live", endpoint))
    client = TestClient(app, base_url=ORIGIN, cookies={"user": "ada@acme"})
    with pytest.raises(ConnectionRequired), client.websocket_connect("/live") as live:
        live.receive_text()


@pytest.mark.parametrize(
    ("error", "status", "code", "connect", "wait"),
    [
        (ReauthorizationRequired(DeathCause.REFRESH_TOKEN_REFUSED), 409, "reauthorization_required", "/mailup/", ""),
        (ContractNotSigned(), 409, "contract_not_signed", "", ""),
        (ClientRejected("invalid_client"), 503, "client_rejected", "", ""),
        (ServerNotTrusted(TrustFault.TLS_TOO_OLD, timedelta(seconds=61.2)), 503, "server_not_trusted", "", "62"),
        (TemporarilyUnavailable("rate-limited", timedelta(seconds=30)), 503, "temporarily_unavailable", "", "30"),
        (StillRefreshing(), 503, "still_refreshing", "", "1"),
        (StoreUnavailable("/var/lib/mailup.db is locked"), 503, "store_unavailable", "", ""),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else None,
)
def test_every_shortfall_is_answered(scene, started, error, status, code, connect, wait):  # noqa: PLR0913, PLR0917  # a row
    """A program gets a status, a code, how long to wait, where to connect, and no word of files and servers."""
    mailup = mailup_at(scene, PREFIX)

    async def failing(request):
        raise error

    app = application_of(mailup)
    app.router.routes.append(Route("/failing", failing))
    page = Person(started(app)).clicks("/failing")
    detail = json.loads(page.body)["detail"]

    assert (status, code) == (page.status, detail["code"])
    assert (connect, wait) == (detail.get("connect", ""), page.header("retry-after"))
    assert "mailup.db" not in page.body


def test_what_the_program_does_wrong_is_not_answered(scene):
    """A connection's name that cannot be is a fault of the program's, and is seen as one."""

    def nobody(request):
        return "@nobody"

    mailup = MailUp(scene.facade(AsyncMailUpOAuth), who=nobody)

    with TestClient(application_of(mailup)) as client, pytest.raises(BadConnection):
        client.get("/lists")
