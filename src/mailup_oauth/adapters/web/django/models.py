"""The tables: connections, their journals, and what leads from a nonce to its connection."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from .moments import MomentField

LONGEST_NAME = 255


class Connection(models.Model):
    """
    One MailUp user's authorization, under the application's own name for it; written by ``DjangoStore`` alone.

    No column holds a secret in the clear: ``clear`` is the redacted state, ``sealed`` the encrypted credentials.
    """

    name = models.CharField(_("name"), max_length=LONGEST_NAME, primary_key=True)
    version = models.BigIntegerField(_("version"), help_text=_("Counts the commits, from 1."))
    clear = models.BinaryField(_("state, without secrets"))
    sealed = models.BinaryField(_("tokens, encrypted"))
    due_at = MomentField(_("next refresh"))
    sequence = models.BigIntegerField(_("journal records"))
    head = models.BinaryField(_("hash of the newest journal record"), max_length=32)
    written_at = MomentField(_("last change"))

    class Meta:
        """What people and the database call it."""

        verbose_name = _("connection")
        verbose_name_plural = _("connections")
        ordering: ClassVar = ["name"]
        indexes: ClassVar = [models.Index(fields=["due_at"], name="mailup_oauth_connection_due")]

    def __str__(self) -> str:
        return self.name


class JournalRecord(models.Model):
    """One line of a connection's journal, chained to the one before; free of secrets, and never changed."""

    connection = models.ForeignKey(
        Connection, on_delete=models.PROTECT, related_name="records", db_index=False, verbose_name=_("connection")
    )
    connection_id: str
    sequence = models.BigIntegerField(_("number"))
    line = models.BinaryField(_("record"))

    class Meta:
        """What people and the database call it."""

        verbose_name = _("journal record")
        verbose_name_plural = _("journal records")
        ordering: ClassVar = ["connection_id", "sequence"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["connection", "sequence"], name="mailup_oauth_journal_in_order")
        ]

    def __str__(self) -> str:
        return f"{self.connection_id} {self.sequence}"


class Nonce(models.Model):
    """What leads from the hash of a nonce that is on its way to the connection that sent it."""

    digest = models.CharField(_("SHA-256"), max_length=64, primary_key=True)
    connection = models.ForeignKey(
        Connection, on_delete=models.CASCADE, related_name="nonces", verbose_name=_("connection")
    )

    class Meta:
        """What people and the database call it."""

        verbose_name = _("pending attempt")
        verbose_name_plural = _("pending attempts")

    def __str__(self) -> str:
        return self.digest
