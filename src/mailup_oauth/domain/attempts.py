"""One attempt to be authorized: from sending the browser away until it is remembered only as over."""

import enum

from attrs import frozen

from .credential import Credential, Mark
from .instants import Wait
from .tokens import Access, NoRefreshToken
from .wire.outcomes import Note

AttemptId = str
"""The SHA-256 of the attempt's nonce, 64 hexadecimal digits: safe to show, and what the store's index holds."""


@enum.unique
class AccountRule(enum.Enum):
    """Whose authorization may take the place of the present one."""

    SAME_USER = "same-user"
    ANY_USER = "any-user"


@enum.unique
class AttemptEnd(enum.Enum):
    """How an attempt ended."""

    CONNECTED = "connected"
    DENIED = "denied"
    EXCHANGE_REFUSED = "exchange-refused"
    EXCHANGE_OUTCOME_LOST = "exchange-outcome-lost"
    CLIENT_REFUSED = "client-refused"
    CONTRACT_UNSIGNED = "contract-unsigned"
    ANOTHER_ACCOUNT = "another-account"


@frozen(kw_only=True)
class Browser:
    """
    What every attempt knows of the browser that began it.

    Attributes:
        id: The attempt's.
        binding: The SHA-256 of what that browser keeps.
        rule: Whose authorization is welcome.
        life: When it began, and for how long it is remembered.
        refusals: How many callbacks were refused for it, as far as they are listed.
    """

    id: AttemptId
    binding: str
    rule: AccountRule
    life: Wait
    refusals: int = 0


@frozen(kw_only=True)
class AwaitingCallback:
    """The browser is on its way; it may come back once."""

    browser: Browser
    verifier: Credential
    redirect_uri: Credential


@frozen(kw_only=True)
class Exchanging:
    """
    The intent is stored: the code goes to the token endpoint now, and never again.

    Attributes:
        code: The code's mark; the code itself lives in memory only.
        sent: When the request was about to leave, and how long it may take.
    """

    browser: Browser
    verifier: Credential
    redirect_uri: Credential
    code: Mark
    sent: Wait


@frozen(kw_only=True)
class ToBeAsked:
    """
    MailUp may be asked who a user is, as soon as *again* is over.

    Attributes:
        number: How often it was asked, and did not tell.
    """

    number: int
    again: Wait


@frozen(kw_only=True)
class BeingAsked:
    """
    MailUp is asked who a user is, by whoever holds the guard, or by who held it and died.

    Attributes:
        number: Which question this is, from 1.
        again: When the next one may follow, if it is not answered.
    """

    number: int
    again: Wait


Inquiry = ToBeAsked | BeingAsked
"""How far it has come to learn whose tokens are."""


@frozen(kw_only=True)
class Identifying:
    """
    Tokens are here, but not yet whose they are; the present authorization goes on until that is known.

    A connection's attempts of this kind stand behind all that were begun before, in the order in which their tokens came.

    Attributes:
        access: The new access token.
        refresh: The new refresh token.
        notes: What was odd in the answer.
        inquiry: Whether MailUp is asked who the user is.
    """

    browser: Browser
    access: Access
    refresh: Credential | NoRefreshToken
    notes: tuple[Note, ...]
    inquiry: Inquiry


@frozen(kw_only=True)
class Finished:
    """Over, and remembered so that a reload in the same browser gets the same answer."""

    browser: Browser
    end: AttemptEnd
    detail: str = ""


Attempt = AwaitingCallback | Exchanging | Identifying | Finished
