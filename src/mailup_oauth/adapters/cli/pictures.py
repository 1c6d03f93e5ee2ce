"""``graph``: the tables that are the law, as Mermaid text or as plain lines."""

from collections.abc import Iterator
from typing import Final

from ...domain.diagram import attempt_diagram, state_diagram, work_diagram
from .paper import Paper

_DIAGRAMS: Final = {"states": state_diagram, "attempts": attempt_diagram, "work": work_diagram}


def graph(table: str, paper: Paper, *, is_mermaid: bool) -> None:
    """Print a table."""
    text = _DIAGRAMS[table]()
    paper.result({"table": table, "mermaid": text}, *(text.splitlines() if is_mermaid else _arrows(text)))


def _arrows(mermaid: str) -> Iterator[str]:
    """Yield each arrow of a picture as a line for people."""
    for line in mermaid.splitlines():
        places, _, events = line.strip().partition(": ")
        if "-->" in places:
            origin, _, target = places.partition(" --> ")
            yield f"{origin:<18} -> {target:<18} {events.replace('<br/>', ', ')}".rstrip()
