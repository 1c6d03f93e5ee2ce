"""What can go wrong on demand, as values; where and when is the decider's business."""

import enum
from datetime import timedelta
from typing import Final

from attrs import Attribute, field, frozen
from attrs.validators import ge, in_

from ..domain.wire.http import Ending
from .asking import is_printable
from .switches import Untold, Wait


@enum.unique
class Target(enum.Enum):
    """Which requests a fault waits for."""

    TOKEN = "token"  # the name of a door, not a password
    RESOURCE = "resource"


@enum.unique
class Done(enum.Enum):
    """What MailUp had done with the request before the fault struck."""

    NOTHING = "nothing"
    COMMITTED = "committed"


@frozen(kw_only=True)
class HangUp:
    """The connection is closed without an answer."""

    done: Done


LOST_ANSWER: Final = HangUp(done=Done.COMMITTED)
"""MailUp rotated; the client never hears of it."""
LOST_REQUEST: Final = HangUp(done=Done.NOTHING)
"""The request never reached anybody."""


@frozen(kw_only=True)
class Throttle:
    """429 in the REST family, whatever the rate limiter thinks."""

    wait: Wait = field(factory=Untold)
    done: Done = field(default=Done.NOTHING, init=False)


GATEWAY_STATUSES: Final = (200, 500, 502, 503, 504)
"""What a gateway's page comes with; 200 is a page that pretends to be an answer."""


@frozen(kw_only=True)
class GatewayPage:
    """
    An HTML page of some gateway in place of the answer.

    Attributes:
        status: One of ``GATEWAY_STATUSES``.
        done: A 504 may well hide a request that was obeyed.
    """

    status: int = field(validator=in_(GATEWAY_STATUSES))
    wait: Wait = field(factory=Untold)
    done: Done = Done.NOTHING


def _for_a_header(_: object, attribute: "Attribute[str]", value: str) -> None:
    if not is_printable(value):
        problem = f"'{attribute.name}' must be printable ASCII without blanks"
        raise ValueError(problem)


@frozen(kw_only=True)
class Redirect:
    """A 302 to *location*, which is plain ASCII, in place of the answer."""

    location: str = field(validator=_for_a_header)
    done: Done = Done.NOTHING


@frozen(kw_only=True)
class CutBody:
    """
    The request is obeyed and only the first *keep* bytes of the answer's body come.

    Attributes:
        keep: Bytes, zero or more.
        ending: ``WHOLE`` is truncated JSON of a correct length; ``CUT`` is a connection that breaks in the middle.
    """

    keep: int = field(validator=ge(0))
    ending: Ending = field(default=Ending.WHOLE, validator=in_((Ending.WHOLE, Ending.CUT)))
    done: Done = field(default=Done.COMMITTED, init=False)


@frozen(kw_only=True)
class Slow:
    """The request is obeyed at once and its answer held back for *delay*."""

    delay: timedelta = field(validator=ge(timedelta(0)))
    done: Done = field(default=Done.COMMITTED, init=False)


Fault = HangUp | Throttle | GatewayPage | Redirect | CutBody | Slow
