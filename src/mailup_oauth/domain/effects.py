"""What a new event orders the world to do; each is carried out once, after the event is stored."""

from attrs import frozen

from .attempts import AttemptId
from .credential import Credential
from .events import Current
from .instants import Wait
from .work import Intent


@frozen(kw_only=True)
class ExchangeCode:
    """Send the code to the token endpoint, once."""

    attempt: AttemptId
    code: Credential
    verifier: Credential
    redirect_uri: Credential
    sent: Wait


@frozen(kw_only=True)
class RefreshTokens:
    """Send the refresh token to the token endpoint."""

    intent: Intent
    refresh: Credential


@frozen(kw_only=True)
class IdentifyUser:
    """Ask the provider whose access token this is."""

    subject: AttemptId | Current
    epoch: int
    access: Credential


@frozen
class Nothing:
    """The event is a fact and no more."""


NOTHING = Nothing()

Effect = ExchangeCode | RefreshTokens | IdentifyUser | Nothing
