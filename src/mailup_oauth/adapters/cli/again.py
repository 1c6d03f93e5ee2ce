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

    What was an option is repeated; what stands in the environment or in the configuration file is there next time as well.
    The connection is named wherever it was chosen, so that whoever reads the command sees whom it is about.

    Attributes:
        options: The options of every command that this one was given, each with its value; but for the connection.
        wishes: Those that a log-in alone has.
        connection: The connection that is meant.
        is_chosen: Whether an option, the environment or the file names one; then the default one has to be named, too.
    """

    options: tuple[str, ...] = ()
    wishes: tuple[str, ...] = ()
    connection: str = DEFAULT_CONNECTION
    is_chosen: bool = False

    def of_a_login(self, wishes: tuple[str, ...]) -> Self:
        """Return the same for a log-in with *wishes* of its own."""
        return evolve(self, wishes=wishes)

    def command(self, name: str, connection: str | None = None) -> str:
        """
        Return the command with this name.

        Args:
            name: Such as ``login``.
            connection: The one that it is about, if that is another one.
        """
        meant = self.connection if connection is None else connection
        words = said("-c", meant) if self.is_chosen or meant != DEFAULT_CONNECTION else ()
        return join(("mailup-oauth", name, *words, *self.options, *(self.wishes if name == "login" else ())))
