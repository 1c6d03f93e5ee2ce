"""Everything the engine asks of the world, on one page; all synchronous, all safe to call from several threads."""

import enum
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol, runtime_checkable

from attrs import field, frozen

from .domain.credential import Mark
from .domain.secret import Secret
from .domain.wire.http import Exchange, HttpRequest


class Transport(Protocol):
    """Sends requests to the token endpoint and the identity page."""

    def send(self, request: HttpRequest, *, deadline: timedelta) -> Exchange:
        """
        Send *request* at most once and return what became of it; raise nothing.

        Redirects are not followed, nothing is retried, nothing of the environment changes the request, and *deadline*
        is the total time from here to the last byte of the answer.  ``NotSent`` is returned only if not one byte of the
        request's content left; 64 KiB of body are read at most.
        """
        ...

    def close(self) -> None:
        """Give back sockets; a request sent later opens new ones."""
        ...


class Clock(Protocol):
    """Tells the time and lets it pass."""

    def now(self) -> datetime:
        """Return the moment, aware, in UTC."""
        ...

    def sleep(self, span: timedelta) -> None:
        """Return after *span*."""
        ...


class Entropy(Protocol):
    """Gives what nobody can guess; one for tests, whose chance repeats, is ``Predictable``."""

    def token(self) -> Secret:
        """Return 256 fresh bits as 43 characters of base64url (security.md row 2)."""
        ...

    def chance(self) -> float:
        """Return a number from 0 to 1, for spreading waits; not for secrets."""
        ...


@runtime_checkable
class Predictable(Protocol):
    """An entropy that says of itself whether it can be foretold, so that it is kept from real servers."""

    @property
    def is_predictable(self) -> bool:
        """Whether it gives the same again and again."""
        ...


@frozen(kw_only=True)
class Row:
    """
    One connection as it is stored.

    Attributes:
        version: Counts the commits, from 1; what compare-and-set compares.
        clear: The canonical bytes of ``redact(state)``.
        sealed: The state's credentials, sealed by the Cipher; empty if there are none.
        due_at: When its refresh is due; ``instants.END_OF_TIME`` if never.  Indexed by durable stores.
        sequence: How many records its journal has.
        head: The SHA-256 of the last record, 32 bytes.
        written_at: The time of the last record; the next one is not earlier.
    """

    version: int
    clear: bytes
    sealed: bytes = field(repr=lambda sealed: f"<{len(sealed)} bytes>")
    due_at: datetime
    sequence: int
    head: bytes
    written_at: datetime


@frozen(kw_only=True)
class Change:
    """
    One transaction: the row, its journal records and its nonce index, all or nothing.

    Attributes:
        connection: The connection's name.
        replaces: The version it was decided on; 0 means that there was no row.
        row: The whole new row; its version is *replaces* + 1.
        records: The canonical bytes of the records to append, in order; the last has sequence ``row.sequence``.
        nonces: The SHA-256 (64 hexadecimal digits) of every nonce that leads to this connection from now on; they
            replace all that did before.
    """

    connection: str
    replaces: int
    row: Row
    records: tuple[bytes, ...]
    nonces: frozenset[str]


@frozen
class Absent:
    """Nothing is stored there."""


@enum.unique
class Commit(enum.Enum):
    """What became of a change."""

    DONE = "done"
    CONFLICT = "conflict"


class Store(Protocol):
    """
    Keeps rows, journals and the nonce index; sees no secret in the clear.

    Every method raises ``StoreUnavailable`` when the store cannot be read or written now and ``StoreCorrupted`` when it
    is not a store of this library or is damaged; nothing else.  The contract suite is
    ``mailup_oauth.testing.store_contract``.
    """

    @property
    def identity(self) -> str:
        """What it is: equal for every object, in this process, that opens the same storage."""
        ...

    def load(self, connection: str) -> Row | Absent:
        """Return the newest row; costs the same however long the journal is."""
        ...

    def version(self, connection: str) -> int:
        """Return the newest row's version, 0 if there is none; cheaper than ``load``."""
        ...

    def commit(self, change: Change) -> Commit:
        """
        Make *change* durable, or find that the row's version is not ``change.replaces`` any more and change nothing.

        When it raises, it is unknown whether the change was made; ``load`` tells.
        """
        ...

    def find(self, nonce: str) -> str | Absent:
        """Return the connection that the SHA-256 of a nonce leads to."""
        ...

    def records(self, connection: str, *, after: int = 0, limit: int = 1000) -> tuple[bytes, ...]:
        """Return at most *limit* journal records with a sequence greater than *after*, in order."""
        ...

    def connections(self) -> tuple[str, ...]:
        """Return every name that has a row, sorted."""
        ...

    def is_empty(self) -> bool:
        """Say whether no row holds anything sealed, so that a new key locks nobody out."""
        ...

    def close(self) -> None:
        """Give back files and connections; later calls open them anew."""
        ...


@runtime_checkable
class Housed(Protocol):
    """A store on this machine's disk, with places beside it for its key, its locks and what it could not take."""

    @property
    def key_file(self) -> Path:
        """Where its key is kept, unless the environment gives one."""
        ...

    @property
    def lock_folder(self) -> Path:
        """Where the processes of this machine meet."""
        ...

    @property
    def spill_folder(self) -> Path:
        """Where received tokens wait while the store takes nothing."""
        ...


class Spill(Protocol):
    """
    Keeps what was received while the store takes nothing, in another place, one sealed text a connection.

    Whoever changes what is kept for a connection holds that connection's guard; anybody may look.
    """

    def find(self, connection: str) -> bytes | Absent:
        """
        Return what is kept for a connection.

        Raises:
            StoreUnavailable: nobody can say, because the place cannot be read.
        """
        ...

    def keep(self, connection: str, sealed: bytes) -> None:
        """
        Make *sealed* durable, in place of what was kept before.

        Raises:
            StoreUnavailable: it is not kept.
        """
        ...

    def drop(self, connection: str) -> None:
        """Keep it no longer; what cannot be dropped now is found again, and is then out of date."""
        ...

    def set_aside(self, connection: str) -> None:
        """Keep it where a person can look at it and ``find`` finds it no more."""
        ...


@runtime_checkable
class Obstructed(Protocol):
    """A spill that can say before it is needed that it could keep nothing."""

    def obstacle(self) -> str:
        """Return what is in the way; empty if nothing is."""
        ...


class Busy(Exception):
    """A guard was not to be had within the patience."""


class Guard(Protocol):
    """Excludes everybody else, in other processes too, from the token endpoint for one connection."""

    def hold(self, name: str, *, patience: timedelta) -> AbstractContextManager[None]:
        """
        Hold the guard called *name* inside the ``with``; it is freed by the kernel or server when the holder dies.

        Raises:
            Busy: others held it for all of *patience*.
            StoreUnavailable: there is no way to hold it.
        """
        ...


class Cipher(Protocol):
    """Seals what a store keeps, so that whoever has only the store has nothing."""

    def seal(self, plain: bytes, *, context: bytes) -> bytes:
        """Return *plain* sealed with the newest key and bound to *context*; the key's id stays readable."""
        ...

    def unseal(self, sealed: bytes, *, context: bytes) -> bytes:
        """
        Return what was sealed.

        Raises:
            KeyUnavailable: its key is not in the key ring.
            StoreCorrupted: it was changed, or sealed for another *context*.
        """
        ...


class Marker(Protocol):
    """Makes the mark that may be shown in place of a secret."""

    def mark(self, secret: Secret) -> Mark:
        """Return the mark: equal for equal secrets under one key, and telling nothing else."""
        ...


@frozen(kw_only=True)
class Notice:
    """
    Something that happened, for counters and logs; free of secrets.

    Attributes:
        connection: Which connection; empty if it belongs to none.
        what: The event's or refusal's name, such as ``TokensRefreshed`` or ``callback:nonce-unknown``.
        at: When.
    """

    connection: str
    what: str
    at: datetime


class Observer(Protocol):
    """Is told what happened, after it is stored; what it raises is dropped."""

    def notice(self, notice: Notice) -> None:
        """Take note; called on the thread of the flight, so be quick."""
        ...


@frozen(kw_only=True)
class Ports:
    """All of them, put together by ``client.py``."""

    transport: Transport
    clock: Clock
    entropy: Entropy
    store: Store
    spill: Spill
    guard: Guard
    cipher: Cipher
    marker: Marker
    observer: Observer
