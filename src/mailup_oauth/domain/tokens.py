"""What a user's consent has given us: an access token for an hour, and a refresh token that each use replaces."""

from datetime import datetime, timedelta

from attrs import frozen

from .credential import Credential, Mark
from .instants import Wait, later, stretched
from .policy import Policy
from .secret import Secret
from .wire.outcomes import User


@frozen
class NoRefreshToken:
    """The server gave none; when the access token ends, only the user can help."""


@frozen(kw_only=True)
class Unidentified:
    """Whose authorization it is has not been learned yet; *again* says when it may be asked."""

    again: Wait


@frozen
class Anonymous:
    """The provider has no place to ask who the user is."""


Identity = User | Unidentified | Anonymous


@frozen(kw_only=True)
class Access:
    """
    An access token and its two windows.

    Attributes:
        credential: The token.
        asked_at: When the request for it left; earlier than the server began to count.
        refresh_at: From here on one flight renews it while everybody goes on using it.
        expires_at: From here on nobody uses it.
    """

    credential: Credential
    asked_at: datetime
    refresh_at: datetime
    expires_at: datetime

    def is_usable(self, now: datetime) -> bool:
        """Say whether it may be sent at *now*; not so if the clock stands before its birth by more than its life."""
        return now < self.expires_at and self.asked_at - now <= self.expires_at - self.asked_at

    def is_due(self, now: datetime) -> bool:
        """Say whether it should be renewed at *now*, whether or not it is still usable."""
        return now >= self.refresh_at or not self.is_usable(now)


@frozen(kw_only=True)
class AccessToken:
    """
    A token to put into the ``Authorization`` header as ``Bearer``, as it is handed out.

    Attributes:
        value: The token; ``value.reveal()`` gives it out.
        expires_at: When it ends by the clock, in UTC; MailUp may refuse it earlier.
        mark: What may be shown of it, and what ``report_rejected`` wants to know.
    """

    value: Secret
    expires_at: datetime
    mark: Mark


def access_from(
    credential: Credential, *, life: timedelta, asked_at: datetime, policy: Policy, chance: float
) -> Access:
    """
    Return the access token with its windows, counted from when the request left.

    Args:
        credential: The token.
        life: How long the server says it lives; zero when it was born expired.
        asked_at: When the request left, in UTC.
        policy: Where the windows lie.
        chance: 0 to 1, draws the renewal earlier so that many connections do not renew at once.
    Source: RFC 6749 section 5.1; ADR 0006 (why from asking, not from the answer).
    """
    safety = min(policy.expiry_margin, life * policy.expiry_margin_share)
    lead = stretched(life * (1 - policy.refresh_share), spread=policy.refresh_spread, chance=chance)
    return Access(
        credential=credential,
        asked_at=asked_at,
        refresh_at=later(asked_at, max(life - max(lead, safety), timedelta())),
        expires_at=later(asked_at, life - safety),
    )


@frozen(kw_only=True)
class Grant:
    """
    One authorization, whatever access token it has now.

    Attributes:
        generation: How many refreshes it has lived through; the refresh token changes with it.
        refresh: The refresh token that is sent next.
        user: Whose it is.
        authorized_at: When its code was exchanged.
        born_at: When this generation was asked for.
    """

    generation: int
    refresh: Credential | NoRefreshToken
    user: Identity
    authorized_at: datetime
    born_at: datetime
