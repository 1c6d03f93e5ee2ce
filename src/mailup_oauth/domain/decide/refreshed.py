"""What the answer to a refresh token means for the connection: tokens, a wait, a doubt, or its end."""

from datetime import timedelta
from typing import assert_never

from .. import commands as c
from .. import events as e
from .. import refusals as r
from .. import states as s
from .. import work as w
from ..errors import DeathCause
from ..instants import NO_TIME, Wait, stretched
from ..policy import Policy
from ..provider import Provider
from ..tokens import NoRefreshToken, access_from
from ..wire import outcomes as o

_Sent = w.InFlight | w.Retrying
_Tokens = o.Granted | o.Salvaged


def report_refresh(
    state: s.State, command: c.ReportRefresh, policy: Policy, provider: Provider
) -> tuple[e.Event, ...] | r.Refusal:
    """Judge an answer, if it is the answer to the intent that is stored; late ones are fenced off, but for new tokens."""
    if isinstance(state, s.Unregistered | s.AwaitingCode):
        return r.StaleAnswer()
    if isinstance(state.work, _Sent) and state.work.intent == command.intent:
        return (_judged(state, state.work, command, policy),)
    if isinstance(command.answer, _Tokens) and _is_doubted(state, command.intent):
        return (_received(state, command.answer, command, policy),)
    return r.StaleAnswer()


def _is_doubted(state: s.Holding, intent: w.Intent) -> bool:
    """
    Say whether nothing newer is known than the token of *intent*, and others have given up its answer.

    They could not see what was received: it waited in a spill of another machine (reliability.md 4.5).
    """
    if not isinstance(state.work, w.Unknown | w.Retrying) or isinstance(state.grant.refresh, NoRefreshToken):
        return False
    newest = (state.epoch, state.grant.generation, state.grant.refresh.mark)
    return newest == (intent.epoch, intent.generation, intent.mark)


def _judged(state: s.Holding, work: _Sent, command: c.ReportRefresh, policy: Policy) -> e.Event:
    """Return the one event that the answer is."""
    match command.answer:
        case o.Granted() | o.Salvaged():
            return _received(state, command.answer, command, policy)
        case o.OutcomeUnknown(defect=defect, wait=asked):
            span = max(asked, _settling(work.setbacks, policy))
            at = command.intent.sent.since
            return e.RefreshOutcomeUnknown(defect=defect, at=at, wait=_wait(command, span, policy))
        case o.GrantRefused(error=error):
            return _refused(state, work, error, command, policy)
        case o.NotUnderstood(status=status):
            return _not_understood(work, status, command, policy)
        case answer:
            return _deferred(work, answer, command, policy)


def _received(
    state: s.Holding, answer: o.Granted | o.Salvaged, command: c.ReportRefresh, policy: Policy
) -> e.TokensRefreshed | e.RefreshTokenSalvaged:
    """Return what makes the new refresh token the newest."""
    if isinstance(answer, o.Granted):
        return _granted(state, answer, command, policy)
    return e.RefreshTokenSalvaged(
        generation=state.grant.generation + 1,
        refresh=answer.refresh,
        defect=answer.defect,
        at=command.intent.sent.since,
    )


def _granted(state: s.Holding, answer: o.Granted, command: c.ReportRefresh, policy: Policy) -> e.TokensRefreshed:
    """Return the next generation."""
    access = access_from(
        answer.access, life=answer.life, asked_at=command.intent.sent.since, policy=policy, chance=command.chance
    )
    return e.TokensRefreshed(
        generation=state.grant.generation + 1, access=access, refresh=answer.refresh, notes=answer.notes
    )


def _refused(state: s.Holding, work: _Sent, error: str, command: c.ReportRefresh, policy: Policy) -> e.Event:
    """Believe a refusal: at once after a doubt, on the second hearing if the token is very young."""
    if isinstance(work, w.Retrying):
        return e.GrantDied(cause=DeathCause.ROTATION_OUTCOME_LOST, at=command.now, detail=error)
    young = NO_TIME <= command.now - state.grant.born_at < policy.confirmation_age
    if young and not _count(work.setbacks, w.SetbackKind.REFUSED_WHILE_YOUNG):
        wait = _wait(command, policy.confirmation_wait, policy)
        return e.RefreshDeferred(kind=w.SetbackKind.REFUSED_WHILE_YOUNG, detail=error, wait=wait)
    return e.GrantDied(cause=DeathCause.REFRESH_TOKEN_REFUSED, at=command.now, detail=error)


def _not_understood(work: _Sent, status: int, command: c.ReportRefresh, policy: Policy) -> e.Event:
    """Wait and try again; after several such refusals over some time, ask for the user (N29)."""
    kind, detail = w.SetbackKind.NOT_UNDERSTOOD, f"status-{status}"
    first = next((setback.at for setback in work.setbacks if setback.kind is kind), command.now)
    if _count(work.setbacks, kind) + 1 >= policy.strikes and command.now - first >= policy.strikes_span:
        return e.GrantDied(cause=DeathCause.ANSWERS_NOT_UNDERSTOOD, at=command.now, detail=detail)
    wait = _wait(command, _backoff(work.setbacks, policy.setback_wait, policy), policy)
    return e.RefreshDeferred(kind=kind, detail=detail, wait=wait)


def _deferred(
    work: _Sent,
    answer: o.ClientRefused | o.ContractUnsigned | o.TooManyRequests | o.NeverLeft,
    command: c.ReportRefresh,
    policy: Policy,
) -> e.RefreshDeferred:
    """Keep the refresh token, which nobody has looked at, and wait."""
    kind, detail, span = _obstacle(answer, _backoff(work.setbacks, policy.setback_wait, policy), policy)
    return e.RefreshDeferred(kind=kind, detail=detail, wait=_wait(command, span, policy))


def _obstacle(
    answer: o.ClientRefused | o.ContractUnsigned | o.TooManyRequests | o.NeverLeft, longer: timedelta, policy: Policy
) -> tuple[w.SetbackKind, str, timedelta]:
    """Return what is in the way, in a word, and for how long at least."""
    match answer:
        case o.ClientRefused(error=error):
            return w.SetbackKind.CLIENT_REFUSED, error, policy.client_wait
        case o.ContractUnsigned():
            return w.SetbackKind.CONTRACT_UNSIGNED, "", policy.contract_wait
        case o.TooManyRequests(wait=asked):
            return w.SetbackKind.RATE_LIMITED, "", max(asked, longer)
        case o.NeverLeft(fault=fault):
            return w.SetbackKind.NOT_SENT, fault, longer
        case _ as never:
            assert_never(never)


def _wait(command: c.ReportRefresh, span: timedelta, policy: Policy) -> Wait:
    """Return a wait from now on, spread by chance."""
    return Wait(since=command.now, span=stretched(span, spread=policy.settle_spread, chance=command.chance))


def _settling(setbacks: w.Setbacks, policy: Policy) -> timedelta:
    """Return how long the server is given to settle, by how often it has not answered before."""
    doubts = _count(setbacks, w.SetbackKind.UNANSWERED)
    return policy.settle[doubts] if doubts < len(policy.settle) else policy.doubt_wait


def _backoff(setbacks: w.Setbacks, span: timedelta, policy: Policy) -> timedelta:
    """Return *span*, doubled for every setback so far, up to the longest wait."""
    return min(span * (1 << len(setbacks)), policy.longest_wait)


def _count(setbacks: w.Setbacks, kind: w.SetbackKind) -> int:
    """Return how many setbacks are of one kind."""
    return sum(setback.kind is kind for setback in setbacks)
