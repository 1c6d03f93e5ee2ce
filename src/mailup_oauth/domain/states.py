"""The five states of a connection; each holds only what is true in it, and a sixth does not exist."""

import enum

from attrs import frozen

from .attempts import Attempt
from .tokens import Access, Grant
from .work import Work


@enum.unique
class Absence(enum.Enum):
    """Why nothing is held."""

    NEVER_CONNECTED = "never-connected"
    DENIED = "denied"
    EXCHANGE_FAILED = "exchange-failed"
    LAPSED = "lapsed"
    DISCONNECTED = "disconnected"


@enum.unique
class ExpiryCause(enum.Enum):
    """Why no access token may be used."""

    CLOCK = "clock"
    REJECTED = "rejected"
    SALVAGED = "salvaged"


@frozen(kw_only=True)
class Unregistered:
    """Nothing is held for this connection, and why; its attempts are all over."""

    epoch: int = 0
    attempts: tuple[Attempt, ...] = ()
    reason: Absence = Absence.NEVER_CONNECTED


@frozen(kw_only=True)
class AwaitingCode:
    """The user was sent to MailUp, at least one attempt is alive, and no tokens are here yet."""

    epoch: int
    attempts: tuple[Attempt, ...]


@frozen(kw_only=True)
class Authorized:
    """Tokens from a code exchange."""

    epoch: int
    attempts: tuple[Attempt, ...]
    grant: Grant
    work: Work
    access: Access


@frozen(kw_only=True)
class Expired:
    """No access token may be used; the grant may still be good for another."""

    epoch: int
    attempts: tuple[Attempt, ...]
    grant: Grant
    work: Work
    cause: ExpiryCause


@frozen(kw_only=True)
class Refreshed:
    """Tokens from a refresh; ``grant.generation`` says from which."""

    epoch: int
    attempts: tuple[Attempt, ...]
    grant: Grant
    work: Work
    access: Access


Holding = Authorized | Expired | Refreshed
"""The states in which a user's authorization is held."""

State = Unregistered | AwaitingCode | Authorized | Expired | Refreshed

INITIAL = Unregistered()
"""Every connection before its first event."""
