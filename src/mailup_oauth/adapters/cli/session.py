"""One command's use of the library: the store and the client that the settings name, and a clean end of both."""

import getpass
import os
import sys
from collections.abc import Callable, Generator
from contextlib import closing, contextmanager
from pathlib import Path
from pwd import getpwuid
from typing import Final, Unpack

from attrs import evolve

from ...client import MailUpOAuth
from ...client.core import checked
from ...client.sync import About
from ...domain.errors import BadConnection, BadRegistration, MailUpOAuthError, TemporarilyUnavailable
from ...domain.registration import Registration
from ...domain.secret import Secret
from ...domain.tokens import AccessToken
from ...domain.wire.http import SendingFault
from ...engine import FLIGHTS
from ...journal import Context
from ..storage.sqlite import SqliteStore
from .exits import SECRET_MISSING, Exit, Trouble, trouble_of
from .paper import Paper
from .settings import NO_SECRET, Given, secret_in

NOWHERE = "http://127.0.0.1/callback"
"""The redirect URI of commands that send no browser anywhere."""

_NO_WAY: Final = {fault.value for fault in SendingFault} | {"code-not-sent"}
"""Why a request did not leave, in the words of ``TemporarilyUnavailable.cause``."""

NOBODY = Registration(client_id="nobody", client_secret=NO_SECRET, redirect_uri=NOWHERE)
"""The application of commands that ask MailUp nothing."""


class Client(MailUpOAuth):
    """The library as the command line uses it, which may also hand tokens out."""

    def hand_out(self, connection: str, *, to: str, **about: Unpack[About]) -> AccessToken:
        """Return a token to be used outside of the library, once the installation's journal tells of it."""
        token = self.access_token(connection)
        self._core.hand_out(connection, token, to, Context(**about))
        return token


@contextmanager
def client(given: Given, registration: Registration, paper: Paper) -> Generator[Client, None, None]:
    """
    Lend a client over the store of the settings, and tell whatever it raises as a person at a terminal needs it.

    A request that is under way when the command is interrupted is waited for, so that no token is lost.
    """
    try:
        store = SqliteStore(given.database)
        with Client(registration, store=store, provider=given.provider) as oauth:
            try:
                yield oauth
            except KeyboardInterrupt:
                if FLIGHTS.aloft(store.identity):
                    paper.aside("A request is under way; its answer is waited for, so that no token is lost.")
                raise
    except MailUpOAuthError as error:
        trouble = _trouble(error, given)
    else:
        return
    raise trouble


def _trouble(error: MailUpOAuthError, given: Given) -> Trouble:
    """Return what *error* means at a terminal, and where MailUp cannot be reached, what to do about the way there."""
    trouble = trouble_of(error, given.again)
    if isinstance(error, TemporarilyUnavailable) and error.cause in _NO_WAY:
        return evolve(trouble, remedy=f"{trouble.remedy} {given.way_there(os.environ)}")
    return trouble


@contextmanager
def stored(given: Given) -> Generator[SqliteStore, None, None]:
    """Lend the store of the settings, for looking."""
    try:
        with closing(SqliteStore(given.database)) as store:
            yield store
    except MailUpOAuthError as error:
        trouble = trouble_of(error, given.again)
    else:
        return
    raise trouble


def connection_of(given: Given) -> str:
    """
    Return the connection that is meant.

    Raises:
        Trouble: no connection can have this name.
    """
    try:
        return checked(given.settings.connection)
    except BadConnection as error:
        trouble = trouble_of(error)
    raise trouble


def connected(given: Given) -> str:
    """
    Return the connection that is meant, if there is a store that could have it; looking must not make one.

    Raises:
        Trouble: there is none, or no connection can have this name.
    """
    connection = connection_of(given)
    if given.database.is_file():
        return connection
    raise Trouble(
        code="not_connected",
        message=f"No MailUp user is connected here: there is no database {given.database}.",
        remedy=f"Run: {given.again.command('login')}",
        exit=Exit.LOGIN_NEEDED,
    )


def registered(given: Given, client_secret: Callable[[], Secret], redirect_uri: str = NOWHERE) -> Registration:
    """
    Return the application's keys.

    Raises:
        Trouble: one of them is missing, or cannot work.
    """
    client_id = given.settings.client_id
    if not client_id:
        remedy = "Set MAILUP_OAUTH_CLIENT_ID, client_id in the configuration file, or --client-id."
        raise Trouble(code="client_id_missing", message="The client id is not set.", remedy=remedy)
    try:
        return Registration(client_id=client_id, client_secret=client_secret, redirect_uri=redirect_uri)
    except BadRegistration as error:
        name, _, problem = error.problem.partition(" ")
    remedy = "Copy it from MailUp's Developer's corner." if name == "client_id" else "Give another redirect_uri."
    raise given.wrong(name.removesuffix("'s"), problem, remedy)


def prompted(given: Given, *, may_ask: bool) -> Registration:
    """
    Return the application's keys for a request; whatever else is wrong with them is told before anybody is asked.

    Args:
        given: The settings.
        may_ask: Whether the secret is needed, so that a person may be asked for it.
    Raises:
        Trouble: one of them is missing, or cannot work.
    """
    registered(given, lambda: NO_SECRET)
    return registered(given, asked_secret(given) if may_ask else silent_secret(given))


def silent_secret(given: Given) -> Callable[[], Secret]:
    """Return what gives the client secret without asking anybody; it is looked for when it is needed."""

    def look() -> Secret:
        found = secret_in(given)
        if found == NO_SECRET:
            raise SECRET_MISSING
        return found

    return look


def asked_secret(given: Given) -> Callable[[], Secret]:
    """
    Return what gives the client secret; a person at a terminal is asked for it now, if nothing else has it.

    Raises:
        Trouble: nobody has it.
    """
    found = secret_in(given)
    if found == NO_SECRET and is_terminal(sys.stdin):
        found = Secret(getpass.getpass("Client secret (it is not shown): ").strip())
    if found == NO_SECRET:
        raise SECRET_MISSING
    return lambda: found


def is_terminal(stream: object) -> bool:
    """Say whether a person sits at *stream*, which a program may have closed or replaced."""
    asking = getattr(stream, "isatty", None)
    return bool(asking and not getattr(stream, "closed", False) and asking())


def somebody(user: int) -> str:
    """Return what the user with this number is called, for the journal; in a container they often have no name."""
    try:
        return getpwuid(user).pw_name
    except KeyError:
        return f"user-{user}"


def prepared(database: Path) -> None:
    """
    Make the folder of the database, for its owner alone, where there is none.

    Raises:
        Trouble: it cannot be made.
    """
    try:
        database.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        problem = f"The folder {database.parent} cannot be made ({error.strerror})."
    else:
        return
    raise Trouble(code="store_unavailable", message=problem, remedy="Make it, or name another place with --database.")
