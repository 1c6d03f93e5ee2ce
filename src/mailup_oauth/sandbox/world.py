"""Everything MailUp holds, as frozen values; it is never changed, only followed by another."""

import enum
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from attrs import field, frozen

from ..domain.secret import Secret
from .asking import Asking
from .faults import Fault, Target
from .switches import DOCUMENTED, Switches


@frozen(kw_only=True)
class Application:
    """
    An application with its keys.

    Attributes:
        redirect_uris: Compared only under ``RedirectCheck.LIST``; MailUp registers none.
    """

    client_id: str
    client_secret: Secret
    name: str
    redirect_uris: tuple[str, ...] = ()


@enum.unique
class Contract(enum.Enum):
    """Whether a user has accepted MailUp's terms of service."""

    SIGNED = "signed"
    UNSIGNED = "unsigned"


@enum.unique
class Trial(enum.Enum):
    """Whether an account is on trial."""

    NO = "no"
    YES = "yes"


@frozen(kw_only=True)
class MailUpUser:
    """A user who can log on; the fields are those of ``Authentication/Info``, mailup-wire.md section 11."""

    username: str
    password: Secret
    uid: str
    company: str = "Example Srl"
    account_name: str = ""
    expiry_date: str = "2030-01-31 00:00:00.000"
    trial: Trial = Trial.NO
    url: str = "https://a1b2.emailsp.example"
    version: str = "9.0.0"
    contract: Contract = Contract.SIGNED


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
        serial: How many events led here.
        sessions, codes, accesses, refreshes: By ``coin.key_of`` their secret.
        grants: By user name and client id.
        families: By name.
        windows: By user name and path.
        faults: What the next requests will meet, in order.
    """

    switches: Switches = DOCUMENTED
    serial: int = 0
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
    return World(
        switches=switches,
        applications={one.client_id: one for one in applications},
        users={one.username: one for one in users},
    )
