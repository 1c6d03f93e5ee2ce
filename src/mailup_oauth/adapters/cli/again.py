"""The commands that a person is told to run: ready to be copied, and about what the present command is about."""

from shlex import join
from typing import Final, Self

from attrs import evolve, frozen

DEFAULT_CONNECTION: Final = "default"


def said(option: str, value: str) -> tuple[str, ...]:
    """Return an option and its value as words; a value that looks like an option is tied to its own."""
    return (f"{option}={value}",) if value.startswith("-") else (option, value)


@frozen(kw_only=True)
class Again:
    """
    How a command begins that reads the same settings as the present one.

    What stands in the environment or in the configuration file is there next time as well; what was an option is repeated.

    Attributes:
        options: The options of every command that this one was given, each with its value; but for the connection.
        wishes: Those that a log-in alone has.
        connection: The connection that is meant.
        is_chosen: Whether somebody chose it, so that the default one has to be named where it is meant.
    """

    options: tuple[str, ...] = ()
    wishes: tuple[str, ...] = ()
    connection: str = DEFAULT_CONNECTION
    is_chosen: bool = False

    def of_a_login(self, wishes: tuple[str, ...]) -> Self:
        """Return the same for a log-in with *wishes* of its own."""
        return evolve(self, wishes=wishes)

    def command(self, name: str, *more: str, connection: str | None = None) -> str:
        """
        Return the command with this name.

        Args:
            name: Such as ``login``.
            more: What it is told besides.
            connection: What it is about, if that is something else than the present command; empty for all.
        """
        meant = self.connection if connection is None else connection
        is_named = meant and (self.is_chosen or meant != DEFAULT_CONNECTION)
        words = said("-c", meant) if is_named else ()
        return join(("mailup-oauth", name, *words, *self.options, *(self.wishes if name == "login" else ()), *more))
