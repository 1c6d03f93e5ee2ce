"""How the command line speaks: results on stdout, complaints on stderr, and nothing that a terminal would obey."""

import sys


def harmless(text: str) -> str:
    """Return *text* on one line, with everything that a terminal could obey escaped; a stranger may have written it."""
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode("ascii") for char in text)


def complain(sentence: str) -> None:
    """Say on stderr what is wrong."""
    print(harmless(sentence), file=sys.stderr)
