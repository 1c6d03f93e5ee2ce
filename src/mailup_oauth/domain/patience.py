"""When a flight that got no tokens should try again by itself, instead of sending its callers away."""

from datetime import datetime, timedelta

from attrs import frozen

from . import states as s
from . import work as w
from .instants import NO_TIME
from .policy import Policy


@frozen
class Enough:
    """Nothing more is to be gained in this flight."""


def until_next_try(state: s.State, now: datetime, policy: Policy) -> timedelta | Enough:
    """
    Return how long to pause before trying again, or that this flight is over.

    Only what waiting itself cures is waited for: a doubt that settles, and a refusal of a very young token.  A server
    that cannot be reached, or that asks for patience, is the caller's to wait for.  A doubt that is older than any
    server's grace is left alone while there is an access token to use (reliability.md 4.5).  Where nothing stands in the
    way and no access token is there, as after a salvage, there is nothing to wait for.
    """
    match state:
        case s.Expired(work=w.Idle()):
            return NO_TIME
        case (
            s.Authorized(work=w.Unknown() as doubt, access=access)
            | s.Refreshed(work=w.Unknown() as doubt, access=access)
        ) if access.is_usable(now) and doubt.is_older_than(policy.probable_grace, now):
            return Enough()
        case s.Authorized(work=work) | s.Refreshed(work=work) | s.Expired(work=work):
            pause = _pause(work, now)
            return pause if isinstance(pause, timedelta) and pause <= policy.inline_wait else Enough()
        case _:
            return Enough()


def _pause(work: w.Work, now: datetime) -> timedelta | Enough:
    """Return what is left of a wait that is worth sitting out."""
    match work:
        case w.Unknown(wait=wait):
            return wait.remaining(now)
        case w.Deferred(wait=wait, setbacks=(*_, w.Setback(kind=w.SetbackKind.REFUSED_WHILE_YOUNG))):
            return wait.remaining(now)
        case _:
            return Enough()
