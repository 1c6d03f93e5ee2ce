"""How connections stand."""

from datetime import datetime

from django.core.management.base import CommandError
from django.utils.timezone import localtime

from mailup_oauth import MailUpOAuthError, Status
from mailup_oauth.adapters.web.django import oauth
from mailup_oauth.adapters.web.django.management.naming import NamingCommand


class Command(NamingCommand):
    """Print a line for each connection; sends nothing and changes nothing."""

    help = "Show how MailUp connections stand."

    def handle(self, *_: object, **options: object) -> None:
        """Print."""
        try:
            for name in self.named(options):
                self.stdout.write(_line(oauth().status(name)))
        except MailUpOAuthError as error:
            raise CommandError(str(error)) from None


def _line(status: Status) -> str:
    """Return what a person wants to know in one line."""
    user = f", MailUp user {status.user}" if status.user else ""
    until = f", access until {_shown(status.expires_at)}" if status.expires_at else ""
    return f"{status.connection}: {status.state}{user}{until}. {status.advice}"


def _shown(moment: datetime) -> str:
    """Return a moment in the project's own time zone, with its offset."""
    return localtime(moment).isoformat(sep=" ", timespec="seconds")
