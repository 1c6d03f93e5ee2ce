"""``doctor``: everything that has to be right before a connection can be made, looked at one after the other."""

from collections.abc import Callable, Iterator
from typing import Final

from rich.table import Table
from rich.text import Text

from . import checks_here as here
from . import checks_store as kept
from . import checks_there as there
from .exits import Exit
from .findings import Finding, Grade
from .paper import Paper
from .settings import Given
from .words import harmless

Check = Callable[[Given], Iterator[Finding]]

_HERE: Final[tuple[Check, ...]] = (
    here.settings,
    here.application,
    kept.store,
    kept.key,
    kept.files,
    kept.lock,
    kept.spill,
)
_THERE: Final[tuple[Check, ...]] = (there.server,)
_LAST: Final[tuple[Check, ...]] = (there.round_trip,)

_STYLES: Final = {Grade.GOOD: "green", Grade.ODD: "yellow", Grade.BAD: "bold red"}


def doctor(given: Given, paper: Paper, *, is_offline: bool) -> Exit:
    """Tell what was found, each with its fix; a failure if something keeps the program from working."""
    checks = (*_HERE, *(() if is_offline else _THERE), *_LAST)
    found = [finding for check in checks for finding in check(given)]
    paper.result({"findings": [_facts(one) for one in found]}, _table(found))
    return Exit.FAILED if any(one.grade is Grade.BAD for one in found) else Exit.OK


def _facts(finding: Finding) -> dict[str, str]:
    """Return a finding for programs."""
    return {
        "subject": finding.subject,
        "grade": finding.grade.value,
        "sentence": finding.sentence,
        "fix": finding.fix,
    }


def _table(found: list[Finding]) -> Table:
    """Return the findings for people."""
    table = Table(box=None, pad_edge=False, show_header=False)
    for one in found:
        words = Text(harmless(one.sentence))
        if one.fix:
            words.append(harmless(f"  {one.fix}"), style="bold")
        table.add_row(Text(one.grade.value, style=_STYLES[one.grade]), one.subject, words)
    return table
