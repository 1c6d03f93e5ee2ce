"""What a server means when it says no, in OAuth's words or in those of MailUp's REST services."""

from ..provider import Provider, Tolerance
from .grammar import is_present
from .headers import retry_after
from .http import HttpResponse
from .outcomes import (
    ClientRefused,
    ContractUnsigned,
    Defect,
    GrantRefused,
    NotUnderstood,
    OutcomeUnknown,
    TooManyRequests,
)
from .strict_json import JsonObject

Refusal = GrantRefused | ClientRefused | ContractUnsigned | TooManyRequests | NotUnderstood | OutcomeUnknown

_ABOUT_THE_CLIENT = frozenset(
    {"invalid_client", "unauthorized_client", "invalid_scope", "invalid_request", "unsupported_grant_type"}
)
_ABOUT_THE_MOMENT = frozenset({"server_error", "temporarily_unavailable"})


def read_refusal(response: HttpResponse, members: JsonObject, provider: Provider) -> Refusal:
    """
    Return what *members*, the body of a refusal, mean.

    Order: MailUp's two special cases, then OAuth's ``error``, then the REST family.  Only ``invalid_grant``, and a REST
    description that names the token, are definite for the token; a code that nobody registered for this endpoint, such
    as ``access_denied``, is not understood.
    Source: RFC 6749 section 5.2; security.md row 40; architecture.md section 9; mailup-wire.md section 12.
    """
    status, words, error = response.status, spoken(members), members.get("error")
    has_habits = Tolerance.REST_ERRORS in provider.tolerances
    if has_habits and is_over_limit(status, words):
        return TooManyRequests(wait=retry_after(response.headers))
    if has_habits and is_contract_unsigned(status, words):
        return ContractUnsigned()
    if is_present(error):
        return _read_error(error, status)
    if has_habits and is_about_token(status, words):
        return GrantRefused(error=f"rest-{status}")
    return NotUnderstood(status=status)


def _read_error(error: object, status: int) -> Refusal:
    """Judge OAuth's ``error``; the two codes that promise a better moment leave open what was done with the token."""
    match error:
        case "invalid_grant":
            return GrantRefused(error="invalid_grant")
        case str() if error in _ABOUT_THE_CLIENT:
            return ClientRefused(error=error)
        case str() if error in _ABOUT_THE_MOMENT:
            return OutcomeUnknown(defect=Defect.SERVER_ERROR)
        case _:
            return NotUnderstood(status=status)


def spoken(members: JsonObject) -> str:
    """Return everything a refusal says in words, in lower case; MailUp's punctuation is not to be relied on."""
    texts = [members.get(name) for name in ("error", "error_description", "ErrorDescription")]
    return " ".join(text for text in texts if isinstance(text, str)).lower()


def is_over_limit(status: int, words: str) -> bool:
    """Say whether too much was asked too fast; until 2018 MailUp said so with 403, its text also names 400."""
    return status in {400, 403} and ("too_many_requests" in words or "too many requests" in words)


def is_contract_unsigned(status: int, words: str) -> bool:
    """Say whether the user has to accept MailUp's terms before anything else works."""
    return status == 403 and "contract" in words and "not signed" in words  # noqa: PLR2004  # "Forbidden", a name


def is_about_token(status: int, words: str) -> bool:
    """Say whether a REST description blames the token that was sent; never true of a 403."""
    return status in {400, 401} and "token" in words
