"""The commands, their options and their exit codes; what they do is in the modules beside this one."""

import sys
from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter
from rich.console import Console

from ...domain.errors import MailUpOAuthError
from ...journal import Verified, read_record
from ...ports import Absent
from ..storage.sqlite import SqliteStore
from .demo import demo as play
from .proof import lines, told, verified
from .timeline import timeline

OK, FAILED, CANCELLED = 0, 1, 130
"""Exit codes; 2 is a wrong call."""

app = App(name="mailup-oauth", help="Connect MailUp users, keep them connected, and prove it.")
audit = App(name="audit", help="Read and verify journals; needs no key and sends nothing.")
app.command(audit)

Database = Annotated[Path, Parameter(help="The SQLite file of the store.")]
Name = Annotated[str, Parameter(help="The connection's name.")]


@app.command
def demo() -> int:
    """Live through the whole life of a connection, against a sandbox on this machine; no account needed."""
    return OK if play(Console()) else FAILED


@audit.command
def show(database: Database, connection: Name) -> int:
    """Print a connection's journal as a timeline."""
    store = existing(database)
    if isinstance(store.load(connection), Absent):
        return complain(told(Absent()))
    Console().print(timeline(tuple(read_record(line) for line in lines(store, connection))))
    return OK


@audit.command
def verify(database: Database, *connections: Name) -> int:
    """Verify the journals of these connections, or of all: chain, order, head, and the replay to the stored state."""
    store = existing(database)
    names = connections or store.connections()
    verdicts = {name: verified(store, name) for name in names}
    for name, verdict in verdicts.items():
        Console().print(f"{name}: {told(verdict)}", highlight=False, markup=False)
    return OK if all(isinstance(verdict, Verified) for verdict in verdicts.values()) else FAILED


def existing(database: Path) -> SqliteStore:
    """Return the store in a file that is there; looking must not make one."""
    if not database.is_file():
        complain(f"there is no file {database}")
        raise SystemExit(FAILED)
    return SqliteStore(database)


def complain(sentence: str) -> int:
    """Say on stderr what is wrong, and return the exit code for it."""
    Console(stderr=True).print(sentence, highlight=False, markup=False)
    return FAILED


def main() -> None:
    """Run the command that was asked for and end with its exit code."""
    try:
        code = app(result_action="return_value")
    except MailUpOAuthError as error:
        code = complain(str(error))
    except KeyboardInterrupt:
        code = CANCELLED
    sys.exit(code)
