"""Whose authorization it is: asked once it is there, and before another one may take its place."""

from .. import attempts as a
from .. import commands as c
from .. import events as e
from .. import refusals as r
from .. import states as s
from .. import work as w
from ..instants import Wait
from ..policy import Policy
from ..provider import Provider
from ..tokens import Unidentified
from ..wire import outcomes as o
from .callback import named
from .exchange import issued


def ask_identity(
    state: s.State, command: c.AskIdentity, policy: Policy, provider: Provider
) -> tuple[e.Event, ...] | r.Refusal:
    """Ask whose the tokens of an attempt are, else whose the connection is, if it is time to ask."""
    again = Wait(since=command.now, span=policy.identity_wait)
    for attempt in state.attempts:
        if isinstance(attempt, a.Identifying) and attempt.again.is_over(command.now):
            return _asked_or_dropped(state, attempt, again, policy)
    if isinstance(state, s.Authorized | s.Refreshed) and state.access.is_usable(command.now):
        user = state.grant.user
        if isinstance(user, Unidentified) and user.again.is_over(command.now):
            credential = state.access.credential
            return (e.IdentityAsked(subject=e.CURRENT, epoch=state.epoch, access=credential, again=again),)
    return ()


def _asked_or_dropped(state: s.State, attempt: a.Identifying, again: Wait, policy: Policy) -> tuple[e.Event, ...]:
    """Ask for an attempt's user, or give the attempt up after a day of asking."""
    name = attempt.browser.id
    if Wait(since=attempt.browser.life.since, span=policy.identity_patience).is_over(again.since):
        return (e.AttemptDropped(attempt=name, why=e.DropReason.LAPSED),)
    credential = attempt.access.credential
    return (e.IdentityAsked(subject=name, epoch=state.epoch, access=credential, again=again),)


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
    """Let the attempt's tokens take over, refuse them, give way to later ones, or go on wondering."""
    name = attempt.browser.id
    if not isinstance(answer, o.User):
        return (e.IdentityUnavailable(subject=name, why=_why(answer)),)
    connected = state.grant.user
    if isinstance(connected, o.User) and connected.uid != answer.uid:
        return (e.AccountRefused(attempt=name, connected=connected, arrived=answer),)
    if _is_overtaken(state, attempt):
        return (e.AttemptDropped(attempt=name, why=e.DropReason.DISPLACED),)
    return issued(state, attempt, access=attempt.access, refresh=attempt.refresh, user=answer, notes=attempt.notes)


def _is_overtaken(state: s.Holding, attempt: a.Identifying) -> bool:
    """Say whether a later log-on made an authorization that lives, while it was open whose the attempt's tokens are."""
    return state.grant.authorized_at > attempt.access.asked_at and not isinstance(state.work, w.Dead)


def _why(answer: o.UserUnknown | o.ContractUnsigned) -> str:
    """Return a word for the journal."""
    return answer.why if isinstance(answer, o.UserUnknown) else "contract-unsigned"
