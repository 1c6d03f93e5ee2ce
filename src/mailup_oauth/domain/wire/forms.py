"""Form encoding and what is built on it: bodies, queries and the Basic credentials; it knows no endpoint."""

import re
from base64 import b64encode
from urllib.parse import quote_plus

from ..secret import Secret

Fields = tuple[tuple[str, str], ...]

_PLAIN = re.compile(r"[A-Za-z0-9_.~-]*+")


def encoded(fields: Fields) -> str:
    """
    Return *fields* as ``application/x-www-form-urlencoded`` ASCII, in order.

    A lone surrogate, which an imported token can hold, is encoded like any other character and never raises.
    Source: RFC 6749 appendix B.
    """
    return "&".join([f"{_quoted(name)}={_quoted(value)}" for name, value in fields])


def with_query(url: str, query: str) -> str:
    """Return *url* with *query* added behind the query it may have; its own bytes stay as they are."""
    if "?" not in url:
        return f"{url}?{query}"
    return f"{url}{query}" if url[-1] in "?&" else f"{url}&{query}"


def basic(name: str, password: Secret) -> Secret:
    """Return the value of a Basic ``Authorization`` header, both parts form-encoded first (RFC 6749 section 2.3.1)."""
    credentials = f"{_quoted(name)}:{_quoted(password.reveal())}"
    return Secret("Basic " + b64encode(credentials.encode("ascii")).decode("ascii"))


def _quoted(text: str) -> str:
    """Return *text* form-encoded; most of what we send needs nothing, and finding that out is cheap."""
    return text if _PLAIN.fullmatch(text) else quote_plus(text, errors="surrogatepass")
