"""Every fault of the network, as a server on loopback makes it, has its name in the port (reliability.md section N)."""

import socket
import ssl
import time
import warnings
from datetime import UTC, datetime, timedelta

import pytest

from mailup_oauth.adapters.transport.httpx import BODY_LIMIT, HttpxTransport
from mailup_oauth.adapters.transport.httpx_deadline import ShuttingDown, Watch
from mailup_oauth.adapters.transport.httpx_fates import fate
from mailup_oauth.domain.secret import Secret
from mailup_oauth.domain.wire.http import (
    Ending,
    HttpResponse,
    NotSent,
    SendingFault,
    Silence,
    Unanswered,
)

TOKENS = b'{"access_token":"canary-access"}'
WHOLE = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(TOKENS) + TOKENS
SHORT = 0.6  # seconds of a deadline that is meant to pass
AIR = 5  # seconds that a busy machine may take longer; what drips would take fifty


def ending_of(exchange):
    """Return the parts of an answer that tell how it ended."""
    return exchange.status, exchange.body, exchange.ending


def test_an_answer_is_read_whole(answering, post):
    """The status, the headers in order and in lower case, repeats too, and the raw body come back."""
    server = answering(
        b"HTTP/1.1 400 Bad\r\nX-One: 1\r\nx-TWO: \xe9\r\nX-One: 3\r\nContent-Length: 32\r\n\r\n" + TOKENS
    )

    assert HttpResponse(
        status=400,
        headers=(("x-one", "1"), ("x-two", "é"), ("x-one", "3"), ("content-length", "32")),
        body=TOKENS,
    ) == post(server)


def test_fault_N01_name_not_found(post):
    """A name that the system cannot resolve was never sent to."""

    assert NotSent(SendingFault.NAME_NOT_FOUND) == post("http://nothing.invalid/token", seconds=10)


def test_fault_N02_refused(post):
    """A closed port was never sent to."""
    with socket.create_server(("127.0.0.1", 0)) as door:
        port = door.getsockname()[1]

    assert NotSent(SendingFault.REFUSED) == post(f"http://127.0.0.1:{port}/token")


def test_fault_N03_connect_timeout(post):
    """A host that does not take the connection before the deadline was never sent to."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as door:
        address, waiting = door.getsockname(), []
        for _ in range(4):  # more than the queue holds: the kernel drops whoever comes next
            waiting.append(socket.socket())
            waiting[-1].settimeout(0)
            waiting[-1].connect_ex(address)
        outcome = post(f"http://127.0.0.1:{address[1]}/token", seconds=SHORT)
        for one in waiting:
            one.close()

    assert NotSent(SendingFault.CONNECT_TIMEOUT) == outcome


def old_tls(context):
    """Let a server speak nothing newer than TLS 1.1."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.set_ciphers("DEFAULT:@SECLEVEL=0")
        context.minimum_version = ssl.TLSVersion.TLSv1
        context.maximum_version = ssl.TLSVersion.TLSv1_1
    return context


@pytest.mark.parametrize(
    ("weakness", "fault"),
    [
        ("wrong-host", SendingFault.CERTIFICATE_FOR_ANOTHER_HOST),
        ("wrong-address", SendingFault.CERTIFICATE_FOR_ANOTHER_HOST),
        ("expired", SendingFault.CERTIFICATE_OUT_OF_DATE),
        ("not-yet-valid", SendingFault.CERTIFICATE_OUT_OF_DATE),
        ("unknown-ca", SendingFault.CERTIFICATE_ISSUER_UNKNOWN),
        ("tls-1.1", SendingFault.TLS_TOO_OLD),
    ],
)
def test_sec_54_and_fault_N04_tls(answering, authority, asking, weakness, fault):
    """A certificate for another host, one out of date, an unknown authority and TLS 1.1 get nothing sent."""
    expired, begins = datetime.now(UTC) - timedelta(days=1), datetime.now(UTC) + timedelta(days=1)
    ends = begins + timedelta(days=1)
    context = {
        "wrong-address": lambda: authority.serving("127.0.0.2"),
        "not-yet-valid": lambda: authority.serving("127.0.0.1", not_before=begins, not_after=ends),
        "wrong-host": lambda: authority.serving("mailup.example"),
        "expired": lambda: authority.serving("127.0.0.1", not_before=expired - timedelta(days=1), not_after=expired),
        "unknown-ca": lambda: authority.serving("127.0.0.1"),
        "tls-1.1": lambda: old_tls(authority.serving("127.0.0.1")),
    }[weakness]()
    server = answering(WHOLE, tls=context)
    transport = HttpxTransport(ca_file=None if weakness == "unknown-ca" else authority.roots)

    assert NotSent(fault) == transport.send(asking(server), deadline=timedelta(seconds=5))
    assert [] == server.heard


def test_tls_with_a_private_root(answering, authority, asking):
    """The file of private roots is trusted, and with TLS an answer comes as without."""
    server = answering(WHOLE, tls=authority.serving("127.0.0.1"))
    transport = HttpxTransport(ca_file=authority.roots)

    outcome = transport.send(asking(server), deadline=timedelta(seconds=5))

    assert (200, TOKENS, Ending.WHOLE) == ending_of(outcome)


@pytest.mark.parametrize("written", [None, b"", b"no certificate"])
def test_private_roots_that_are_missing(answering, asking, tmp_path, written):
    """A file of roots that cannot be read, or holds none, gets nothing sent, and raises nothing."""
    server, roots = answering(WHOLE), tmp_path / "roots.pem"
    if written is not None:
        roots.write_bytes(written)
    transport = HttpxTransport(ca_file=roots)

    assert NotSent(SendingFault.TRUSTED_ROOTS_UNREADABLE) == transport.send(
        asking(server), deadline=timedelta(seconds=5)
    )
    assert [] == server.heard


@pytest.mark.parametrize(
    ("script", "fault"),
    [
        (lambda line: (line.glimpse(), line.reset()), SendingFault.UNREACHABLE),
        (lambda line: (line.drain(), line.close()), SendingFault.UNREACHABLE),
        (lambda line: line.wait(), SendingFault.CONNECT_TIMEOUT),
        (lambda line: line.say(b"HTTP/1.1 200 OK\r\n\r\n"), SendingFault.TLS),
        (lambda line: line.drip(b"\x16\x03\x03\x40\x00" + b"\x02" * 999, 0.05), SendingFault.CONNECT_TIMEOUT),
    ],
    ids=["reset", "closed", "silent", "not-tls", "dripping"],
)
def test_fault_N04_handshake(peer, post, script, fault):
    """A handshake that breaks, stalls or drips ends by the deadline with nothing sent."""
    server = peer(script)

    assert NotSent(fault) == post(f"https://127.0.0.1:{server.port}/token", seconds=SHORT)


def test_fault_N05_reset_while_sending(peer, post):
    """A reset in the middle of a long body leaves open whether it was obeyed."""
    server = peer(lambda line: (line.glimpse(), line.reset()))

    assert post(server, body=Secret("canary" * 2_000_000)) in {Unanswered(Silence.RESET), Unanswered(Silence.CLOSED)}


@pytest.mark.parametrize("read", [False, True], ids=["N06-before-reading", "N07-after-reading"])
def test_fault_N06_N07_reset(peer, post, read):
    """A reset, before or after the server read the request, leaves open whether it was obeyed."""

    def script(line):
        if read:
            line.hear()
        else:
            line.glimpse()  # so that it has left
        line.reset()

    assert Unanswered(Silence.RESET) == post(peer(script))


def test_fault_N08_closed_without_answer(answering, post):
    """An orderly end without an answer leaves open whether the request was obeyed."""

    assert Unanswered(Silence.CLOSED) == post(answering())


def test_fault_N09_no_answer(peer, post):
    """Silence until the deadline is a timeout, and the connection is closed."""
    server = peer(lambda line: (line.hear(), line.wait()))

    assert Unanswered(Silence.TIMEOUT) == post(server, seconds=SHORT)
    assert server.left.wait(5)


def test_fault_N10_a_slow_answer_before_the_deadline(peer, post):
    """An answer that takes its time, but not all of ours, is an answer."""
    server = peer(lambda line: (line.hear(), line.drip(WHOLE[:9], 0.02), line.say(WHOLE[9:])))

    assert (200, TOKENS, Ending.WHOLE) == ending_of(post(server, seconds=10))


def dripping_head(line):
    """Never come to the end of the headers."""
    line.hear()
    line.drip(WHOLE[:20] + b"X-Header: " + b"a" * 999, 0.05)


def dripping_hints(line):
    """Say "go on" for ever."""
    line.hear()
    line.drip(b"HTTP/1.1 100 Continue\r\n\r\n" * 99, 0.01)


@pytest.mark.parametrize("script", [dripping_head, dripping_hints])
def test_sec_31_and_fault_N11_dripping_headers(peer, post, script):
    """Bytes that come one by one do not stretch the deadline: headers that never end are a timeout."""
    began = time.monotonic()

    assert Unanswered(Silence.TIMEOUT) == post(peer(script), seconds=SHORT)
    assert time.monotonic() - began < SHORT + AIR


@pytest.mark.parametrize("length", [b"Content-Length: 999\r\n", b"Transfer-Encoding: chunked\r\n", b""])
@pytest.mark.parametrize("tls", [False, True], ids=["plain", "tls"])
def test_sec_31_and_fault_N11_dripping_body(peer, authority, asking, length, tls):
    """A body that drips is cut at the deadline, however its end would be told, and what came is kept."""

    def script(line):
        line.hear()
        line.say(b"HTTP/1.1 200 OK\r\n", length, b"\r\n", b"3e7\r\n" if b"chunked" in length else b"")
        line.drip(b"a" * 999, 0.05)

    server = peer(script, tls=authority.serving("127.0.0.1") if tls else None)
    transport, began = HttpxTransport(ca_file=authority.roots), time.monotonic()

    outcome = transport.send(asking(server), deadline=timedelta(seconds=SHORT))

    assert time.monotonic() - began < SHORT + AIR
    assert Ending.CUT == outcome.ending
    assert 1 <= len(outcome.body) < 30


@pytest.mark.parametrize(
    ("words", "left"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n" + TOKENS, TOKENS),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n20\r\n" + TOKENS, TOKENS),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n20\r\n" + TOKENS + b"\r\nzz\r\n", TOKENS),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n", b""),
    ],
    ids=["short", "no-last-chunk", "bad-chunk", "no-body"],
)
def test_fault_N12_truncated(answering, post, words, left):
    """A body shorter than was promised comes back as cut, with what came, for it may hold tokens."""

    assert (200, left, Ending.CUT) == ending_of(post(answering(words)))


def test_fault_N12_reset_in_the_body(peer, post):
    """A reset after a part of the body is a cut, not a silence: the status line had come."""

    def script(line):
        line.hear()
        line.say(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n")
        line.reset()

    outcomes = {
        Unanswered(Silence.RESET),  # a reset may overtake what was said before it
        HttpResponse(status=200, headers=(("content-length", "99"),), ending=Ending.CUT),
    }

    assert post(peer(script)) in outcomes


def test_a_deadline_that_is_over(answering, post):
    """With no time at all, nothing is sent."""
    server = answering(WHOLE)

    assert NotSent(SendingFault.CONNECT_TIMEOUT) == post(server, seconds=0)
    assert 0 == server.connections


def test_a_deadline_longer_than_a_timer_counts(answering, transport, asking):
    """The longest of all spans is no trouble."""

    assert (200, TOKENS, Ending.WHOLE) == ending_of(transport.send(asking(answering(WHOLE)), deadline=timedelta.max))


def test_an_interpreter_at_its_end():
    """No thread to be had at the interpreter's end means that nothing was sent."""

    assert NotSent(SendingFault.SHUTTING_DOWN) == fate(ShuttingDown(), Watch(timedelta(seconds=1)))


def test_fault_N31_garbage(answering, post):
    """What is not HTTP is garbled: the request left, and no status line came."""
    words = [
        b"SSH-2.0-OpenSSH_9.2\r\n\r\n",
        b"HTTP/1.1 099 Low\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        TOKENS + b"\r\n\r\n",  # a body without its head: httpcore would log it
        b"\x00" * 99 + b"\r\n\r\n",
    ]

    assert [Unanswered(Silence.GARBLED)] * len(words) == [post(answering(word)) for word in words]


@pytest.mark.parametrize(
    "words",
    [
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\n" + WHOLE,
        b"HTTP/1.0 200 OK\r\n\r\n" + TOKENS,
        WHOLE + b"HTTP/1.1 500 Second\r\nContent-Length: 0\r\n\r\n",
    ],
    ids=["1xx", "http-1.0", "two-answers"],
)
def test_fault_N31_oddities(answering, post, words):
    """Interim answers are skipped, HTTP/1.0 is read to its end, and a second answer is never read."""

    assert (200, TOKENS, Ending.WHOLE) == ending_of(post(answering(words)))


@pytest.mark.parametrize(("size", "ending"), [(BODY_LIMIT, Ending.WHOLE), (BODY_LIMIT + 1, Ending.TOO_LARGE)])
def test_fault_N23_the_limit(answering, post, size, ending):
    """64 KiB are read and not one byte more."""
    outcome = post(answering(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % size + b"a" * size))

    assert (BODY_LIMIT, ending) == (len(outcome.body), outcome.ending)
