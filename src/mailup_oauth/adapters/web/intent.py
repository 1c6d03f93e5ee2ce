"""Whether the signed-in person meant it: a click on one of the application's own pages, and nobody else's doing."""

from urllib.parse import urlsplit

from .visit import Visit

SAFE = "GET"
CHANGING = "POST"


def is_deliberate(visit: Visit, redirect_uri: str) -> bool:
    """
    Say whether a request came from a page of the application's own origin, by what the browser itself says of it.

    Every browser of these years sends ``Sec-Fetch-Site`` to https and to loopback addresses, and no page can forge it;
    an older one sends ``Origin`` with every POST, which has to be the origin of *redirect_uri*.  What says neither was
    not sent by a browser that can be trusted with it (W3C Fetch Metadata; security.md row 10).
    """
    if is_only_a_look(visit):
        return False
    site = visit.headers.get("sec-fetch-site", "")
    if site:
        is_page = visit.headers.get("sec-fetch-dest", "document") == "document"  # and no picture in what people post
        return site == "same-origin" and (is_page or visit.method == CHANGING)
    return visit.method == CHANGING and visit.headers.get("origin", "") == origin_of(redirect_uri)


def is_mute(visit: Visit) -> bool:
    """Say whether the browser keeps silent where every browser would speak, so that asking once more is of no use."""
    return visit.method == CHANGING and not (visit.headers.get("sec-fetch-site") or visit.headers.get("origin"))


def is_only_a_look(visit: Visit) -> bool:
    """Say whether a browser or a program fetches ahead, and nobody has asked for anything yet."""
    return any("prefetch" in visit.headers.get(name, "") for name in ("sec-purpose", "purpose", "x-moz"))


def is_under_its_own_name(visit: Visit, redirect_uri: str) -> bool:
    """Say whether the browser asks under the name it will come back to, which is where its cookie will be sent."""
    host = visit.headers.get("host", "")
    try:
        return not host or urlsplit(f"//{host}").hostname == urlsplit(redirect_uri).hostname
    except ValueError:  # whatever that is, it is no name of ours
        return False


def origin_of(address: str) -> str:
    """Return the origin of an address, as browsers write it (RFC 6454 section 6.1)."""
    parts = urlsplit(address)
    host = parts.hostname or ""
    name = f"[{host}]" if ":" in host else host
    is_usual = parts.port in {None, {"http": 80, "https": 443}.get(parts.scheme)}
    return f"{parts.scheme}://{name}" if is_usual else f"{parts.scheme}://{name}:{parts.port}"
