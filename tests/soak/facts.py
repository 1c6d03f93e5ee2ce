"""What a soak left, as values, for the referee; nothing is judged here."""

from attrs import frozen

STRICT, GRACE = "strict", "grace"
SERVERS = (STRICT, GRACE)
REFRESH, EXCHANGE = "refresh_token", "authorization_code"


@frozen(kw_only=True)
class Passage:
    """
    One token request, as it came to the relay; tokens are told by their marks, moments by one monotonic clock.

    Attributes:
        server: Which of the two it is for.
        incarnation: The worker process that sent it.
        grant: ``refresh_token`` or ``authorization_code``.
        spent: The refresh token or the code that it carried.
        asked: When it had come to the relay whole.
        status: What the server answered; 0 if the relay dropped the request, and its sender got no answer.
        born: The refresh token in the answer, if there is one.
        answered: When the server's answer had come to the relay, and so was decided; or when it was dropped.
    """

    server: str
    incarnation: int
    grant: str = REFRESH
    spent: str
    asked: float
    status: int = 0
    born: str = ""
    answered: float


@frozen(kw_only=True)
class Entry:
    """
    One record of a connection's journal.

    Attributes:
        event: Its event, by name.
        refresh: The refresh token that it brings.
        code: The code that it is the intent to send.
        attempt: The attempt that it is about.
        cause: Why a grant died, or how an exchange ended that failed.
        actor: Who caused it: for the exchange of a code, the worker process.
    """

    event: str
    refresh: str = ""
    code: str = ""
    attempt: str = ""
    cause: str = ""
    actor: str = ""


@frozen(kw_only=True)
class Told:
    """
    A caller was told that only the user can help.

    Attributes:
        connection: Which was used.
        reason: What the caller was told.
        since: How many records the journal had before the call.
        until: How many it had after it.
        attempt: What was to be completed; empty if a token was asked for.
    """

    connection: str
    reason: str
    since: int
    until: int
    attempt: str = ""


@frozen(kw_only=True)
class Facts:
    """
    Everything that a soak left.

    Attributes:
        passages: Of both servers.
        killed: The incarnations that were killed, and the moment just before each was.
        journals: Every connection's entries, oldest first; a name begins with its server's.
        told: What callers were told that lived to tell it.
        unverified: What was wrong with a journal, whenever it was looked at.
        complaints: What else workers met that they should not have.
        unserved: The connections that had no usable token when all was over.
    """

    passages: tuple[Passage, ...]
    killed: dict[int, float]
    journals: dict[str, tuple[Entry, ...]]
    told: tuple[Told, ...] = ()
    unverified: tuple[str, ...] = ()
    complaints: tuple[str, ...] = ()
    unserved: tuple[str, ...] = ()
