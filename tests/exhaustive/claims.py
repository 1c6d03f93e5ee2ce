"""The promises of ``reliability.md`` section 2, asked of one move each; they share no code with the library's decisions."""

from tests.exhaustive import world as w
from tests.exhaustive.server import ENDED, Server
from tests.exhaustive.verdicts import REAUTHORIZE, TOKEN

TWICE = "I1: a refresh token is on its way twice at once"
OLDER = "I1: a refresh token is sent though somebody received a newer one"
BESIDE = "I1: somebody stored beside the one who holds the guard"
UNMEANT = "I2: a request leaves that no stored intent tells of"
UNSTORED = "I2: a refresh token is sent that is not stored"
UNSTORED_USE = "I2: a token is used that is not stored"
BACKWARDS = "I2: the stored generation goes backwards"
UNLAWFUL = "I6: the stored state is not where the tables lead"
FALSE_DEATH = "I8: an authorization is called dead that the server did not end"
LOST = "the authorization is lost"
PROMISES = (TWICE, OLDER, BESIDE, UNMEANT, UNSTORED, UNSTORED_USE, BACKWARDS, UNLAWFUL, FALSE_DEATH, LOST)


def of_sending(generation, other, world, shelf, flows):
    """Return the promise that a request breaks as it leaves."""
    flies = other.at == w.FLYING
    if flies and other.wire[0] in {w.ASKED, w.ANSWERED, w.SILENT} and flows.legs[other.leg].sends == generation:
        return TWICE
    stored = shelf.generations[world.stored]
    known = max(stored, held_in_memory(other, shelf, flows) if flies else 0)
    if generation < known:
        return OLDER
    if generation > stored:
        return UNSTORED
    return "" if shelf.intents[world.stored] == generation else UNMEANT


def of_writing(leg, new, world, shelf):
    """Return the promise that a change breaks."""
    if not leg.lawful:
        return UNLAWFUL
    if shelf.generations[new] < shelf.generations[world.stored]:
        return BACKWARDS
    return FALSE_DEATH if shelf.dead[new] and world.newest != ENDED else ""


def of_verdict(verdict, world, shelf):
    """Return the promise that is broken by what a caller is told."""
    said, _, number = verdict
    if said == TOKEN and number > shelf.generations[world.stored]:
        return UNSTORED_USE
    return FALSE_DEATH if said == REAUTHORIZE and world.newest != ENDED else ""


def of_end(world, plan):
    """Return the promise that is broken by the end of the family: none where a fault tore tokens from a strict server."""
    return "" if world.torn and plan.server is not Server.GRACE else LOST


def is_torn(world, generation, shelf):
    """Say whether tokens are out of reach, now that nobody will store those of a generation that only one had."""
    stored = shelf.generations[world.stored]
    return world.newest != ENDED and (world.torn or stored < generation == world.newest)


def held_in_memory(caller, shelf, flows):
    """Return the newest generation that a flight has, on its wire or in its memory, and has not stored; 0 for none."""
    if caller.at != w.FLYING:
        return 0
    answered = caller.wire[1] if caller.wire[0] == w.ANSWERED else 0
    remembered = shelf.generations[caller.memory] if caller.memory != w.NOWHERE else 0
    return max(answered, remembered, flows.legs[caller.leg].heard)
