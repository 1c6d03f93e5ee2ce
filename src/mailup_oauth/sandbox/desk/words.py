"""Every switch as one word, as it stands in a scenario file, in an option, on the page and in JSON."""

import enum
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from typing import Final, Generic, TypeVar, assert_never

from attrs import frozen

from .. import switches as sw
from ..switches import Switches

Value = TypeVar("Value")
Choice = TypeVar("Choice", bound=enum.Enum)

SPAN: Final = "SPAN"
"""Stands for a span, such as ``90s``, ``1h30m`` or ``30d``."""
NUMBER: Final = "NUMBER"
"""Stands for a whole number from 1."""

_EXAMPLES: Final = {NUMBER: "a whole number from 1", SPAN: "a span such as 90s, 1h30m or 30d"}
_UNITS: Final = {
    "d": timedelta(days=1),
    "h": timedelta(hours=1),
    "m": timedelta(minutes=1),
    "s": timedelta(seconds=1),
    "ms": timedelta(milliseconds=1),
    "us": timedelta(microseconds=1),
}
_SPAN: Final = re.compile(r"(?:\s*[0-9]{1,15}\s*(?:d|h|ms|m|s|us))+\s*")
_PART: Final = re.compile(r"([0-9]+)\s*([a-z]+)")


@frozen
class NotAWord(ValueError):
    """What was said is none of *allowed*; what it was is not repeated."""

    allowed: tuple[str, ...]

    def __str__(self) -> str:
        return f"must be {explained(self.allowed)}"


def explained(forms: Iterable[str]) -> str:
    """Return *forms* for a person, with examples in place of spans and numbers."""
    return ", or ".join(_EXAMPLES.get(one, one.replace(SPAN, "30s")) for one in forms)


@frozen(kw_only=True)
class Vocabulary(Generic[Value]):
    """
    The words for one kind of habit.

    Attributes:
        plain: Words that say all.
        spanned: Words that a span follows.
    """

    plain: Mapping[str, Value]
    spanned: Mapping[str, Callable[[timedelta], Value]]

    @property
    def forms(self) -> tuple[str, ...]:
        """What can be said."""
        return (*self.plain, *(f"{word} {SPAN}" for word in self.spanned))

    def read(self, text: str) -> Value:
        """
        Return what *text* says.

        Raises:
            NotAWord: it says nothing that is known.
        """
        word, _, rest = text.strip().partition(" ")
        if not rest and word in self.plain:
            return self.plain[word]
        if word in self.spanned and _SPAN.fullmatch(rest):
            return self.spanned[word](read_span(rest))
        raise NotAWord(self.forms)


def choices(kind: type[Choice]) -> Vocabulary[Choice]:
    """Return the words for the members of *kind*: their values."""
    return Vocabulary(plain={str(one.value): one for one in kind}, spanned={})


OLD_REFRESH: Final[Vocabulary[sw.OldRefresh]] = Vocabulary(
    plain={"dead": sw.Dead(), "stays-valid": sw.StaysValid(), "reuse-kills-family": sw.ReuseKillsFamily()},
    spanned={"grace": sw.Grace},
)
REFRESH_LIFE: Final[Vocabulary[sw.RefreshLife]] = Vocabulary(
    plain={"endless": sw.Endless()}, spanned={"idle": sw.Idle, "absolute": sw.Absolute}
)
WAIT: Final[Vocabulary[sw.Wait]] = Vocabulary(plain={"untold": sw.Untold()}, spanned={"told": sw.Told})

FORMS: Final[Mapping[str, tuple[str, ...]]] = {
    "state_echo": choices(sw.StateEcho).forms,
    "callback_extras": choices(sw.CallbackExtras).forms,
    "deny_style": choices(sw.DenyStyle).forms,
    "consent": choices(sw.Consent).forms,
    "old_refresh": OLD_REFRESH.forms,
    "refresh_life": REFRESH_LIFE.forms,
    "access_life": (SPAN,),
    "code_life": (SPAN,),
    "code_auth": choices(sw.CodeAuth).forms,
    "redirect_check": choices(sw.RedirectCheck).forms,
    "bad_token_status": choices(sw.BadTokenStatus).forms,
    "token_error_shape": choices(sw.TokenErrorShape).forms,
    "invalid_client_status": choices(sw.InvalidClientStatus).forms,
    "expires_in_type": choices(sw.ExpiresInType).forms,
    "token_type": choices(sw.TokenType).forms,
    "refresh_reply": choices(sw.RefreshReply).forms,
    "over_limit": choices(sw.OverLimit).forms,
    "retry_after": WAIT.forms,
    "calls_per_second": (NUMBER,),
    "password_grant": choices(sw.PasswordGrant).forms,
    "pkce": choices(sw.Pkce).forms,
}
"""What can be said of each switch."""


def read_span(text: str) -> timedelta:
    """
    Return the span that *text* is, such as ``90s``, ``15m``, ``1h30m`` or ``30d``; zero or more.

    Raises:
        NotAWord: it is none, or longer than can be counted.
    """
    if not _SPAN.fullmatch(text):
        raise NotAWord((SPAN,))
    try:
        return sum((int(number) * _UNITS[unit] for number, unit in _PART.findall(text)), timedelta())
    except OverflowError:
        raise NotAWord((SPAN,)) from None


def written_span(span: timedelta) -> str:
    """Return *span*, which is not negative, in the fewest units."""
    written, left = "", span
    for name, unit in _UNITS.items():
        count, left = divmod(left, unit)
        written += f"{count}{name}" if count else ""
    return written or "0s"


def told(switches: Switches) -> Mapping[str, str]:
    """Return what *switches* say, by their names; ``read`` of a switch's own vocabulary is the way back."""
    return {name: word(getattr(switches, name)) for name in FORMS}


Phrase = sw.OldRefresh | sw.RefreshLife | sw.Wait
Habit = Phrase | enum.Enum | timedelta | int


def word(habit: Habit) -> str:
    """Return how one habit, or a span or number, is written."""
    match habit:
        case enum.Enum():
            return str(habit.value)
        case timedelta():
            return written_span(habit)
        case int():
            return str(habit)
        case _:
            return _phrase(habit)


def _phrase(habit: Phrase) -> str:
    match habit:
        case sw.Dead():
            return "dead"
        case sw.StaysValid():
            return "stays-valid"
        case sw.ReuseKillsFamily():
            return "reuse-kills-family"
        case sw.Endless():
            return "endless"
        case sw.Untold():
            return "untold"
        case sw.Grace(span):
            return f"grace {written_span(span)}"
        case sw.Idle(span):
            return f"idle {written_span(span)}"
        case sw.Absolute(span):
            return f"absolute {written_span(span)}"
        case sw.Told(span):
            return f"told {written_span(span)}"
        case _ as never:
            assert_never(never)
