"""Refreshing by hand, or by a timer for connections that are seldom used."""

from collections.abc import Sequence

from django.core.management.base import CommandError, CommandParser

from mailup_oauth import MailUpOAuthError
from mailup_oauth.adapters.clock.system import SystemClock
from mailup_oauth.adapters.web.django import oauth
from mailup_oauth.adapters.web.django.management.naming import NamingCommand
from mailup_oauth.adapters.web.django.models import Connection
from mailup_oauth.adapters.web.django.reading import alias, is_given

ACTOR = "manage.py mailup_refresh"
"""Who did it, in the journal."""


class Command(NamingCommand):
    """Refresh the named connections, whatever the clock says, or those that are due."""

    help = "Refresh the access tokens of MailUp connections."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take names, or ``--due``."""
        super().add_arguments(parser)
        parser.add_argument("--due", action="store_true", help="those whose refresh is due, in place of names")

    def handle(self, *_: object, **options: object) -> None:
        """Refresh one after the other; what fails keeps the others from nothing."""
        if bool(options["names"]) is bool(options["due"]):
            problem = "Name connections, or say --due."
            raise CommandError(problem)
        failed = [name for name in (_due() if options["due"] else self.named(options)) if not self._is_refreshed(name)]
        if failed:
            problem = f"Not refreshed: {', '.join(failed)}."
            raise CommandError(problem)

    def _is_refreshed(self, name: str) -> bool:
        """Refresh a connection, and tell what came of it."""
        try:
            oauth().refresh(name, actor=ACTOR)
        except MailUpOAuthError as error:
            self.stderr.write(f"{name}: {error}")
            return False
        self.stdout.write(f"{name}: refreshed")
        return True


def _due() -> Sequence[str]:
    """Return the connections whose refresh is due, by the index of the table."""
    if is_given("STORE"):
        problem = "--due looks into the database, and STORE says that the connections are elsewhere."
        raise CommandError(problem)
    due = Connection.objects.using(alias()).filter(due_at__lte=SystemClock().now())
    return list(due.order_by("due_at").values_list("name", flat=True))
