"""Everything there is, as one small value: two callers, a store, a server, what is on the wire, what may still go wrong."""

from typing import NamedTuple

import attrs
from tests.exhaustive.server import Server

from mailup_oauth.domain.policy import PRODUCTION, Policy
from mailup_oauth.domain.provider import MAILUP, Provider

RESTING, FLYING, LANDED, STUCK = range(4)
"""
Where a caller is: on the ground, in a flight, or about to be told how its flight ended.

Stuck is one who died with a guard that nobody frees, which no kernel does.

On the ground are also those who wait for the guard, and the dead: neither has anything that others could notice, and each
asks, or asks again, when it likes.
"""

NOTHING, ASKED, ANSWERED, SILENT, USED = range(5)
"""What is on a flight's wire: nothing yet; its request; the answer; nothing any more.  Used: see ``Plan.stores_first``."""

EMPTY = (NOTHING, 0)
NOWHERE = -1
CLOSED = False
"""No older refresh token gives anything."""

UNTOLD = ("", "", 0)


class Caller(NamedTuple):
    """
    One process.

    Attributes:
        at: Where it is.
        rounds: How many it has still to end with a token or a definite end.
        forces: Whether this round refreshes whatever the clock says.
        leg: Its flow, in the air.
        left: How long it still has to rest, or lets time pass in its flight.
        wire: What is on its wire, and of which generation.
        stale: Whether others stored since it read.
        verdict: What it is about to be told.
        memory: What it should have stored and only remembers; ``NOWHERE`` in the true flow.
    """

    at: int
    rounds: int
    forces: bool = False
    leg: int = NOWHERE
    left: int = 0
    wire: tuple[int, int] = EMPTY
    stale: bool = False
    memory: int = NOWHERE
    verdict: tuple[str, str, int] = UNTOLD


class World(NamedTuple):
    """
    One moment of one history, without the history.

    Attributes:
        stored: What is in the store, by its number on the shelf.
        newest: The server's newest generation.
        window: Whether the generation before gives the same pair again.
        callers: Sorted, because nobody can tell them apart.
        strays: The generations in requests whose sender is gone; the network can keep them for less than any wait.
        crashes: How many are left.
        losses: How many messages may still be lost.
        timeouts: How many deadlines may still pass too early.
        torn: Whether tokens that the server gave can no more be stored by anybody, because of a fault.
    """

    stored: int
    newest: int
    window: bool
    callers: tuple[Caller, Caller]
    strays: tuple[int, ...]
    crashes: int
    losses: int
    timeouts: int
    torn: bool


@attrs.frozen(kw_only=True)
class Plan:
    """
    What is explored.

    Attributes:
        server: What it does about a refresh token that was replaced.
        rounds: How often each caller wants a token.
        crashes: How often a process may die.
        losses: How many requests and answers may be lost.
        loses: Which messages may be lost.
        strikes: Which cases of docs/faults.md the crashes and losses are; all of them if there are none here.
        timeouts: How often a deadline may pass although the answer is on its way.
        has_guard: Whether a caller waits until nobody else is in the air.
        guard_is_freed: Whether the guard dies with its holder.
        is_intent_stored: Whether it is stored what is about to be sent.
        stores_first: Whether new tokens are stored before they are used.
        policy: The numbers of the client.
        provider: The tolerances of the client.
    """

    server: Server = Server.STRICT
    rounds: int = 2
    crashes: int = 2
    losses: int = 2
    loses: frozenset[str] = frozenset({"request", "answer"})
    strikes: frozenset[str] = frozenset()
    timeouts: int = 1
    has_guard: bool = True
    guard_is_freed: bool = True
    is_intent_stored: bool = True
    stores_first: bool = True
    policy: Policy = PRODUCTION
    provider: Provider = MAILUP
