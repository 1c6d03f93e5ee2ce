"""The steps that a flow asks for, one call of a port each; who takes them is the runner's business."""

import threading
from collections.abc import Callable, Generator
from datetime import datetime, timedelta
from typing import Protocol, TypeVar, cast

from attrs import field, frozen

from ..domain.errors import MailUpOAuthError
from ..domain.secret import Secret
from ..domain.wire.http import Exchange, HttpRequest
from ..ports import Absent, Change, Commit, Notice, Ports, Row

T = TypeVar("T")
Result_co = TypeVar("Result_co", covariant=True)


class Step(Protocol[Result_co]):
    """One call of one port."""

    def take(self, ports: Ports) -> Result_co:
        """Make the call."""
        ...


Flow = Generator[Step[object], object, T]
"""A use case: it yields steps, is sent their results, is thrown their errors, and returns its outcome."""


def ask(step: Step[T]) -> Flow[T]:
    """Yield one step and return its result under the step's own type."""
    return cast("T", (yield step))


def run(flow: Flow[T], ports: Ports) -> T:
    """Take every step of *flow* here and now, and return its outcome."""
    try:
        step = next(flow)
        while True:
            try:
                result = step.take(ports)
            except MailUpOAuthError as error:
                step = flow.throw(error)
            else:
                step = flow.send(result)
    except StopIteration as stop:
        return cast("T", stop.value)


@frozen
class Now:
    """Read the clock."""

    def take(self, ports: Ports) -> datetime:
        """Return the moment."""
        return ports.clock.now()


@frozen
class Chance:
    """Draw a number from 0 to 1."""

    def take(self, ports: Ports) -> float:
        """Return the number."""
        return ports.entropy.chance()


@frozen
class DrawToken:
    """Draw what nobody can guess."""

    def take(self, ports: Ports) -> Secret:
        """Return 256 fresh bits."""
        return ports.entropy.token()


@frozen
class Pause:
    """Let time pass."""

    span: timedelta

    def take(self, ports: Ports) -> None:
        """Return after the span."""
        ports.clock.sleep(self.span)


@frozen
class Load:
    """Read a connection's row."""

    connection: str

    def take(self, ports: Ports) -> Row | Absent:
        """Return the newest row."""
        return ports.store.load(self.connection)


@frozen
class Save:
    """Make a change durable, if nobody was faster."""

    change: Change

    def take(self, ports: Ports) -> Commit:
        """Return whether it is durable now."""
        return ports.store.commit(self.change)


@frozen
class Find:
    """Look for the connection that a nonce belongs to."""

    nonce: str

    def take(self, ports: Ports) -> str | Absent:
        """Return the connection's name."""
        return ports.store.find(self.nonce)


@frozen
class FindSpill:
    """Look for what waits to be stored."""

    connection: str

    def take(self, ports: Ports) -> bytes | Absent:
        """Return what was spilled for the connection."""
        return ports.spill.find(self.connection)


@frozen
class KeepSpill:
    """Keep what was received where the store is not."""

    connection: str
    sealed: bytes = field(repr=lambda sealed: f"<{len(sealed)} bytes>")

    def take(self, ports: Ports) -> None:
        """Return when it is durable."""
        ports.spill.keep(self.connection, self.sealed)


@frozen
class DropSpill:
    """Keep it there no longer."""

    connection: str

    def take(self, ports: Ports) -> None:
        """Drop it."""
        ports.spill.drop(self.connection)


@frozen
class SetSpillAside:
    """Leave it to a person."""

    connection: str

    def take(self, ports: Ports) -> None:
        """Set it aside."""
        ports.spill.set_aside(self.connection)


@frozen
class IsLastCall:
    """Ask whether this program is at its end, and waits for nothing but its flights."""

    def take(self, ports: Ports) -> bool:  # noqa: ARG002  # no port: the interpreter is asked
        """Return whether its main thread is over."""
        return not threading.main_thread().is_alive()


@frozen(kw_only=True)
class Send:
    """Send a request, once."""

    request: HttpRequest
    deadline: timedelta

    def take(self, ports: Ports) -> Exchange:
        """Return what became of it."""
        return ports.transport.send(self.request, deadline=self.deadline)


@frozen
class NoSecret:
    """The application's secret manager did not give the secret."""


@frozen
class ReadSecret:
    """Ask the application for its client secret."""

    source: Callable[[], object] = field(repr=False)

    def take(self, ports: Ports) -> Secret | NoSecret:  # noqa: ARG002  # no port: the application is asked
        """Return the secret as it is now; a source that fails, however it fails, gives none."""
        try:
            secret = self.source()
        except Exception:  # noqa: BLE001  # a secret manager may raise anything, and what it raises may hold the secret
            return NoSecret()
        return secret if isinstance(secret, Secret) else NoSecret()


@frozen
class Tell:
    """Tell the observer; whatever it raises is its own affair and must not cost a token."""

    notices: tuple[Notice, ...]

    def take(self, ports: Ports) -> None:
        """Tell it."""
        for notice in self.notices:
            try:
                ports.observer.notice(notice)
            except Exception:  # noqa: BLE001, S112  # anything an application's observer raises is dropped
                continue
