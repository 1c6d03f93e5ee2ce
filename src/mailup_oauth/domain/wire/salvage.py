"""A new refresh token is saved before its answer is judged, because the old one may be dead by now."""

import json
import re
from collections.abc import Iterator

from ..credential import Marking
from ..secret import Secret
from .grammar import is_token
from .outcomes import Defect, OutcomeUnknown, Salvaged

# String (open or closed) with the colon behind it, or a bracket; nothing is given back once matched: linear.
_PIECE = re.compile(r'("(?:[^"\\]++|\\.)*+"?+)[ \t\r\n]*+(:?+)[ \t\r\n]*+|[\[\]{}]', re.DOTALL)
_STEPS = {"{": 1, "[": 1, "}": -1, "]": -1}


def spoilt(body: bytes, defect: Defect, marking: Marking) -> Salvaged | OutcomeUnknown:
    """
    Return what is left of an answer that cannot be used because of *defect*.

    A refresh token is salvaged when *body* begins as a JSON object, however it goes on or breaks off, and has one
    usable text under the top-level name ``refresh_token``, closing quote included.  Two different ones salvage nothing,
    since nobody can say which one lives.
    Source: security.md row 37; reliability.md N12 and N20.
    """
    found = {_unquoted(literal) for literal in _refresh_tokens(body.decode("utf-8", "replace"))}
    usable = [value for value in found if is_token(value)]
    if len(found) != 1 or not usable:
        return OutcomeUnknown(defect=defect)
    return Salvaged(refresh=marking(Secret(usable[0])), defect=defect)


def _refresh_tokens(text: str) -> Iterator[str]:
    """Walk over strings and brackets and yield what stands behind each top-level ``"refresh_token":``."""
    if not text.lstrip("\ufeff \t\r\n").startswith("{"):
        return
    depth, wanted_at = 0, -1
    for piece in _PIECE.finditer(text):
        depth += _STEPS.get(piece[0], 0)
        if piece.start() == wanted_at and piece[1]:
            yield piece[1]
        is_name = depth == 1 and piece[1] == '"refresh_token"' and piece[2]
        wanted_at = piece.end() if is_name else -1


def _unquoted(literal: str) -> str:
    """Return the text of a JSON string, or nothing when it was cut or is not JSON."""
    try:
        return str(json.loads(literal))
    except ValueError:
        return ""
