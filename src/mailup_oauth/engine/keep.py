"""Storing what was received; while that cannot be done, keeping it in another place, from which it is merged later."""

from datetime import timedelta
from typing import assert_never

from attrs import frozen

from ..domain import commands as c
from ..domain.errors import StorageError, StoreCorrupted, StoreUnavailable
from ..domain.instants import NO_TIME, Wait
from ..domain.policy import Policy
from ..journal import Context, ExchangeReceived, Received, RefreshReceived, open_received, seal_received
from ..ports import Absent, Notice
from .setting import Setting
from .steps import Chance, DropSpill, FindSpill, Flow, IsLastCall, KeepSpill, Now, Pause, SetSpillAside, Tell, ask
from .transact import Asking, Outcome, transact


@frozen
class NothingReceived:
    """What came can be asked for again."""


@frozen(kw_only=True)
class Report:
    """What became of an order: the command that tells it, and the tokens that are lost if it is never told."""

    asking: Asking
    received: Received | NothingReceived


def insist(setting: Setting, connection: str, report: Report, context: Context) -> Flow[Outcome]:
    """
    Store what became of a request, however long the store takes to come back (reliability.md 4.3, 5 and 6).

    A commit that failed may have been made all the same; the journal's head tells on the next reading.  Tokens that the
    store does not take are spilled; where they cannot be spilled either, they are held until the program itself ends.

    Raises:
        StorageError: the store did not come back within ``policy.store_patience``; tokens wait in the spill.
    """
    began = yield from ask(Now())
    patience = Wait(since=began, span=setting.policy.store_patience)
    spilled = False
    while True:
        try:
            outcome = yield from transact(setting, connection, report.asking, context)
        except StorageError as trouble:
            spilled = spilled or (yield from _spilled(setting, connection, report.received))
            is_safe = spilled or isinstance(report.received, NothingReceived)
            left = patience.remaining((yield from ask(Now())))
            if is_safe and (left <= NO_TIME or not isinstance(trouble, StoreUnavailable)):
                raise
            if left <= NO_TIME and (yield from ask(IsLastCall())):
                yield from _told(connection, "given-up")
                raise
        else:
            if spilled:
                yield from ask(DropSpill(connection))
            return outcome
        yield from ask(Pause(_pause(left, setting.policy)))


def merge(setting: Setting, connection: str, context: Context) -> Flow[None]:
    """
    Store what was spilled for a connection, if that is not out of date; only for whoever holds the guard.

    Raises:
        StorageError: it cannot be stored now, or its key is missing; it goes on waiting.
    """
    spilled = yield from ask(FindSpill(connection))
    if isinstance(spilled, Absent):
        return
    try:
        received = open_received(connection, spilled, setting.cipher)
    except StoreCorrupted:
        yield from ask(SetSpillAside(connection))
        yield from _told(connection, "unreadable")
        return
    chance = yield from ask(Chance())
    outcome = yield from transact(setting, connection, reporting(received, chance), context)
    yield from ask(DropSpill(connection))
    yield from _told(connection, "merged" if outcome.events else "outdated")


def reporting(received: Received, chance: float) -> Asking:
    """Tell, at whatever moment, what was received."""
    match received:
        case ExchangeReceived(attempt=attempt, answer=answer):
            return lambda now: c.ReportExchange(now=now, chance=chance, attempt=attempt, answer=answer)
        case RefreshReceived(intent=intent, answer=answer):
            return lambda now: c.ReportRefresh(now=now, chance=chance, intent=intent, answer=answer)
        case _ as never:
            assert_never(never)


def _spilled(setting: Setting, connection: str, received: Received | NothingReceived) -> Flow[bool]:
    """Spill what was received, and say whether it is safe there."""
    if isinstance(received, NothingReceived):
        return False
    try:
        yield from ask(KeepSpill(connection, seal_received(connection, received, setting.cipher)))
    except StorageError:
        yield from _told(connection, "refused")
        return False
    yield from _told(connection, "kept")
    return True


def _told(connection: str, what: str) -> Flow[None]:
    """Let the observer know that something is less durable than it should be, or is so no more."""
    now = yield from ask(Now())
    yield from ask(Tell((Notice(connection=connection, what=f"spill:{what}", at=now),)))


def _pause(left: timedelta, policy: Policy) -> timedelta:
    """Return how long to wait before the store is asked again, with this much patience left."""
    return min(policy.store_retry_wait, left) if left > NO_TIME else policy.store_long_wait
