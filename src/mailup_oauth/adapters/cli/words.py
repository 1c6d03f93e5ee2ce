"""How the command line speaks: results on stdout, complaints on stderr, and nothing that a terminal would obey."""

import shutil
import sys
import textwrap

from .streams import say


def harmless(text: str) -> str:
    """Return *text* on one line, with everything that a terminal could obey escaped; a stranger may have written it."""
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode("ascii") for char in text)


def complain(sentence: str) -> None:
    """Say on stderr what is wrong, or what is to be known; at a terminal no word is broken."""
    said = harmless(sentence)
    if sys.stderr.isatty():
        width = shutil.get_terminal_size().columns
        said = textwrap.fill(said, width, break_long_words=False, break_on_hyphens=False)
    say(said)
