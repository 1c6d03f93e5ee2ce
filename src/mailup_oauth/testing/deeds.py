"""What can happen in the life of a connection, one deed at a time: drawn by chance, and lived alike by every client."""

from collections.abc import Callable
from concurrent.futures import wait
from datetime import timedelta
from typing import Final

from attrs import define, field
from hypothesis import strategies as st

from ..client import Farewell, Status
from ..domain.credential import Mark
from ..domain.errors import MailUpOAuthError
from ..domain.secret import Secret
from ..domain.tokens import AccessToken
from ..engine import FLIGHTS, Start
from ..sandbox import switches as sw
from ..sandbox.commands import Answer, Effect, SignContract, UnsignContract
from ..sandbox.faults import LOST_ANSWER, LOST_REQUEST, CutBody, Done, Fault, GatewayPage, Slow, Target, Throttle
from .canary import CANARY
from .stage import CONNECTION, Stage


@define
class Life:
    """
    A connection on a stage, and what its program and its users remember from one deed to the next.

    Attributes:
        starts: The attempts that were begun.
        arrivals: Where browsers came back to, each with what they keep.
        tokens: The tokens that were handed out.
    """

    stage: Stage
    starts: list[Start] = field(factory=list[Start])
    arrivals: list[tuple[Secret, Secret]] = field(factory=list[tuple[Secret, Secret]])
    tokens: list[AccessToken] = field(factory=list[AccessToken])

    def do(self, deed: "Deed") -> "Came":
        """Do one deed, wait for every flight that it began, and return what came of it."""
        try:
            came = deed(self)
        except MailUpOAuthError as error:
            came = repr(error)
        wait(FLIGHTS.aloft(self.stage.store.identity))
        return came

    def handed(self, token: AccessToken) -> Mark:
        """Remember a token that was handed out, and return its mark."""
        self.tokens.append(token)
        return token.mark

    def come_back(self, address: Secret, binding: Secret) -> Status:
        """Let a browser come back."""
        self.arrivals.append((address, binding))
        return self.stage.oauth.complete(address.reveal(), binding=binding)


Came = Status | Farewell | Mark | str
"""What a deed came to: what the client said, or the exception that it raised, as text; empty if it had nothing to say."""

Deed = Callable[[Life], Came]


def begin(life: Life) -> Came:
    """A user is sent to MailUp."""
    life.starts.append(life.stage.oauth.begin(CONNECTION))
    return ""


def begin_as_anybody(life: Life) -> Came:
    """Whoever logs on at MailUp now may take the connection over."""
    life.starts.append(life.stage.oauth.begin(CONNECTION, allow_account_change=True))
    return ""


def coming_back(username: str, answer: Answer = Answer.ALLOW) -> Deed:
    """Return the deed of a user who answers MailUp and comes back, in the browser that began last."""

    def come_back(life: Life) -> Came:
        if not life.starts:
            return ""
        start = life.starts.pop()
        address = Secret(life.stage.visit(start, username=username, answer=answer))
        return life.come_back(address, start.binding)

    return come_back


def reload(life: Life) -> Came:
    """The page that a browser came back to is loaded again."""
    return life.come_back(*life.arrivals[-1]) if life.arrivals else ""


def come_back_elsewhere(life: Life) -> Came:
    """Another browser comes to that page."""
    elsewhere = Secret(f"{CANARY}-of-another-browser")
    return life.come_back(life.arrivals[-1][0], elsewhere) if life.arrivals else ""


def use(life: Life) -> Came:
    """A token is used."""
    return life.handed(life.stage.oauth.access_token(CONNECTION))


def refresh(life: Life) -> Came:
    """A new token is wanted, whatever the clock says."""
    return life.handed(life.stage.oauth.refresh(CONNECTION))


def reject(life: Life) -> Came:
    """MailUp's API refuses the token that was handed out last."""
    return life.handed(life.stage.oauth.report_rejected(CONNECTION, life.tokens[-1])) if life.tokens else ""


def look(life: Life) -> Came:
    """Somebody asks how the connection stands."""
    return life.stage.oauth.status(CONNECTION)


def disconnect(life: Life) -> Came:
    """The connection is ended here."""
    return life.stage.oauth.disconnect(CONNECTION)


def revoke(life: Life) -> Came:
    """A user ends the authorization at MailUp."""
    life.stage.revoke(effect=Effect.AT_EXPIRY)
    return ""


def unsign(life: Life) -> Came:
    """MailUp's terms change."""
    life.stage.sandbox.order(UnsignContract("m1"))
    return ""


def sign(life: Life) -> Came:
    """A user accepts MailUp's terms."""
    life.stage.sandbox.order(SignContract("m1"))
    return ""


def passing(span: timedelta) -> Deed:
    """Return the deed of a clock that goes on, or is set back."""

    def pass_(life: Life) -> Came:
        life.stage.clock.move(span)
        return ""

    return pass_


def failing(fault: Fault, target: Target = Target.TOKEN) -> Deed:
    """Return the deed of a network, or a MailUp, that fails the next request."""

    def fail(life: Life) -> Came:
        life.stage.plan(fault, target=target)
        return ""

    return fail


def being(old_refresh: sw.OldRefresh) -> Deed:
    """Return the deed of a MailUp that treats rotated refresh tokens otherwise from now on."""

    def be(life: Life) -> Came:
        life.stage.switch(sw.Switches(old_refresh=old_refresh))
        return ""

    return be


ALL_BUT_A_BRACE: Final = 311
"""Bytes of a token answer of the sandbox, so that it is no JSON and yet holds a whole refresh token."""

_MINUTE: Final = timedelta(minutes=1)

DEEDS: Final[tuple[Deed, ...]] = (
    *(begin, begin_as_anybody, coming_back("m1"), coming_back("m2"), coming_back("m1", Answer.DENY)),
    *(reload, come_back_elsewhere, use, refresh, reject, look, disconnect, revoke, unsign, sign),
    *(passing(span) for span in (_MINUTE, 15 * _MINUTE, 50 * _MINUTE, 61 * _MINUTE, -30 * _MINUTE)),
    *(failing(fault) for fault in (LOST_REQUEST, LOST_ANSWER, Throttle(), Slow(delay=2 * _MINUTE), CutBody(keep=200))),
    failing(CutBody(keep=ALL_BUT_A_BRACE)),
    *(failing(GatewayPage(status=status, done=Done.NOTHING)) for status in (200, 503)),
    failing(LOST_REQUEST, Target.RESOURCE),
    *(being(old_refresh) for old_refresh in (sw.Dead(), sw.Grace(_MINUTE), sw.ReuseKillsFamily())),
)
"""Everything that may happen, in any order."""

lives: st.SearchStrategy[list[Deed]] = st.lists(st.sampled_from(DEEDS), min_size=1, max_size=20).map(
    lambda deeds: [begin, coming_back("m1"), *deeds]
)
"""Draw what happens to a connection that is made first."""
