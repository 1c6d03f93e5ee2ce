"""What ``app.config`` says below ``MAILUP_``, checked when the application is made; the client secret is put out of sight."""

from collections.abc import Callable
from difflib import get_close_matches
from pathlib import Path
from typing import Final, cast
from urllib.parse import unquote, urlsplit

from flask import Flask

from ....client import MailUpOAuth
from ....domain.errors import BadProvider, BadRegistration, StoreUnavailable
from ....domain.provider import MAILUP, Provider
from ....domain.registration import Registration
from ....domain.secret import Secret
from ....ports import Observer
from ...storage.sqlite import SqliteStore
from .. import reading as r

NAMESPACE: Final = "MAILUP_"
MOUNTING: Final = ("URL_PREFIX",)
MAKING: Final = ("CLIENT_ID", "CLIENT_SECRET", "REDIRECT_URI", "DATABASE", "PROVIDER")
"""What the facade is made of, where the application does not bring one."""
DATABASE: Final = "mailup.db"
PREFIX: Final = "/mailup"

_SECRET: Final = f"{NAMESPACE}CLIENT_SECRET"


def checked_prefix(app: Flask) -> str | None:
    """
    Return below which path the pages are mounted; ``None`` if the application mounts them itself.

    From here on the client secret in the config is a ``Secret``.

    Raises:
        BadRegistration: a setting is none, or is not what it should be; what is refused is not repeated.
    """
    _put_out_of_sight(app)
    for name in _names(app):  # values stay where they are: under a misspelt name one may be the secret
        if name not in (*MAKING, *MOUNTING):
            raise BadRegistration(_unknown(name))
    prefix = _config(app).get(f"{NAMESPACE}URL_PREFIX", PREFIX)
    if prefix is None or (isinstance(prefix, str) and prefix.startswith("/")):
        return prefix
    problem = f"{NAMESPACE}URL_PREFIX is neither a path that begins with a slash nor None"
    raise BadRegistration(problem)


def facade_of(app: Flask, observer: Observer) -> MailUpOAuth:
    """
    Return the facade that the config describes.

    Raises:
        BadRegistration: something is missing, is not what it should be, or cannot work.
        StoreUnavailable: there is no folder for the database.
        KeyUnavailable: the key that seals the tokens is missing or must not be used.
    """
    given = app.config.get_namespace(NAMESPACE, lowercase=False)
    registration = Registration(
        client_id=_text("CLIENT_ID", given.get("CLIENT_ID")),
        client_secret=_secret(given.get("CLIENT_SECRET")),
        redirect_uri=_text("REDIRECT_URI", given.get("REDIRECT_URI")),
    )
    provider = _provider(given.get("PROVIDER"))
    store = SqliteStore(_database(app, given.get("DATABASE")))
    return MailUpOAuth(registration, store=store, provider=provider, observer=observer)


def check_return(oauth: MailUpOAuth, prefix: str | None) -> None:
    """
    Refuse a redirect URI that does not lead to the pages.

    Raises:
        BadRegistration: nobody would be there when the browser comes back.
    """
    page = f"{(prefix or '').rstrip('/')}{r.COMPLETE}"
    if not unquote(urlsplit(oauth.core.setting.registration.redirect_uri).path).endswith(page):
        problem = f"the path of the redirect URI does not end in {page}, where the pages are mounted"
        raise BadRegistration(problem)


def _put_out_of_sight(app: Flask) -> None:
    """Replace the client secret in the config by a ``Secret``, so that whoever prints the config does not print it."""
    kind = type(_config(app).get(_SECRET))
    if issubclass(kind, str | int) and kind is not bool:  # from_prefixed_env reads digits as a number
        app.config[_SECRET] = Secret(str(_config(app)[_SECRET]))
    elif not (kind in {Secret, type(None)} or callable(_config(app)[_SECRET])):
        app.config[_SECRET] = None
        problem = f"{_SECRET} is of type {kind.__name__}; in an environment variable put it between double quotes"
        raise BadRegistration(problem)


def _config(app: Flask) -> dict[str, object]:
    """Return the config, which Flask has no types for; it holds other secrets too, so let no name stand for it."""
    return cast("dict[str, object]", app.config)


def _names(app: Flask) -> list[str]:
    """Return what stands below ``MAILUP_``, by name."""
    return [name.removeprefix(NAMESPACE) for name in _config(app) if name.startswith(NAMESPACE)]


def _unknown(name: str) -> str:
    """Return the sentence about a setting that there is not."""
    near = get_close_matches(name, (*MAKING, *MOUNTING), n=1, cutoff=0.5)
    hint = f"perhaps {NAMESPACE}{near[0]} is meant" if near else f"there are {', '.join((*MAKING, *MOUNTING))}"
    return f"{NAMESPACE}{name} is no setting of mailup_oauth; {hint}"


def _text(name: str, value: object) -> str:
    """Return a setting that must be text; digits of an environment variable come as a number."""
    if isinstance(value, str | int) and not isinstance(value, bool) and value != "":
        return str(value)
    problem = f"{NAMESPACE}{name} is not set" if value is None or value == "" else f"{NAMESPACE}{name} is not text"
    raise BadRegistration(problem)


def _secret(given: object) -> Secret | Callable[[], Secret]:
    """Return the client secret, or what asks the application's own secret manager for it."""
    if isinstance(given, Secret) and given != Secret(""):
        return given
    if callable(given):
        return _asking(cast("Callable[[], Secret | str]", given))
    problem = f"{_SECRET} is not set"
    raise BadRegistration(problem)


def _asking(source: Callable[[], Secret | str]) -> Callable[[], Secret]:
    """Return *source* as one that gives no bare text."""

    def ask() -> Secret:
        given = source()
        return given if isinstance(given, Secret) else Secret(given)

    return ask


def _provider(given: object) -> Provider:
    """Return MailUp, another server, or the sandbox at a base URL."""
    if given is None or isinstance(given, Provider):
        return given or MAILUP
    if isinstance(given, str):
        from ...serving.sandbox import provider_at  # noqa: PLC0415  # with it comes a whole web server

        try:
            return provider_at(given.rstrip("/"))
        except (BadProvider, ValueError):
            pass
    problem = f"{NAMESPACE}PROVIDER is neither a Provider nor a sandbox's address such as http://127.0.0.1:8400"
    raise BadRegistration(problem)


def _database(app: Flask, given: object) -> Path:
    """Return the file that the connections are kept in; a relative one is in the application's instance folder."""
    if given is not None and not isinstance(given, str | Path):
        problem = f"{NAMESPACE}DATABASE is no path"
        raise BadRegistration(problem)
    path = Path(app.instance_path, given or DATABASE)
    if not path.is_relative_to(app.instance_path):
        return path
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        trouble = f"its folder cannot be made ({error.strerror})"
    else:
        return path
    raise StoreUnavailable(trouble)
