"""I8: an authorization is called dead only where MailUp has really ended it, or an answer was really lost."""

from collections.abc import Sequence
from datetime import timedelta
from http import HTTPStatus
from typing import ClassVar, Final

from ....domain.wire.http import HttpResponse
from ....sandbox.switches import Endless
from ....sandbox.world import FamilyStanding, Live, RefreshToken, World
from .. import facts as f
from .chronicle import Chronicle, Letter, Turn
from .sight import is_whole_error, is_whole_grant
from .violation import Violation

CONFIRMATION_AGE: Final = timedelta(seconds=60)
"""A refresh token younger than this is not given up on the first refusal (N27)."""

STRIKES: Final = 3
STRIKES_SPAN: Final = timedelta(minutes=10)
"""So many refusals that nobody can read, over such a time, are believed (N29)."""

_REFUSALS: Final = 4
"""What a status that refuses begins with."""


class Deaths:
    """Asks of every death of an authorization whether it was true, and the one that is told."""

    hears: ClassVar[frozenset[type[f.Fact]]] = frozenset({f.Stored})

    def hear(self, fact: f.Fact, known: Chronicle) -> None:
        """Complain of a death without a reason."""
        if not isinstance(fact, f.Stored):
            return
        turn = known.turns[fact.connection][-1]
        for event in turn.told:
            if event["type"] == "GrantDied":
                _judge(event["cause"], _letters(turn.before.refresh, known), turn, known)


def is_really_refused(letter: Letter | None) -> None:
    """Complain unless MailUp itself, asked by an application that proved itself, said no, and somebody heard it."""
    if letter is None or letter.before is None or not letter.is_refused or not isinstance(letter.heard, HttpResponse):
        raise Violation("I8", "a refusal was believed that MailUp did not utter")
    if not letter.is_proved:
        raise Violation("I8", "a refusal of the application was taken for one of the user's authorization")
    if letter.refresh and not _is_dead(letter.before, letter.refresh):
        raise Violation("I8", "MailUp refused a refresh token that its rules call good")


def _letters(refresh: str, known: Chronicle) -> Sequence[Letter]:
    """Return the requests with a refresh token since it last gave an access token; MailUp may let it live on."""
    letters: list[Letter] = []
    for letter in known.letters.values():
        if letter.refresh == refresh:
            letters = [] if is_whole_grant(letter.heard) else [*letters, letter]
    return letters


def _judge(cause: str, letters: Sequence[Letter], turn: Turn, known: Chronicle) -> None:
    """Judge a death by the requests with what was the newest refresh token."""
    match cause:
        case "refresh-token-refused":
            is_really_refused(letters[-1] if letters else None)
            if any(map(_is_doubtful, letters[:-1])):
                raise Violation("I8", "a token was called refused that may have been lost")
            _is_confirmed(letters, turn, known)
        case "rotation-outcome-lost":
            is_really_refused(letters[-1] if letters else None)
            if not known.calamities and not any(map(_is_doubtful, letters[:-1])):
                raise Violation("I8", "a token was called lost whose every request was answered")
        case "answers-not-understood":
            _is_struck_out(letters, known)
        case _:
            raise Violation("I8", f"{cause} cannot happen here")


def token_at(world: World, refresh: str) -> RefreshToken | None:
    """Return what MailUp knows of a refresh token, if it does."""
    return next((one for one in world.refreshes.values() if one.value.reveal() == refresh), None)


def _is_dead(world: World, refresh: str) -> bool:
    """Say whether MailUp has a reason to refuse a refresh token."""
    token = token_at(world, refresh)
    if token is None or not isinstance(token.standing, Live):
        return True
    is_over = world.families[token.family].standing is not FamilyStanding.ALIVE
    return is_over or not isinstance(world.switches.refresh_life, Endless)


def _is_doubtful(letter: Letter) -> bool:
    """Say whether its sender could not know what became of a request."""
    return not is_whole_error(letter.heard) and _status(letter) // 100 != _REFUSALS


def _is_confirmed(letters: Sequence[Letter], turn: Turn, known: Chronicle) -> None:
    """Complain if a very young token was given up on the first refusal."""
    is_young = known.is_clock_right and known.now() - turn.before.born_at < CONFIRMATION_AGE
    if is_young and sum(letter.is_refused for letter in letters) < 2:  # noqa: PLR2004  # the first, and another
        raise Violation("I8", "a very young token was given up on the first refusal")


def _is_struck_out(letters: Sequence[Letter], known: Chronicle) -> None:
    """Complain unless there were refusals enough that nobody could read, over time enough."""
    heard = [letter for letter in letters if _is_refusal(letter)]
    if len(heard) < STRIKES:
        raise Violation("I8", "too few refusals were not understood")
    if known.is_clock_right and known.now() - heard[0].heard_at < STRIKES_SPAN:
        raise Violation("I8", "refusals were not understood for too short a time")


def _is_refusal(letter: Letter) -> bool:
    """Say whether a refusal was heard, whatever it means; one by rate is none."""
    return _status(letter) // 100 == _REFUSALS and _status(letter) != HTTPStatus.TOO_MANY_REQUESTS


def _status(letter: Letter) -> int:
    """Return the status of an answer that was heard; zero if none was."""
    return letter.heard.status if isinstance(letter.heard, HttpResponse) else 0
