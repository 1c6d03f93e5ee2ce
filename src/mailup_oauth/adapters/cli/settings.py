"""What the command line is told once and for all: defaults, a TOML file, the environment, options; the last wins."""

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import attrs
import typed_settings
from attrs import field, frozen
from platformdirs import user_config_path, user_data_path
from typed_settings.loaders import DictLoader, EnvLoader

from ...domain.errors import BadProvider
from ...domain.provider import MAILUP, Provider
from ...domain.secret import Secret
from .again import DEFAULT_CONNECTION, Again, said
from .exits import Exit, Trouble

APP: Final = "mailup-oauth"
PREFIX: Final = "MAILUP_OAUTH_"
CONFIG_VARIABLE: Final = f"{PREFIX}CONFIG"
NO_SECRET: Final = Secret("")
_PATHS: Final = {"database", "client_secret_file"}
"""Settings that are paths; those in the file are relative to it."""

_OF_EVERY_COMMAND: Final = ("database", "server", "client_id")
"""Settings that are options of every command, beside the connection."""

SANDBOX_HOST: Final = "127.0.0.1"
SANDBOX_PORT: Final = 8400
"""Where ``mailup-oauth sandbox`` listens unless it is told another port."""

_HTTP: Final = 80  # RFC 9110 section 4.2.1
_PROXIES: Final = ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy")


def _secret(value: "str | Secret") -> Secret:
    """Return *value* as a secret."""
    return value if isinstance(value, Secret) else Secret(value)


@frozen(kw_only=True)
class Settings:
    """
    The settings.

    Attributes:
        client_id: The application, as MailUp knows it.
        client_secret: Its secret, if the environment has it; never an option, and not in the configuration file.
        client_secret_file: The file that has it otherwise.
        redirect_uri: Where the browser comes back; port 0 stands for any that is free.
        database: Where connections are kept; without one, in the user's data folder.
        connection: The connection that is meant.
        server: The base URL of another MailUp than the real one: a sandbox.
    """

    client_id: str = ""
    client_secret: Secret = field(default=NO_SECRET, converter=_secret)
    client_secret_file: str = ""
    redirect_uri: str = "http://127.0.0.1:0/callback"
    database: str = ""
    connection: str = DEFAULT_CONNECTION
    server: str = ""


NAMES: Final = tuple(one.name for one in attrs.fields(Settings))


@frozen(kw_only=True)
class Given:
    """
    The settings, and where each comes from.

    Attributes:
        origins: For each setting that somebody made: the option, the variable, or the file and key.
        file: The configuration file, whether or not there is one.
        again: What a person can be told to run about the same.
    """

    settings: Settings
    origins: Mapping[str, str]
    file: Path
    again: Again

    @property
    def database(self) -> Path:
        """Where connections are kept; those of another server are kept apart from MailUp's unless told otherwise."""
        if self.settings.database:
            return Path(self.settings.database).expanduser()
        return user_data_path(APP) / ("sandbox.db" if self.settings.server else "mailup.db")

    @property
    def provider(self) -> Provider:
        """MailUp, or the other one."""
        if not self.settings.server:
            return MAILUP
        from ..serving.sandbox import provider_at  # noqa: PLC0415  # with it comes a whole web server

        try:
            return provider_at(self.settings.server.rstrip("/"))
        except (BadProvider, ValueError):
            problem = "is not the base URL of a MailUp"
        raise self.wrong("server", problem, "Give an address such as http://127.0.0.1:8400 (http is for 127.0.0.1).")

    def way_there(self, environment: Mapping[str, str]) -> str:
        """Return what to do about a server that cannot be reached."""
        if self.settings.server:
            return _way_to(self.settings.server)
        proxies = [name for name in _PROXIES if environment.get(name)]
        return (
            f"This library goes without {proxies[0]}; let it reach MailUp itself." if proxies else "Mend the network."
        )

    def wrong(self, name: str, problem: str, remedy: str) -> Trouble:
        """Return the trouble with a setting, by the place where it was made."""
        place = self.origins.get(name, name)
        return Trouble(code="bad_setting", message=f"{place} {problem}.", remedy=remedy, exit=Exit.USAGE)


def load(options: Mapping[str, str | None], config: Path | None = None) -> Given:
    """
    Return the settings.

    Args:
        options: Those that were given on the command line; what is not, is ``None``.
        config: The configuration file, if it was named there.
    Raises:
        Trouble: a file that was named is not there, or it holds something else than settings.
    """
    file, is_named = _file(config)
    told = _told(file, is_named=is_named)
    chosen = {name: value for name, value in options.items() if value is not None}
    settings = typed_settings.load_settings(Settings, [DictLoader(told), EnvLoader(PREFIX), DictLoader(chosen)])
    from_environment = {name: variable(name) for name in NAMES if variable(name) in os.environ}
    from_options = {name: option(name) for name in chosen}
    origins = {**{name: f"{file}: {name}" for name in told}, **from_environment, **from_options}
    repeated = {"config": str(config)} if config else {}
    repeated |= {name: value for name, value in chosen.items() if name in _OF_EVERY_COMMAND}
    again = Again(
        options=tuple(word for name, value in repeated.items() for word in said(option(name), value)),
        connection=settings.connection,
        is_chosen="connection" in origins,
    )
    return Given(settings=settings, origins=origins, file=file, again=again)


def _way_to(server: str) -> str:
    """Return what to do about a server of somebody's own that cannot be reached; a sandbox is easily started."""
    parts = urlsplit(server)
    if (parts.scheme, parts.hostname) != ("http", SANDBOX_HOST):
        return f"Is a MailUp running at {server}?"
    port = "" if parts.port == SANDBOX_PORT else f" --port {parts.port or _HTTP}"
    return f"Is the sandbox running at {server}? Start it with: mailup-oauth sandbox{port}"


def option(name: str) -> str:
    """Return the option of a setting."""
    return f"--{name.replace('_', '-')}"


def variable(name: str) -> str:
    """Return the environment variable of a setting."""
    return f"{PREFIX}{name.upper()}"


def _file(config: Path | None) -> tuple[Path, bool]:
    """Return the configuration file, and whether somebody named it."""
    named = config or (Path(os.environ[CONFIG_VARIABLE]) if os.environ.get(CONFIG_VARIABLE) else None)
    return (named.expanduser(), True) if named else (user_config_path(APP) / "config.toml", False)


def _told(file: Path, *, is_named: bool) -> dict[str, str]:
    """Return what stands in the configuration file; nothing if nobody named one and there is none."""
    text = _text(file, is_named=is_named)
    try:
        told: dict[str, object] = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        problem = f"is not TOML: {error}"
    else:
        return {name: _value(file, name, value) for name, value in told.items()}
    raise _bad_file(file, problem, f'Mend it; a line of it is such as: connection = "{DEFAULT_CONNECTION}"')


def _text(file: Path, *, is_named: bool) -> str:
    """Return the text of the configuration file."""
    try:
        return file.read_text("utf-8")
    except FileNotFoundError:
        if not is_named:
            return ""
        problem = "is not there"
    except UnicodeDecodeError:
        problem = "is not UTF-8"
    except OSError as error:
        problem = f"cannot be read ({error.strerror})"
    raise _bad_file(file, problem, f"Give another with --config or {CONFIG_VARIABLE}, or make this one.")


def _value(file: Path, name: str, value: object) -> str:
    """Return one setting of the configuration file; what is refused is not repeated, for it may be a secret."""
    allowed = [one for one in NAMES if one != "client_secret"]
    if name == "client_secret":
        remedy = f"Put it into a file of its own and name that with client_secret_file, or set {variable(name)}."
        raise _bad_file(file, "holds client_secret, which does not belong there", remedy)
    if name not in allowed:
        raise _bad_file(file, f"has {name!r}, which is no setting", f"There are {', '.join(allowed)}.")
    if not isinstance(value, str):
        raise _bad_file(file, f"has another value than text for {name}", f'Write it in quotes: {name} = "…"')
    return str(file.parent / Path(value).expanduser()) if name in _PATHS and value else value


def _bad_file(file: Path, problem: str, remedy: str) -> Trouble:
    """Return the trouble with the configuration file."""
    return Trouble(code="bad_config", message=f"{file} {problem}.", remedy=remedy, exit=Exit.USAGE)


def secret_in(given: Given) -> Secret:
    """
    Return the client secret that the environment or its file has; an empty one if neither has.

    Raises:
        Trouble: the file cannot be read, or is empty.
    """
    settings = given.settings
    if settings.client_secret != NO_SECRET or not settings.client_secret_file:
        return settings.client_secret
    file = Path(settings.client_secret_file).expanduser()
    try:
        found = Secret(file.read_text("utf-8").strip())
    except OSError as error:
        problem = f"names a file that cannot be read ({error.strerror})"
    except UnicodeDecodeError:
        problem = "names a file that holds no text"
    else:
        if found != NO_SECRET:
            return found
        problem = "names an empty file"
    raise given.wrong("client_secret_file", problem, f"Put the client secret into {file}, and nothing else.")
