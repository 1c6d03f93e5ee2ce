"""Which mishap struck which state: the table that shows what a run has met, and what it cannot meet."""

from collections.abc import Iterator, Mapping
from typing import Final

from ....sandbox.switches import Dead, Grace, ReuseKillsFamily, StaysValid
from ..facts import Befell, Fact
from ..mishaps import Mishap
from ..referee.sight import Seen
from ..town import Town

STATES: Final = ("Unregistered", "AwaitingCode", "Authorized", "Expired", "Refreshed")
WORKS: Final = ("Idle", "InFlight", "Retrying", "Unknown", "Deferred", "Dead")
ATTEMPTS: Final = ("AwaitingCallback", "Exchanging", "Identifying", "Finished")
SERVERS: Final[Mapping[type[object], str]] = {
    Dead: "strict",
    ReuseKillsFamily: "kills-all",
    Grace: "grace",
    StaysValid: "lenient",
}
"""What MailUp does with a refresh token that it has replaced."""

COLUMNS: Final = (*STATES, *WORKS, *ATTEMPTS, *SERVERS.values())
"""What a connection can be in: its state, its refresh work if it holds anything, each attempt, and at what a server."""

Cell = tuple[Mishap, str]


def struck(town: Town, fact: Fact) -> Iterator[Cell]:
    """Yield the cells that a fact counts in, if it is a mishap."""
    if isinstance(fact, Befell):
        seen, server = town.referee.known.row(fact.connection), town.mailup.world.switches.old_refresh
        for column in (*_columns(seen), SERVERS[type(server)]):
            yield fact.what, column


def _columns(seen: Seen) -> tuple[str, ...]:
    work = (seen.work,) if seen.work else ()
    return (seen.kind, *work, *sorted({*seen.attempts.values()}))


def table(cells: Mapping[Cell, int]) -> Iterator[str]:
    """Yield the table, line by line; what nothing can strike is a point, and what nothing has struck is marked."""
    yield " " * 32 + "".join(f"{column[:8]:>9}" for column in COLUMNS)
    for mishap in Mishap:
        counts = [_shown(cells.get((mishap, column), 0), is_impossible(mishap, column)) for column in COLUMNS]
        never = "" if any(cells.get((mishap, column)) for column in COLUMNS) else "  <- never"
        yield f"{mishap.value:<32}" + "".join(f"{count:>9}" for count in counts) + never


def _shown(count: int, impossible: bool) -> str:  # noqa: FBT001  # a cell is both
    if count:
        return str(count)
    return "." if impossible else "?0?"


def is_impossible(mishap: Mishap, column: str) -> bool:
    """Say whether nothing of this kind can befall what is in this column."""
    return any(mishap in mishaps and column in columns for mishaps, columns in IMPOSSIBLE.values())


IMPOSSIBLE: Final[Mapping[str, tuple[frozenset[Mishap], frozenset[str]]]] = {
    "a replica refuses refresh tokens only, and one that is under way is in flight or its connection is gone": (
        frozenset({Mishap.REPLICA}),
        frozenset({"Idle", "Unknown", "Deferred", "Dead"}),
    ),
    "whoever sends a refresh token has closed every exchange that a dead process left": (
        frozenset({Mishap.REPLICA}),
        frozenset({"Exchanging"}),
    ),
    "the secret is read in the very move in which the intent is stored, and no intent is stored where nothing is": (
        frozenset({Mishap.KEYS_GONE, Mishap.KEYS_WRONG}),
        frozenset({"Unregistered"}),
    ),
    "while a spill waits nobody sends, so what is under way when it is dropped was answered by what was in it": (
        frozenset({Mishap.KILLED_DROPPING}),
        frozenset({"InFlight", "Retrying", "Exchanging"}),
    ),
    "a permission and a contract are a user's, and here there is none": (
        frozenset({Mishap.REVOKED, Mishap.UNSIGNED}),
        frozenset({"Unregistered", "AwaitingCode"}),
    ),
}
"""By the reason: mishaps, and the columns in which they cannot be."""
