"""The small pieces of the owner's page: sections, tables, tags, moments; they know nothing of a sandbox."""

import re
from collections.abc import Sequence
from datetime import datetime
from html import escape
from typing import Final

_SLASH: Final = re.compile(r"(?<=\w)/")


def section(identity: str, title: str, inner: str, *, kind: str = "card") -> str:
    """Return a section with its own heading; *inner* is HTML."""
    heading = f'<h2 id="{identity}-title">{escape(title)}</h2>'
    return f'<section class="{kind}" id="{identity}" aria-labelledby="{identity}-title">{heading}{inner}</section>'


def table(caption: str, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a table whose cells are HTML, or a sentence if it has no rows; where it is too wide it can be scrolled."""
    if not rows:
        return '<p class="none">None yet.</p>'
    head = "".join(f'<th scope="col" role="columnheader">{escape(one)}</th>' for one in heads)
    body = "".join(_row(heads, row) for row in rows)
    return (
        f'<div class="scroll" role="region" aria-label="{escape(caption)}" tabindex="0"><table role="table">'
        f'<caption>{escape(caption)}</caption><thead role="rowgroup"><tr role="row">{head}</tr></thead>'
        f'<tbody role="rowgroup">{body}</tbody></table></div>'
    )


def _row(heads: Sequence[str], cells: Sequence[str]) -> str:
    # The roles stay when a narrow window makes a card of each row, with the heads beside the cells.
    pairs = zip(heads, cells, strict=True)
    row = "".join(f'<td role="cell" data-head="{escape(head)}"><div>{cell}</div></td>' for head, cell in pairs)
    return f'<tr role="row">{row}</tr>'


def path(text: str) -> str:
    """Return an address or a path that may be broken before its slashes."""
    return f"<code>{_SLASH.sub('<wbr>/', escape(text))}</code>"


def tag(text: str, *, kind: str = "") -> str:
    """Return a word in a frame; *kind* is ``good``, ``bad`` or nothing, and colours it."""
    return f'<span class="tag {kind}">{escape(text)}</span>'


def moment(at: datetime) -> str:
    """Return *at* to the second, in UTC, for people and for programs."""
    return f'<time datetime="{at.isoformat()}">{at:%Y-%m-%d %H:%M:%S}</time>'
