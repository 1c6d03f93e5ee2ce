"""Whose authorization it is: asked once it is there, and before another one may take its place."""

from datetime import datetime

from .. import attempts as a
from .. import commands as c
from .. import events as e
from .. import refusals as r
from .. import states as s
from ..instants import Wait
from ..policy import Policy
from ..provider import Provider
from ..tokens import Unidentified
from ..whose import held, next_to_be_asked_about
from ..wire import outcomes as o
from .callback import named
from .exchange import issued


def ask_identity(
    state: s.State, command: c.AskIdentity, policy: Policy, provider: Provider
) -> tuple[e.Event, ...] | r.Refusal:
    """Give up what was held for a day; ask whose the tokens of an attempt are, else whose the connection is."""
    lapsed = tuple(one for attempt in held(state) for one in _lapsed(attempt, command.now, policy))
    return (*lapsed, *(whose_are_held(state, command.now, policy) or _whose_is_it(state, command.now, policy)))


def whose_are_held(state: s.State, now: datetime, policy: Policy) -> tuple[e.IdentityAsked] | tuple[()]:
    """Return the question whose held tokens are, if it is time to ask it for some that are not given up."""
    attempt = next_to_be_asked_about([one for one in held(state) if not _lapsed(one, now, policy)], now)
    if attempt is None:
        return ()
    again, credential = Wait(since=now, span=policy.identity_wait), attempt.access.credential
    return (e.IdentityAsked(subject=attempt.browser.id, epoch=state.epoch, access=credential, again=again),)


def _whose_is_it(state: s.State, now: datetime, policy: Policy) -> tuple[e.IdentityAsked] | tuple[()]:
    """Return the question whose the connection is, if that is open and it is time to ask."""
    if not isinstance(state, s.Authorized | s.Refreshed) or not state.access.is_usable(now):
        return ()
    user, credential = state.grant.user, state.access.credential
    if not isinstance(user, Unidentified) or not user.again.is_over(now):
        return ()
    again = Wait(since=now, span=policy.identity_wait)
    return (e.IdentityAsked(subject=e.CURRENT, epoch=state.epoch, access=credential, again=again),)


def _lapsed(attempt: a.Identifying, now: datetime, policy: Policy) -> tuple[e.AttemptDropped] | tuple[()]:
    """Return the end of an attempt whose tokens were held for so long that their user will not be known any more."""
    if not Wait(since=attempt.browser.life.since, span=policy.identity_patience).is_over(now):
        return ()
    return (e.AttemptDropped(attempt=attempt.browser.id, why=e.DropReason.LAPSED),)


def report_identity(
    state: s.State, command: c.ReportIdentity, policy: Policy, provider: Provider
) -> tuple[e.Event, ...] | r.Refusal:
    """Record the user, and let an attempt's tokens take over if they are that user's."""
    if isinstance(state, s.Unregistered | s.AwaitingCode) or command.epoch != state.epoch:
        return r.StaleAnswer()
    if isinstance(command.subject, e.Current):
        return _of_connection(state, command.answer)
    attempt = named(state.attempts, command.subject)
    if not isinstance(attempt, a.Identifying):
        return r.StaleAnswer()
    return _of_attempt(state, attempt, command.answer)


def _of_connection(state: s.Holding, answer: o.IdentityAnswer) -> tuple[e.Event, ...] | r.Refusal:
    """Record whose the connection is, if that is still open."""
    if not isinstance(state.grant.user, Unidentified):
        return r.StaleAnswer()
    if isinstance(answer, o.User):
        return (e.UserIdentified(user=answer),)
    return (e.IdentityUnavailable(subject=e.CURRENT, why=_why(answer)),)


def _of_attempt(state: s.Holding, attempt: a.Identifying, answer: o.IdentityAnswer) -> tuple[e.Event, ...]:
    """Let the attempt's tokens take over, refuse them, or go on wondering."""
    name = attempt.browser.id
    if not isinstance(answer, o.User):
        return (e.IdentityUnavailable(subject=name, why=_why(answer)),)
    connected = state.grant.user
    if isinstance(connected, o.User) and connected.uid != answer.uid:
        return (e.AccountRefused(attempt=name, connected=connected, arrived=answer),)
    return issued(state, attempt, access=attempt.access, refresh=attempt.refresh, user=answer, notes=attempt.notes)


def _why(answer: o.UserUnknown | o.ContractUnsigned) -> str:
    """Return a word for the journal."""
    return answer.why if isinstance(answer, o.UserUnknown) else "contract-unsigned"
