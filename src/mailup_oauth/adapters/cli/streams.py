"""The standard streams as they are found: closed by whoever started the program, full, or without a reader."""

import os
import sys
from collections.abc import Generator
from contextlib import contextmanager, suppress
from typing import Final, TextIO

from .exits import Trouble

_MISSING: Final = (("stdin", os.O_RDONLY, "r"), ("stdout", os.O_RDONLY, "w"), ("stderr", os.O_WRONLY, "w"))
"""What stands for a stream that is closed: no input, a stdout that takes nothing, and a stderr that nobody reads."""


def opened() -> None:
    """Open each stream that is closed, the lowest first, so that no file of ours gets a number that others write to."""
    for name, flags, mode in _MISSING:
        if getattr(sys, name) is None:
            setattr(sys, name, os.fdopen(os.open(os.devnull, flags), mode))


def discard(stream: TextIO) -> None:
    """Lose what *stream* could not write, so that Python does not try again and complain at the end."""
    with suppress(OSError, ValueError, AttributeError):  # also where Python code has put something else in its place
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)


def say(text: str) -> None:
    """Write a line on stderr; where it takes none there is nobody to tell, and the exit code has to do."""
    try:
        print(text, file=sys.stderr, flush=True)
    except OSError:
        discard(sys.stderr)


@contextmanager
def writing() -> Generator[None, None, None]:
    """
    See that a result, which is written inside, is out at the end.

    Raises:
        BrokenPipeError: its reader has left.
        Trouble: stdout does not take it.
    """
    try:
        yield
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        problem = f"The result cannot be written ({error.strerror})."
    else:
        return
    discard(sys.stdout)
    raise Trouble(code="not_written", message=problem, remedy="Lead stdout to where there is room for it.")
