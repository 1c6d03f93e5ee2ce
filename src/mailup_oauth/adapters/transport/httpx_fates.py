"""What a failure of httpx means for a request: that it provably never left, or that nobody knows."""

import socket
import ssl
from collections.abc import Iterator

import httpx

from ...domain.errors import TrustFault
from ...domain.wire.http import NotSent, SendingFault, Silence, Unanswered
from .httpx_deadline import ShuttingDown, TooLate, Watch

NO_ANSWER = "Server disconnected without sending a response."
"""How httpcore tells an orderly end before the status line (``httpcore/_sync/http11.py``, since 0.14)."""

BREAKS = (ssl.SSLEOFError, ssl.SSLZeroReturnError)
"""TLS that was broken off, not refused: it may work the next time (reliability.md N4)."""


_OTHER_NAMES = frozenset({62, 64})
"""X509_V_ERR_HOSTNAME_MISMATCH and X509_V_ERR_IP_ADDRESS_MISMATCH of OpenSSL."""
_OTHER_TIMES = frozenset({9, 10})
"""X509_V_ERR_CERT_NOT_YET_VALID and X509_V_ERR_CERT_HAS_EXPIRED, of the certificate or of one above it."""
_OTHER_PROTOCOLS = frozenset({"UNSUPPORTED_PROTOCOL", "TLSV1_ALERT_PROTOCOL_VERSION"})
"""The reasons that OpenSSL gives where the other side speaks no version that we speak."""


class NoRoots(Exception):
    """The file of trusted roots cannot be read; nothing had been sent."""


def fate(failure: Exception, watch: Watch) -> NotSent | Unanswered:
    """Return what became of a request that got no status line; total, whatever *failure* is."""
    malformed = isinstance(failure, httpx.LocalProtocolError)  # h11 checks headers before it writes a byte of them
    if not watch.may_have_left or (malformed and not watch.headers_left):
        return NotSent(_sending_fault(failure, watch))
    return Unanswered(_silence(failure, watch))


def _sending_fault(failure: Exception, watch: Watch) -> SendingFault:
    """Return why the request did not leave."""
    causes = tuple(_chain(failure))
    if isinstance(failure, ShuttingDown):
        return SendingFault.SHUTTING_DOWN
    if _has(causes, socket.gaierror):
        return SendingFault.NAME_NOT_FOUND
    if _has(causes, ConnectionRefusedError):
        return SendingFault.REFUSED
    if mistrusts := [fault for cause in causes for fault in _mistrust(cause)]:
        return SendingFault(mistrusts[0].value)
    if watch.is_over or _has(causes, TooLate, httpx.ConnectTimeout, TimeoutError):
        return SendingFault.CONNECT_TIMEOUT
    if _has(causes, ssl.SSLError) and not _has(causes, *BREAKS):
        return SendingFault.TLS
    return SendingFault.UNREACHABLE


def _mistrust(cause: BaseException) -> tuple[TrustFault, ...]:
    """Return why the server is not trusted, if that is what *cause* says."""
    match cause:
        case NoRoots():
            return (TrustFault.TRUSTED_ROOTS_UNREADABLE,)
        case ssl.SSLCertVerificationError(verify_code=code) if code in _OTHER_NAMES:
            return (TrustFault.CERTIFICATE_FOR_ANOTHER_HOST,)
        case ssl.SSLCertVerificationError(verify_code=code) if code in _OTHER_TIMES:
            return (TrustFault.CERTIFICATE_OUT_OF_DATE,)
        case ssl.SSLCertVerificationError():
            return (TrustFault.CERTIFICATE_ISSUER_UNKNOWN,)
        case ssl.SSLError(reason=reason) if reason in _OTHER_PROTOCOLS:
            return (TrustFault.TLS_TOO_OLD,)
        case _:
            return ()


def _silence(failure: Exception, watch: Watch) -> Silence:
    """Return why no status line came."""
    causes = tuple(_chain(failure))
    if watch.is_over or _has(causes, httpx.TimeoutException, TimeoutError):
        return Silence.TIMEOUT
    if _has(causes, ConnectionError, httpx.NetworkError):
        return Silence.RESET
    if NO_ANSWER in str(failure):
        return Silence.RESET if watch.torn else Silence.CLOSED
    return Silence.GARBLED


def _has(causes: tuple[BaseException, ...], *kinds: type[BaseException]) -> bool:
    """Say whether one of *causes* is of one of *kinds*."""
    return any(isinstance(cause, kinds) for cause in causes)


def _chain(failure: BaseException) -> Iterator[BaseException]:
    """Yield a failure and all that led to it; httpx and httpcore wrap what the system raised."""
    seen: set[int] = set()
    link: BaseException | None = failure
    while link is not None and id(link) not in seen:
        seen.add(id(link))
        yield link
        link = link.__cause__ or link.__context__
