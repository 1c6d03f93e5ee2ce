"""Judging a callback, in the order of security.md row 13: nonce, browser, time, issuer, error, code."""

import hmac
from datetime import datetime
from typing import assert_never

from .. import attempts as a
from .. import commands as c
from .. import events as e
from .. import refusals as r
from .. import states as s
from ..credential import Credential
from ..errors import CallbackFault
from ..instants import Wait
from ..policy import Policy
from ..provider import Issuer, Provider
from ..wire.callback import Absent, Denied, Faulty, Returned, nonce_digest


def accept(
    state: s.State, command: c.AcceptCallback, policy: Policy, provider: Provider
) -> tuple[e.Event, ...] | r.Refusal:
    """
    Accept a callback once, from the browser that began, in time; whatever else comes harms no attempt.

    A browser that comes back again after its attempt is over learns nothing new and changes nothing.
    """
    attempt = named(state.attempts, command.attempt)
    if attempt is None:
        return r.CallbackUnacceptable(fault=CallbackFault.NONCE_UNKNOWN)
    if not _is_nonce_of(command, attempt):
        return _refused(attempt, CallbackFault.NONCE_MISMATCH, policy)
    if not hmac.compare_digest(command.binding.encode(), attempt.browser.binding.encode()):
        return _refused(attempt, CallbackFault.ANOTHER_BROWSER, policy)
    match attempt:
        case a.AwaitingCallback():
            return _awaited(state, attempt, command, policy, provider)
        case a.Exchanging():
            return r.InProgress()
        case a.Identifying() | a.Finished():
            return ()
        case _ as never:
            assert_never(never)


def named(attempts: tuple[a.Attempt, ...], name: a.AttemptId) -> a.Attempt | None:
    """Return the attempt called *name*, if it is remembered."""
    return next((attempt for attempt in attempts if attempt.browser.id == name), None)


def closing(state: s.State, ended: a.AttemptId, reason: s.Absence) -> tuple[e.ConnectionNotMade] | tuple[()]:
    """Return the end of waiting, if the attempt that *ended* was the last one alive and nothing is held."""
    others_alive = any(
        attempt.browser.id != ended and not isinstance(attempt, a.Finished) for attempt in state.attempts
    )
    if others_alive or not isinstance(state, s.AwaitingCode):
        return ()
    return (e.ConnectionNotMade(reason=reason),)


def _is_nonce_of(command: c.AcceptCallback, attempt: a.Attempt) -> bool:
    """Say whether a carrier came back, and every one that did carries this attempt's nonce."""
    name = attempt.browser.id.encode()
    return bool(command.callback.nonces) and all(
        hmac.compare_digest(nonce_digest(nonce).encode(), name) for nonce in command.callback.nonces
    )


def _refused(attempt: a.Attempt, fault: CallbackFault, policy: Policy) -> tuple[e.Event, ...] | r.Refusal:
    """Tell the journal of a refused callback, unless it has been told of so many that it is a flood."""
    if attempt.browser.refusals >= policy.refusals_listed:
        return r.CallbackUnacceptable(fault=fault)
    return (e.CallbackRefused(attempt=attempt.browser.id, fault=fault),)


def _awaited(
    state: s.State, attempt: a.AwaitingCallback, command: c.AcceptCallback, policy: Policy, provider: Provider
) -> tuple[e.Event, ...] | r.Refusal:
    """Judge a callback that came from the right browser and is the first of its attempt."""
    name = attempt.browser.id
    if attempt.browser.life.is_over(command.now):
        return (
            e.CallbackRefused(attempt=name, fault=CallbackFault.LAPSED),
            e.AttemptDropped(attempt=name, why=e.DropReason.LAPSED),
            *closing(state, name, s.Absence.LAPSED),
        )
    if not _is_issuer_right(command.callback.issuer, provider):
        return _refused(attempt, CallbackFault.ISSUER_MISMATCH, policy)
    match command.callback:
        case Faulty(fault=fault):
            return _refused(attempt, fault, policy)
        case Denied(error=error, fault=fault):
            denied = e.AuthorizationDenied(attempt=name, error=error, fault=fault)
            return (denied, *closing(state, name, s.Absence.DENIED))
        case Returned(code=code):
            return (_accepted(attempt, code, command.now, policy),)
        case _ as never:
            assert_never(never)


def _accepted(attempt: a.AwaitingCallback, code: Credential, now: datetime, policy: Policy) -> e.CallbackAccepted:
    """Return the intent to send the code, with all that goes along with it."""
    return e.CallbackAccepted(
        attempt=attempt.browser.id,
        code=code,
        verifier=attempt.verifier,
        redirect_uri=attempt.redirect_uri,
        sent=Wait(since=now, span=policy.request_deadline),
    )


def _is_issuer_right(issuer: str | Absent, provider: Provider) -> bool:
    """Compare ``iss`` by plain text; its absence is right where the provider does not promise it (RFC 9207)."""
    if isinstance(issuer, Absent):
        return provider.issuer_promise is Issuer.NOT_SENT
    return issuer == provider.issuer
