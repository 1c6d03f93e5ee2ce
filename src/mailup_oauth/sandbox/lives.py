"""How long codes and tokens live under the switches; it decides nothing about them."""

from datetime import datetime
from typing import assert_never

from .switches import Absolute, Endless, Idle
from .world import AccessToken, Code, FamilyStanding, RefreshToken, World


def code_has_lapsed(world: World, code: Code, now: datetime) -> bool:
    """Tell whether *code* came too late, used or not."""
    return now - code.issued_at >= world.switches.code_life


def access_has_ended(world: World, access: AccessToken, now: datetime) -> bool:
    """Tell whether *access* is over, by its clock or by revocation."""
    return now - access.issued_at >= access.life or world.families[access.family].standing is FamilyStanding.ENDED


def refresh_has_aged(world: World, token: RefreshToken, now: datetime) -> bool:
    """Tell whether *token* has outlived what is switched on."""
    match world.switches.refresh_life:
        case Endless():
            return False
        case Idle(span):
            return now - token.issued_at >= span
        case Absolute(span):
            return now - world.families[token.family].born_at >= span
        case _ as never:
            assert_never(never)
