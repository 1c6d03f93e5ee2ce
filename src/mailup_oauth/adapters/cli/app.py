"""The door of ``mailup-oauth``: exit codes, and what a person is told whose call cannot be obeyed."""

import signal
import sys
import threading
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from types import FrameType
from typing import NoReturn

from ...domain.errors import MailUpOAuthError
from .exits import Exit, Trouble, misused, trouble_of
from .streams import discard, opened, say
from .words import complain


class Terminated(KeyboardInterrupt):
    """Somebody ended the program from outside; it ends as after Ctrl-C, with another exit code."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command that was asked for, on the command line unless told otherwise, and return its exit code."""
    words = sys.argv[1:] if arguments is None else [*arguments]
    opened()
    try:
        with _terminable():
            return _obeyed(words)
    except ModuleNotFoundError as error:
        package = str(error.name).partition(".")[0]
        complain(f'mailup-oauth needs {package}. Run: pip install "mailup-oauth[cli]"')
        return Exit.FAILED
    except BrokenPipeError:
        discard(sys.stdout)
        return Exit.FAILED
    except KeyboardInterrupt as end:
        if sys.stderr.isatty():
            say("")  # behind the ^C that the terminal has written
        return Exit.TERMINATED if isinstance(end, Terminated) else Exit.CANCELLED


def _obeyed(words: Sequence[str]) -> int:
    """Obey, or complain."""
    from cyclopts import CycloptsError  # noqa: PLC0415  # what it needs may not be installed

    from .commands import JSON, named, obey  # noqa: PLC0415  # likewise
    from .paper import Paper  # noqa: PLC0415  # likewise

    plain = [word for word in words if word != JSON]
    paper = Paper(command=named(plain), is_json=JSON in words)
    try:
        return obey(plain, paper)
    except Trouble as trouble:
        paper.complain(trouble)
        return trouble.exit
    except MailUpOAuthError as error:
        told = trouble_of(error)
        paper.complain(told)
        return told.exit
    except CycloptsError as error:
        paper.complain(misused(str(error), paper.command))
        return Exit.USAGE


@contextmanager
def _terminable() -> Generator[None, None, None]:
    """Let SIGTERM end what happens inside as Ctrl-C does."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, _terminate)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _terminate(_: int, __: FrameType | None) -> NoReturn:
    raise Terminated
