"""The bytes that leave are those that were asked for, whatever the environment or the server would like instead."""

import os
import subprocess
import sys
import tracemalloc
import zlib
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from importlib.metadata import version

import attrs
import httpx
import pytest

from mailup_oauth.adapters.transport.httpx import BODY_LIMIT, HttpxTransport
from mailup_oauth.domain.secret import Secret
from mailup_oauth.domain.wire.http import Ending, HttpResponse, NotSent, SendingFault, Silence, Unanswered

OK = b"HTTP/1.1 200 OK\r\nSet-Cookie: session=1; Path=/\r\nContent-Length: 2\r\n\r\n{}"
ANSWER = HttpResponse(status=200, headers=(("set-cookie", "session=1; Path=/"), ("content-length", "2")), body=b"{}")

LIFE = """
import os, sys
from datetime import timedelta
from mailup_oauth.adapters.transport.httpx import HttpxTransport
from mailup_oauth.domain.secret import Secret
from mailup_oauth.domain.wire.http import HttpRequest

transport = HttpxTransport()
request = HttpRequest(
    method="POST", url=sys.argv[1], authorization=Secret("Basic canary"), body=Secret("canary"),
    headers=(("Accept", "application/json"), ("Accept-Encoding", "identity")),
)

def send():
    sys.exit(0 if getattr(transport.send(request, deadline=timedelta(seconds=9)), "status", 0) == 200 else 1)
"""


def wire(port):
    """Return the bytes that one POST of the suite is made of."""
    return (
        f"POST /token HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n"
        "Accept: application/json\r\nAccept-Encoding: identity\r\n"
        f"Authorization: Basic canary-authorization\r\nUser-Agent: mailup_oauth/{version('mailup-oauth')}\r\n"
        "Content-Length: 53\r\n\r\n"
        "grant_type=refresh_token&refresh_token=canary-refresh"
    ).encode()


def test_the_bytes_on_the_wire(answering, post):
    """The given headers leave, then Authorization and User-Agent, with Host and Content-Length, and nothing else."""
    server = answering(OK)
    post(server)

    assert [b"\r\n".join(sorted_head(wire(server.port)))] == [b"\r\n".join(sorted_head(one)) for one in server.heard]


def sorted_head(request):
    """Return a request line, its headers in some fixed order, and its body."""
    head, _, body = request.partition(b"\r\n\r\n")
    first, *headers = head.split(b"\r\n")
    return [first, *sorted(headers), b"", body]


def test_a_get_without_secrets(answering, post):
    """An empty body and an empty authorization leave no trace."""
    server = answering(OK)
    post(server, method="GET", authorization=Secret(""), body=Secret(""), headers=(("User-Agent", "mine"),))

    assert [
        f"GET /token HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\nUser-Agent: mine\r\n\r\n".encode()
    ] == server.heard


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("where", ["elsewhere", "itself"])
def test_sec_28_and_fault_N24_redirects(answering, post, status, where):
    """A redirect is an answer like any other: the trap it points to sees no connection, and nothing is sent again."""
    trap = answering(OK)
    target = trap.url if where == "elsewhere" else "/token"
    head = f"HTTP/1.1 {status} Go\r\nLocation: {target}\r\nContent-Length: 0\r\n\r\n"
    server = answering(head.encode())

    outcome = post(server)

    assert HttpResponse(status=status, headers=(("location", target), ("content-length", "0"))) == outcome
    assert (1, 0) == (server.connections, trap.connections)


def test_sec_29_one_connection_and_one_post_per_send(peer, answering, post):
    """A connection that is dropped is not tried again, and one that was good is not used again."""
    dropping, good = peer(lambda line: line.hear()), answering(OK)

    assert Unanswered(Silence.CLOSED) == post(dropping)
    assert [ANSWER] * 3 == [post(good) for _ in range(3)]
    assert (1, 1) == (dropping.connections, len(dropping.heard))
    assert (3, 3) == (good.connections, len(good.heard))


def test_the_connection_is_closed_after_the_answer(peer, post):
    """The socket is given back with the answer, though the server would keep it open."""
    server = peer(lambda line: (line.hear(), line.say(OK), line.wait()))

    assert ANSWER == post(server)
    assert server.left.wait(5)


def test_cookies_are_not_kept(answering, post):
    """A cookie that was set is not sent with the next request."""
    server = answering(OK)
    post(server)
    post(server)

    assert [] == [one for one in server.heard if b"cookie" in one.lower()]


def test_sec_30_nothing_of_the_environment(answering, post, monkeypatch, tmp_path):
    """Proxies, .netrc, other roots and a key log, all named by the environment, change nothing and see nothing."""
    trap, server = answering(OK), answering(OK)
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login mallory password guess\n")
    for name in ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "https_proxy", "http_proxy", "all_proxy"):
        monkeypatch.setenv(name, trap.url)
    for name in ("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.setenv(name, str(tmp_path / "missing"))
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("SSLKEYLOGFILE", str(tmp_path / "keys"))

    assert ANSWER == post(server)
    assert ANSWER == post(server, authorization=Secret(""))
    assert [sorted_head(wire(server.port))] == [sorted_head(one) for one in server.heard[:1]]
    assert b"authorization" not in server.heard[1].lower()
    assert 0 == trap.connections
    assert not (tmp_path / "keys").exists()


def test_sec_30_and_54_roots_of_the_environment(answering, authority, post, monkeypatch):
    """A root that the environment names is not trusted."""
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.roots))
    server = answering(OK, tls=authority.serving("127.0.0.1"))

    assert NotSent(SendingFault.CERTIFICATE_ISSUER_UNKNOWN) == post(server)


def test_sec_32_and_fault_N22_a_gzip_bomb_stays_as_it_came(answering, post):
    """What is compressed is never decompressed: 64 MiB of zeros come back as the 64 KiB that they travelled in."""
    squeezed = zlib.compressobj(9, wbits=31)
    bomb = b"".join(squeezed.compress(bytes(1 << 20)) for _ in range(64))[:BODY_LIMIT]
    server = answering(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n" + bomb)
    tracemalloc.start()

    outcome = post(server)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert (bomb, Ending.WHOLE) == (outcome.body, outcome.ending)
    assert ("content-encoding", "gzip") in outcome.headers
    assert peak < 2 << 20


@pytest.mark.parametrize("framing", [b"", b"Content-Length: 99999999999\r\n"])
def test_sec_32_and_fault_N23_an_endless_body(peer, post, framing):
    """A body without an end is cut at 64 KiB, and the server is hung up on."""
    server = peer(
        lambda line: (line.hear(), line.say(b"HTTP/1.1 200 OK\r\n", framing, b"\r\n"), line.flood(b"a" * 65536))
    )

    outcome = post(server)
    server.end()

    assert (200, b"a" * BODY_LIMIT, Ending.TOO_LARGE) == (outcome.status, outcome.body, outcome.ending)
    assert server.taken < 32 << 20  # the buffers of the two kernels


@pytest.mark.parametrize("header", [b"X-Many: 1\r\n" * 99, b"a" * 4096], ids=["many", "long"])
def test_sec_32_and_fault_N23_endless_headers(peer, post, header):
    """Headers without an end are not HTTP, and the server is hung up on."""
    server = peer(lambda line: (line.hear(), line.say(b"HTTP/1.1 200 OK\r\n"), line.flood(header)))

    assert Unanswered(Silence.GARBLED) == post(server)


@pytest.mark.parametrize(
    "changes",
    [
        {"url": "http://[::1/token"},
        {"url": "ftp://127.0.0.1/token"},
        {"url": "/token"},
        {"url": ""},
        {"url": "http://127.0.0.1:99999/token"},
        {"headers": (("X-Bad", "a\r\nInjected: b"),)},
        {"headers": (("Bad Name", "a"),)},
        {"headers": (("X-Bad", "\udc80"),)},
        {"authorization": Secret("canary\r\nInjected: b")},
        {"body": Secret("canary\udc80")},
    ],
)
def test_what_cannot_be_asked_is_not_sent(answering, post, changes):
    """An address or a header that HTTP cannot carry is refused here: nothing leaves, and nothing is raised."""
    server = answering(OK)

    assert NotSent(SendingFault.UNREACHABLE) == post(server, **changes)
    assert [] == server.heard


def test_twenty_threads(answering, authority, asking):
    """Twenty threads that share one transport each get their own answer, over their own connection."""
    server = answering(OK, tls=authority.serving("127.0.0.1"))
    transport = HttpxTransport(ca_file=authority.roots)

    with ThreadPoolExecutor(20) as pool:
        outcomes = list(pool.map(lambda _: transport.send(asking(server), deadline=timedelta(seconds=9)), range(20)))

    assert [ANSWER] * 20 == outcomes
    assert (20, 20) == (server.connections, len(server.heard))


def test_closing_is_not_for_ever(answering, post, transport):
    """A request after close works, and closing twice, or before anything was sent, is no fault."""
    server = answering(OK)
    transport.close()
    transport.close()

    assert ANSWER == post(server)
    transport.close()
    assert ANSWER == post(server)


def run(script, url):
    """Run a program of its own; return how it ended."""
    return subprocess.run([sys.executable, "-c", LIFE + script, url], check=False, timeout=30).returncode


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")
def test_after_a_fork(answering):
    """A transport that was used before a fork works in the child, even if the fork came while a lock was held."""
    server = answering(OK)
    script = """
transport.send(request, deadline=timedelta(seconds=9))
with transport._locks[os.getpid()]:
    child = os.fork()
    if child == 0:
        send()
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""

    assert 0 == run(script, server.url)
    assert 2 == server.connections


def test_at_the_interpreters_end(answering):
    """While Python ends, a request is either sent and answered or provably not sent; nothing is raised."""
    server = answering(OK)
    script = """
import atexit
from mailup_oauth.domain.wire.http import NotSent, SendingFault
def last():
    outcome = transport.send(request, deadline=timedelta(seconds=9))
    fine = outcome == NotSent(SendingFault.SHUTTING_DOWN) or getattr(outcome, "status", 0) == 200
    os._exit(0 if fine else 1)
atexit.register(last)
"""

    assert 0 == run(script, server.url)


def test_sec_49_the_log_is_heard_and_tells_no_secret(answering, post, ear):
    """At DEBUG httpcore names what happens, without the request, the headers of the answer, or its body."""
    body = b'{"access_token":"canary-access"}'
    post(answering(b"HTTP/1.1 200 OK\r\nSet-Cookie: canary\r\nContent-Length: 32\r\n\r\n" + body))
    post(answering(body + b"\r\n\r\n"))

    assert [] != [line for line in ear.heard if line.startswith("httpcore.http11 receive_response_headers.complete")]
    assert [] == [line for line in ear.heard if "canary" in line]


def test_sec_49_the_log_of_others_is_theirs(answering, post, ear):
    """What other users of httpx log in this process, before and after, keeps its details."""
    server = answering(OK)
    post(server)
    with httpx.Client(trust_env=False) as other:
        other.get(server.url)

    assert 1 == len([line for line in ear.heard if "receive_response_headers.complete return_value=" in line])


def test_sec_48_nothing_of_httpx_leaves(answering, post):
    """What comes back is made of this library's values and plain ones alone, answer or fault."""
    outcomes = [post(answering(OK)), post(answering()), post("http://[::1/token")]
    values = [value for outcome in outcomes for value in attrs.asdict(outcome).values()]

    assert {int, tuple, bytes, Ending, Silence, SendingFault} == {type(value) for value in values}
