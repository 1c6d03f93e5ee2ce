"""An application that is set up by its environment, under the names that the command line knows too."""

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final, Protocol, TypeVar

from ...domain.errors import BadRegistration
from ...domain.provider import MAILUP, Provider
from ...domain.registration import Registration
from ...domain.secret import Secret
from ...ports import Store

Facade_co = TypeVar("Facade_co", covariant=True)

PREFIX: Final = "MAILUP_OAUTH_"


class Kind(Protocol[Facade_co]):
    """``MailUpOAuth`` or ``AsyncMailUpOAuth``."""

    def __call__(self, registration: Registration, *, store: Store, provider: Provider) -> Facade_co:
        """Return the facade over a store."""
        ...


def from_environment(kind: Kind[Facade_co], environment: Mapping[str, str] | None = None) -> Facade_co:
    """
    Return a facade that is set up by the environment.

    ``MAILUP_OAUTH_CLIENT_ID``, ``MAILUP_OAUTH_CLIENT_SECRET`` (or ``MAILUP_OAUTH_CLIENT_SECRET_FILE``, which is read
    whenever it is needed), ``MAILUP_OAUTH_REDIRECT_URI`` and ``MAILUP_OAUTH_DATABASE`` have no defaults: what a
    deployment loses, its users have to authorize again.  ``MAILUP_OAUTH_SERVER`` names a sandbox, and
    ``MAILUP_OAUTH_KEY`` the keys, if they are not to be beside the database.

    Args:
        kind: Which facade.
        environment: The process's own unless told otherwise.
    Raises:
        BadRegistration: something is missing, or cannot work.
    """
    from ..storage.sqlite import SqliteStore  # noqa: PLC0415  # adapters are loaded when used

    given = Given(os.environ if environment is None else environment)
    del environment  # a traceback shows what names stand for
    registration = Registration(
        client_id=given.needed("CLIENT_ID"), client_secret=_secret(given), redirect_uri=given.needed("REDIRECT_URI")
    )
    database = Path(given.needed("DATABASE")).expanduser()
    return kind(registration, store=SqliteStore(database), provider=_provider(given.perhaps("SERVER")))


class Given:
    """An environment that no traceback shows, because there are secrets in it that are not ours either."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment

    def perhaps(self, name: str) -> str:
        """Return one of our settings; an empty text if nobody made it."""
        return self._environment.get(f"{PREFIX}{name}", "")

    def needed(self, name: str) -> str:
        """
        Return one of our settings.

        Raises:
            BadRegistration: nobody made it.
        """
        value = self.perhaps(name)
        if not value:
            problem = f"{PREFIX}{name} is not set"
            raise BadRegistration(problem)
        return value


def _secret(given: Given) -> Secret | Callable[[], Secret]:
    """Return the client secret, or what reads it from its file each time, so that it can be changed there."""
    file = given.perhaps("CLIENT_SECRET_FILE")
    if given.perhaps("CLIENT_SECRET") or not file:
        return Secret(given.needed("CLIENT_SECRET"))
    path = Path(file).expanduser()
    _read(path)  # so that a mistake is told at the start
    return lambda: _read(path)


def _read(path: Path) -> Secret:
    """Return the secret in a file."""
    try:
        found = Secret(path.read_text("utf-8").strip())
    except (OSError, UnicodeDecodeError):
        found = Secret("")
    if found == Secret(""):
        problem = f"{PREFIX}CLIENT_SECRET_FILE names a file that holds no secret or cannot be read"
        raise BadRegistration(problem)
    return found


def _provider(server: str) -> Provider:
    """Return MailUp, or a sandbox."""
    if not server:
        return MAILUP
    from ..serving.sandbox import provider_at  # noqa: PLC0415  # with it comes a whole web server

    return provider_at(server.rstrip("/"))
