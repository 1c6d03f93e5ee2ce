"""Carrying out what events order, and what a dead process left owing."""

from datetime import datetime
from typing import TypeGuard, assert_never

from ..domain import commands as c
from ..domain import effects as f
from ..domain import events as e
from ..domain.credential import Credential
from ..domain.react import react
from ..domain.resume import NothingOwed, resume
from ..domain.secret import Secret
from ..domain.wire.answers import read_dated_answer
from ..domain.wire.api import read_identity
from ..domain.wire.http import HttpRequest
from ..domain.wire.outcomes import Granted, NeverLeft, Salvaged, TokenAnswer
from ..domain.wire.requests import exchange_request, identity_request, refresh_request
from ..journal import Context, ExchangeReceived, RefreshReceived
from .keep import NothingReceived, Report, insist, merge
from .setting import Held, Setting
from .steps import Chance, Flow, Now, ReadSecret, Send, ask
from .transact import Asking, Outcome, load, transact

Order = f.ExchangeCode | f.RefreshTokens | f.IdentifyUser
"""The effects that are something to do."""

_SETTLING = (e.UserIdentified, e.TokensIssued, e.AccountRefused, e.AttemptDropped)
"""Events after which one question less is open whose something is."""


def pursue(setting: Setting, connection: str, asking: Asking, context: Context) -> Flow[Outcome]:
    """Decide and store, carry out what the new events order, report what came of it, until nothing is ordered."""
    outcome = yield from transact(setting, connection, asking, context)
    while (order := _ordered(outcome)) is not None:
        report = yield from _carried_out(setting, order)
        outcome = yield from insist(setting, connection, report, context)
    return outcome


def recover(setting: Setting, connection: str, context: Context) -> Flow[Held]:
    """Store what a process could not store, and close what it left open; only for whoever holds the guard."""
    yield from merge(setting, connection, context)
    while True:
        held = yield from load(setting, connection)
        now = yield from ask(Now())
        owed = resume(held.state, now)
        if isinstance(owed, NothingOwed):
            return held
        yield from transact(setting, connection, _exactly(owed), context)


def identify(setting: Setting, connection: str, so_far: Outcome, context: Context) -> Flow[Held]:
    """
    Learn whose the authorizations are, one after the other, where that is still open after what came *so_far*.

    What MailUp does not say now it is asked in a later flight, and so is whatever would have been asked next.
    """
    outcome = so_far
    goes_on = not any(isinstance(event, e.IdentityUnavailable) for event in outcome.events)
    while goes_on:
        outcome = yield from pursue(setting, connection, _whose, context)
        goes_on = any(isinstance(event, _SETTLING) for event in outcome.events)
    return outcome.held


def revealed(credential: Credential) -> Secret:
    """
    Return the secret of a credential that an order carries.

    Raises:
        TypeError: it was redacted, and a redacted event orders nothing.
    """
    if isinstance(credential.value, Secret):
        return credential.value
    problem = "a redacted event must not be carried out"
    raise TypeError(problem)


def _whose(now: datetime) -> c.AskIdentity:
    """Ask for whatever user is not known yet."""
    return c.AskIdentity(now=now)


def _exactly(command: c.Command) -> Asking:
    """Ask just this, at whatever moment."""
    return lambda _: command


def _ordered(outcome: Outcome) -> Order | None:
    """Return what the new events order; no decision orders two things."""
    effects = (react(event) for event in outcome.events)
    return next((effect for effect in effects if not isinstance(effect, f.Nothing)), None)


def _carried_out(setting: Setting, order: Order) -> Flow[Report]:
    """Do what is ordered, and return the report of it."""
    match order:
        case f.ExchangeCode(attempt=attempt):
            answer = yield from _asked_for_tokens(setting, order)
            chance = yield from ask(Chance())
            return Report(
                asking=lambda now: c.ReportExchange(now=now, chance=chance, attempt=attempt, answer=answer),
                received=ExchangeReceived(attempt=attempt, answer=answer) if _is_dear(answer) else NothingReceived(),
            )
        case f.RefreshTokens(intent=intent):
            answer = yield from _asked_for_tokens(setting, order)
            chance = yield from ask(Chance())
            return Report(
                asking=lambda now: c.ReportRefresh(now=now, chance=chance, intent=intent, answer=answer),
                received=RefreshReceived(intent=intent, answer=answer) if _is_dear(answer) else NothingReceived(),
            )
        case f.IdentifyUser(subject=subject, epoch=epoch, access=access):
            request = identity_request(setting.provider, revealed(access))
            exchange = yield from ask(Send(request=request, deadline=setting.policy.identity_deadline))
            user = read_identity(exchange, setting.provider)
            return Report(
                asking=lambda now: c.ReportIdentity(now=now, epoch=epoch, subject=subject, answer=user),
                received=NothingReceived(),
            )
        case _ as never:
            assert_never(never)


def _is_dear(answer: TokenAnswer) -> TypeGuard[Granted | Salvaged]:
    """Say whether an answer holds what cannot be asked for again."""
    return isinstance(answer, Granted | Salvaged)


def _asked_for_tokens(setting: Setting, order: f.ExchangeCode | f.RefreshTokens) -> Flow[TokenAnswer]:
    """Send a token request and read its answer; without the application's own secret nothing is sent."""
    client_secret = yield from ask(ReadSecret(setting.registration.client_secret))
    if not isinstance(client_secret, Secret):
        return NeverLeft(fault="client-secret-unavailable")
    request = _token_request(setting, order, client_secret)
    exchange = yield from ask(Send(request=request, deadline=setting.policy.request_deadline))
    sent = order.intent.sent if isinstance(order, f.RefreshTokens) else order.sent
    return read_dated_answer(exchange, setting.provider, setting.credential, sent.since)


def _token_request(setting: Setting, order: f.ExchangeCode | f.RefreshTokens, client_secret: Secret) -> HttpRequest:
    """Write down the token request."""
    client_id = setting.registration.client_id
    if isinstance(order, f.RefreshTokens):
        return refresh_request(setting.provider, client_id, client_secret, revealed(order.refresh))
    return exchange_request(
        setting.provider,
        client_id,
        client_secret,
        revealed(order.code),
        revealed(order.redirect_uri),
        revealed(order.verifier),
    )
