"""One decision, made on what is stored now and stored before anything else happens."""

from collections.abc import Callable
from datetime import datetime

from attrs import frozen

from ..domain.commands import Command
from ..domain.decide import decide
from ..domain.errors import StoreUnavailable
from ..domain.events import Event
from ..domain.refusals import Refusal
from ..journal import Context, prepare
from ..ports import Absent, Change, Commit, Notice
from .setting import Held, Setting
from .steps import Flow, Load, Now, Save, Tell, ask

Asking = Callable[[datetime], Command]
"""What is asked, given the moment at which it is decided."""


@frozen(kw_only=True)
class Outcome:
    """What became of a command: the events that were stored, or why there are none, and the connection after it."""

    decided: tuple[Event, ...] | Refusal
    held: Held

    @property
    def events(self) -> tuple[Event, ...]:
        """The events that were stored; none for a refusal."""
        return self.decided if isinstance(self.decided, tuple) else ()


def load(setting: Setting, connection: str) -> Flow[Held]:
    """Read a connection."""
    row = yield from ask(Load(connection))
    if isinstance(row, Absent):
        return Held(connection=connection)
    return Held(connection=connection, row=row, state=setting.opened(connection, row))


def transact(setting: Setting, connection: str, asking: Asking, context: Context) -> Flow[Outcome]:
    """
    Decide, store, and decide anew as often as somebody else stored first.

    Raises:
        StoreUnavailable: the store cannot be used, or others were always faster.
    """
    for _ in range(setting.policy.commit_attempts):
        held = yield from load(setting, connection)
        now = yield from ask(Now())
        decided = decide(held.state, asking(now), setting.policy, setting.provider)
        if not isinstance(decided, tuple) or not decided:
            return Outcome(decided=decided, held=held)
        change, after = _prepared(setting, held, decided, now, context)
        if (yield from ask(Save(change))) is Commit.DONE:
            yield from ask(Tell(_notices(connection, decided, now)))
            return Outcome(decided=decided, held=after)
    problem = "others stored this connection first, time and again"
    raise StoreUnavailable(problem)


def _prepared(
    setting: Setting, held: Held, events: tuple[Event, ...], now: datetime, context: Context
) -> tuple[Change, Held]:
    """Return the change that makes *events* durable, and the connection after it."""
    change, state = prepare(
        held.connection,
        held.row,
        held.state,
        events,
        now=now,
        context=context,
        cipher=setting.cipher,
        policy_hash=setting.policy_hash,
    )
    return change, Held(connection=held.connection, row=change.row, state=state)


def _notices(connection: str, events: tuple[Event, ...], now: datetime) -> tuple[Notice, ...]:
    """Return what the observer is told of *events*."""
    return tuple(Notice(connection=connection, what=type(event).__name__, at=now) for event in events)
