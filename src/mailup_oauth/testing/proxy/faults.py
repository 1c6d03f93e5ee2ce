"""What a proxy can do to a token request and to its answer, as values; how it is done is the proxy's business."""

import enum
from collections.abc import Callable
from datetime import timedelta

from attrs import field, frozen
from attrs.validators import ge

from ...sandbox.faults import Done


@enum.unique
class End(enum.Enum):
    """How a connection ends before its time."""

    RESET = "reset"
    CLOSED = "closed"


def _size(words: bytes) -> str:
    return f"<{len(words)} bytes>"


@frozen(kw_only=True)
class Torn:
    """The connection is reset when *after* bytes of the request's body were read; the server gets nothing."""

    after: int = field(validator=ge(0))


@frozen(kw_only=True)
class Broken:
    """The request was read whole, was obeyed or not, and the connection ends without a byte of an answer."""

    done: Done
    end: End


@frozen(kw_only=True)
class Held:
    """Everything waits until ``Meeting.let_go``: the request if nothing is done yet, else the answer."""

    done: Done


@frozen(kw_only=True)
class Dripped:
    """The answer comes *piece* bytes at a time, with a pause between."""

    pause: timedelta
    piece: int = field(default=1, validator=ge(1))


@frozen(kw_only=True)
class Cut:
    """Only *keep* bytes of the answer's body come; its headers promise all of them."""

    keep: int = field(validator=ge(0))
    end: End = End.CLOSED


@frozen(kw_only=True)
class Replaced:
    """*words* come as they are in place of the answer, head and all."""

    words: bytes = field(repr=_size)
    done: Done


@frozen
class Altered:
    """The server's answer, head and all, comes as *change* leaves it."""

    change: Callable[[bytes], bytes]


@frozen(kw_only=True)
class Flooded:
    """*words* come, and then *piece* again and again until the client hangs up."""

    words: bytes = field(repr=_size)
    piece: bytes = field(repr=_size)
    done: Done


@frozen
class Doubled:
    """The server gets the request twice, one after the other, and the client the first answer."""


Fault = Torn | Broken | Held | Dripped | Cut | Replaced | Altered | Flooded | Doubled
