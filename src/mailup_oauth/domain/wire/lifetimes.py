"""
How long an access token lives, whatever the answer says about it.

| ``expires_in`` | life | noted as |
|---|---|---|
| 3600 | as is | |
| "3600" | as is | life-as-text |
| 3600.9 | floored | life-not-whole |
| "3600.5" | floored | life-as-text, life-not-whole |
| 0, -1, 0.5, "0", "-1" | zero: expired now | born-expired, and the above |
| missing, null, true, false, "", "3600abc", [], {} | the provider's ``default_life`` | life-assumed |
| more than the provider's ``longest_life``, such as 10^12 or "999999999999999999999999999999" | that | life-capped, and the above |
| NaN, Infinity | not JSON, so never seen here | |

A server-sent ``expires_at`` is ignored, because it would rest on the server's clock.
Source: architecture.md section 9; peers.md section 1c.
"""

import math
import re
from datetime import timedelta

from ..provider import Provider
from .outcomes import Note

_LONGEST_TEXT = 64
_NUMERIC = re.compile(r"(-?[0-9]++)(?:\.([0-9]++))?")

Life = tuple[timedelta, tuple[Note, ...]]


def read_life(expires_in: object, provider: Provider) -> Life:
    """Return how long the token lives, never negative and never above the provider's longest, and what was odd."""
    match expires_in:
        case bool():
            return _assumed(provider)
        case int():
            return _judged(expires_in, provider, ())
        case float() if math.isfinite(expires_in):
            return _judged(math.floor(expires_in), provider, _fraction_noted(is_whole=expires_in.is_integer()))
        case str():
            return _read_text(expires_in, provider)
        case _:
            return _assumed(provider)


def _read_text(text: str, provider: Provider) -> Life:
    """Read a number that was sent as text; anything but plain decimal digits is nonsense."""
    number = _NUMERIC.fullmatch(text[: _LONGEST_TEXT + 1])
    if number is None or len(text) > _LONGEST_TEXT:
        return _assumed(provider)
    is_whole = not (number[2] or "").strip("0")
    return _judged(int(number[1]), provider, (Note.LIFE_AS_TEXT, *_fraction_noted(is_whole=is_whole)))


def _judged(seconds: int, provider: Provider, notes: tuple[Note, ...]) -> Life:
    if seconds <= 0:
        return timedelta(), (*notes, Note.BORN_EXPIRED)
    if seconds > provider.longest_life.total_seconds():
        return provider.longest_life, (*notes, Note.LIFE_CAPPED)
    return timedelta(seconds=seconds), notes


def _fraction_noted(*, is_whole: bool) -> tuple[Note, ...]:
    return () if is_whole else (Note.LIFE_NOT_WHOLE,)


def _assumed(provider: Provider) -> Life:
    return provider.default_life, (Note.LIFE_ASSUMED,)
