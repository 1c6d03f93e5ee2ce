"""What the world is after an event; it asks no questions and refuses nothing."""

from collections.abc import Mapping
from itertools import islice
from typing import Final, assert_never

from attrs import evolve as changed

from .accounts import Contract
from .coin import key_of
from .commands import Effect
from .events import (
    AccessRenewed,
    ApplicationRevoked,
    BegunAgain,
    CallCounted,
    ClockMoved,
    CodeExchanged,
    CodeIssued,
    CodeReplayed,
    ConsentDenied,
    ConsentGiven,
    ContractLapsed,
    ContractSigned,
    Event,
    FamilyRevoked,
    FaultMet,
    FaultPlanned,
    LoggedOn,
    LogOnEnded,
    LogOnFailed,
    LogOnPageShown,
    PairRepeated,
    ReuseDetected,
    SwitchesChanged,
    TokensIssued,
    TokensRotated,
)
from .faults import Fault, Target
from .world import (
    AccessToken,
    CodeUse,
    FamilyStanding,
    LogOnSession,
    RefreshToken,
    Rotated,
    World,
)

MOST_SESSIONS: Final = 1_000
"""Open log-on pages that are remembered; the oldest is forgotten first, so that a flood of visits fills no memory."""


def evolve(world: World, event: Event) -> World:  # noqa: C901, PLR0912  # one flat match
    """Return the world in which *event* has happened to *world*."""
    serial = world.serial + 1
    match event:
        case LogOnPageShown():
            return changed(world, serial=serial, sessions=_opened(world.sessions, event.session_key, event.session))
        case LoggedOn():
            left = _without(world.sessions, event.former_key)
            return changed(world, serial=serial, sessions=_opened(left, event.session_key, event.session))
        case LogOnEnded():
            return changed(world, serial=serial, sessions=_without(world.sessions, event.session_key))
        case ConsentGiven(grant):
            return changed(world, serial=serial, grants={**world.grants, (grant.username, grant.client_id): grant})
        case CodeIssued(code):
            return changed(world, serial=serial, codes={**world.codes, key_of(code.value): code})
        case CodeExchanged(code_key=key):
            spent = changed(world.codes[key], use=CodeUse.SPENT)
            return changed(world, serial=serial, codes={**world.codes, key: spent})
        case TokensIssued(family=family):
            founded = changed(world, serial=serial, families={**world.families, family.name: family})
            return _holding(founded, event.access, event.refresh)
        case TokensRotated():
            return _rotated(changed(world, serial=serial), event)
        case AccessRenewed(access):
            return changed(world, serial=serial, accesses={**world.accesses, key_of(access.value): access})
        case FamilyRevoked():
            return _ended(changed(world, serial=serial), event)
        case ApplicationRevoked():
            return _withdrawn(changed(world, serial=serial), event)
        case CallCounted(username=username, method=method, window=window):
            return changed(world, serial=serial, windows={**world.windows, (username, method): window})
        case ContractSigned(username):
            return _contract(changed(world, serial=serial), username, Contract.SIGNED)
        case ContractLapsed(username):
            return _contract(changed(world, serial=serial), username, Contract.UNSIGNED)
        case SwitchesChanged(switches):
            return changed(world, serial=serial, switches=switches)
        case ClockMoved(span):
            return changed(world, serial=serial, ahead=world.ahead + span)
        case BegunAgain(begun):
            # The serial goes on: what is made anew must not equal what was made before.
            return changed(begun, serial=serial)
        case FaultPlanned(target, fault):
            return changed(world, serial=serial, faults=(*world.faults, (target, fault)))
        case FaultMet(target, fault):
            return changed(world, serial=serial, faults=_without_first(world.faults, (target, fault)))
        case LogOnFailed() | ConsentDenied() | CodeReplayed() | PairRepeated() | ReuseDetected():
            return changed(world, serial=serial)
        case _ as never:
            assert_never(never)


def _without(sessions: Mapping[str, LogOnSession], key: str) -> Mapping[str, LogOnSession]:
    return {name: session for name, session in sessions.items() if name != key}


def _opened(sessions: Mapping[str, LogOnSession], key: str, session: LogOnSession) -> Mapping[str, LogOnSession]:
    surplus = max(len(sessions) + 1 - MOST_SESSIONS, 0)
    return {**dict(islice(sessions.items(), surplus, None)), key: session}


def _holding(world: World, access: AccessToken, refresh: RefreshToken) -> World:
    return changed(
        world,
        accesses={**world.accesses, key_of(access.value): access},
        refreshes={**world.refreshes, key_of(refresh.value): refresh},
    )


def _rotated(world: World, event: TokensRotated) -> World:
    standing = Rotated(at=event.at, access=key_of(event.access.value), refresh=key_of(event.refresh.value))
    spent = changed(world.refreshes[event.spent_key], standing=standing)
    before = changed(world, refreshes={**world.refreshes, event.spent_key: spent})
    return _holding(before, event.access, event.refresh)


def _ended(world: World, event: FamilyRevoked) -> World:
    family = world.families[event.family]
    # What has ended for good is not brought back to half a life by a milder revocation.
    for_good = event.effect is Effect.IMMEDIATE or family.standing is FamilyStanding.ENDED
    standing = FamilyStanding.ENDED if for_good else FamilyStanding.REFRESH_ENDED
    return changed(world, families={**world.families, family.name: changed(family, standing=standing)})


def _withdrawn(world: World, event: ApplicationRevoked) -> World:
    whose = (event.username, event.client_id)
    codes = {key: code for key, code in world.codes.items() if (code.username, code.asking.client_id) != whose}
    grants = {key: grant for key, grant in world.grants.items() if key != whose}
    return changed(world, codes=codes, grants=grants)


def _contract(world: World, username: str, contract: Contract) -> World:
    user = changed(world.users[username], contract=contract)
    return changed(world, users={**world.users, username: user})


def _without_first(
    faults: tuple[tuple[Target, Fault], ...], met: tuple[Target, Fault]
) -> tuple[tuple[Target, Fault], ...]:
    at = faults.index(met)
    return faults[:at] + faults[at + 1 :]
