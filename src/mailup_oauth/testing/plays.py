"""The scenarios of the pytest marker: what lies ahead of a connected user, by name; how a program bears it is not known."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Final

from ..sandbox.commands import UnsignContract
from ..sandbox.faults import LOST_ANSWER, LOST_REQUEST, GatewayPage, Slow, Target, Throttle
from ..sandbox.switches import Grace, ReuseKillsFamily, Switches, Told
from .stage import Stage

Play = Callable[[Stage], None]
"""Makes a stage ready, on which the user ``m1`` has just been connected as ``acme``; its docstring is its description."""

_SOON: Final = timedelta(seconds=30)
_LATE: Final = timedelta(minutes=2)
_UNAVAILABLE: Final = 503


def connected(_: Stage) -> None:
    """Nothing is wrong; the access token is good for an hour."""


def expired(stage: Stage) -> None:
    """The access token has expired; a refresh brings a new one."""
    stage.expire()


def rotation_race(stage: Stage) -> None:
    """The access token has expired, and a refresh token that comes twice ends everything."""
    stage.switch(Switches(old_refresh=ReuseKillsFamily()))
    stage.expire()


def lost_answer(stage: Stage) -> None:
    """The answer to the next refresh is lost, and the old refresh token is dead."""
    stage.expire()
    stage.plan(LOST_ANSWER)


def lost_answer_with_grace(stage: Stage) -> None:
    """The answer to the next refresh is lost, and MailUp gives it again to whoever asks within a minute."""
    stage.switch(Switches(old_refresh=Grace(2 * _SOON)))
    lost_answer(stage)


def lost_request(stage: Stage) -> None:
    """The next refresh never reaches MailUp."""
    stage.expire()
    stage.plan(LOST_REQUEST)


def late_answer(stage: Stage) -> None:
    """The answer to the next refresh comes two minutes late."""
    stage.expire()
    stage.plan(Slow(delay=_LATE))


def rate_limited(stage: Stage) -> None:
    """The next refresh is refused with 429, to be tried again in 30 seconds."""
    stage.expire()
    stage.plan(Throttle(wait=Told(_SOON)))


def api_rate_limited(stage: Stage) -> None:
    """The next call of the API is refused with 429, to be tried again in 30 seconds."""
    stage.plan(Throttle(wait=Told(_SOON)), target=Target.RESOURCE)


def unavailable(stage: Stage) -> None:
    """The next refresh meets a gateway's page with 503."""
    stage.expire()
    stage.plan(GatewayPage(status=_UNAVAILABLE))


def unsigned_contract(stage: Stage) -> None:
    """MailUp's terms have changed, and the API refuses the user until they accept them."""
    stage.sandbox.order(UnsignContract("m1"))


def revoked(stage: Stage) -> None:
    """The user has ended the authorization at MailUp; the API refuses the token, and no refresh helps."""
    stage.revoke()


PLAYS: Final[Mapping[str, Play]] = {
    play.__name__: play
    for play in (
        *(connected, expired, rotation_race),
        *(lost_answer, lost_answer_with_grace, lost_request, late_answer),
        *(rate_limited, api_rate_limited, unavailable, unsigned_contract, revoked),
    )
}
"""Every scenario by its name."""
