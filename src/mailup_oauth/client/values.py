"""What the facade hands out: a token to use, and a connection's status in words a person can act on."""

from datetime import datetime, timedelta

from attrs import field, frozen

from ..domain.credential import Mark
from ..domain.secret import Secret


@frozen(kw_only=True)
class AccessToken:
    """
    A token to put into the ``Authorization`` header as ``Bearer``.

    Attributes:
        value: The token; ``value.reveal()`` gives it out.
        expires_at: When it ends by the clock, in UTC; MailUp may refuse it earlier.
        mark: What may be shown of it, and what ``report_rejected`` wants to know.
    """

    value: Secret
    expires_at: datetime
    mark: Mark


@frozen(kw_only=True)
class Status:
    """
    A connection as it stands; asking for it changes nothing and sends nothing.

    Attributes:
        connection: Its name.
        state: The name of its state: ``Unregistered``, ``AwaitingCode``, ``Authorized``, ``Expired``, ``Refreshed``.
        connected: Whether a user's authorization is held that is not known to be dead.
        user: The MailUp user name; empty while it is not known.
        generation: How many refreshes the authorization has lived through.
        authorized_at: When the user authorized; the empty tuple's worth of time, ``None``, if nobody did.
        expires_at: When the present access token ends; ``None`` if there is none.
        owed: What is open: ``nothing``, ``refresh-in-flight``, ``refresh-unanswered``, ``refresh-deferred``,
            ``reauthorization``, or ``callback``.
        reason: A word for why, such as ``rotation-outcome-lost``; empty if there is nothing to explain.
        retry_after: How long the library itself will wait before it asks MailUp again.
        advice: What to do now, in one sentence.
    """

    connection: str
    state: str
    connected: bool
    user: str = ""
    generation: int = 0
    authorized_at: datetime | None = None
    expires_at: datetime | None = None
    owed: str = "nothing"
    reason: str = ""
    retry_after: timedelta = field(factory=timedelta)
    advice: str = ""


@frozen(kw_only=True)
class Farewell:
    """
    What is left to do after ``disconnect``.

    Attributes:
        was_connected: Whether an authorization was held and has been erased here.
        revoke_at: Where a person ends it at the provider; MailUp has no address for programs to do that.
    """

    was_connected: bool
    revoke_at: str
