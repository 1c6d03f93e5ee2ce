"""What Django is told of the app when it starts."""

from django.apps import AppConfig


class MailUpOAuthConfig(AppConfig):
    """The app as ``INSTALLED_APPS`` knows it."""

    name = "mailup_oauth.adapters.web.django"
    label = "mailup_oauth"
    verbose_name = "MailUp connections"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Have the settings checked, and follow those that tests change."""
        from . import checks, making  # noqa: PLC0415  # they want the models to be there

        checks.enlist()
        making.follow_settings()
