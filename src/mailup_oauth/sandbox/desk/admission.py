"""Who may see and change a sandbox: programs of this machine, and pages that the sandbox itself served."""

from typing import Final
from urllib.parse import urlsplit

from ...domain.addresses import is_loopback
from ..messages import Request, header

HEADER: Final = "x-mailup-sandbox"
"""With any value; a page from elsewhere cannot send it, because that would need the sandbox's leave (CORS)."""


def objection(request: Request) -> str:
    """
    Return why *request* is not let in, or an empty text.

    The peer must be on this machine; the host must be named as this machine, so that a name from elsewhere which was
    made to point here (DNS rebinding) is of no use; and what changes something must come from a program that sends
    ``HEADER``, or from a page of this very host.
    """
    if not is_loopback(request.peer):
        return "Only programs of this machine are let in."
    host = header(request, "host")
    if not _is_here(host):
        return "Use 127.0.0.1, [::1] or localhost as the host."
    if request.method == "GET" or header(request, HEADER) or _comes_from(request, host):
        return ""
    return f"Send the header {HEADER}: 1, or use the page."


def _is_here(host: str) -> bool:
    try:
        name = urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return False
    return name == "localhost" or is_loopback(name)


def _comes_from(request: Request, host: str) -> bool:
    return header(request, "origin") in {f"http://{host}", f"https://{host}"}
