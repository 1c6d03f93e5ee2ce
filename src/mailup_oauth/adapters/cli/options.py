"""The options that commands share, and what their values must be like."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Final

from attrs import asdict, frozen
from cyclopts import Parameter, Token

from ...sandbox.desk.words import FORMS, NotAWord, read_span, written_span
from .again import said
from .paper import Paper
from .settings import Given, load

PATIENCE: Final = timedelta(minutes=5)
"""How long a log-in waits for its answer unless told otherwise."""

Output = Annotated[Paper, Parameter(parse=False)]
"""What a command writes on; the door gives it."""

SWITCHES: Final = "A habit: " + ", ".join(
    f"{name}={'|'.join(forms)}" for name, forms in {**FORMS, "contract": ("signed", "unsigned")}.items()
)
"""What ``--switch`` says of itself."""

FAULTS: Final = (
    "What a request meets, once each, in this order: hang-up,done=committed|nothing; throttle,wait=told SPAN; "
    "gateway-page,status=200|500|502|503|504; redirect,location=URL; cut-body,keep=BYTES,ending=whole|cut; "
    "slow,delay=SPAN; each with target=resource if it is not for the token endpoint."
)
"""What ``--fault`` says of itself."""


def must_be_text(_: object, name: str | None) -> None:
    """Refuse a name that holds octets which are no characters, as a command line can."""
    if any("\ud800" <= char <= "\udfff" for char in name or ""):
        problem = "It must be text"
        raise ValueError(problem)


def must_be_a_port(_: object, port: int | None) -> None:
    """Refuse what is no port."""
    if port is not None and not 0 <= port <= 65_535:  # noqa: PLR2004  # RFC 9293 section 3.1: 16 bits
        problem = "A port is a number from 0 to 65535"
        raise ValueError(problem)


def read_patience(_: object, tokens: Sequence[Token]) -> timedelta:
    """Return the span that was given, such as ``5m``."""
    try:
        return read_span(tokens[0].value)
    except NotAWord as error:
        problem = str(error)
    raise ValueError(problem)


Text = Annotated[str | None, Parameter(validator=must_be_text)]
Port = Annotated[int | None, Parameter(validator=must_be_a_port)]
Span = Annotated[timedelta, Parameter(converter=read_patience)]


@Parameter(name="*")
@frozen(kw_only=True)
class Options:
    """
    The settings as options; each can stand in the configuration file or in the environment just as well.

    Attributes:
        config: The configuration file.
        connection: The connection that is meant.
        database: The SQLite file of the store.
        server: The base URL of another MailUp, such as a sandbox.
        client_id: The application's id.
    """

    config: Annotated[Path | None, Parameter(help="The configuration file.")] = None
    connection: Annotated[
        Text, Parameter(name=["--connection", "-c"], help="Which connection; default unless told otherwise.")
    ] = None
    database: Annotated[Text, Parameter(help="The file that connections are kept in.")] = None
    server: Annotated[Text, Parameter(help="Another MailUp: the address of a sandbox.")] = None
    client_id: Annotated[Text, Parameter(help="The application's id.")] = None

    def given(self, **more: str | None) -> Given:
        """
        Return the settings, with these options above all else.

        Raises:
            Trouble: one of them that every command reads cannot be.
        """
        told = self.unchecked(**more)
        _ = told.provider  # which also says where connections are kept
        return told

    def unchecked(self, **more: str | None) -> Given:
        """Return the same, though the server can be none; the configuration file has to be one."""
        told: Mapping[str, str | None] = asdict(self) | more
        return load({name: value for name, value in told.items() if name != "config"}, self.config)


NONE: Final = Options()


@Parameter(name="*")
@frozen(kw_only=True)
class Wishes:
    """
    How a person wants to log in.

    Attributes:
        redirect_uri: Where the browser comes back; ``None`` leaves it to the settings.
        browser: Whether a browser may be opened on this machine.
        port: The port for the answer; ``None`` leaves it to the redirect URI.
        timeout: How long the answer is waited for.
        allow_account_change: Whether another user may take the connected one's place.
    """

    redirect_uri: Annotated[Text, Parameter(help="Where the browser comes back.")] = None
    browser: Annotated[bool, Parameter(help="Open a browser, if one can be seen from here.")] = True
    port: Annotated[Port, Parameter(help="The port that the answer comes to.")] = None
    timeout: Annotated[Span, Parameter(help="How long the answer is waited for; 5m unless told otherwise.")] = PATIENCE
    allow_account_change: Annotated[bool, Parameter(negative="", help="Let another user take the place.")] = False

    @property
    def words(self) -> tuple[str, ...]:
        """What was wished, to be wished again."""
        return (
            *(said("--redirect-uri", self.redirect_uri) if self.redirect_uri is not None else ()),
            *(() if self.browser else ("--no-browser",)),
            *(("--port", str(self.port)) if self.port is not None else ()),
            *(("--timeout", written_span(self.timeout)) if self.timeout != PATIENCE else ()),
            *(("--allow-account-change",) if self.allow_account_change else ()),
        )


ORDINARY: Final = Wishes()
