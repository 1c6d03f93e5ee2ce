"""What a state found on disk owes, for whoever holds the guard and so knows that nobody else is at it."""

from datetime import datetime

from attrs import frozen

from . import commands as c
from . import states as s
from .attempts import BeingAsked, Exchanging, Identifying
from .wire.outcomes import Defect, OutcomeUnknown, UserUnknown
from .work import InFlight, Retrying

_DIED = OutcomeUnknown(defect=Defect.CRASHED)
_DIED_ASKING = UserUnknown(why=Defect.CRASHED.value)


@frozen
class NothingOwed:
    """Nobody died here."""


def resume(state: s.State, now: datetime) -> c.ReportExchange | c.ReportRefresh | c.ReportIdentity | NothingOwed:
    """
    Return the next thing that *state* owes.

    An intent that is still there while the guard is free was left by a process that died: its request may have left,
    and nobody heard the answer.  Ask again after each command, until nothing is owed.  Source: reliability.md 4.5.
    """
    for attempt in state.attempts:
        if isinstance(attempt, Exchanging):
            return c.ReportExchange(now=now, chance=0.0, attempt=attempt.browser.id, answer=_DIED)
    if isinstance(state, s.Authorized | s.Expired | s.Refreshed) and isinstance(state.work, InFlight | Retrying):
        return c.ReportRefresh(now=now, chance=0.0, intent=state.work.intent, answer=_DIED)
    for attempt in state.attempts:
        if isinstance(attempt, Identifying) and isinstance(attempt.inquiry, BeingAsked):
            return c.ReportIdentity(now=now, epoch=state.epoch, subject=attempt.browser.id, answer=_DIED_ASKING)
    return NothingOwed()
