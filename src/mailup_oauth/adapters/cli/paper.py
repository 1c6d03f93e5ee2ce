"""Where results are written: for people on a console, for programs as one JSON object; complaints go to stderr."""

import json
import re
import sys
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from io import TextIOWrapper
from typing import IO, Final, TextIO, cast

from attrs import field, frozen
from rich.console import Console, RenderableType
from rich.text import Text

from .exits import Trouble
from .streams import say, writing
from .words import complain, harmless

FORMAT: Final = 1
"""The version of what ``--json`` prints; members are added within it, and none is taken away."""

WHOLE_LINES: Final = 10_000
"""Columns for whoever reads through a pipe: nothing is wrapped."""

Fact = str | int | float | bool | None | list["Fact"] | Mapping[str, "Fact"]


def console() -> Console:
    """Return what results are written on: as wide as the terminal, and without end where there is none."""
    with suppress(AttributeError):  # where Python code has put something simpler in its place
        cast("TextIOWrapper", sys.stdout).reconfigure(errors="backslashreplace")
    made = Console(highlight=False, markup=False, emoji=False)
    if not made.is_terminal:
        made.width, made.file = WHOLE_LINES, cast("IO[str]", Trimmed(sys.stdout))
    return made


class Trimmed:
    """A stream for whole lines, without the blanks that fill up a table on its right."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def __getattr__(self, name: str) -> object:
        return getattr(self._stream, name)

    def write(self, text: str) -> int:
        """Write *text*, which ends where a line ends."""
        with writing():
            return self._stream.write(re.sub(" +$", "", text, flags=re.MULTILINE))


@frozen(kw_only=True)
class Paper:
    """
    What a command writes on.

    Attributes:
        command: The command's name, such as ``audit verify``.
        is_json: Whether a program reads it.
    """

    command: str
    is_json: bool
    console: Console = field(factory=console)

    def result(self, facts: Mapping[str, Fact], *shown: RenderableType) -> None:
        """Write the result at once: *facts* for a program, *shown* for a person; what is to be copied is never broken."""
        with writing():
            if self.is_json:
                print(self._line(facts), flush=True)
            else:
                for one in shown:
                    self.console.print(harmless(one) if isinstance(one, str) else one, soft_wrap=isinstance(one, str))

    def complain(self, trouble: Trouble) -> None:
        """Say on stderr why there is no result."""
        if not self.is_json:
            for line in trouble.lines:
                complain(line)
            return
        message = " ".join((trouble.message, *trouble.besides))
        seconds = trouble.retry_after.total_seconds()
        error: Fact = {
            "code": trouble.code,
            "message": message,
            "remedy": trouble.remedy,
            "retry_after": seconds,
        }
        say(self._line({"error": error}))

    def aside(self, sentence: str) -> None:
        """Say to a person, on stderr, what goes on meanwhile."""
        if not self.is_json:
            complain(sentence)

    def send(self, url: str) -> None:
        """Say on stderr which address is to be opened in a browser; it is never broken, for it is to be copied."""
        if self.is_json:
            say(self._line({"open": url}))
        else:
            say(f"Open this address in a browser and log on:\n\n{url}\n")

    def _line(self, facts: Mapping[str, Fact]) -> str:
        """Return *facts* for a program: one object on one line."""
        return json.dumps({"format": FORMAT, "command": self.command, **facts}, ensure_ascii=True)


def sentence(text: str) -> Text:
    """Return *text* as what is wrapped between its words."""
    return Text(harmless(text))


def moment(at: datetime | None) -> str | None:
    """Return a moment as programs read it."""
    return None if at is None else at.isoformat()
