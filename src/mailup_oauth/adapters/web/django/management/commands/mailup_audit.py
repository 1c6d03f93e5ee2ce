"""The proof that journals are what was written."""

from django.core.management.base import CommandError

from mailup_oauth import MailUpOAuthError
from mailup_oauth.adapters.web.django import oauth
from mailup_oauth.adapters.web.django.management.naming import NamingCommand
from mailup_oauth.client.proof import told, verified
from mailup_oauth.journal import Verified


class Command(NamingCommand):
    """Verify journals against the stored states; needs no key, sends nothing and changes nothing."""

    help = "Verify the journals of MailUp connections."

    def handle(self, *_: object, **options: object) -> None:
        """Print a verdict for each, and fail if one of them is broken."""
        broken: list[str] = []
        try:
            for name in self.named(options):
                verdict = verified(oauth().core.ports.store, name)
                self.stdout.write(f"{name}: {told(verdict)}")
                broken += [] if isinstance(verdict, Verified) else [name]
        except MailUpOAuthError as error:
            raise CommandError(str(error)) from None
        if broken:
            problem = f"Broken: {', '.join(broken)}."
            raise CommandError(problem)
