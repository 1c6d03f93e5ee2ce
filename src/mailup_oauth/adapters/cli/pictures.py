"""``graph``: the tables that are the law, as Mermaid text or as plain lines."""

from typing import Final

from rich.table import Table
from rich.text import Text

from ...domain.diagram import attempt_diagram, state_diagram, work_diagram
from .paper import Paper

_DIAGRAMS: Final = {"states": state_diagram, "attempts": attempt_diagram, "work": work_diagram}
_PLACE: Final = 18
"""Columns for the name of a place, the same in every table."""


def graph(table: str, paper: Paper, *, is_mermaid: bool) -> None:
    """Print a table."""
    text = _DIAGRAMS[table]()
    paper.result({"table": table, "mermaid": text}, *(text.splitlines() if is_mermaid else [_arrows(text)]))


def _arrows(mermaid: str) -> Table:
    """Return each arrow of a picture as a row for people."""
    rows = Table(box=None, padding=(0, 1, 0, 0), pad_edge=False, show_header=False)
    for width in (_PLACE, None, _PLACE, None):
        rows.add_column(min_width=width)
    for line in mermaid.splitlines():
        places, _, events = line.strip().partition(": ")
        if "-->" in places:
            origin, _, target = places.partition(" --> ")
            rows.add_row(Text(origin), "->", Text(target), events.replace("<br/>", ", "))
    return rows
