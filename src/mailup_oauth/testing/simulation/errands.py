"""What callers want of the client, told as its facades tell it, with every wait in the open."""

from collections.abc import Generator
from concurrent.futures import Future
from typing import cast

from ...client.core import forcing
from ...domain.attempts import AccountRule
from ...domain.credential import Mark
from ...domain.secret import Secret
from ...domain.tokens import AccessToken
from ...engine import Arrival, Flow, NeedsFlight, Outcome, arrive, begin, disconnect, judge
from .facts import PARTED
from .process import CONTEXT, Errand, Process


def token(process: Process, connection: str) -> Errand:
    """Want a token to use."""
    return (yield from _landed(process, process.pictures.token(connection) or process.token_or_flight(connection)))


def refreshed(process: Process, connection: str) -> Errand:
    """Want a refresh, whatever the clock says."""
    outcome = yield from _outcome(process.board(connection, "refresh", forcing, CONTEXT))
    return process.refreshed_from(outcome)


def another(process: Process, connection: str, rejected: Mark) -> Errand:
    """Want another token than the one that the API rejected."""
    return (yield from _landed(process, process.token_instead_of(connection, rejected, CONTEXT)))


def started(process: Process, connection: str, rule: AccountRule) -> Errand:
    """Want to begin an attempt."""
    return (yield process.walk(connection, begin(process.setting, connection, rule, CONTEXT)))


def completed(process: Process, address: Secret, binding: Secret) -> Errand:
    """Want what a browser brought back to become a connection."""
    judged = yield process.walk("", _judged(process, address, binding))
    arrival, outcome = cast("tuple[Arrival, Outcome | NeedsFlight]", judged)
    if isinstance(outcome, NeedsFlight):
        outcome = yield from _outcome(process.exchanging(arrival))
    return process.completed(arrival, outcome)


def disconnected(process: Process, connection: str) -> Errand:
    """Want everything erased that is held here."""
    left = yield process.walk(connection, disconnect(process.setting, connection, CONTEXT))
    process.forget(cast("Outcome", left))
    process.tidy(connection, CONTEXT)
    return PARTED


def _judged(process: Process, address: Secret, binding: Secret) -> Flow[tuple[Arrival, Outcome | NeedsFlight]]:
    """Find out whose callback it is, and deal with it as far as that needs no guard."""
    arrival = yield from arrive(process.setting, address, binding)
    outcome = yield from judge(process.setting, arrival, CONTEXT)
    return arrival, outcome


def _landed(process: Process, found: "AccessToken | Future[Outcome]") -> Generator[Future[object], object, AccessToken]:
    """Return the token that was found, or the one that a flight brings."""
    if not isinstance(found, Future):
        return found
    outcome = yield from _outcome(found)
    return process.token_from(outcome)


def _outcome(flight: "Future[Outcome]") -> Generator[Future[object], object, Outcome]:
    """Wait for a flight."""
    return cast("Outcome", (yield cast("Future[object]", flight)))
