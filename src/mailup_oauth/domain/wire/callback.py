"""
What the browser brought back, as far as it can be judged before anyone knows which attempt it belongs to.

The order is that of security.md row 13: size, text, repeats, place, nonce.  What comes after the nonce (issuer, error,
code) is read here and judged by ``decide``, because a stranger's error must end nobody's attempt.
"""

import re
from collections.abc import Mapping
from hashlib import sha256
from urllib.parse import unquote_plus

from attrs import frozen

from ..credential import Credential, Marking
from ..errors import CallbackFault
from ..provider import NonceCarrier, Provider
from ..secret import Secret
from .grammar import is_visible, shown
from .places import arrival, is_at

LONGEST_ADDRESS = 16 * 1024
LONGEST_CODE = 4096
LONGEST_NONCE = 512
"""Characters, as sent or decoded; security.md row 17."""

LONGEST_ERROR = 64
LONGEST_DESCRIPTION = 256
"""Characters that are kept; security.md row 18."""

_NOT_TEXT = re.compile(r"[\x00-\x1F\x7F-\x9F\uD800-\uDFFF]")
_BAD_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")

_ERROR_FAULTS = {
    "access_denied": CallbackFault.DENIED,
    "server_error": CallbackFault.SERVER_ERROR,
    "temporarily_unavailable": CallbackFault.SERVER_ERROR,
}


@frozen
class Absent:
    """The parameter did not come, or came empty, which is the same (RFC 6749 section 3.1)."""


_ABSENT = Absent()


@frozen(kw_only=True)
class Returned:
    """
    A code came back.

    Attributes:
        nonces: Each that came back, ``state`` first; at least one, and all must belong to the same attempt.
        issuer: ``iss`` as sent, untrusted; to be compared, never shown.
        code: The authorization code.
    """

    nonces: tuple[Secret, ...]
    issuer: str | Absent
    code: Credential


@frozen(kw_only=True)
class Denied:
    """
    An error came back; believed only when nonce, browser and issuer are right.

    Attributes:
        nonces: As in ``Returned``.
        issuer: As in ``Returned``.
        error: Its code, at most 64 printable characters; still a stranger's words, to be escaped in HTML.
        description: At most 256 printable characters, or none; likewise.
        fault: What it comes to for us.
    """

    nonces: tuple[Secret, ...]
    issuer: str | Absent
    error: str
    description: str
    fault: CallbackFault


@frozen(kw_only=True)
class Faulty:
    """Neither a usable code nor one error came back; *fault* is told only when nonce, browser and issuer are right."""

    nonces: tuple[Secret, ...]
    issuer: str | Absent
    fault: CallbackFault


@frozen
class CallbackUnreadable:
    """It cannot even be said which attempt this belongs to."""

    fault: CallbackFault


Callback = Returned | Denied | Faulty | CallbackUnreadable


def read_callback(address: str, *, redirect_uri: str, provider: Provider, marking: Marking) -> Callback:
    """
    Return what *address* brings back; never raises, and takes time in proportion to its length.

    Args:
        address: The whole address, its path and query, ``?query`` or the bare query; still percent-encoded.
        redirect_uri: As registered, without an attempt's nonce; members of its own query are ignored.
        provider: Says what carries the nonce.
        marking: Makes the mark of the code that is born here.
    """
    if len(address) > LONGEST_ADDRESS:
        return CallbackUnreadable(CallbackFault.TOO_LARGE)
    arrived = arrival(address)
    if not _is_text(address, arrived.query):
        return CallbackUnreadable(CallbackFault.NOT_TEXT)
    carriers = _carriers(provider)
    parameters = _parameters(arrived.query, carriers)
    if parameters is None:
        return CallbackUnreadable(CallbackFault.REPEATED_PARAMETER)
    if not is_at(arrived, redirect_uri):
        return CallbackUnreadable(CallbackFault.ELSEWHERE)
    nonces = tuple(parameters[name] for name in carriers if name in parameters)
    if not nonces:
        return CallbackUnreadable(CallbackFault.NONCE_MISSING)
    if not all(is_visible(nonce, longest=LONGEST_NONCE) for nonce in nonces):
        return CallbackUnreadable(CallbackFault.NONCE_UNKNOWN)
    return _read_outcome(parameters, tuple(map(Secret, nonces)), marking)


def digests(callback: Returned | Denied | Faulty) -> tuple[str, ...]:
    """Return the index key of each nonce that came back, each once: where to look for the attempt."""
    return tuple(dict.fromkeys(map(nonce_digest, callback.nonces)))


def nonce_digest(nonce: Secret) -> str:
    """Return the key an attempt is found by: SHA-256 in hexadecimal, so that a look-up's time tells nothing."""
    return sha256(nonce.reveal().encode("utf-8", "surrogatepass")).hexdigest()


def _is_text(address: str, query: str) -> bool:
    """Say whether *address* is text without control characters, also behind its percent-encoding."""
    if not _is_clean(address):
        return False
    if "%" not in query:
        return True
    try:
        decoded = unquote_plus(query, errors="strict")
    except UnicodeDecodeError:
        return False
    return not _BAD_ESCAPE.search(query) and _is_clean(decoded)


def _is_clean(text: str) -> bool:
    """Say whether *text* has neither control characters nor surrogates; what is printable has none, and is common."""
    return text.isprintable() or not _NOT_TEXT.search(text)


def _carriers(provider: Provider) -> tuple[str, ...]:
    return ("state",) if provider.nonce_carrier is NonceCarrier.STATE else ("state", provider.nonce_member)


def _parameters(query: str, carriers: tuple[str, ...]) -> Mapping[str, str] | None:
    """Return the parameters that mean something and are not empty, or None if one of them came twice."""
    once = {"code", "error", "iss", *carriers}
    found: dict[str, str] = {}
    for field in query.split("&"):
        encoded_name, _, value = field.partition("=")
        name = _decoded(encoded_name)
        if name in once and name in found:
            return None
        if name in once or name == "error_description":
            found.setdefault(name, _decoded(value))
    return {name: value for name, value in found.items() if value}


def _decoded(text: str) -> str:
    """Return a name or value as it was before it was encoded; most are as they were."""
    return unquote_plus(text) if "%" in text or "+" in text else text


def _read_outcome(parameters: Mapping[str, str], nonces: tuple[Secret, ...], marking: Marking) -> Callback:
    """Tell a code from an error from neither and both; nothing of it is believed yet."""
    issuer = parameters.get("iss", _ABSENT)
    code, error = parameters.get("code"), parameters.get("error")
    if code is not None and error is not None:
        return Faulty(nonces=nonces, issuer=issuer, fault=CallbackFault.CODE_AND_ERROR)
    if error is not None:
        description = parameters.get("error_description", "")
        return Denied(
            nonces=nonces,
            issuer=issuer,
            error=shown(error, longest=LONGEST_ERROR),
            description=shown(description, longest=LONGEST_DESCRIPTION),
            fault=_ERROR_FAULTS.get(error, CallbackFault.APPLICATION_REFUSED),
        )
    if code is None:
        return Faulty(nonces=nonces, issuer=issuer, fault=CallbackFault.CODE_MISSING)
    if not is_visible(code, longest=LONGEST_CODE):
        return Faulty(nonces=nonces, issuer=issuer, fault=CallbackFault.CODE_MALFORMED)
    return Returned(nonces=nonces, issuer=issuer, code=marking(Secret(code)))
