"""The refresh work of a connection: what was sent, what is owed, and what went wrong so far."""

import enum
from datetime import datetime, timedelta

from attrs import frozen

from .credential import Mark
from .errors import DeathCause
from .instants import Wait


@enum.unique
class SetbackKind(enum.Enum):
    """What kept a refresh from giving tokens."""

    NOT_SENT = "not-sent"
    UNANSWERED = "unanswered"
    RATE_LIMITED = "rate-limited"
    REFUSED_WHILE_YOUNG = "refused-while-young"
    CLIENT_REFUSED = "client-refused"
    CONTRACT_UNSIGNED = "contract-unsigned"
    NOT_UNDERSTOOD = "not-understood"


@frozen
class Setback:
    """One refresh that gave no tokens."""

    kind: SetbackKind
    at: datetime


Setbacks = tuple[Setback, ...]
"""Since tokens last came, oldest first, bounded."""


@frozen(kw_only=True)
class Intent:
    """
    What is about to be sent, stored before it is.

    Attributes:
        epoch: Which authorization of the connection.
        generation: Which generation of its refresh token.
        number: Which try at this generation, from 1.
        mark: The refresh token's.
        sent: When it was about to leave, and how long it may take.
    """

    epoch: int
    generation: int
    number: int
    mark: Mark
    sent: Wait


@frozen
class Idle:
    """Nothing is owed."""


@frozen(kw_only=True)
class InFlight:
    """A refresh token whose standing is certain is on its way."""

    intent: Intent
    setbacks: Setbacks = ()


@frozen(kw_only=True)
class Retrying:
    """A refresh token that was sent before, without an answer, is on its way again."""

    intent: Intent
    setbacks: Setbacks


@frozen(kw_only=True)
class Unknown:
    """The refresh token was sent and no answer came: it may be spent, it may still work; *wait* lets it settle."""

    setbacks: Setbacks
    wait: Wait
    number: int

    def is_older_than(self, grace: timedelta, now: datetime) -> bool:
        """Say whether every request without an answer left longer ago than *grace*; other setbacks prolong no doubt."""
        return all(now - one.at > grace for one in self.setbacks if one.kind is SetbackKind.UNANSWERED)


@frozen(kw_only=True)
class Deferred:
    """The refresh token is unspent, and there is a reason not to send it before *wait* is over."""

    setbacks: Setbacks
    wait: Wait
    number: int
    detail: str


@frozen(kw_only=True)
class Dead:
    """Only the user can help; the refresh token is kept in quarantine, never sent."""

    cause: DeathCause
    at: datetime
    detail: str = ""


Work = Idle | InFlight | Retrying | Unknown | Deferred | Dead
