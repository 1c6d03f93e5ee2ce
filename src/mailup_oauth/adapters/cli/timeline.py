"""A journal as a person reads it: when, what happened in one sentence, and who asked for it."""

from rich.table import Table
from rich.text import Text

from ...domain import events as e
from ...domain.events import Event
from ...domain.tokens import NoRefreshToken
from ...domain.wire.outcomes import KeepOld
from ...journal import Record

_SENTENCES: dict[type[Event], str] = {
    e.AuthorizationBegun: "A browser was sent to the log-on page.",
    e.CallbackAccepted: "The browser came back with a code; intent to exchange it stored.",
    e.ConnectionNotMade: "No attempt is left, and nothing is held.",
    e.IdentityAsked: "MailUp is asked whose token this is.",
    e.AccessTokenExpired: "The access token came to its end by the clock.",
    e.AccessTokenRejected: "MailUp's API refused the access token (401).",
    e.Disconnected: "Tokens and attempts were erased here.",
}

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


def sentence(event: Event) -> str:
    """Return what happened in one sentence, with marks where secrets were."""
    match event:
        case e.CallbackRefused(fault=fault):
            return f"A callback was refused: {fault.value}."
        case e.AuthorizationDenied(error=error):
            return f"The user, or MailUp for them, said no: {error}."
        case e.ExchangeNotSent(fault=fault):
            return f"The code never left ({fault}); it may be tried again."
        case e.ExchangeFailed(end=end, detail=detail):
            return f"The code gave no tokens: {end.value} {detail}".rstrip() + "."
        case e.TokensIssued(epoch=epoch, refresh=refresh):
            return f"Connected: authorization {epoch}, {_refresh(refresh)}."
        case e.TokensHeld():
            return "Tokens came for another log-in; held until it is known whose they are."
        case e.AccountRefused(connected=connected, arrived=arrived):
            return f"{arrived.username} logged in, but {connected.username} is connected; the new tokens were dropped."
        case e.AttemptDropped(why=why):
            return f"An attempt is no longer remembered: {why.value}."
        case e.UserIdentified(user=user):
            return f"It is {user.username} (UID {user.uid})."
        case e.IdentityUnavailable(why=why):
            return f"MailUp did not say whose it is: {why}."
        case _:
            return _of_refresh(event)


def _of_refresh(event: Event) -> str:
    """Return what happened to a refresh token, or the one sentence that an event without content has."""
    match event:
        case e.RefreshStarted(intent=intent):
            return f"Refresh token {intent.mark.digest[:8]} is about to be sent, try {intent.number}; intent stored."
        case e.TokensRefreshed(generation=generation, refresh=refresh):
            return f"New tokens, generation {generation}, {_refresh(refresh)}."
        case e.RefreshTokenSalvaged(generation=generation, defect=defect):
            return f"An unusable answer ({defect.value}) held a refresh token: generation {generation}."
        case e.AuthorizationSalvaged(defect=defect):
            return f"An unusable answer to the code ({defect.value}) held a refresh token."
        case e.RefreshDeferred(kind=kind, detail=detail, wait=wait):
            return f"Not now: {kind.value} {detail}".rstrip() + f"; again in {wait.span.total_seconds():.0f} s."
        case e.RefreshOutcomeUnknown(defect=defect, wait=wait):
            return f"No answer ({defect.value}): spent or not? Settling for {wait.span.total_seconds():.1f} s."
        case e.GrantDied(cause=cause):
            return f"Only the user can help now: {cause.value}."
        case _:
            return _SENTENCES[type(event)]


def _refresh(refresh: object) -> str:
    """Return what came with the access token."""
    match refresh:
        case e.Credential(mark=mark):
            return f"refresh token {mark.digest[:8]}"
        case KeepOld():
            return "the refresh token goes on"
        case NoRefreshToken():
            return "no refresh token"
        case _:
            return "nothing"


def _style(event: Event) -> str:
    """Return the colour of an event: red where a person is wanted, yellow where care was taken."""
    if isinstance(event, _TROUBLE):
        return "bold red"
    return "yellow" if isinstance(event, _CARE) else "green"
