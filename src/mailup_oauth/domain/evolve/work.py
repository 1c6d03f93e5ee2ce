"""What an event makes of the refresh work; setbacks are remembered until tokens come."""

from datetime import datetime

from .. import events as e
from .. import work as w
from .impossible import impossible

_KEPT = 12  # of the setbacks; the first is always among them, for "since when"


def worked(work: w.Work, event: e.Event) -> w.Work:
    """Return the refresh work after *event*."""
    match event:
        case e.RefreshStarted():
            return _started(work, event)
        case e.TokensRefreshed() | e.RefreshTokenSalvaged():
            return _renewed(work, event)
        case e.RefreshDeferred():
            return _deferred(work, event)
        case e.RefreshOutcomeUnknown():
            sent = _sent(work, event)
            setbacks = remembered(sent.setbacks, w.SetbackKind.UNANSWERED, event.at)
            return w.Unknown(setbacks=setbacks, wait=event.wait, number=sent.intent.number)
        case e.GrantDied() if isinstance(work, w.Idle | w.InFlight | w.Retrying):
            return w.Dead(cause=event.cause, at=event.at, detail=event.detail)
        case _:
            raise impossible(event, work)


def remembered(setbacks: w.Setbacks, kind: w.SetbackKind, at: datetime) -> w.Setbacks:
    """Return the setbacks and one more; of many, the first and the latest are kept."""
    longer = (*setbacks, w.Setback(kind, at))
    return longer if len(longer) <= _KEPT else (longer[0], *longer[2:])


def _started(work: w.Work, event: e.RefreshStarted) -> w.Work:
    """Return the work once a refresh token is on its way: again after a doubt, or in good standing."""
    match work:
        case w.Idle():
            return w.InFlight(intent=event.intent)
        case w.Deferred():
            return w.InFlight(intent=event.intent, setbacks=work.setbacks)
        case w.Unknown():
            return w.Retrying(intent=event.intent, setbacks=work.setbacks)
        case _:
            raise impossible(event, work)


def _deferred(work: w.Work, event: e.RefreshDeferred) -> w.Work:
    """Return the work once it is to wait; a doubt that was there before stays a doubt."""
    sent = _sent(work, event)
    setbacks = remembered(sent.setbacks, event.kind, event.wait.since)
    if isinstance(sent, w.Retrying):
        return w.Unknown(setbacks=setbacks, wait=event.wait, number=sent.intent.number)
    return w.Deferred(setbacks=setbacks, wait=event.wait, number=sent.intent.number, detail=event.detail)


def _renewed(work: w.Work, event: e.TokensRefreshed | e.RefreshTokenSalvaged) -> w.Idle:
    """Return the work once tokens have come, be it after others had given them up."""
    if isinstance(work, w.InFlight | w.Retrying | w.Unknown):
        return w.Idle()
    raise impossible(event, work)


def _sent(work: w.Work, event: e.Event) -> w.InFlight | w.Retrying:
    """Return the work as one that has sent something."""
    if isinstance(work, w.InFlight | w.Retrying):
        return work
    raise impossible(event, work)
