"""
The server: one family of refresh tokens, of which the newest is good, and what it does about an older one.

The strict server ends the family at once when an older one comes (RFC 9700 section 4.14.2).  A server with a grace answers the
one before the newest with the same newest pair again, while its window is open.  The window closes when the newest pair is
used, its refresh token for another or its access token at the API; and, where it does not last, whenever time likes.
"""

import enum


@enum.unique
class Server(enum.Enum):
    """The kinds of servers."""

    STRICT = "strict"
    GRACE = "grace"
    SHORT_GRACE = "short grace"


ENDED = 0
"""Where the newest generation would stand, when the family was ended because a refresh token came twice."""


def asked(newest, window, server, generation):
    """Return the newest generation and the window after a request with a refresh token, and what the answer grants."""
    if newest == ENDED:
        return ENDED, False, 0
    if generation == newest:
        return newest + 1, server is not Server.STRICT, newest + 1
    if generation == newest - 1 and window:
        return newest, True, newest
    return ENDED, False, 0


def used(newest, window, generation):
    """Return the window after an access token was used at the API."""
    return window and generation != newest
