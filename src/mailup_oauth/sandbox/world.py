"""Everything MailUp holds, as frozen values; it is never changed, only followed by another."""

import enum
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import assert_never

from attrs import field, frozen

from ..domain.secret import Secret
from .accounts import Application, Contract, MailUpUser, Trial
from .asking import Asking
from .faults import Fault, Target
from .scenario import From, Scenario, WithTheSystem
from .switches import DOCUMENTED, Switches

__all__ = [
    "AccessToken",
    "Application",
    "Code",
    "CodeUse",
    "Contract",
    "Family",
    "FamilyStanding",
    "Grant",
    "Live",
    "LogOnSession",
    "LoggedOnAs",
    "MailUpUser",
    "RefreshToken",
    "Rotated",
    "Trial",
    "Visiting",
    "Window",
    "World",
    "begun",
    "founded",
]


@frozen(kw_only=True)
class Visiting:
    """A browser that was shown the log-on page; *page_token* came with it and must come back."""

    page_token: Secret
    opened_at: datetime


@frozen(kw_only=True)
class LoggedOnAs:
    """A browser whose user has logged on and was asked for consent."""

    page_token: Secret
    opened_at: datetime
    username: str


LogOnSession = Visiting | LoggedOnAs


@frozen(kw_only=True)
class Grant:
    """A user's consent to one application."""

    username: str
    client_id: str
    given_at: datetime


@enum.unique
class CodeUse(enum.Enum):
    """Whether a code was exchanged."""

    FRESH = "fresh"
    SPENT = "spent"


@frozen(kw_only=True)
class Code:
    """An authorization code, bound to the request that brought it about."""

    value: Secret
    username: str
    asking: Asking
    issued_at: datetime
    use: CodeUse = CodeUse.FRESH


@frozen(kw_only=True)
class AccessToken:
    """An access token; it lives for *life* from *issued_at* unless its family is revoked."""

    value: Secret
    family: str
    issued_at: datetime
    life: timedelta


@frozen
class Live:
    """A refresh token that was never used."""


@frozen(kw_only=True)
class Rotated:
    """A refresh token that was used; its successors are named by their keys."""

    at: datetime
    access: str
    refresh: str


@frozen(kw_only=True)
class RefreshToken:
    """A refresh token; *generation* counts the rotations since the code exchange, from 0."""

    value: Secret
    family: str
    generation: int
    issued_at: datetime
    standing: Live | Rotated = field(factory=Live)


@enum.unique
class FamilyStanding(enum.Enum):
    """Which tokens of a family work."""

    ALIVE = "alive"
    REFRESH_ENDED = "refresh-ended"
    ENDED = "ended"


@frozen(kw_only=True)
class Family:
    """All tokens that go back to one code exchange."""

    name: str
    username: str
    client_id: str
    born_at: datetime
    standing: FamilyStanding = FamilyStanding.ALIVE


@frozen(kw_only=True)
class Window:
    """The rate limiter's count of calls, refused ones included, since *opened_at*; it lasts a second."""

    opened_at: datetime
    calls: int


@frozen(kw_only=True)
class World:
    """
    Everything MailUp knows at one moment.

    Attributes:
        scenario: What it began with, and what a reset leads back to.
        serial: How many events led here.
        ahead: How far MailUp's clock is ahead of the system's; negative if it is behind.
        sessions, codes, accesses, refreshes: By ``coin.key_of`` their secret.
        grants: By user name and client id.
        families: By name.
        windows: By user name and API method.
        faults: What the next requests will meet, in order.
    """

    scenario: Scenario = field(factory=Scenario)
    switches: Switches = DOCUMENTED
    serial: int = 0
    ahead: timedelta = timedelta()
    applications: Mapping[str, Application] = field(factory=dict[str, Application])
    users: Mapping[str, MailUpUser] = field(factory=dict[str, MailUpUser])
    sessions: Mapping[str, LogOnSession] = field(factory=dict[str, LogOnSession])
    grants: Mapping[tuple[str, str], Grant] = field(factory=dict[tuple[str, str], Grant])
    codes: Mapping[str, Code] = field(factory=dict[str, Code])
    families: Mapping[str, Family] = field(factory=dict[str, Family])
    accesses: Mapping[str, AccessToken] = field(factory=dict[str, AccessToken])
    refreshes: Mapping[str, RefreshToken] = field(factory=dict[str, RefreshToken])
    windows: Mapping[tuple[str, str], Window] = field(factory=dict[tuple[str, str], Window])
    faults: tuple[tuple[Target, Fault], ...] = ()


def founded(applications: Iterable[Application], users: Iterable[MailUpUser], switches: Switches = DOCUMENTED) -> World:
    """Return a world in which these applications and users exist and nothing has happened."""
    scenario = Scenario(applications=tuple(applications), users=tuple(users), switches=switches)
    return _peopled(scenario, timedelta())


def begun(scenario: Scenario, *, system: datetime) -> World:
    """Return the world that begins as *scenario* says at a moment at which the system's clock shows *system*."""
    match scenario.begins:
        case WithTheSystem():
            return _peopled(scenario, timedelta())
        case From(moment):
            return _peopled(scenario, moment - system)
        case _ as never:
            assert_never(never)


def _peopled(scenario: Scenario, ahead: timedelta) -> World:
    return World(
        scenario=scenario,
        switches=scenario.switches,
        ahead=ahead,
        applications={one.client_id: one for one in scenario.applications},
        users={one.username: one for one in scenario.users},
        faults=scenario.faults,
    )
