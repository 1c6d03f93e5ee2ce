"""I8 and I10 for callers: what they are told is true, and no wait is longer than any may be."""

from datetime import timedelta
from typing import ClassVar, Final

from ....domain.errors import DeathCause, NotConnected, ReauthorizationRequired, TemporarilyUnavailable
from .. import facts as f
from .chronicle import Chronicle, Letter
from .deaths import is_really_refused
from .sight import Members, Seen, is_whole_grant
from .violation import Violation

LONGEST_WAIT: Final = timedelta(minutes=75)
"""The longest ``Retry-After`` that is obeyed, and the quarter that chance may add."""


class Failures:
    """Asks of every attempt that failed, and of every caller who got nothing, whether the reason is the true one."""

    hears: ClassVar[frozenset[type[f.Fact]]] = frozenset({f.Stored, f.Answered})

    def hear(self, fact: f.Fact, known: Chronicle) -> None:
        """Complain of a reason that is none."""
        match fact:
            case f.Stored(connection=connection):
                for event in known.turns[connection][-1].told:
                    if event["type"] == "ExchangeFailed":
                        _judge(event, known)
            case f.Answered(answer=f.Raised(problem=ReauthorizationRequired() as problem)):
                rows = known.rows_since(known.callings[fact.caller])
                if not any(_is_borne_out(problem, row) or _is_forgotten(problem, row, known) for row in rows):
                    raise Violation("I8", f"nothing that was stored says {problem.reason.value}")
            case f.Answered(answer=f.Raised(problem=TemporarilyUnavailable(retry_after=wait))):
                if wait > LONGEST_WAIT:
                    raise Violation("I10", "somebody is to wait for longer than any wait may be")
            case _:
                pass


def _judge(event: Members, known: Chronicle) -> None:
    """Judge the end of an attempt by the request with its code."""
    letter = next((one for one in known.letters.values() if known.errands.get(one.code) == event["attempt"]), None)
    match event["end"]:
        case "exchange-refused":
            is_really_refused(letter)
        case "client-refused":
            if letter is None or letter.is_proved or not letter.is_refused:
                raise Violation("I8", "the application was called refused, and it was not")
        case "exchange-outcome-lost":
            _is_really_lost(letter, known)
        case end:
            raise Violation("I8", f"{end} cannot happen here")


def _is_really_lost(letter: Letter | None, known: Chronicle) -> None:
    """Complain of a code whose answer came whole to somebody who lived to store it."""
    if known.calamities:
        return  # a process that dies between intent and request leaves a code that is never sent
    if letter is None or is_whole_grant(letter.heard):
        raise Violation("I8", "an exchange was given up whose answer was there")


def _is_borne_out(problem: ReauthorizationRequired, row: Seen) -> bool:
    """Say whether a row gives the reason that a caller was given."""
    if isinstance(problem, NotConnected):
        return not row.is_holding
    return problem.reason.value in {row.cause, *row.ends.values()}


def _is_forgotten(problem: ReauthorizationRequired, row: Seen, known: Chronicle) -> bool:
    """Say whether there are tokens whose user cannot be learned any more, and that is what a caller was told."""
    lost = (one.asked > 0 and (one.until <= known.now() or not known.is_clock_right) for one in row.held)
    return problem.reason is DeathCause.EXCHANGE_OUTCOME_LOST and any(lost)
