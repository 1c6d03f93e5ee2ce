"""What a URL's host says about itself, without asking any name server."""

import ipaddress


def is_loopback(host: str) -> bool:
    """Say whether *host* is a loopback address literal; the name ``localhost`` is not one (RFC 8252 section 8.3)."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
