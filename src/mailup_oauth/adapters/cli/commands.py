"""The commands and their options; what they do is in the modules beside this one, each loaded when it is asked for."""

from collections.abc import Callable, Sequence
from importlib.metadata import version
from inspect import BoundArguments
from pathlib import Path
from typing import Annotated, Final, Literal

from cyclopts import App, Parameter
from cyclopts.exceptions import UnknownCommandError, UnusedCliTokensError

from .exits import Exit, misused
from .options import FAULTS, NONE, ORDINARY, SWITCHES, Options, Output, Port, Text, Wishes, must_be_text
from .paper import Paper
from .settings import APP as NAME
from .settings import SANDBOX_PORT
from .streams import writing

JSON: Final = "--json"

ApiPath = Annotated[
    str, Parameter(help="Such as Authentication/Info or User/Lists, or a whole address of MailUp's API.")
]
Shell = Annotated[Literal["bash", "zsh", "fish"], Parameter(help="Which shell.")]
Connection = Annotated[Text, Parameter(help="Whose journal; @installation has its own.")]
Connections = Annotated[str, Parameter(validator=must_be_text, help="Whose journals; without a name, all.")]

app = App(
    name="mailup-oauth",
    help="Connect MailUp users, keep them connected, and prove it.",
    suppress_keyboard_interrupt=False,  # the door has an exit code for it
    default_parameter=Parameter(show_default=False),
)
audit = App(name="audit", help="Read and verify journals; needs no key and sends nothing.")
app.command(audit)


def obey(words: Sequence[str], paper: Paper) -> Exit:
    """
    Run the command that *words* ask for, but for ``--json``, which the door has read.

    Raises:
        CycloptsError: they ask for nothing that is known.
        Trouble: they ask for nothing at all.
    """
    command, bound, ignored = _parsed(words, paper)
    asked = getattr(command, "__func__", command)
    if asked is App.version_print:
        paper.result({"version": version(NAME)}, version(NAME))
        return Exit.OK
    if asked is App.help_print:
        return _helped(words, paper, lambda: command(*bound.args, **bound.kwargs))
    code: object = command(*bound.args, **bound.kwargs, **dict.fromkeys(ignored, paper))
    return code if isinstance(code, Exit) else Exit.OK


def _parsed(words: Sequence[str], paper: Paper) -> tuple[Callable[..., object], BoundArguments, dict[str, object]]:
    """Find the command and its arguments; where the parser's own words need its documentation, others are said."""
    try:
        return app.parse_args(words, exit_on_error=False, print_error=False)
    except UnusedCliTokensError as error:
        problem = f"There is no place for {' '.join(error.unused_tokens or ())}"
    except UnknownCommandError as error:
        [first, *_] = error.unused_tokens or [""]
        if not first.startswith("-"):
            raise
        problem = f"{first} stands where a command is expected; options stand behind it"
    raise misused(problem, paper.command)


def _helped(words: Sequence[str], paper: Paper, print_help: Callable[[], object]) -> Exit:
    """Print the help; where a program did not ask for it, a command is missing."""
    if paper.is_json and {*words}.isdisjoint(app.help_flags):
        raise misused("A command is missing", paper.command)
    with writing():
        print_help()
    return Exit.OK


def named(words: Sequence[str]) -> str:
    """Return the name of the command that *words* ask for; nothing if it is none."""
    chain, _, _ = app.parse_commands(words)
    return " ".join(chain)


@app.meta.default
def for_every_command(
    *words: Annotated[str, Parameter(show=False, allow_leading_hyphen=True)],
    json: Annotated[bool, Parameter(negative="", help="Print one JSON object, and complaints as another.")] = False,
) -> None:
    """Stand in the help of every command; the door reads it."""


@app.command
def login(*, options: Options = NONE, wishes: Wishes = ORDINARY, paper: Output) -> None:
    """Connect a MailUp user: log on in the browser, or paste the address that it ends at."""
    from .login import login as run  # noqa: PLC0415

    run(options.given(redirect_uri=wishes.redirect_uri), wishes, paper)


@app.command
def logout(
    *,
    options: Options = NONE,
    yes: Annotated[bool, Parameter(negative="", help="Do not ask first.")] = False,
    paper: Output,
) -> Exit:
    """Erase a connection's tokens here, and say where the authorization itself is ended."""
    from .standing import logout as run  # noqa: PLC0415

    return run(options.given(), paper, is_sure=yes)


@app.command
def status(*, options: Options = NONE, paper: Output) -> Exit:
    """Tell how all connections stand, or the one that is named; sends nothing."""
    from .standing import status as run  # noqa: PLC0415

    return run(options.given(), paper)


@app.command
def token(*, options: Options = NONE, paper: Output) -> None:
    """Print an access token, which is entered in the installation's journal; never asks anything."""
    from .handing import token as run  # noqa: PLC0415

    run(options.given(), paper)


@app.command
def header(*, options: Options = NONE, paper: Output) -> None:
    """Print the Authorization header for curl -H, which is entered in the installation's journal; never asks."""
    from .handing import header as run  # noqa: PLC0415

    run(options.given(), paper)


@app.command
def refresh(*, options: Options = NONE, paper: Output) -> None:
    """Refresh now, whatever the clock says."""
    from .handing import refresh as run  # noqa: PLC0415

    run(options.given(), paper)


@app.command
def call(path: ApiPath, /, *, options: Options = NONE, paper: Output) -> None:
    """Print what MailUp's API answers to a GET."""
    from .calling import call as run  # noqa: PLC0415

    run(options.given(), path, paper)


@app.command
def sandbox(
    *,
    scenario: Annotated[Path | None, Parameter(help="A TOML file that says what there is.")] = None,
    switch: Annotated[list[str] | None, Parameter(negative="", help=SWITCHES)] = None,
    fault: Annotated[list[str] | None, Parameter(negative="", help=FAULTS)] = None,
    port: Annotated[
        Port, Parameter(help="The port, 8400 unless told otherwise; 0 takes any that is free.")
    ] = SANDBOX_PORT,
    paper: Output,
) -> None:
    """
    Serve a MailUp on this machine, to try everything against, until it is stopped.

    A scenario can hold begins, [switches], [[applications]], [[users]] and [[faults]], each with the words that the
    options take; what is wrong or missing in it is told by its key, with what could stand there.
    """
    from .sandboxing import Wanted  # noqa: PLC0415
    from .sandboxing import sandbox as run  # noqa: PLC0415

    run(Wanted(file=scenario, switches=switch or (), faults=fault or ()), port or 0, paper)


@app.command
def demo(*, paper: Output) -> Exit:
    """Live through the whole life of a connection, against a sandbox on this machine; no account needed."""
    from .showing import demo as run  # noqa: PLC0415  # a third of all that would have to be loaded

    return run(paper)


@app.command
def doctor(
    *,
    options: Options = NONE,
    redirect_uri: Annotated[Text, Parameter(help="Where the browser comes back.")] = None,
    offline: Annotated[bool, Parameter(negative="", help="Do not ask MailUp for its time.")] = False,
    paper: Output,
) -> Exit:
    """Look at everything that has to be right, and say how to mend what is not."""
    from .doctor import doctor as run  # noqa: PLC0415

    return run(options.unchecked(redirect_uri=redirect_uri), paper, is_offline=offline)


@app.command
def graph(
    table: Annotated[
        Literal["states", "attempts", "work"], Parameter(help="Which table; states unless told otherwise.")
    ] = "states",
    /,
    *,
    mermaid: Annotated[bool, Parameter(negative="", help="As Mermaid text.")] = False,
    paper: Output,
) -> None:
    """Print the law that connections live by."""
    from .pictures import graph as run  # noqa: PLC0415

    run(table, paper, is_mermaid=mermaid)


@app.command
def completion(shell: Shell, /, *, paper: Output) -> None:
    """Print what teaches a shell to complete the commands."""
    script = app.generate_completion(shell=shell)
    paper.result({"shell": shell, "script": script}, *script.splitlines())


@audit.command
def show(connection: Connection = None, /, *, options: Options = NONE, paper: Output) -> None:
    """Print a journal as a timeline, as it stands there; whether it is genuine is told by ``verify``."""
    from .auditing import show as run  # noqa: PLC0415

    given = options.given()
    run(given, connection or given.settings.connection, paper)


@audit.command
def verify(*connections: Connections, options: Options = NONE, paper: Output) -> Exit:
    """Verify journals: chain, order, head, and the replay to the stored state."""
    from .auditing import verify as run  # noqa: PLC0415

    return run(options.given(), connections, paper)
