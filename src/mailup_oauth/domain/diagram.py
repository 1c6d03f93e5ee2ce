"""The tables as pictures: Mermaid text that is printed from the law, so that no picture can disagree with it."""

from collections.abc import Iterator

from . import attempts as a
from . import states as s
from . import work as w
from .transitions import ATTEMPT_TABLE, STATE_TABLE, WORK_TABLE, Gone, Impossible, Table

_OUTSIDE = "[*]"
_INDENT = "    "


def state_diagram() -> str:
    """Return the five states and what leads from one to another."""
    return mermaid(STATE_TABLE, begins=s.Unregistered)


def attempt_diagram() -> str:
    """Return the life of one attempt to be authorized."""
    return mermaid(ATTEMPT_TABLE, begins=a.AwaitingCallback)


def work_diagram() -> str:
    """Return the life of a connection's refresh work."""
    return mermaid(WORK_TABLE, begins=w.Idle)


def mermaid(table: Table, *, begins: type) -> str:
    """
    Return *table* as a Mermaid state diagram; the same text for the same table.

    An arrow is drawn for every event that leads elsewhere; what leaves a place where it is, even with new tokens, is not.

    Args:
        table: One of the three tables, or one like them.
        begins: Where its life begins.
    """
    lines = ["direction LR", f"{_OUTSIDE} --> {begins.__name__}", *_arrows(table)]
    return "\n".join(["stateDiagram-v2", *(f"{_INDENT}{line}" for line in lines)]) + "\n"


def _arrows(table: Table) -> Iterator[str]:
    """Yield an arrow for each two places that events connect, with the names of those events on it."""
    for origin, row in table.items():
        events: dict[type, list[str]] = {}
        for event, target in row.items():
            if target not in {origin, Impossible}:
                events.setdefault(target, []).append(event.__name__)
        for target, names in events.items():
            yield f"{origin.__name__} --> {_place(target)}: {'<br/>'.join(names)}"


def _place(target: type) -> str:
    """Return what a place is called in the picture."""
    return _OUTSIDE if target is Gone else target.__name__
