"""I8: a user is asked to authorize again only where MailUp has really ended it, or an answer was really lost."""

from datetime import timedelta
from http import HTTPStatus
from typing import Final

from ....domain.errors import NotConnected, ReauthorizationRequired
from ....domain.wire.http import HttpResponse
from ....sandbox.switches import Endless
from ....sandbox.world import FamilyStanding, Live, World
from .. import facts as f
from .chronicle import Chronicle, Letter, Turn
from .sight import Members, Seen, is_whole_grant
from .violation import Violation

_REFUSALS: Final = 4
"""What a status that refuses begins with."""

STRIKES: Final = 3
STRIKES_SPAN: Final = timedelta(minutes=10)


class Ends:
    """Asks of every end whether it was true."""

    def hear(self, fact: f.Fact, known: Chronicle) -> None:
        """Complain of an end without a reason."""
        match fact:
            case f.Stored(connection=connection):
                turn = known.turns[connection][-1]
                for event in turn.told:
                    _judge(event, turn, known)
            case f.Answered(answer=f.Raised(problem=ReauthorizationRequired() as problem)):
                calling = known.callings[fact.caller]
                rows = known.rows_since(calling)
                if not any(_is_borne_out(problem, row) for row in rows):
                    raise Violation("I8", f"nothing that was stored says {problem.reason.value}")
            case _:
                pass


def _judge(event: Members, turn: Turn, known: Chronicle) -> None:
    match event["type"], event.get("cause", event.get("end")):
        case "GrantDied", "refresh-token-refused" | "rotation-outcome-lost":
            _is_really_refused(_latest(turn, known))
        case "GrantDied", "answers-not-understood":
            _is_struck_out(turn, known)
        case "ExchangeFailed", "exchange-refused":
            _is_really_refused(_exchange(event, known))
        case "ExchangeFailed", "exchange-outcome-lost":
            _is_really_lost(_exchange(event, known), known)
        case "GrantDied" | "ExchangeFailed", reason:
            raise Violation("I8", f"{reason} cannot happen here")
        case _:
            pass


def _latest(turn: Turn, known: Chronicle) -> Letter | None:
    """Return the last request with the refresh token that was stored before *turn*."""
    return next((one for one in reversed(known.letters.values()) if one.refresh == turn.before.refresh), None)


def _exchange(event: Members, known: Chronicle) -> Letter | None:
    """Return the request with the code of the attempt that *event* names."""
    return next((one for one in known.letters.values() if known.errands.get(one.code) == event["attempt"]), None)


def _is_really_refused(letter: Letter | None) -> None:
    """Complain unless MailUp itself said no to what was newest here, and its own rules say so too."""
    if letter is None or letter.before is None or not letter.is_refused or not isinstance(letter.heard, HttpResponse):
        raise Violation("I8", "a refusal was believed that MailUp did not utter")
    if letter.refresh and not _is_dead(letter.before, letter.refresh):
        raise Violation("I8", "MailUp refused a refresh token that its rules call good")


def _is_dead(world: World, refresh: str) -> bool:
    """Say whether MailUp has a reason to refuse a refresh token."""
    token = next((one for one in world.refreshes.values() if one.value.reveal() == refresh), None)
    if token is None or not isinstance(token.standing, Live):
        return True
    is_over = world.families[token.family].standing is not FamilyStanding.ALIVE
    return is_over or not isinstance(world.switches.refresh_life, Endless)


def _is_struck_out(turn: Turn, known: Chronicle) -> None:
    """Complain unless there were refusals enough that nobody could read, over time enough."""
    heard = [one for one in known.letters.values() if one.refresh == turn.before.refresh and _is_unreadable(one)]
    if len(heard) < STRIKES:
        raise Violation("I8", "too few refusals were not understood")
    if known.is_clock_right and known.now() - heard[0].heard_at < STRIKES_SPAN:
        raise Violation("I8", "refusals were not understood for too short a time")


def _is_unreadable(letter: Letter) -> bool:
    """Say whether a refusal was heard that is none of those that mean something."""
    status = letter.heard.status if isinstance(letter.heard, HttpResponse) else 0
    return status // 100 == _REFUSALS and status != HTTPStatus.TOO_MANY_REQUESTS


def _is_really_lost(letter: Letter | None, known: Chronicle) -> None:
    """Complain of a code whose answer came whole to somebody who lived to store it."""
    if known.calamities:
        return  # a process that dies between intent and request leaves a code that is never sent
    if letter is None or (letter.heard is not None and is_whole_grant(letter.heard)):
        raise Violation("I8", "an exchange was given up whose answer was there")


def _is_borne_out(problem: ReauthorizationRequired, row: Seen) -> bool:
    """Say whether a row gives the reason that a caller was given."""
    if isinstance(problem, NotConnected):
        return not row.is_holding
    return problem.reason.value in {row.cause, *row.ends.values()}
