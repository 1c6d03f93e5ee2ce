"""The Transport port over real sockets, by httpx; it knows no OAuth, repeats nothing, and obeys no environment."""

import os
import ssl
import threading
from contextlib import suppress
from datetime import timedelta
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Final

import certifi
import httpx

from ...domain.wire.http import Ending, Exchange, Headers, HttpRequest, HttpResponse
from .httpx_deadline import Watch
from .httpx_fates import NoRoots, fate
from .httpx_hush import hush

BODY_LIMIT: Final = 64 * 1024
"""How many bytes of a body are read (security.md row 32); MailUp's longest answer is about 1 KiB."""

ONE_USE: Final = httpx.Limits(max_connections=1, max_keepalive_connections=0)
"""A connection of its own for every request: that it could not be made proves that nothing was sent (row 29)."""

LAST_PORT: Final = 65_535


class HttpxTransport:
    """
    Sends each request over a fresh connection, at most once.

    It drives ``httpx.HTTPTransport``, not ``httpx.Client``: following redirects, keeping cookies, ``.netrc``, proxies
    and decoding are the client's, so they are absent rather than switched off.  TLS is 1.2 or newer, with chain and host
    name verified; there is no way to turn that off.  Safe to use from several threads and after a fork: nothing but the
    TLS settings is shared.  The name look-up is the system's and is not cut short; a deadline that passes meanwhile keeps
    the request from being sent.

    Source: security.md rows 28 to 32 and 54; reliability.md N1 to N12 and N22 to N24.
    """

    def __init__(self, *, ca_file: Path | None = None) -> None:
        """Prepare; *ca_file* (PEM) replaces the roots of ``certifi``, and is read at the first request."""
        self._roots = Path(certifi.where()) if ca_file is None else ca_file
        self._trust: ssl.SSLContext | None = None
        self._locks: dict[int, threading.Lock] = {}  # by process: a lock that was held during a fork stays held

    def send(self, request: HttpRequest, *, deadline: timedelta) -> Exchange:
        """
        Send *request* at most once and return what became of it; raise nothing.

        *deadline* is the total time, from here to the last byte.
        """
        watch = Watch(deadline)
        try:
            watch.start()
            with hush():
                return self._carried(request, watch)
        except Exception as failure:  # noqa: BLE001  # the port raises nothing, and no object of httpx leaves
            return fate(failure, watch)
        finally:
            watch.stop()

    def close(self) -> None:
        """Forget the TLS settings; every request gave back its socket, and a later one reads the roots again."""
        self._trust = None

    def _carried(self, request: HttpRequest, watch: Watch) -> HttpResponse:
        """
        Return the answer to *request*, by a route that is made for it and closed after it.

        Raises:
            Exception: there is no answer; ``fate`` tells why.
        """
        route = httpx.HTTPTransport(
            verify=self._trusted(), trust_env=False, http1=True, http2=False, retries=0, limits=ONE_USE
        )
        try:
            return _answered(route.handle_request(_built(request, watch)), watch)
        finally:
            with suppress(Exception):
                route.close()

    def _trusted(self) -> ssl.SSLContext:
        """Return the TLS settings, the same for every request."""
        with self._locks.setdefault(os.getpid(), threading.Lock()):
            if self._trust is None:
                self._trust = _trusting(self._roots)
            return self._trust


def _trusting(roots: Path) -> ssl.SSLContext:
    """
    Return TLS settings that trust *roots* alone.

    ``ssl.create_default_context`` would obey ``SSLKEYLOGFILE``, which writes the keys of every connection to a file.

    Raises:
        NoRoots: *roots* cannot be read or holds no certificate.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # verifies the chain and the host name
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        context.load_verify_locations(cafile=roots)
    except OSError:  # ssl.SSLError is one
        raise NoRoots from None
    return context


def _built(request: HttpRequest, watch: Watch) -> httpx.Request:
    """
    Return *request* as httpx sends it: its own headers, and Host, Content-Length, Authorization, User-Agent.

    Raises:
        Exception: httpx cannot make a request of it; nothing was sent.
    """
    headers = [*request.headers]
    if authorization := request.authorization.reveal():
        headers.append(("Authorization", authorization))
    if "user-agent" not in {name.lower() for name, _ in headers}:
        headers.append(("User-Agent", _name()))
    if not all(_is_plain(value) for _, value in headers):
        raise httpx.LocalProtocolError("a header holds what HTTP cannot carry")  # h11 would say what, and log it
    built = httpx.Request(
        request.method,
        request.url,
        headers=headers,
        content=request.body.reveal().encode(),
        extensions={"trace": watch.trace, "timeout": httpx.Timeout(watch.remaining).as_dict()},
    )
    if (built.url.port or 0) > LAST_PORT:
        raise httpx.InvalidURL("there is no such port")  # some systems would take it for another
    return built


def _is_plain(value: str) -> bool:
    """Say whether a header's value is visible ASCII without space around it (RFC 9110 section 5.5, without obs-text)."""
    return value.isascii() and value.isprintable() and value == value.strip()


def _answered(response: httpx.Response, watch: Watch) -> HttpResponse:
    """Return the answer whose status line and headers came, with as much of its body as comes."""
    try:
        body, ending = _read(response, watch)
    finally:
        with suppress(Exception):
            response.close()
    return HttpResponse(status=response.status_code, headers=_headers(response), body=body, ending=ending)


def _read(response: httpx.Response, watch: Watch) -> tuple[bytes, Ending]:
    """
    Read at most ``BODY_LIMIT`` bytes as they came, never decompressed.

    A body that ends with its connection ends as well when the watch shuts the socket: after the deadline none is whole.
    """
    body = bytearray()
    try:
        for chunk in response.iter_raw():
            body += chunk
            if len(body) > BODY_LIMIT:
                return bytes(body[:BODY_LIMIT]), Ending.TOO_LARGE
            if watch.is_over:
                return bytes(body), Ending.CUT
    except Exception:  # noqa: BLE001  # whatever broke off: what came is kept, for it may hold tokens
        return bytes(body), Ending.CUT
    return bytes(body), Ending.CUT if watch.is_over else Ending.WHOLE


def _headers(response: httpx.Response) -> Headers:
    """Return the headers in order, repeats kept; any byte is a character of latin-1."""
    return tuple((name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in response.headers.raw)


@cache
def _name() -> str:
    """Return what this library calls itself."""
    try:
        return f"mailup_oauth/{version('mailup-oauth')}"
    except PackageNotFoundError:  # a copy that was never installed
        return "mailup_oauth/0"
