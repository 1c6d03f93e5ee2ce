"""Whether an address is the place the browser was asked to come back to."""

import re
from urllib.parse import urlsplit

from attrs import frozen

_FULL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*+://")
_DEFAULT_PORTS = {"http": 80, "https": 443}

_Place = tuple[str, str, int, str]


@frozen
class Arrival:
    """
    An address taken apart.

    Attributes:
        location: What stands before the query: all of it, only the path, or nothing.
        query: What stands behind the question mark, still encoded; the fragment is gone.
    """

    location: str
    query: str


def arrival(address: str) -> Arrival:
    """Take apart a whole address, a path with its query, ``?query``, or the bare query that gateways hand on."""
    text = address.partition("#")[0]
    if text.startswith(("/", "?")) or _FULL.match(text):
        location, _, query = text.partition("?")
        return Arrival(location, query)
    return Arrival("", text)


def is_at(arrived: Arrival, redirect_uri: str) -> bool:
    """
    Say whether the browser came back to *redirect_uri*, as far as the address tells.

    Scheme and host are compared without case, ports with their defaults, paths exactly; a path alone, or no location
    at all, is what an application behind a proxy knows.  A user name in the address is never right.
    """
    location = arrived.location
    if not location or location == redirect_uri.partition("?")[0]:
        return True
    try:
        wanted = _place(redirect_uri)
        return location == wanted[-1] if location.startswith("/") else _place(location) == wanted
    except ValueError:
        return False


def _place(address: str) -> _Place:
    """Return scheme, host, port and path in the form they are compared in; ValueError if it is no URL."""
    parts = urlsplit(address)
    if "@" in parts.netloc:
        raise ValueError
    port = parts.port if parts.port is not None else _DEFAULT_PORTS.get(parts.scheme, 0)
    return parts.scheme, parts.hostname or "", port, parts.path or "/"
