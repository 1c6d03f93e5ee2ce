"""What the headers of an answer say; their names come in lower case, as ``HttpResponse`` has them."""

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from .http import Headers

SHORTEST_WAIT = timedelta(seconds=1)
LONGEST_WAIT = timedelta(hours=1)
"""What ``Retry-After`` is clamped to: reliability.md N14."""

FAR_OFF = timedelta(minutes=5)
"""A server's clock that differs by more is worth a note: the "acceptable clock skew" of RFC 4120 section 8.2."""

_HTTP_DATE_LENGTH = len("Sun, 06 Nov 1994 08:49:37 GMT")
_MOST_DIGITS = 9


def header(headers: Headers, name: str) -> str:
    """Return the value under *name*, several joined as RFC 9110 section 5.3 says, or nothing."""
    return ", ".join([value for key, value in headers if key == name])


def is_json(headers: Headers) -> bool:
    """Say whether the body calls itself ``application/json``, whatever its parameters (security.md row 33)."""
    return header(headers, "content-type").partition(";")[0].strip().lower() == "application/json"


def is_encoded(headers: Headers) -> bool:
    """Say whether the body is packed in a way that was not asked for (security.md row 32)."""
    return header(headers, "content-encoding").strip().lower() not in {"", "identity"}


def retry_after(headers: Headers) -> timedelta:
    """
    Return how long the server asks to wait, clamped, or zero where it does not say or says nonsense.

    A date is counted from the answer's own ``Date``, so that no clock of ours takes part; without one it is nonsense.
    Source: RFC 9110 section 10.2.3; reliability.md N14.
    """
    value = header(headers, "retry-after").strip()
    digits = value.removeprefix("-")
    if digits.isascii() and digits.isdigit():
        return _clamped(timedelta(seconds=int(value[:_MOST_DIGITS])))
    try:
        return _clamped(_moment(value) - _moment(header(headers, "date").strip()))
    except ValueError:
        return timedelta()


def is_far_off(headers: Headers, asked_at: datetime) -> bool:
    """Say whether the answer's ``Date`` is far from *asked_at*, which our clock told; none, or nonsense, is not (C8)."""
    try:
        return abs(_moment(header(headers, "date").strip()) - asked_at) > FAR_OFF
    except ValueError:
        return False


def _moment(value: str) -> datetime:
    """Read the one date form that servers may send (RFC 9110 section 5.6.7); ValueError for everything else."""
    if len(value) != _HTTP_DATE_LENGTH or not value.endswith(" GMT"):
        raise ValueError
    return parsedate_to_datetime(value).replace(tzinfo=UTC)


def _clamped(wait: timedelta) -> timedelta:
    return min(max(wait, SHORTEST_WAIT), LONGEST_WAIT)
