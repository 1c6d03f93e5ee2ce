"""Tokens that are held until their user is known: which are asked about next, and who waits for the answer."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final, assert_never

from attrs import frozen

from . import attempts as a
from . import states as s
from . import work as w
from .instants import NO_TIME

_QUESTIONS: Final = 2
"""So often MailUp may not tell who a user is before nobody is asked to wait for it (ADR 0015)."""


@frozen
class NotAwaited:
    """Nobody waits for a user's name."""


def held(state: s.State) -> tuple[a.Identifying, ...]:
    """Return the attempts whose tokens are held, in the order in which they came."""
    return tuple(attempt for attempt in state.attempts if isinstance(attempt, a.Identifying))


def next_to_be_asked_about(attempts: Sequence[a.Identifying], now: datetime) -> a.Identifying | None:
    """Return whose user MailUp can be asked for now: of all those who were asked for least often, the latest."""
    askable = (attempt for attempt in reversed(attempts) if _can_be_asked_about(attempt, now))
    return min(askable, key=lambda attempt: attempt.inquiry.number, default=None)


def is_being_asked(state: s.State) -> bool:
    """Say whether MailUp is being asked whose held tokens are."""
    return any(isinstance(attempt.inquiry, a.BeingAsked) for attempt in held(state))


def until_user_is_known(state: s.Holding, now: datetime) -> timedelta | NotAwaited:
    """
    Return how long who wants a token of a dead authorization waits for the user of tokens that may take its place.

    It is waited for while MailUp is asked, and until it was asked twice and did not tell; a flight asks on after that.
    """
    if not isinstance(state.work, w.Dead):
        return NotAwaited()
    hopes = (attempt for attempt in held(state) if _is_hopeful(attempt.inquiry))
    waits = (until_told(attempt, now) for attempt in hopes)
    return min((wait for wait in waits if isinstance(wait, timedelta)), default=NotAwaited())


def until_told(attempt: a.Identifying, now: datetime) -> timedelta | NotAwaited:
    """Return how long it takes until MailUp may tell whose held tokens are, or that it cannot be asked any more."""
    match attempt.inquiry:
        case a.BeingAsked():
            return NO_TIME
        case a.ToBeAsked(again=again):
            return again.remaining(now) if _is_worth_a_question(attempt, now) else NotAwaited()
        case _ as never:
            assert_never(never)


def _can_be_asked_about(attempt: a.Identifying, now: datetime) -> bool:
    """Say whether nobody asks, it is time to ask, and there is a token to ask with."""
    return isinstance(attempt.inquiry, a.ToBeAsked) and until_told(attempt, now) == NO_TIME


def _is_worth_a_question(attempt: a.Identifying, now: datetime) -> bool:
    """Say whether an access token may be asked with: until its end, and once at least, for MailUp may count otherwise."""
    return attempt.access.is_usable(now) or attempt.inquiry.number == 0


def _is_hopeful(inquiry: a.Inquiry) -> bool:
    """Say whether MailUp may well tell whose tokens are."""
    return isinstance(inquiry, a.BeingAsked) or inquiry.number < _QUESTIONS
