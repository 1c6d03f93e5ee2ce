"""What the answer to a code means for the connection."""

from datetime import timedelta
from itertools import takewhile
from typing import assert_never

from .. import attempts as a
from .. import commands as c
from .. import events as e
from .. import refusals as r
from .. import states as s
from ..credential import Credential
from ..errors import DeathCause
from ..instants import Wait
from ..policy import Policy
from ..provider import Provider
from ..tokens import Access, Anonymous, Identity, NoRefreshToken, Unidentified, access_from
from ..whose import held
from ..wire import outcomes as o
from .callback import closing, named


def report_exchange(
    state: s.State, command: c.ReportExchange, policy: Policy, provider: Provider
) -> tuple[e.Event, ...] | r.Refusal:
    """Take the tokens, or end the attempt: a code is sent once, whatever became of it."""
    attempt = named(state.attempts, command.attempt)
    if not isinstance(attempt, a.Exchanging):
        return r.StaleAnswer()
    match command.answer:
        case o.Granted():
            access = access_from(
                command.answer.access,
                life=command.answer.life,
                asked_at=attempt.sent.since,
                policy=policy,
                chance=command.chance,
            )
            return _granted(state, attempt, command.answer, access, provider)
        case o.Salvaged():
            return _salvaged(state, attempt, command.answer, provider)
        case o.NeverLeft():
            return (e.ExchangeNotSent(attempt=command.attempt, fault=command.answer.fault),)
        case answer:
            end, detail = _end(answer)
            return _failed(state, attempt, end, detail)


def is_protected(state: s.State, rule: a.AccountRule) -> bool:
    """Say whether a known user is connected whom no other may replace."""
    if isinstance(state, s.Unregistered | s.AwaitingCode):
        return False
    return isinstance(state.grant.user, o.User) and rule is a.AccountRule.SAME_USER


def issued(  # noqa: PLR0913  # the authorization is made of these
    state: s.State,
    attempt: a.Exchanging | a.Identifying,
    *,
    access: Access,
    refresh: Credential | NoRefreshToken,
    user: Identity,
    notes: tuple[o.Note, ...],
) -> tuple[e.Event, ...]:
    """Return the new authorization, the end of older ones, and its own in sight if it has no refresh token."""
    tokens = e.TokensIssued(
        attempt=attempt.browser.id,
        epoch=state.epoch + 1,
        access=access,
        refresh=refresh,
        user=user,
        notes=notes,
    )
    if not isinstance(refresh, NoRefreshToken):
        return (tokens, *_overtaken(state, attempt))
    dead = e.GrantDied(cause=DeathCause.NO_REFRESH_TOKEN, at=access.asked_at, detail="")
    return (tokens, *_overtaken(state, attempt), dead)


def _overtaken(state: s.State, attempt: a.Exchanging | a.Identifying) -> tuple[e.AttemptDropped, ...]:
    """Return the end of all attempts whose held tokens came before those of *attempt*: of two log-ons the later wins."""
    before = takewhile(lambda one: one != attempt, held(state))
    return tuple(e.AttemptDropped(attempt=one.browser.id, why=e.DropReason.OVERTAKEN) for one in before)


def nobody_yet(provider: Provider, attempt: a.Exchanging) -> Identity:
    """Return whose a brand-new authorization is: not known yet, or never to be known."""
    asked_at = attempt.sent.since
    return Unidentified(again=Wait(since=asked_at, span=timedelta())) if provider.identity_url else Anonymous()


def _granted(
    state: s.State, attempt: a.Exchanging, answer: o.Granted, access: Access, provider: Provider
) -> tuple[e.Event, ...]:
    """Connect, or hold the tokens until it is known that they belong to the user who is connected."""
    refresh = NoRefreshToken() if isinstance(answer.refresh, o.KeepOld) else answer.refresh
    if provider.identity_url and is_protected(state, attempt.browser.rule):
        again = Wait(since=attempt.sent.since, span=timedelta())
        name, notes = attempt.browser.id, answer.notes
        return (e.TokensHeld(attempt=name, access=access, refresh=refresh, notes=notes, again=again),)
    user = nobody_yet(provider, attempt)
    return issued(state, attempt, access=access, refresh=refresh, user=user, notes=answer.notes)


def _salvaged(state: s.State, attempt: a.Exchanging, answer: o.Salvaged, provider: Provider) -> tuple[e.Event, ...]:
    """Go on with a salvaged refresh token, unless a user is connected whose place it might take unnoticed."""
    if is_protected(state, attempt.browser.rule):
        return _failed(state, attempt, a.AttemptEnd.EXCHANGE_OUTCOME_LOST, answer.defect.value)
    salvaged = e.AuthorizationSalvaged(
        attempt=attempt.browser.id,
        epoch=state.epoch + 1,
        refresh=answer.refresh,
        defect=answer.defect,
        user=nobody_yet(provider, attempt),
        at=attempt.sent.since,
    )
    return (salvaged, *_overtaken(state, attempt))


def _end(
    answer: o.GrantRefused
    | o.ClientRefused
    | o.ContractUnsigned
    | o.TooManyRequests
    | o.NotUnderstood
    | o.OutcomeUnknown,
) -> tuple[a.AttemptEnd, str]:
    """Return how an attempt ends whose code gave no tokens, and a word for why."""
    match answer:
        case o.GrantRefused(error=error):
            return a.AttemptEnd.EXCHANGE_REFUSED, error
        case o.ClientRefused(error=error):
            return a.AttemptEnd.CLIENT_REFUSED, error
        case o.ContractUnsigned():
            return a.AttemptEnd.CONTRACT_UNSIGNED, ""
        case o.TooManyRequests():
            return a.AttemptEnd.EXCHANGE_OUTCOME_LOST, "rate-limited"
        case o.NotUnderstood(status=status):
            return a.AttemptEnd.EXCHANGE_OUTCOME_LOST, f"status-{status}"
        case o.OutcomeUnknown(defect=defect):
            return a.AttemptEnd.EXCHANGE_OUTCOME_LOST, defect.value
        case _ as never:
            assert_never(never)


def _failed(state: s.State, attempt: a.Exchanging, end: a.AttemptEnd, detail: str) -> tuple[e.Event, ...]:
    """End the attempt; what was held before is still held."""
    name = attempt.browser.id
    failed = e.ExchangeFailed(attempt=name, end=end, detail=detail)
    return (failed, *closing(state, name, s.Absence.EXCHANGE_FAILED))
