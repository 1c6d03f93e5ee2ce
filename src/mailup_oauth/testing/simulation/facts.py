"""What happens in a simulation, as its referee is told: past tense, in order, whole, and without a verdict."""

from attrs import field, frozen

from ...domain.errors import MailUpOAuthError
from ...domain.wire.http import Exchange, HttpRequest
from ...ports import Notice, Row
from ...sandbox.events import Event
from ...sandbox.world import World
from .mishaps import Mishap


@frozen(kw_only=True)
class Departed:
    """A request left; *flight* waits for its answer on behalf of *connection*."""

    message: int
    flight: str
    connection: str
    request: HttpRequest


@frozen(kw_only=True)
class Reached:
    """A request came to MailUp, where *before* was true, and *events* is what it did with it."""

    message: int
    before: World
    events: tuple[Event, ...]


@frozen(kw_only=True)
class Repeated:
    """A request that came to MailUp, or is about to, came there once more; nobody hears the answer to this."""

    message: int
    events: tuple[Event, ...]


@frozen(kw_only=True)
class Heard:
    """Whoever sent a request has learnt what became of it; the request itself may still be on its way."""

    message: int
    exchange: Exchange


@frozen(kw_only=True)
class Vanished:
    """A request that nobody waits for any more will not come to MailUp."""

    message: int


@frozen
class Visited:
    """A browser, or the owner of the sandbox, made this happen at MailUp."""

    events: tuple[Event, ...]


@frozen(kw_only=True)
class Stored:
    """A change was made, whatever its writer was told."""

    connection: str
    row: Row
    records: tuple[bytes, ...]


@frozen(kw_only=True)
class Spilled:
    """What was received for a connection was kept in another place than the store, sealed."""

    connection: str
    sealed: bytes = field(repr=False)


@frozen
class StoreFailed:
    """The store, or the place for what it cannot take, was asked for something and raised."""


@frozen
class Told:
    """The observer was told."""

    notices: tuple[Notice, ...]


@frozen
class Raised:
    """A failure that came out, of a flight or to a caller."""

    problem: Exception


def untraced(problem: Exception) -> Exception:
    """
    Return a failure of the closed set without the way it came, which holds whole histories in memory, in circles.

    One that nobody expects keeps it, for whoever has to find out.
    """
    return problem.with_traceback(None) if isinstance(problem, MailUpOAuthError) else problem


@frozen
class Well:
    """Nothing failed."""


WELL = Well()


@frozen
class Parted:
    """What whoever disconnected gets."""


PARTED = Parted()


@frozen(kw_only=True)
class Landed:
    """A flight is over."""

    flight: str
    how: Well | Raised


@frozen(kw_only=True)
class Died:
    """A process was killed, and with it the flights it had in the air."""

    process: str
    flights: frozenset[str]


@frozen(kw_only=True)
class Called:
    """Somebody in a process began to ask for something."""

    caller: int
    process: str
    connection: str


@frozen(kw_only=True)
class Answered:
    """A caller got what it asked for, or a failure."""

    caller: int
    answer: object = field(repr=False)


@frozen
class ClockSet:
    """A clock on a wall was set to another time, or to another pace."""


@frozen
class Befell:
    """Something went wrong for a connection, which is as it was before."""

    what: Mishap
    connection: str


Fact = (
    Departed
    | Reached
    | Repeated
    | Heard
    | Vanished
    | Visited
    | Stored
    | Spilled
    | StoreFailed
    | Told
    | Landed
    | Died
    | Called
    | Answered
    | ClockSet
    | Befell
)
