"""What the facade tells of a connection, in words a person can act on."""

from datetime import datetime, timedelta

from attrs import field, frozen


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
        authorized_at: When the user authorized; ``None`` if nobody did.
        expires_at: When the present access token ends; ``None`` if there is none.
        refresh_at: When the next call renews it in advance; ``None`` if there is none.
        owed: What is open: ``nothing``, ``refresh-in-flight``, ``refresh-unanswered``, ``refresh-deferred``,
            ``reauthorization``, ``identification`` (of the user of new tokens), or ``callback``.
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
    refresh_at: datetime | None = None
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
