"""The commands and their options; what they do is in the modules beside this one."""

import re
import sys
from collections.abc import Generator
from contextlib import closing, contextmanager, suppress
from io import TextIOWrapper
from pathlib import Path
from typing import IO, Annotated, TextIO, cast

from cyclopts import App, Parameter
from rich.console import Console

from ...domain.errors import StoreUnavailable
from ...journal import Verified
from ...ports import Absent, Store
from ..storage.sqlite import SqliteStore
from .proof import read, told, verified
from .timeline import timeline
from .words import complain, harmless

app = App(
    name="mailup-oauth",
    help="Connect MailUp users, keep them connected, and prove it.",
    suppress_keyboard_interrupt=False,  # the door has an exit code for it
)
audit = App(name="audit", help="Read and verify journals; needs no key and sends nothing.")
app.command(audit)

WHOLE_LINES = 10_000
"""Columns for whoever reads through a pipe: nothing is wrapped."""


def must_be_text(_: object, name: str) -> None:
    """Refuse a name that holds octets which are no characters, as a command line can."""
    if any("\ud800" <= char <= "\udfff" for char in name):
        problem = "a name must be text"
        raise ValueError(problem)


Database = Annotated[Path, Parameter(help="The SQLite file of the store.")]
Name = Annotated[str, Parameter(help="The connection's name.", validator=must_be_text)]


@app.command
def demo() -> bool:
    """Live through the whole life of a connection, against a sandbox on this machine; no account needed."""
    from .demo import demo as play  # noqa: PLC0415  # a third of all that would have to be loaded

    return play(paper())


@audit.command
def show(database: Database, connection: Name) -> bool:
    """Print a connection's journal as a timeline, as it stands there; whether it is genuine is told by ``verify``."""
    console = paper()
    with opened(database) as store:
        if isinstance(store.load(connection), Absent):
            return failing(f"{connection}: {told(Absent())}")
        records = tuple(read(store, connection))
    console.print(timeline(records, console.width))
    return True


@audit.command
def verify(database: Database, *connections: Name) -> bool:
    """Verify the journals of these connections, or of all: chain, order, head, and the replay to the stored state."""
    with opened(database) as store:
        verdicts = {name: verified(store, name) for name in connections or store.connections()}
    unknown = [name for name, verdict in verdicts.items() if isinstance(verdict, Absent)]
    if unknown:
        return failing(f"{', '.join(unknown)}: {told(Absent())}")
    if not verdicts:
        return failing(f"no connection is stored in {database}")
    for name, verdict in verdicts.items():
        paper().print(harmless(f"{name}: {told(verdict)}"))
    return all(isinstance(verdict, Verified) for verdict in verdicts.values())


@contextmanager
def opened(database: Path) -> Generator[Store, None, None]:
    """Lend the store in a file that is there; looking must not make one."""
    if not database.is_file():
        problem = f"there is no file {database}"
        raise StoreUnavailable(problem)
    with closing(SqliteStore(database)) as store:
        yield store


def failing(sentence: str) -> bool:
    """Say on stderr why there is no result, and return that there is none."""
    complain(sentence)
    return False


def paper() -> Console:
    """Return what results are written on: as wide as the terminal, and without end where there is none."""
    with suppress(AttributeError):  # where Python code has put something simpler in its place
        cast("TextIOWrapper", sys.stdout).reconfigure(errors="backslashreplace")
    console = Console(highlight=False, markup=False, emoji=False)
    if not console.is_terminal:
        console.width, console.file = WHOLE_LINES, cast("IO[str]", Trimmed(sys.stdout))
    return console


class Trimmed:
    """A stream for whole lines, without the blanks that fill up a table on its right."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def __getattr__(self, name: str) -> object:
        return getattr(self._stream, name)

    def write(self, text: str) -> int:
        """Write *text*, which ends where a line ends."""
        return self._stream.write(re.sub(" +$", "", text, flags=re.MULTILINE))
