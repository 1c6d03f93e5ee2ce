"""I8, where faults have stopped: an authorization that MailUp would still renew, or has just renewed, is not given up."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from ....domain.instants import END_OF_TIME
from ....domain.wire.http import HttpResponse
from ....sandbox.switches import Grace, StaysValid
from ....sandbox.world import FamilyStanding, Live, Rotated, World
from .chronicle import Chronicle, Letter
from .deaths import token_at
from .sight import Held

PAUSES: Final = tuple(timedelta(seconds=seconds) for seconds in (2.5, 12.5, 37.5))
"""The longest that a client may let the first, second and third request without an answer settle."""

LONGEST_QUESTION: Final = timedelta(minutes=6)
"""After so long MailUp is asked once more whose tokens are."""

A_REQUEST: Final = timedelta(seconds=5)
"""What lies between the end of a pause and MailUp: waits told in whole seconds, others who ask, the way itself."""


def can_be_saved(connection: str, world: World, known: Chronicle) -> bool:
    """
    Say whether somebody who asks now must get a token.

    That is so if the refresh token that is stored is good at MailUp, or will be taken once more: by a server that lets
    replaced ones live, or by one with a grace, if the pause that is due ends within it and every clock is right.  It is
    so too if the connection is dead and its user has come back, though MailUp has not told yet that it was they.
    """
    seen = known.row(connection)
    if seen.work == "Dead":
        return known.is_clock_right and any(_is_of_user(one, seen.user, world, known) for one in seen.held)
    token = token_at(world, seen.refresh)
    if token is None or world.families[token.family].standing is not FamilyStanding.ALIVE:
        return False
    match token.standing, world.switches.old_refresh:
        case (Live(), _) | (Rotated(), StaysValid()):
            return True
        case Rotated(at=at), Grace(span):
            return known.is_clock_right and _next_try(seen.refresh, known) <= at + span - A_REQUEST
        case _:
            return False


def _is_of_user(held: Held, user: str, world: World, known: Chronicle) -> bool:
    """Say whether held tokens are a user's, so that MailUp tells it when it is asked, and it will be asked soon."""
    access = next((one for one in world.accesses.values() if one.value.reveal() == held.access), None)
    if access is None or held.asked > 1 or held.until <= known.now() + LONGEST_QUESTION:
        return False
    family = world.families[access.family]
    return family.standing is FamilyStanding.ALIVE and world.users[family.username].uid == user


def _next_try(refresh: str, known: Chronicle) -> datetime:
    """Return when a token that was sent without an answer is sent again at the latest; never, if others had a say."""
    letters = [letter for letter in known.letters.values() if letter.refresh == refresh]
    if not 0 < len(letters) <= len(PAUSES) or any(isinstance(letter.heard, HttpResponse) for letter in letters):
        return END_OF_TIME
    return max(known.now(), _given_up_at(letters) + PAUSES[len(letters) - 1])


def _given_up_at(letters: Sequence[Letter]) -> datetime:
    """Return when the sender of the last request knew, or died knowing, that no answer had come."""
    last = letters[-1]
    return last.left_at if last.heard is None else last.heard_at
