"""What the commands have in common: which connections are meant, and that what a program does is said to be a program's."""

from collections.abc import Sequence
from typing import cast

from django.core.management.base import BaseCommand, CommandError, CommandParser

from mailup_oauth.adapters.web.django import oauth
from mailup_oauth.domain.errors import StorageError
from mailup_oauth.journal import INSTALLATION


class NamingCommand(BaseCommand):
    """A command about some connections, or about all."""

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the names."""
        parser.add_argument("names", nargs="*", metavar="NAME", help="a connection; all of them if none is named")

    def named(self, options: dict[str, object]) -> Sequence[str]:
        """
        Return the connections that are meant.

        Raises:
            CommandError: one of them is not there, or the store cannot be asked.
        """
        wanted = cast("list[str]", options["names"])
        try:
            stored = oauth().core.ports.store.connections()
        except StorageError as error:
            raise CommandError(str(error)) from None
        unknown = sorted({*wanted} - {*stored})
        if unknown:
            problem = f"There is no connection {', '.join(map(ascii, unknown))}."
            raise CommandError(problem)
        return wanted or [name for name in stored if name != INSTALLATION]
