"""
Hypothesis strategies for every value of the core: states, events, and pairs of them that can meet.

Values are drawn by their types, whether or not a connection could ever get there; every secret begins with ``CANARY``
and has the mark that belongs to it, so that equal secrets have equal marks.
"""

import enum
import hashlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cache
from types import UnionType
from typing import TypeVar, cast, get_args, get_origin

import attrs
from hypothesis import strategies as st

from ..domain.attempts import Attempt
from ..domain.credential import Credential, Mark
from ..domain.events import Event
from ..domain.secret import Secret
from ..domain.states import Holding, State
from ..domain.transitions import ATTEMPT_TABLE, WORK_TABLE, Impossible
from .canary import CANARY, marked

Values = st.SearchStrategy[object]
T = TypeVar("T")

_NAMING = frozenset({"attempt", "subject"})
"""The members of an event that name one of the connection's attempts, where they are texts."""


texts: st.SearchStrategy[str] = st.text(st.characters(codec="utf-8"), max_size=20)
digests: st.SearchStrategy[str] = st.binary(min_size=4, max_size=4).map(lambda seed: hashlib.sha256(seed).hexdigest())
moments: st.SearchStrategy[datetime] = st.datetimes(timezones=st.just(UTC))
spans: st.SearchStrategy[timedelta] = st.timedeltas(timedelta(), timedelta(days=365))
numbers: st.SearchStrategy[int] = st.integers(0, 2**52)
secrets: st.SearchStrategy[Secret] = texts.map(lambda text: Secret(CANARY + text))
credentials: st.SearchStrategy[Credential] = secrets.map(lambda secret: Credential(secret, marked(secret)))
marks: st.SearchStrategy[Mark] = secrets.map(marked)


def states(kind: type[State]) -> st.SearchStrategy[State]:
    """Draw any state of one of the five kinds."""
    return cast("st.SearchStrategy[State]", values(cast("object", kind)))


def events(kind: type[Event]) -> st.SearchStrategy[Event]:
    """Draw any event of one kind."""
    return cast("st.SearchStrategy[Event]", values(cast("object", kind)))


def meetings(before: type[State], met: type[Event]) -> st.SearchStrategy[tuple[State, Event]]:
    """
    Draw a state and an event of these kinds that can meet, as far as the state's attempts and work are concerned.

    Whether such a state can meet such an event at all is said by ``transitions.STATE_TABLE``.
    """
    return st.tuples(states(before), events(met), _attempts_for(met), _works_for(met)).flatmap(_met)


@cache
def values(annotation: object) -> Values:
    """Draw any value of a type of the core."""
    if annotation in _PLAIN:
        return _PLAIN[annotation]
    if isinstance(annotation, UnionType):
        return st.one_of([values(part) for part in get_args(annotation)])
    if get_origin(annotation) is tuple:
        return _tuples(get_args(annotation)[0])
    if isinstance(annotation, type) and issubclass(annotation, enum.Enum):
        return st.sampled_from(annotation)
    kind = cast("type[attrs.AttrsInstance]", annotation)
    return st.builds(kind, **{part.name: _part(part.name, part.type) for part in attrs.fields(kind)})


_PLAIN: dict[object, Values] = {
    str: texts,
    int: numbers,
    datetime: moments,
    timedelta: spans,
    Credential: credentials,
    Mark: marks,
}


def _part(name: str, annotation: object) -> Values:
    """Draw a member of a value; the names of attempts and browsers are digests."""
    is_digest = annotation is str and name in {"id", "binding", "attempt"}
    return digests if is_digest else values(annotation)


def _tuples(kind: object) -> Values:
    """Draw a few items; attempts of one connection have different names."""
    if kind == Attempt:
        attempts = cast("st.SearchStrategy[Attempt]", values(kind))
        return st.lists(attempts, max_size=3, unique_by=lambda attempt: attempt.browser.id).map(tuple)
    return st.lists(values(kind), max_size=2).map(tuple)


def _attempts_for(met: type[Event]) -> Values:
    """Draw an attempt that the event can happen to; any, if there is none."""
    able = [kind for kind, row in ATTEMPT_TABLE.items() if row[met] is not Impossible]
    return st.one_of([values(kind) for kind in able]) if able else values(Attempt)


def _works_for(met: type[Event]) -> Values:
    """Draw refresh work that the event can happen to; any, if there is none."""
    able = [kind for kind, row in WORK_TABLE.items() if row[met] is not Impossible]
    return st.one_of([values(kind) for kind in able or WORK_TABLE])


def _met(drawn: tuple[State, Event, object, object]) -> st.SearchStrategy[tuple[State, Event]]:
    """Put the attempt and the work into the state, and the attempt's name into the event."""
    state, event, attempt, work = drawn
    chosen = cast("Attempt", attempt)
    others = tuple(other for other in state.attempts if other.browser.id != chosen.browser.id)
    changes: dict[str, object] = {"work": work} if isinstance(state, Holding) else {}
    naming = {
        part.name: chosen.browser.id
        for part in attrs.fields(type(event))
        if part.name in _NAMING and isinstance(getattr(event, part.name), str)
    }
    return st.integers(0, len(others)).map(
        lambda place: (
            _changed(state, {**changes, "attempts": (*others[:place], chosen, *others[place:])}),
            _changed(event, cast("dict[str, object]", naming)),
        )
    )


def _changed(value: T, changes: dict[str, object]) -> T:
    """Return *value* with other members."""
    changed = cast("Callable[..., T]", attrs.evolve)
    return changed(value, **changes)
