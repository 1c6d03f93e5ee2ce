"""An HTTP request as it came in and what goes out in return, as values; no socket is known here."""

import enum
import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Final
from urllib.parse import unquote_plus

from attrs import field, frozen

from ..domain.wire.http import Ending, Headers

FORM: Final = "application/x-www-form-urlencoded"
MULTIPART: Final = "multipart/form-data"
_BOUNDARY: Final = re.compile(r';\s*boundary="?([^";]+)', re.IGNORECASE)
_NAME: Final = re.compile(rb'(?i)content-disposition:[^\r\n]*;\s*name="([^"\r\n]*)"')


@enum.unique
class Format(enum.Enum):
    """The forms in which the API answers; the value is the media type."""

    JSON = "application/json"
    XML = "application/xml"


def _size(value: str | bytes | Headers) -> str:
    return f"<{len(value)}>"


@frozen(kw_only=True)
class Request:
    """
    One request that reached MailUp.

    Attributes:
        method: As sent.
        path: Decoded, without the query.
        query: As sent, without the question mark; masked in ``repr`` because old clients put secrets into it.
        headers: In order, names in any case; masked in ``repr``.
        body: The whole body; masked in ``repr``.
        peer: The IP address of whoever sent it; empty if it came without a socket.
    """

    method: str
    path: str
    peer: str = ""
    query: str = field(default="", repr=_size)
    headers: Headers = field(default=(), repr=_size)
    body: bytes = field(default=b"", repr=_size)


@frozen(kw_only=True)
class Response:
    """
    An answer, to be sent after *delay*.

    Attributes:
        status: 200 to 599.
        headers: Names in lower case, without ``content-length``; masked in ``repr`` because they carry codes and cookies.
        body: The bytes that are sent; masked in ``repr``.
        ending: ``CUT`` orders that a longer body be announced than is sent.
        delay: How long the answer is held back.
    """

    status: int
    headers: Headers = field(default=(), repr=_size)
    body: bytes = field(default=b"", repr=_size)
    ending: Ending = Ending.WHOLE
    delay: timedelta = timedelta(0)


@frozen
class HungUp:
    """The connection is closed and not one byte is answered."""


Outcome = Response | HungUp
"""What a request comes to on the wire."""


def header(request: Request, name: str) -> str:
    """Return the first header called *name*, which is in lower case, or an empty text."""
    return next((value for key, value in request.headers if key.lower() == name), "")


def _pairs(text: str) -> Mapping[str, str]:
    # The first of a repeated name wins; MailUp's own choice is not known.
    pairs = [part.partition("=") for part in text.split("&") if part]
    return {_decoded(name): _decoded(value) for name, _, value in reversed(pairs)}


def _decoded(text: str) -> str:
    # Most of what comes is plain, and finding that out is cheap.
    return unquote_plus(text, errors="replace") if "%" in text or "+" in text else text


def parameters(request: Request) -> Mapping[str, str]:
    """
    Return the parameters of the query and of a posted form, encoded either way; the form wins.

    Undecodable bytes become U+FFFD.  Source: mailup-wire.md sections 3 and 5.
    """
    kind = header(request, "content-type").partition(";")[0].strip().lower()
    if request.method != "POST" or kind not in {"", FORM, MULTIPART}:
        return _pairs(request.query)
    posted = _parts(request) if kind == MULTIPART else _pairs(request.body.decode("utf-8", "replace"))
    return {**_pairs(request.query), **posted}


def _parts(request: Request) -> Mapping[str, str]:
    boundary = _BOUNDARY.search(header(request, "content-type"))
    if boundary is None:
        return {}
    found: list[tuple[str, str]] = []
    for part in request.body.split(b"--" + boundary[1].strip().encode("utf-8", "replace"))[1:]:
        head, blank, value = part.partition(b"\r\n\r\n")
        name = _NAME.search(head)
        if name is not None and blank:
            found.append((name[1].decode("utf-8", "replace"), value.removesuffix(b"\r\n").decode("utf-8", "replace")))
    return dict(reversed(found))


def wanted_format(request: Request) -> Format:
    """Return the first form that *request* accepts by name, JSON if it names none; mailup-wire.md section 11."""
    accepted = (one.partition(";")[0].strip().lower() for one in header(request, "accept").split(","))
    known = {one.value: one for one in Format}
    return next((known[one] for one in accepted if one in known), Format.JSON)


def cookies(request: Request) -> Mapping[str, str]:
    """Return the cookies that came with *request*; of a repeated name the first wins."""
    parts = (part.partition("=") for part in header(request, "cookie").split(";"))
    return dict(reversed([(name.strip(), value.strip()) for name, _, value in parts]))
