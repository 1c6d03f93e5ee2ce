"""A journal as a person reads it: when, what happened in one sentence, who asked for it and why."""

from typing import assert_never

from rich.table import Table
from rich.text import Text

from ...domain import events as e
from ...domain.credential import Credential, Mark
from ...domain.events import Event
from ...domain.instants import Wait
from ...domain.tokens import Access, NoRefreshToken
from ...domain.wire.outcomes import KeepOld
from ...journal import InstallationEvent, KeyRingChanged, Record, TokenHandedOut, TokensImported
from .words import harmless

_WIDE = 100
"""Columns from which a moment has room on one line."""
_DAY = len("2026-11-24")

_TROUBLE = (e.CallbackRefused, e.AuthorizationDenied, e.ExchangeFailed, e.AccountRefused, e.GrantDied)
_CARE = (e.ExchangeNotSent, e.AccessTokenRejected, e.RefreshDeferred, e.RefreshOutcomeUnknown, e.RefreshTokenSalvaged)


def timeline(records: tuple[Record, ...], width: int) -> Table:
    """Return the records as a table, oldest first; where *width* columns are few, the time stands below the day."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("#", justify="right", style="dim")
    table.add_column("when (UTC)", width=_DAY if width < _WIDE else None)
    table.add_column("event", no_wrap=True)
    table.add_column("what happened")
    for record in records:
        table.add_row(
            str(record.sequence),
            record.at.strftime("%Y-%m-%d %H:%M:%S"),
            Text(type(record.event).__name__, style=_style(record.event)),
            Text.assemble(harmless(sentence(record.event)), (harmless(_by(record)), "dim")),
        )
    return table


def _by(record: Record) -> str:
    """Return who caused it, and why, as far as the journal was told."""
    words = ": ".join(filter(None, (record.actor, record.reason)))
    return f"  ({words})" if words else ""


def sentence(event: Event | InstallationEvent) -> str:  # noqa: C901, PLR0912  # one flat match
    """Return what happened in one sentence, with marks where secrets were."""
    match event:
        case e.AuthorizationBegun():
            return "A browser was sent to the log-on page."
        case e.CallbackRefused(fault=fault):
            return f"A callback was refused: {fault.value}."
        case e.AuthorizationDenied(error=error):
            return f"The user, or MailUp for them, said no: {error}."
        case e.CallbackAccepted():
            return "The browser came back with a code; the intent to exchange it is stored."
        case e.ExchangeNotSent(fault=fault):
            return f"The code never left ({fault}); it may be tried again."
        case e.ExchangeFailed(end=end, detail=detail):
            return f"The code gave no tokens: {end.value} {detail}".rstrip() + "."
        case e.AttemptDropped(why=why):
            return f"An attempt is no longer remembered: {why.value}."
        case e.ConnectionNotMade(reason=reason):
            return f"No attempt is left, and nothing is held: {reason.value}."
        case e.TokensIssued(epoch=epoch, access=access, refresh=refresh):
            return f"Connected: authorization {epoch}, {_pair(access, refresh)}."
        case e.TokensHeld():
            return "Tokens came for another log-in; held until it is known whose they are."
        case e.AccountRefused(connected=connected, arrived=arrived):
            return f"{arrived.username} logged in, but {connected.username} is connected; the new tokens were dropped."
        case e.AuthorizationSalvaged(defect=defect):
            return f"An unusable answer to the code ({defect.value}) held a whole refresh token, which is kept."
        case e.IdentityAsked(access=access):
            return f"MailUp is asked whose access token {shown(access.mark)} is."
        case e.UserIdentified(user=user):
            return f"It belongs to {user.username} (UID {user.uid})."
        case e.IdentityUnavailable(why=why):
            return f"MailUp did not say whose it is: {why}."
        case e.Disconnected():
            return "Tokens and attempts were erased here."
        case e.AccessTokenExpired(mark=mark):
            return f"Access token {shown(mark)} came to its end by the clock."
        case e.AccessTokenRejected(mark=mark):
            return f"MailUp's API refused access token {shown(mark)} before its time."
        case e.RefreshStarted(intent=intent):
            return f"Refresh token {shown(intent.mark)} is about to be sent, try {intent.number}; the intent is stored."
        case e.TokensRefreshed(generation=generation, access=access, refresh=refresh):
            return f"New tokens: generation {generation}, {_pair(access, refresh)}."
        case e.RefreshTokenSalvaged(generation=generation, defect=defect):
            return f"An unusable answer ({defect.value}) held a whole refresh token: generation {generation}."
        case e.RefreshDeferred(kind=kind, detail=detail, wait=wait):
            return f"Not now: {kind.value} {detail}".rstrip() + f"; again in {_seconds(wait)}."
        case e.RefreshOutcomeUnknown(defect=defect, wait=wait):
            return f"No usable answer ({defect.value}): was it spent?  MailUp is asked again in {_seconds(wait)}."
        case e.GrantDied(cause=cause, detail=detail):
            return f"Only the user can help now: {cause.value} {detail}".rstrip() + "."
        case KeyRingChanged(added=added, retired=retired):
            return f"Keys added: {_names(added)}; retired: {_names(retired)}."
        case TokenHandedOut(connection=connection, to=to):
            return f"An access token of {connection} was handed out to {to}."
        case TokensImported(connection=connection, source=source):
            return f"Tokens of {connection} were imported from {source}."
        case _ as never:
            assert_never(never)


def shown(mark: Mark) -> str:
    """Return the beginning of a mark, enough to follow it with the eye."""
    return mark.digest[:8]


def _seconds(wait: Wait) -> str:
    """Return how long a wait lasts."""
    return f"{wait.span.total_seconds():.1f} s"


def _names(keys: tuple[str, ...]) -> str:
    """Return key ids as a list for people."""
    return ", ".join(keys) or "none"


def _pair(access: Access, refresh: Credential | KeepOld | NoRefreshToken) -> str:
    """Return which tokens came."""
    came = f"access token {shown(access.credential.mark)}"
    match refresh:
        case Credential(mark=mark):
            return f"{came}, refresh token {shown(mark)}"
        case KeepOld():
            return f"{came}; the refresh token goes on"
        case NoRefreshToken():
            return f"{came}, no refresh token"
        case _ as never:
            assert_never(never)


def _style(event: Event | InstallationEvent) -> str:
    """Return the colour of an event: red where a person is wanted, yellow where care was taken."""
    if isinstance(event, _TROUBLE):
        return "bold red"
    return "yellow" if isinstance(event, _CARE) else "green"
