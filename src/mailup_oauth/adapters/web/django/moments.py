"""A field for moments that means the same under every setting of time zones, from the first year to the last."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from django.db import models

if TYPE_CHECKING:
    _MomentField = models.Field[datetime, datetime]
else:
    _MomentField = models.Field

LENGTH = 32
"""Characters of a moment in ISO 8601, to the microsecond and with its zone."""


class MomentField(_MomentField):
    """
    A moment in UTC, kept as text that sorts as moments do.

    Django's own ``DateTimeField`` depends on ``USE_TZ`` and on the database's zone, and not every database driver reads the
    ends of time in every zone.
    """

    description = "A moment in UTC"

    def __init__(self, verbose_name: str | None = None, name: str | None = None, **options: object) -> None:
        options["max_length"] = LENGTH
        super().__init__(verbose_name, name, **options)

    def deconstruct(self) -> tuple[str, str, list[object], dict[str, object]]:
        """Return what a migration writes down; the length is ours."""
        name, path, args, options = super().deconstruct()
        del options["max_length"]
        return name, path, args, options

    def get_internal_type(self) -> str:
        """Return the kind of column."""
        return "CharField"

    def get_prep_value(self, value: datetime | str | None) -> str | None:
        """Return the text that is stored."""
        if value is None:
            return None
        return self.to_python(value).astimezone(UTC).isoformat(timespec="microseconds")

    def from_db_value(self, value: str | None, *_: object) -> datetime | None:
        """Return the moment that was stored."""
        return None if value is None else self.to_python(value)

    def to_python(self, value: datetime | str) -> datetime:
        """
        Return a moment.

        Raises:
            ValueError: it is none, or nobody knows of which zone.
        """
        moment = value if isinstance(value, datetime) else datetime.fromisoformat(value)
        if moment.tzinfo is None:
            problem = "a moment without a zone is none"
            raise ValueError(problem)
        return moment
