"""What people are told: each way a journey can end, and what happened to a connection, in an administrator's words."""

from typing import Final

from attrs import frozen

from ...domain import errors as er
from ...domain import events as e
from ...domain.errors import CallbackFault, DeathCause, MailUpOAuthError
from ...journal import Record


@frozen
class Told:
    """A page's heading and its sentences."""

    title: str
    text: str


ASKED, SIGN_IN, METHOD, ELSEWHERE, DONE, GONE = "asked", "sign-in", "method", "elsewhere", "connected", "disconnected"
NEEDED, EARLY, APART, MUTE = "needed", "early", "apart", "mute"
BROWSER, USED, LAPSED, USER, SIGNED_OUT = "browser", "used", "lapsed", "user", "signed-out"
DENIED, ACCOUNT, TERMS, KEYS, TRUST = "denied", "account", "terms", "keys", "trust"
LATER, LOST, REFUSED, STORE = "later", "lost", "refused", "store"
FAILURES: Final = frozenset(
    {BROWSER, USED, LAPSED, USER, SIGNED_OUT, DENIED, ACCOUNT, TERMS, KEYS, TRUST, LATER, LOST, REFUSED, STORE}
)
"""The words for why nothing was connected."""

TOLD: Final = {
    BROWSER: Told(
        "This log-in was not begun here",
        "This browser does not know what came back from MailUp: it was begun in another browser or long ago, or the "
        "cookie of it was deleted or blocked. Nothing was changed. If you wanted to connect, begin again from this browser.",
    ),
    USED: Told(
        "This log-in was used already",
        "What comes back from MailUp is good once, and this browser has brought it before. Nothing was changed. See the "
        "connection for what came of it; if there is none, connect again.",
    ),
    LAPSED: Told(
        "This log-in took too long",
        "More time has passed than there is between leaving for MailUp and coming back. Nothing was changed. If you "
        "wanted to connect, begin again.",
    ),
    USER: Told(
        "Somebody else began this log-in",
        "You are signed in as another person than the one who began it. Nothing was changed. If you wanted to connect, "
        "begin again.",
    ),
    SIGNED_OUT: Told(
        "You are signed out",
        "You were signed in when you left for MailUp and are not any more. Nothing was changed. Sign in and connect again.",
    ),
    ELSEWHERE: Told(
        "Open this application under its own address",
        "MailUp sends people back to another address than the one your browser is at, and would not be recognised "
        "there. Open the application under the address that is registered with MailUp, and connect from there.",
    ),
    ASKED: Told("Connect to MailUp?", "This page was not opened from the application, so it asks first."),
    NEEDED: Told(
        "MailUp is not connected",
        "What you asked for needs a connection to MailUp. Connect, and you are brought back to it.",
    ),
    SIGN_IN: Told("Sign in first", "A MailUp connection belongs to somebody who is signed in here."),
    METHOD: Told(
        "That is not how this page is asked", "Nothing was changed. See the connection, and use the buttons there."
    ),
    EARLY: Told(
        "It is too early",
        "The browser asked before you did. Nothing was changed. Open this page again when you want it.",
    ),
    APART: Told(
        "MailUp was not disconnected",
        "This was not asked on a page of the application. Nothing was changed. If you want to disconnect, see the "
        "connection and press the button there.",
    ),
    MUTE: Told(
        "Your browser does not say where you come from",
        "So this could be the doing of another site, and nothing was changed. Use a current browser, and no add-on or "
        "proxy that takes away the headers Origin and Sec-Fetch-Site; then press the button again.",
    ),
    DONE: Told("Connected", "MailUp is connected."),
    GONE: Told(
        "Disconnected",
        "The access to MailUp was erased here. MailUp itself was not told; whoever wants to end the authorization there "
        "too finds it in {revoke_at}.",
    ),
    DENIED: Told(
        "MailUp was not connected", "You, or MailUp for you, said no. Nothing was changed; you may connect again."
    ),
    ACCOUNT: Told(
        "Another MailUp account is connected",
        "You logged in to MailUp as somebody else than the connected user. Nothing was changed. Log in as the connected "
        "user, or disconnect first.",
    ),
    TERMS: Told(
        "MailUp's terms are not accepted yet",
        "MailUp lets nobody use its API before the terms are accepted in the MailUp console. Accept them there and "
        "connect again.",
    ),
    KEYS: Told(
        "MailUp does not accept this application",
        "This is not your fault: the application's keys for MailUp are wrong. Whoever runs it has to correct them.",
    ),
    TRUST: Told(
        "MailUp could not be reached safely",
        "Whoever answered could not prove to be MailUp. Whoever runs this application has to look at it.",
    ),
    LATER: Told(
        "MailUp has not answered yet",
        "Nothing is lost. Look again in a minute; if it is still not connected then, connect again.",
    ),
    LOST: Told(
        "MailUp's answer was lost",
        "MailUp may have said yes, but its answer did not arrive and is not given twice. Connect again.",
    ),
    REFUSED: Told(
        "MailUp was not connected", "What came back could not be used. Nothing was changed; you may connect again."
    ),
    STORE: Told("This does not work right now", "Nothing is lost. Try again later."),
}
"""By its word, which is all that a cookie carries; no word of a stranger's gets in here."""

_ENDINGS: Final[dict[type[MailUpOAuthError], str]] = {
    er.AccountMismatch: ACCOUNT,
    er.ContractNotSigned: TERMS,
    er.ClientRejected: KEYS,
    er.ServerNotTrusted: TRUST,
    er.StorageError: STORE,
    er.TryLater: LATER,
}
_FAULTS: Final = {
    CallbackFault.DENIED: DENIED,
    CallbackFault.ANOTHER_BROWSER: BROWSER,
    CallbackFault.ALREADY_USED: USED,
    CallbackFault.LAPSED: LAPSED,
    CallbackFault.NONCE_UNKNOWN: BROWSER,
    CallbackFault.SERVER_ERROR: LATER,
    CallbackFault.APPLICATION_REFUSED: KEYS,
}


def word_for(error: MailUpOAuthError) -> str:
    """Return the word for how an attempt ended."""
    if isinstance(error, er.CallbackRefused):
        return _FAULTS.get(error.reason, REFUSED)
    if isinstance(error, er.ReauthorizationRequired) and error.reason is DeathCause.EXCHANGE_OUTCOME_LOST:
        return LOST
    return next((word for kind, word in _ENDINGS.items() if isinstance(error, kind)), REFUSED)


_EVENTS: Final[dict[type, tuple[str, str]]] = {
    e.AuthorizationBegun: ("", "Somebody went to MailUp to connect."),
    e.AuthorizationDenied: ("bad", "MailUp was not connected: somebody said no."),
    e.ExchangeFailed: ("bad", "MailUp was not connected: it gave no access."),
    e.AccountRefused: ("bad", "Somebody logged in with another MailUp account; it was not connected."),
    e.TokensIssued: ("good", "MailUp was connected."),
    e.TokensRefreshed: ("good", "The access was renewed, as every hour that it is used."),
    e.RefreshTokenSalvaged: ("", "MailUp's answer was damaged; the access goes on."),
    e.AccessTokenRejected: ("", "MailUp ended an access before its time; it was renewed."),
    e.RefreshDeferred: ("", "MailUp could not renew the access; it is asked again by itself."),
    e.RefreshOutcomeUnknown: ("", "MailUp did not answer; it is asked again by itself."),
    e.GrantDied: ("bad", "The connection ended; somebody has to connect again."),
    e.Disconnected: ("", "The connection was ended here."),
}
"""What an administrator is told, and whether it is good or bad; what is not here concerns programs."""


@frozen(kw_only=True)
class Line:
    """
    One thing that happened.

    Attributes:
        kind: ``good``, ``bad`` or nothing.
    """

    record: Record
    kind: str
    sentence: str


def lines(records: tuple[Record, ...], most: int) -> tuple[Line, ...]:
    """Return at most *most* things that happened, the newest first."""
    told = ((record, _EVENTS[type(record.event)]) for record in reversed(records) if type(record.event) in _EVENTS)
    return tuple(
        Line(record=record, kind=kind, sentence=sentence)
        for (record, (kind, sentence)), _ in zip(told, range(most), strict=False)
    )
