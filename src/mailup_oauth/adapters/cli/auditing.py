"""``audit show`` and ``audit verify``: a journal as a timeline, and the proof that it is what was written."""

from collections.abc import Generator, Sequence
from contextlib import closing, contextmanager

from ...client.proof import read, told, verified
from ...journal import Record, Verified
from ...ports import Absent, Store
from ..storage.sqlite import SqliteStore
from .exits import Exit, Trouble
from .paper import Fact, Paper, moment
from .paper import sentence as words
from .settings import Given, option
from .timeline import sentence, timeline


def show(given: Given, connection: str, paper: Paper) -> None:
    """Print a connection's journal as it stands there."""
    with _opened(given, None if connection.startswith("@") else connection) as store:
        if isinstance(store.load(connection), Absent):
            raise _unknown(connection, store)
        records = tuple(read(store, connection))
    facts: list[Fact] = [_facts(record) for record in records]
    paper.result({"connection": connection, "records": facts}, timeline(records, paper.console.width))


def verify(given: Given, connections: Sequence[str], paper: Paper) -> Exit:
    """
    Print what the verification of these journals, or of all, came to; a failure if one of them is broken.

    A connection that is named by an option is one of these; a setting for all commands does not narrow what is verified.
    """
    chosen = [given.settings.connection] if given.origins.get("connection") == option("connection") else []
    with _opened(given) as store:
        verdicts = {name: verified(store, name) for name in (*connections, *chosen) or store.connections()}
        unknown = [name for name, verdict in verdicts.items() if isinstance(verdict, Absent)]
        if unknown:
            raise _unknown(", ".join(unknown), store)
    if not verdicts:
        message = f"no connection is stored in {given.database}"
        raise Trouble(code="not_connected", message=message, remedy="Name another with --database.")
    facts: list[Fact] = [
        {"connection": name, "is_verified": isinstance(verdict, Verified), "verdict": told(verdict)}
        for name, verdict in verdicts.items()
    ]
    paper.result({"journals": facts}, *(words(f"{name}: {told(verdict)}") for name, verdict in verdicts.items()))
    return Exit.OK if all(isinstance(verdict, Verified) for verdict in verdicts.values()) else Exit.FAILED


def _facts(record: Record) -> Fact:
    """Return a record for programs."""
    return {
        "sequence": record.sequence,
        "at": moment(record.at),
        "event": type(record.event).__name__,
        "sentence": sentence(record.event),
        "actor": record.actor,
        "reason": record.reason,
        "correlation_id": record.correlation_id,
    }


def _unknown(names: str, store: Store) -> Trouble:
    """Return the trouble with names that nobody has."""
    remedy = f"There are: {', '.join(store.connections()) or 'none'}."
    return Trouble(code="no_such_connection", message=f"{names}: {told(Absent())}.", remedy=remedy)


@contextmanager
def _opened(given: Given, connection: str | None = None) -> Generator[Store, None, None]:
    """Lend the store in a file that is there; looking must not make one, but a log-in as *connection* would."""
    if not given.database.is_file():
        remedy = f"Name another with --database, or make it: {given.again.command('login', connection=connection)}"
        raise Trouble(code="store_unavailable", message=f"There is no store at {given.database}.", remedy=remedy)
    with closing(SqliteStore(given.database)) as store:
        yield store
