"""What callers got, in a word or two."""

from ....client import Status
from ....domain.errors import (
    CallbackRefused,
    MailUpOAuthError,
    NotConnected,
    ReauthorizationRequired,
    TemporarilyUnavailable,
)
from ....domain.tokens import AccessToken
from ....engine import Start
from ..facts import Parted, Raised


def outcome_of(answer: object) -> str:
    """Return what a caller got."""
    match answer:
        case AccessToken():
            return "token"
        case Start():
            return "sent to MailUp"
        case Status():
            return "connected"
        case Parted():
            return "disconnected"
        case Raised(problem=problem):
            return _failure(problem)
        case _:
            return type(answer).__name__


def _failure(problem: Exception) -> str:
    match problem:
        case NotConnected(reason=reason):
            return f"not connected: {reason.value}"
        case ReauthorizationRequired(reason=reason):
            return f"reauthorize: {reason.value}"
        case TemporarilyUnavailable(cause=cause):
            return f"try later: {cause}"
        case CallbackRefused(reason=fault):
            return f"callback refused: {fault.value}"
        case MailUpOAuthError():
            return problem.code.replace("_", " ")
        case _:
            return type(problem).__name__
