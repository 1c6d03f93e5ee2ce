"""What every shell reads off its framework's request in the same way."""

from collections.abc import Iterable, Mapping
from typing import Final
from urllib.parse import parse_qsl, quote, unquote, urlsplit

from ...domain.errors import BadRegistration
from .visit import Places

LONGEST_FORM: Final = 16 * 1024
"""Octets of a posted form that are read; ours have one member, and Django's token beside it."""
METHODS: Final = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
"""What is routed to the flows, which refuse most of it themselves."""
NEXT: Final = "next"

STATUS, BEGIN, COMPLETE, DISCONNECT, FAILED = "/", "/begin", "/complete", "/disconnect", "/failed"
"""The five pages' paths, below the prefix that the application has chosen."""

_UNRESERVED: Final = "/~!$&'()*+,;=:@"
"""What stands in a path as it is, beside letters and digits (RFC 3986 section 3.3)."""


def places_below(path: str, page: str) -> Places:
    """
    Return where the pages are; no ``Host`` header has a say in it.

    Args:
        path: What was asked for, decoded, as WSGI and ASGI have it, from the root of the site.
        page: Which of the five pages that is.
    """
    prefix = quoted(path.removesuffix(page))
    return Places(
        status=f"{prefix}{STATUS}",
        begin=f"{prefix}{BEGIN}",
        complete=f"{prefix}{COMPLETE}",
        disconnect=f"{prefix}{DISCONNECT}",
        failed=f"{prefix}{FAILED}",
    )


def places_for(redirect_uri: str) -> Places:
    """
    Return where the pages are as the redirect URI tells it, for whoever is at another page of the application.

    Raises:
        BadRegistration: it does not lead to the page that completes, so nobody would ever come back.
    """
    path = unquote(urlsplit(redirect_uri).path)
    if not path.endswith(COMPLETE):
        problem = (
            f"redirect_uri's path does not end in {COMPLETE}, where this adapter has the page that people come back to"
        )
        raise BadRegistration(problem)
    return places_below(path, COMPLETE)


def quoted(path: str) -> str:
    """Return a path as browsers write it, from one that was decoded."""
    return quote(path, safe=_UNRESERVED, errors="replace")


def wants_page(headers: Mapping[str, str]) -> bool:
    """Say whether whoever asks is a browser that wants to show something, and not a program."""
    return "text/html" in headers.get("accept", "")


def wanted(query: str, form: bytes) -> str:
    """Return where the person wants to be afterwards, as the form or else the query says; empty if neither does."""
    return _member(form.decode("utf-8", "replace")) or _member(query)


def _member(text: str) -> str:
    """Return the one member that counts; said twice, or among too many others, it is not said."""
    try:
        members = parse_qsl(text, max_num_fields=32)
    except ValueError:
        return ""
    named = [value for name, value in members if name == NEXT]
    return named[0] if len(named) == 1 else ""


def headers_of(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return headers by lower-case name; of one that came twice, both, and so nothing that is believed by mistake."""
    headers: dict[str, str] = {}
    for name, value in pairs:
        key = name.lower()
        headers[key] = f"{headers[key]}, {value}" if key in headers else value
    return headers
