"""A journal as a person reads it: when, what happened in one sentence, and who asked for it."""

from collections.abc import Callable

from rich.table import Table
from rich.text import Text

from ...domain import events as e
from ...domain.credential import Credential
from ...domain.events import Event
from ...domain.instants import Wait
from ...domain.tokens import NoRefreshToken
from ...domain.wire.outcomes import KeepOld
from ...journal import InstallationEvent, KeyRingChanged, Record, TokenHandedOut, TokensImported

_SENTENCES: dict[type[object], Callable[..., str]] = {
    e.AuthorizationBegun: lambda _: "A browser was sent to the log-on page.",
    e.CallbackRefused: lambda event: f"A callback was refused: {event.fault.value}.",
    e.AuthorizationDenied: lambda event: f"The user, or MailUp for them, said no: {event.error}.",
    e.CallbackAccepted: lambda _: "The browser came back with a code; the intent to exchange it is stored.",
    e.ExchangeNotSent: lambda event: f"The code never left ({event.fault}); it may be tried again.",
    e.ExchangeFailed: lambda event: f"The code gave no tokens: {event.end.value} {event.detail}".rstrip() + ".",
    e.TokensIssued: lambda event: f"Connected: authorization {event.epoch}, {_refresh(event.refresh)}.",
    e.TokensHeld: lambda _: "Tokens came for another log-in; held until it is known whose they are.",
    e.AccountRefused: lambda event: (
        f"{event.arrived.username} logged in, but {event.connected.username} is connected; the new tokens were dropped."
    ),
    e.AuthorizationSalvaged: lambda event: (
        f"An unusable answer to the code ({event.defect.value}) held a whole refresh token, which is kept."
    ),
    e.AttemptDropped: lambda event: f"An attempt is no longer remembered: {event.why.value}.",
    e.ConnectionNotMade: lambda event: f"No attempt is left, and nothing is held: {event.reason.value}.",
    e.IdentityAsked: lambda _: "MailUp is asked whose token this is.",
    e.UserIdentified: lambda event: f"It is {event.user.username} (UID {event.user.uid}).",
    e.IdentityUnavailable: lambda event: f"MailUp did not say whose it is: {event.why}.",
    e.AccessTokenExpired: lambda event: f"Access token {event.mark.digest[:8]} came to its end by the clock.",
    e.AccessTokenRejected: lambda event: f"MailUp's API refused access token {event.mark.digest[:8]} (401).",
    e.RefreshStarted: lambda event: (
        f"Refresh token {event.intent.mark.digest[:8]} is about to be sent, try {event.intent.number}; intent stored."
    ),
    e.TokensRefreshed: lambda event: f"New tokens, generation {event.generation}, {_refresh(event.refresh)}.",
    e.RefreshTokenSalvaged: lambda event: (
        f"An unusable answer ({event.defect.value}) held a whole refresh token: generation {event.generation}."
    ),
    e.RefreshDeferred: lambda event: (
        f"Not now: {event.kind.value} {event.detail}".rstrip() + f"; again in {_seconds(event.wait)}."
    ),
    e.RefreshOutcomeUnknown: lambda event: (
        f"No answer ({event.defect.value}): spent or not?  It may settle for {_seconds(event.wait)}."
    ),
    e.GrantDied: lambda event: f"Only the user can help now: {event.cause.value}.",
    e.Disconnected: lambda _: "Tokens and attempts were erased here.",
    KeyRingChanged: lambda event: f"Keys added: {_names(event.added)}; retired: {_names(event.retired)}.",
    TokenHandedOut: lambda event: f"An access token of {event.connection} was handed out to {event.to}.",
    TokensImported: lambda event: f"Tokens of {event.connection} were imported from {event.source}.",
}
"""What each kind of event says, in one sentence, with marks where secrets were."""

_TROUBLE = (e.CallbackRefused, e.AuthorizationDenied, e.ExchangeFailed, e.AccountRefused, e.GrantDied)
_CARE = (e.ExchangeNotSent, e.AccessTokenRejected, e.RefreshDeferred, e.RefreshOutcomeUnknown, e.RefreshTokenSalvaged)


def timeline(records: tuple[Record, ...]) -> Table:
    """Return the records as a table, oldest first."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("#", justify="right", style="dim")
    table.add_column("when (UTC)", no_wrap=True)
    table.add_column("event", no_wrap=True)
    table.add_column("what happened")
    table.add_column("by")
    for record in records:
        table.add_row(
            str(record.sequence),
            record.at.strftime("%Y-%m-%d %H:%M:%S"),
            Text(type(record.event).__name__, style=_style(record.event)),
            Text(sentence(record.event)),
            Text(record.actor, style="dim"),
        )
    return table


def sentence(event: Event | InstallationEvent) -> str:
    """Return what happened in one sentence."""
    return _SENTENCES[type(event)](event)


def _seconds(wait: Wait) -> str:
    """Return how long a wait lasts."""
    return f"{wait.span.total_seconds():.1f} s"


def _names(keys: tuple[str, ...]) -> str:
    """Return key ids as a list for people."""
    return ", ".join(keys) or "none"


def _refresh(refresh: object) -> str:
    """Return what came with the access token."""
    match refresh:
        case Credential(mark=mark):
            return f"refresh token {mark.digest[:8]}"
        case KeepOld():
            return "the refresh token goes on"
        case NoRefreshToken():
            return "no refresh token"
        case _:
            return "nothing"


def _style(event: Event | InstallationEvent) -> str:
    """Return the colour of an event: red where a person is wanted, yellow where care was taken."""
    if isinstance(event, _TROUBLE):
        return "bold red"
    return "yellow" if isinstance(event, _CARE) else "green"
