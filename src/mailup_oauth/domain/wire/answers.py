"""What the token endpoint's answer means: one closed set of outcomes for every status, header and byte."""

from datetime import datetime

from attrs import evolve

from ..credential import Credential, Marking
from ..provider import Provider, Tolerance
from ..secret import Secret
from .bodies import read_members
from .grammar import is_present, is_token
from .headers import is_far_off, is_json, retry_after
from .http import Exchange, HttpResponse, NotSent, Unanswered
from .lifetimes import read_life
from .outcomes import (
    Defect,
    Granted,
    KeepOld,
    NeverLeft,
    Note,
    NotUnderstood,
    OutcomeUnknown,
    Salvaged,
    TokenAnswer,
    TooManyRequests,
)
from .refusals import Refusal, read_refusal
from .salvage import spoilt
from .strict_json import JsonObject


def read_token_answer(exchange: Exchange, provider: Provider, marking: Marking) -> TokenAnswer:
    """
    Return what became of a token request; never raises, whatever came.

    Args:
        exchange: What the transport brought.
        provider: Whose habits are put up with.
        marking: Makes the marks of the tokens that are born here.
    Source: RFC 6749 sections 5.1 and 5.2; security.md rows 32 to 40; reliability.md N1 to N31.
    """
    if isinstance(exchange, NotSent):
        return NeverLeft(fault=exchange.fault.value)
    if isinstance(exchange, Unanswered):
        return OutcomeUnknown(defect=Defect(exchange.silence.value))
    return _read_response(exchange, provider, marking)


def read_dated_answer(exchange: Exchange, provider: Provider, marking: Marking, asked_at: datetime) -> TokenAnswer:
    """Return what became of a token request of *asked_at*; a server's clock that is far off is noted, and not believed."""
    answer = read_token_answer(exchange, provider, marking)
    if isinstance(answer, Granted) and isinstance(exchange, HttpResponse) and is_far_off(exchange.headers, asked_at):
        return evolve(answer, notes=(*answer.notes, Note.CLOCKS_DIFFER))
    return answer


def _read_response(response: HttpResponse, provider: Provider, marking: Marking) -> TokenAnswer:
    """Let the status choose the reader."""
    match response.status:
        case 200:
            return _read_tokens(response, provider, marking)
        case 302:
            return _read_tokens_with_302(response, provider, marking)
        case 429:
            return TooManyRequests(wait=retry_after(response.headers))
        case 503:
            return OutcomeUnknown(defect=Defect.SERVER_ERROR, wait=retry_after(response.headers))
        case _:
            return _read_by_class(response, provider, marking)


def _read_by_class(response: HttpResponse, provider: Provider, marking: Marking) -> TokenAnswer:
    """Judge by the first digit; a success that is not 200 is none, but its refresh token is saved."""
    match response.status // 100:
        case 1:
            return OutcomeUnknown(defect=Defect.INFORMATIONAL)
        case 2:
            return spoilt(response.body, Defect.NOT_A_TOKEN_ANSWER, marking)
        case 3:
            return OutcomeUnknown(defect=Defect.REDIRECTED)
        case 4:
            return _read_refused(response, provider)
        case 5:
            return OutcomeUnknown(defect=Defect.SERVER_ERROR)
        case _:
            return OutcomeUnknown(defect=Defect.NOT_A_TOKEN_ANSWER)


def _read_refused(response: HttpResponse, provider: Provider) -> Refusal:
    """Read a 4xx; what cannot be read is not definite (a WAF's page, MailUp's empty body: N29, N30)."""
    members = read_members(response, provider)
    if isinstance(members, Defect):
        return NotUnderstood(status=response.status)
    return read_refusal(response, members, provider)


def _read_tokens_with_302(response: HttpResponse, provider: Provider, marking: Marking) -> TokenAnswer:
    """Read a 302 as 200 where that is tolerated and its tokens are whole; else it is a redirect, never followed."""
    if Tolerance.TOKENS_WITH_302 in provider.tolerances:
        answer = _read_tokens(response, provider, marking)
        if isinstance(answer, Granted):
            return evolve(answer, notes=(Note.TOKENS_WITH_302, *answer.notes))
    return spoilt(response.body, Defect.REDIRECTED, marking)


def _read_tokens(response: HttpResponse, provider: Provider, marking: Marking) -> TokenAnswer:
    """Read a 200; one with an ``error`` is an error, never tokens (security.md row 39)."""
    members = read_members(response, provider)
    if isinstance(members, Defect):
        return spoilt(response.body, members, marking)
    if is_present(members.get("error")):
        saved = spoilt(response.body, Defect.ERROR_AND_TOKENS, marking)
        return saved if isinstance(saved, Salvaged) else read_refusal(response, members, provider)
    answer = _read_grant(members, provider, marking)
    if isinstance(answer, Defect):
        return spoilt(response.body, answer, marking)
    return answer if is_json(response.headers) else evolve(answer, notes=(Note.MEDIA_TYPE_IGNORED, *answer.notes))


def _read_grant(members: JsonObject, provider: Provider, marking: Marking) -> Granted | Defect:
    """Judge the members of a success one by one; those that nobody asked for are ignored."""
    access, refresh = members.get("access_token"), members.get("refresh_token")
    if not is_present(access):
        return Defect.ACCESS_TOKEN_MISSING if is_present(refresh) else Defect.NOT_A_TOKEN_ANSWER
    if not is_token(access):
        return Defect.TOKEN_MALFORMED
    replacement = _read_refresh_token(refresh, marking)
    if isinstance(replacement, Defect):
        return replacement
    type_notes = _read_token_type(members.get("token_type"), provider)
    if isinstance(type_notes, Defect):
        return type_notes
    life, life_notes = read_life(members.get("expires_in"), provider)
    notes = (*type_notes, *life_notes, *_scope_noted(members))
    return Granted(access=marking(Secret(access)), refresh=replacement, life=life, notes=notes)


def _read_refresh_token(value: object, marking: Marking) -> Credential | KeepOld | Defect:
    """Absent, null and empty mean that the old one goes on (RFC 6749 section 6)."""
    if not is_present(value):
        return KeepOld()
    return marking(Secret(value)) if is_token(value) else Defect.TOKEN_MALFORMED


def _read_token_type(value: object, provider: Provider) -> tuple[Note, ...] | Defect:
    """Only Bearer is used, whatever its case; absent means Bearer only where that is tolerated (security.md row 36)."""
    if isinstance(value, str) and value.lower() == "bearer":
        return ()
    is_tolerated = not is_present(value) and Tolerance.TOKEN_TYPE_ABSENT in provider.tolerances
    return (Note.TOKEN_TYPE_ASSUMED,) if is_tolerated else Defect.TOKEN_TYPE


def _scope_noted(members: JsonObject) -> tuple[Note, ...]:
    """No scope is ever asked for, so any that comes is worth a note (security.md row 38)."""
    return (Note.SCOPE_RETURNED,) if is_present(members.get("scope")) else ()
