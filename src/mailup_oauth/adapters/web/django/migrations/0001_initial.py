"""Connections, their journals, and the way from a nonce to its connection."""

import django.db.models.deletion
from django.db import migrations, models

from mailup_oauth.adapters.web.django.moments import MomentField


class Migration(migrations.Migration):
    """The tables of the first release."""

    initial: bool | None = True
    dependencies = []  # noqa: RUF012  # as every migration has it
    operations = [  # noqa: RUF012
        migrations.CreateModel(
            name="Connection",
            fields=[
                ("name", models.CharField(max_length=255, primary_key=True, serialize=False, verbose_name="name")),
                ("version", models.BigIntegerField(help_text="Counts the commits, from 1.", verbose_name="version")),
                ("clear", models.BinaryField(verbose_name="state, without secrets")),
                ("sealed", models.BinaryField(verbose_name="tokens, encrypted")),
                ("due_at", MomentField(verbose_name="next refresh")),
                ("sequence", models.BigIntegerField(verbose_name="journal records")),
                ("head", models.BinaryField(max_length=32, verbose_name="hash of the newest journal record")),
                ("written_at", MomentField(verbose_name="last change")),
            ],
            options={
                "verbose_name": "connection",
                "verbose_name_plural": "connections",
                "ordering": ["name"],
                "indexes": [models.Index(fields=["due_at"], name="mailup_oauth_connection_due")],
            },
        ),
        migrations.CreateModel(
            name="Nonce",
            fields=[
                (
                    "digest",
                    models.CharField(max_length=64, primary_key=True, serialize=False, verbose_name="SHA-256"),
                ),
                (
                    "connection",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="nonces",
                        to="mailup_oauth.connection",
                        verbose_name="connection",
                    ),
                ),
            ],
            options={"verbose_name": "pending attempt", "verbose_name_plural": "pending attempts"},
        ),
        migrations.CreateModel(
            name="JournalRecord",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("sequence", models.BigIntegerField(verbose_name="number")),
                ("line", models.BinaryField(verbose_name="record")),
                (
                    "connection",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="records",
                        to="mailup_oauth.connection",
                        verbose_name="connection",
                    ),
                ),
            ],
            options={
                "verbose_name": "journal record",
                "verbose_name_plural": "journal records",
                "ordering": ["connection_id", "sequence"],
                "constraints": [
                    models.UniqueConstraint(fields=("connection", "sequence"), name="mailup_oauth_journal_in_order")
                ],
            },
        ),
    ]
