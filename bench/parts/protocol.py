"""The pieces of the protocol, beside those of the peers and of the standard library."""

import timing
from cases import pieces
from report import Section, row


def protocol(rounds: int) -> list[Section]:
    """What the pieces of the protocol cost."""
    sections = []
    for title, (mine, others) in pieces.PIECES.items():
        found = timing.best(
            {"mailup_oauth": mine(), **{name: make() for name, make in others.items()}}, number=50, rounds=rounds * 3
        )
        fastest = min(cost for name, cost in found.items() if not name.startswith(("mailup_oauth", "stdlib")))
        lax = "answer" in title
        goal = "within 2x of the fastest" if lax else "faster than every peer"
        rows = [
            row("mailup_oauth", found["mailup_oauth"], "us", at_most=fastest * (2 if lax else 1), goal=goal),
            *(row(name, found[name], "us") for name in others),
        ]
        sections.append(Section(title=title[0].upper() + title[1:], rows=tuple(rows)))
    return sections
