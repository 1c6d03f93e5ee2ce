"""Beginning an attempt and ending a connection: what the application asks on its own account."""

from datetime import datetime

from .. import attempts as a
from .. import commands as c
from .. import events as e
from .. import refusals as r
from .. import states as s
from ..instants import Wait
from ..policy import Policy
from ..provider import Provider


def begin(
    state: s.State, command: c.BeginAuthorization, policy: Policy, provider: Provider
) -> tuple[e.Event, ...] | r.Refusal:
    """Remember a new attempt; forget those whose time is over and, if there are too many, the least useful one."""
    if any(attempt.browser.id == command.attempt for attempt in state.attempts):
        return ()
    over = tuple(dropped for attempt in state.attempts for dropped in _if_over(attempt, command.now))
    if len(state.attempts) - len(over) >= policy.attempts_kept:
        displaced = _least_useful(state.attempts)
        if not displaced:
            return r.TooManyAttempts()
        over = displaced
    browser = a.Browser(
        id=command.attempt,
        binding=command.binding,
        rule=command.rule,
        life=Wait(since=command.now, span=policy.attempt_life),
    )
    attempt = a.AwaitingCallback(browser=browser, verifier=command.verifier, redirect_uri=command.redirect_uri)
    return (e.AuthorizationBegun(attempt=attempt), *over)


def _if_over(attempt: a.Attempt, now: datetime) -> tuple[e.AttemptDropped, ...]:
    """Return the end of an attempt whose time is over; what is being exchanged or identified has its own."""
    if isinstance(attempt, a.Exchanging | a.Identifying) or not attempt.browser.life.is_over(now):
        return ()
    why = e.DropReason.OVER if isinstance(attempt, a.Finished) else e.DropReason.LAPSED
    return (e.AttemptDropped(attempt=attempt.browser.id, why=why),)


def _least_useful(attempts: tuple[a.Attempt, ...]) -> tuple[e.AttemptDropped, ...]:
    """
    Return the end of the oldest attempt that can be spared: finished before awaited before held, exchanged never.

    Held tokens whose user nobody could learn must not keep that user from logging on anew.
    """
    for kind in (a.Finished, a.AwaitingCallback, a.Identifying):
        for attempt in attempts:
            if isinstance(attempt, kind):
                return (e.AttemptDropped(attempt=attempt.browser.id, why=e.DropReason.DISPLACED),)
    return ()


def disconnect(
    state: s.State, command: c.Disconnect, policy: Policy, provider: Provider
) -> tuple[e.Event, ...] | r.Refusal:
    """Erase what is held here; doing it twice is doing it once."""
    return () if isinstance(state, s.Unregistered) else (e.Disconnected(),)
