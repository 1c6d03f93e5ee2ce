"""``status`` and ``logout``: how connections stand, and how one is ended."""

import os
import select
import sys
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from itertools import chain
from typing import Final

from attrs import frozen
from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from ...client import Status
from ...client.standing import status_of
from ...domain.events import IdentityUnavailable, UserIdentified
from ...domain.states import Authorized, Expired, Refreshed, State
from ...domain.wire.outcomes import ApiVerdict
from ...journal import decode_state, read_record
from ...ports import Absent, Store
from ..clock.system import SystemClock
from .again import Again
from .exits import LOOK_UP, Exit, Trouble
from .paper import WHOLE_LINES, Fact, Paper, moment, sentence
from .session import NOBODY, client, connected, connection_of, is_terminal, somebody, stored
from .settings import Given
from .words import harmless

_UNITS: Final = (("days", timedelta(days=1), 2), ("h", timedelta(hours=1), 2), ("min", timedelta(minutes=1), 2))
"""The units for people, largest first, and from how many of each it is used."""
_NEWEST: Final = 20
"""Records among which the last answer to whose the tokens are is looked for; one follows soon after each new token."""
_IDENTITY: Final = (IdentityUnavailable, UserIdentified)
_UNSIGNED: Final = ApiVerdict.CONTRACT_UNSIGNED.value

_TITLES: Final = ("user", "state", "access token ends", "last refresh", "owed", "what to do")
"""What is told of a connection beside its name."""
_INDENTED: Final = (0, 0, 0, 2)
"""Columns around what stands below a name: above, right, below and left."""


@frozen(kw_only=True)
class Standing:
    """
    A connection's status at *now*.

    Attributes:
        login: The command that connects it.
        refreshed_at: When it was last refreshed; ``None`` if it never was.
        wants_terms: Whether MailUp, when it was last asked whose the tokens are, wanted its terms accepted first.
    """

    status: Status
    now: datetime
    login: str
    refreshed_at: datetime | None = None
    wants_terms: bool = False


def status(given: Given, paper: Paper) -> Exit:
    """Tell how all connections stand, or the one that was asked for; needs no key, sends and writes nothing."""
    is_one = "connection" in given.origins
    with stored(given) as store:
        names = [connection_of(given)] if is_one else [one for one in store.connections() if not one.startswith("@")]
        standings = [standing_of(store, name, given.again) for name in names]
    if not standings:
        paper.aside(f"Nothing is connected yet. Run: {given.again.command('login')}")
    paper.result({"connections": [row_of(one) for one in standings]}, *_shown(standings, paper.console))
    needs_login = any(not one.status.connected for one in standings)
    return Exit.LOGIN_NEEDED if is_one and needs_login else Exit.OK


def logout(given: Given, paper: Paper, *, is_sure: bool) -> Exit:
    """Erase a connection's tokens here, and say where the authorization itself is ended."""
    connection = connected(given)
    with stored(given) as store:
        standing = standing_of(store, connection, given.again)
        if not store.version(connection):
            known = ", ".join(one for one in store.connections() if not one.startswith("@")) or "none"
            raise Trouble(
                code="not_connected",
                message=f"No connection is called {connection}.",
                remedy=f"There are: {known}.",
                exit=Exit.LOGIN_NEEDED,
            )
    if not (is_sure or _agreed(standing.status)):
        paper.aside("Nothing was changed.")
        return Exit.CANCELLED
    with client(given, NOBODY, paper) as oauth:
        farewell = oauth.disconnect(connection, actor=somebody(os.getuid()), reason="mailup-oauth logout")
    facts: dict[str, Fact] = {"connection": connection, "was_connected": farewell.was_connected}
    told = (
        f"The tokens of {connection} are erased here. MailUp was not told; the user can end it in {farewell.revoke_at}."
    )
    if not farewell.was_connected:
        told = f"{connection} was not connected; nothing is left of it."
    paper.result(facts | {"revoke_at": farewell.revoke_at}, sentence(told))
    return Exit.OK


def is_held(given: Given) -> bool:
    """Say whether the connection that is meant holds an authorization: without one nothing is asked of MailUp."""
    with stored(given) as store:
        return standing_of(store, given.settings.connection, given.again).status.connected


def facts_of(status: Status) -> dict[str, Fact]:
    """Return a status as programs read it."""
    return {
        "connection": status.connection,
        "state": status.state,
        "connected": status.connected,
        "user": status.user,
        "generation": status.generation,
        "authorized_at": moment(status.authorized_at),
        "expires_at": moment(status.expires_at),
        "owed": status.owed,
        "reason": status.reason,
        "retry_after": round(status.retry_after.total_seconds()),
    }


def good_until(expires_at: datetime | None, now: datetime) -> str:
    """Return until when an access token is good."""
    if expires_at is None:
        return "its next access token comes when it is used"
    return f"its access token is good until {expires_at.astimezone(UTC):%H:%M:%S} UTC ({distance(expires_at - now)})"


def distance(span: timedelta) -> str:
    """Return how far a moment is away, such as ``in 42 min`` or ``3 h ago``."""
    size = abs(span)
    name, unit, _ = next((one for one in _UNITS if size >= one[1] * one[2]), ("s", timedelta(seconds=1), 0))
    count = size // unit
    return f"in {count} {name}" if span >= timedelta() else f"{count} {name} ago"


def standing_of(store: Store, connection: str, again: Again) -> Standing:
    """Return how a connection stands now, by what is stored of it in the clear."""
    row, now = store.load(connection), SystemClock().now()
    login = again.command("login", connection=connection)
    if isinstance(row, Absent):
        status = Status(connection=connection, state="Unregistered", connected=False)
        return Standing(status=status, now=now, login=login)
    state = decode_state(row.clear)
    status = status_of(connection, state, now)
    wants_terms = status.connected and not status.user and is_unsigned(store, connection)
    refreshed_at = _refreshed_at(state)
    return Standing(status=status, now=now, login=login, refreshed_at=refreshed_at, wants_terms=wants_terms)


def is_unsigned(store: Store, connection: str) -> bool:
    """Say whether MailUp refused to say whose the newest tokens are because its terms are not accepted."""
    row = store.load(connection)
    newest = () if isinstance(row, Absent) else store.records(connection, after=max(0, row.sequence - _NEWEST))
    told = [event for event in (read_record(line).event for line in newest) if isinstance(event, _IDENTITY)]
    return isinstance(told[-1], IdentityUnavailable) and told[-1].why == _UNSIGNED if told else False


def _refreshed_at(state: State) -> datetime | None:
    """Return when the tokens were last refreshed, if ever."""
    if isinstance(state, Authorized | Expired | Refreshed) and state.grant.generation > 0:
        return state.grant.born_at
    return None


def row_of(standing: Standing) -> dict[str, Fact]:
    """Return a row for programs."""
    return facts_of(standing.status) | {
        "refreshed_at": moment(standing.refreshed_at),
        "to_do": to_do(standing),
    }


def _shown(standings: Sequence[Standing], console: Console) -> Iterable[RenderableType]:
    """Return the connections for people: a table, or where it has no room, a block each; what is to be copied is never cut."""
    table = _table(standings)
    wanted = console.measure(table, options=console.options.update(max_width=WHOLE_LINES)).maximum
    if wanted > console.width:
        return chain.from_iterable(map(_block, standings))
    return [table] if standings else []


def _table(standings: Sequence[Standing]) -> Table:
    """Return the connections as rows."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for title in ("connection", *_TITLES):
        table.add_column(title, no_wrap=True)
    for one in standings:
        style = "green" if one.status.connected else "bold red"
        words = (one.status.connection, *_words(one))
        table.add_row(*(Text(harmless(word), style=style if word == one.status.state else "") for word in words))
    return table


def _block(standing: Standing) -> Iterable[RenderableType]:
    """Yield a connection's name, and below it what its row would hold; advice without a command is wrapped between its words."""
    *facts, advice = (f"{title}: {word}" for title, word in zip(_TITLES, _words(standing), strict=True) if word)
    yield standing.status.connection
    yield from (f"  {fact}" for fact in facts)
    yield f"  {advice}" if standing.login in advice else Padding(sentence(advice), _INDENTED)


def _words(standing: Standing) -> tuple[str, ...]:
    """Return what is told of a connection, in the order of the titles."""
    it = standing.status
    ends = "" if it.expires_at is None else distance(it.expires_at - standing.now)
    refreshed = "never" if standing.refreshed_at is None else distance(standing.refreshed_at - standing.now)
    owed = f"{it.owed} ({it.reason})" if it.reason and it.owed != "nothing" else it.owed
    return (it.user, it.state, ends, refreshed, owed, to_do(standing))


def to_do(standing: Standing) -> str:
    """Return what to do at a terminal."""
    it = standing.status
    if it.owed == "callback":
        return f"Finish the log-in in the browser, or run: {standing.login}"
    if it.owed == "identification":
        return "Nothing: its next use asks MailUp whose the new log-in is."
    if not it.connected:
        return f"Run: {standing.login}"
    if standing.wants_terms:
        return "Unless that was done since, log in to the MailUp console as this user and accept the terms of service."
    if it.owed == "refresh-deferred" and not it.advice.startswith("Nothing"):
        return it.advice
    if it.owed != "nothing" or it.expires_at is None or it.expires_at <= standing.now:
        return "Nothing: its next use renews it."
    return "Nothing."


def _agreed(status: Status) -> bool:
    """
    Ask a person whether a connection shall end.

    Raises:
        Trouble: nobody is there to be asked.
    """
    if not (is_terminal(sys.stdin) and is_terminal(sys.stderr)):
        remedy = "Say --yes."
        message = "Nobody is there to be asked whether the tokens shall be erased."
        raise Trouble(code="nobody_there", message=message, remedy=remedy, exit=Exit.USAGE)
    whose = f" of {status.user}" if status.user else ""
    print(harmless(f"Erase the tokens{whose} held as {status.connection}? [y/N] "), end="", file=sys.stderr, flush=True)
    while not select.select([sys.stdin], [], [], LOOK_UP)[0]:
        pass
    return sys.stdin.readline().strip().lower() in {"y", "yes"}
