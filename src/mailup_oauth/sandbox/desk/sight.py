"""What the owner of a sandbox is shown of it: codes and tokens by their marks, never by their values."""

import enum
from datetime import datetime
from typing import Final

from attrs import frozen

from ..coin import key_of
from ..heard import Heard
from ..lives import access_has_ended, code_has_lapsed, refresh_has_aged
from ..world import AccessToken, Code, CodeUse, FamilyStanding, Live, RefreshToken, World

MARK: Final = 16
"""Hexadecimal digits of a value's SHA-256 that stand for it: 64 bits, and nothing can be won back from them."""


@enum.unique
class Kind(enum.Enum):
    """What is shown by its mark."""

    CODE = "code"
    ACCESS = "access token"
    REFRESH = "refresh token"


@enum.unique
class Standing(enum.Enum):
    """Whether it would be taken now; the value is shown."""

    GOOD = "good"
    SPENT = "spent"
    ROTATED = "rotated"
    EXPIRED = "expired"
    REVOKED = "revoked"


@frozen(kw_only=True)
class Shown:
    """A code or a token."""

    kind: Kind
    mark: str
    username: str
    client_id: str
    issued_at: datetime
    standing: Standing


@frozen(kw_only=True)
class Sight:
    """
    A sandbox as it is at *now*.

    Attributes:
        credentials: Codes and tokens, the newest first.
        heard: Requests, the newest first.
    """

    world: World
    now: datetime
    credentials: tuple[Shown, ...]
    heard: tuple[Heard, ...]


def sight(world: World, heard: tuple[Heard, ...], now: datetime) -> Sight:
    """Return what there is to be seen of *world* at *now*, after the requests *heard*, oldest first."""
    credentials = (
        *(_code(world, one, now) for one in world.codes.values()),
        *(_access(world, one, now) for one in world.accesses.values()),
        *(_refresh(world, one, now) for one in world.refreshes.values()),
    )
    newest = tuple(sorted(credentials, key=lambda one: one.issued_at, reverse=True))
    return Sight(world=world, now=now, credentials=newest, heard=heard[::-1])


def mark_of(key: str) -> str:
    """Return the mark of what the world keeps under *key*."""
    return key[:MARK]


def _code(world: World, code: Code, now: datetime) -> Shown:
    lapsed = Standing.EXPIRED if code_has_lapsed(world, code, now) else Standing.GOOD
    return Shown(
        kind=Kind.CODE,
        mark=mark_of(key_of(code.value)),
        username=code.username,
        client_id=code.asking.client_id,
        issued_at=code.issued_at,
        standing=Standing.SPENT if code.use is CodeUse.SPENT else lapsed,
    )


def _access(world: World, access: AccessToken, now: datetime) -> Shown:
    family = world.families[access.family]
    over = Standing.REVOKED if family.standing is FamilyStanding.ENDED else Standing.EXPIRED
    return Shown(
        kind=Kind.ACCESS,
        mark=mark_of(key_of(access.value)),
        username=family.username,
        client_id=family.client_id,
        issued_at=access.issued_at,
        standing=over if access_has_ended(world, access, now) else Standing.GOOD,
    )


def _refresh(world: World, token: RefreshToken, now: datetime) -> Shown:
    family = world.families[token.family]
    return Shown(
        kind=Kind.REFRESH,
        mark=mark_of(key_of(token.value)),
        username=family.username,
        client_id=family.client_id,
        issued_at=token.issued_at,
        standing=_refresh_standing(world, token, now),
    )


def _refresh_standing(world: World, token: RefreshToken, now: datetime) -> Standing:
    if world.families[token.family].standing is not FamilyStanding.ALIVE:
        return Standing.REVOKED
    if not isinstance(token.standing, Live):
        return Standing.ROTATED
    return Standing.EXPIRED if refresh_has_aged(world, token, now) else Standing.GOOD
