"""What a flow asks of the facade, for synchronous and for asynchronous applications."""

from collections.abc import Generator
from datetime import datetime
from typing import Protocol, TypeVar, cast

from attrs import frozen

from ...client import AsyncMailUpOAuth, Farewell, MailUpOAuth, Status
from ...client.sync import About
from ...domain.errors import MailUpOAuthError
from ...domain.secret import Secret
from ...engine import Start
from ...journal import Record
from .visit import Answer

T = TypeVar("T")
Result_co = TypeVar("Result_co", covariant=True)

MOST_SHOWN = 40
"""Records that are looked at for a page; the few that concern an administrator are among them."""


class Step(Protocol[Result_co]):
    """One call of the facade."""

    def take(self, oauth: MailUpOAuth) -> Result_co:
        """Make it."""
        ...

    async def take_async(self, oauth: AsyncMailUpOAuth) -> Result_co:
        """Make it and await it."""
        ...


Flow = Generator[Step[object], object, T]
"""A flow yields steps, is sent their results, is thrown their errors, and returns what it is for."""


def ask(step: Step[T]) -> Flow[T]:
    """Yield one step and return its result under the step's own type."""
    return cast("T", (yield step))


def run(flow: Flow[Answer], oauth: MailUpOAuth) -> Answer:
    """Take every step here, and return the answer."""
    try:
        step = next(flow)
        while True:
            try:
                result = step.take(oauth)
            except MailUpOAuthError as error:
                step = flow.throw(error)
            else:
                step = flow.send(result)
    except StopIteration as stop:
        return cast("Answer", stop.value)


async def run_async(flow: Flow[Answer], oauth: AsyncMailUpOAuth) -> Answer:
    """Await every step, and return the answer."""
    try:
        step = next(flow)
        while True:
            try:
                result = await step.take_async(oauth)
            except MailUpOAuthError as error:
                step = flow.throw(error)
            else:
                step = flow.send(result)
    except StopIteration as stop:
        return cast("Answer", stop.value)


@frozen
class Begin:
    """Begin an attempt."""

    connection: str
    about: About

    def take(self, oauth: MailUpOAuth) -> Start:
        """Return where to send the browser."""
        return oauth.begin(self.connection, **self.about)

    async def take_async(self, oauth: AsyncMailUpOAuth) -> Start:
        """Return where to send the browser."""
        return await oauth.begin(self.connection, **self.about)


@frozen
class Complete:
    """Finish an attempt with what the browser brought back."""

    query: Secret
    binding: Secret
    about: About

    def take(self, oauth: MailUpOAuth) -> Status:
        """Return how the connection stands."""
        return oauth.complete(f"?{self.query.reveal()}", binding=self.binding, **self.about)

    async def take_async(self, oauth: AsyncMailUpOAuth) -> Status:
        """Return how the connection stands."""
        return await oauth.complete(f"?{self.query.reveal()}", binding=self.binding, **self.about)


@frozen
class Disconnect:
    """Erase what is held."""

    connection: str
    about: About

    def take(self, oauth: MailUpOAuth) -> Farewell:
        """Return what is left to do."""
        return oauth.disconnect(self.connection, **self.about)

    async def take_async(self, oauth: AsyncMailUpOAuth) -> Farewell:
        """Return what is left to do."""
        return await oauth.disconnect(self.connection, **self.about)


@frozen(kw_only=True)
class Sight:
    """
    A connection as it stands.

    Attributes:
        records: The newest of its journal, oldest first.
        now: When it was looked at.
    """

    status: Status
    records: tuple[Record, ...]
    now: datetime


@frozen
class Look:
    """Look at a connection."""

    connection: str

    def take(self, oauth: MailUpOAuth) -> Sight:
        """Return how it stands, and what happened lately."""
        now, records = oauth.core.ports.clock.now(), oauth.recent(self.connection, MOST_SHOWN)
        return Sight(status=oauth.status(self.connection), records=records, now=now)

    async def take_async(self, oauth: AsyncMailUpOAuth) -> Sight:
        """Return how it stands, and what happened lately."""
        now, records = oauth.core.ports.clock.now(), await oauth.recent(self.connection, MOST_SHOWN)
        return Sight(status=await oauth.status(self.connection), records=records, now=now)
