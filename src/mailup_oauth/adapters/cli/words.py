"""How the command line speaks: results on stdout, complaints on stderr, and nothing that a terminal would obey."""

import re
import shutil
import sys
import textwrap
from typing import Final

from .streams import say

_ADVISED: Final = re.compile("(?<=: )mailup-oauth .+")
"""A command, which is advised at the end of a sentence."""
_GLUE: Final = "\0"
"""What stands for a blank at which no line ends; nothing that is harmless holds one."""


def harmless(text: str) -> str:
    """Return *text* on one line, with everything that a terminal could obey escaped; a stranger may have written it."""
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode("ascii") for char in text)


def complain(sentence: str) -> None:
    """Say on stderr what is wrong, or what is to be known; at a terminal no word is broken, and no command."""
    said = harmless(sentence)
    if sys.stderr.isatty():
        width = shutil.get_terminal_size().columns
        glued = _ADVISED.sub(lambda command: command[0].replace(" ", _GLUE), said)
        said = textwrap.fill(glued, width, break_long_words=False, break_on_hyphens=False).replace(_GLUE, " ")
    say(said)
