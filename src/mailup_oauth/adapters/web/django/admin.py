"""Connections and journals in Django's admin: to be looked at, never to be changed, and without a token in any form."""

import json
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar, Final
from urllib.parse import urlencode

from django.contrib import admin
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from ....client.standing import status_of
from ....client.values import Status
from ....domain.errors import StoreCorrupted
from ....domain.instants import END_OF_TIME
from ....journal import INSTALLATION, Record, decode_state, read_record
from ...clock.system import SystemClock
from ..words import lines
from .models import Connection, JournalRecord
from .reading import alias

if TYPE_CHECKING:
    _Connections = admin.ModelAdmin[Connection]
    _Journals = admin.ModelAdmin[JournalRecord]
else:
    _Connections = _Journals = admin.ModelAdmin

COUNTED: Final = 10_000
"""Rows that are counted, at most, to number the pages; whoever looks for more searches."""

UNREADABLE: Final = "unreadable"
"""What is shown of a row that this release cannot read; ``mailup_audit`` says more."""


class CountingSome(Paginator):
    """Pages of a table that may be large: counting all of its rows would take longer than showing some."""

    @cached_property
    def count(self) -> int:  # pyright: ignore[reportIncompatibleMethodOverride]  # Django's own is one too
        """Return how many rows there are, up to a number that is quickly counted."""
        return self.object_list[:COUNTED].count()


class Looking:
    """What an admin of things that only the library writes allows: to look, if a person may."""

    paginator: ClassVar = CountingSome
    show_full_result_count: ClassVar = False

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002  # as Django asks
        """Nobody may add one."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:  # noqa: ARG002
        """Nobody may change one."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:  # noqa: ARG002
        """Nobody may delete one."""
        return False


class DueFilter(admin.SimpleListFilter):
    """Connections by when their refresh is due, which has an index."""

    title: Any = _("next refresh")
    parameter_name = "due"

    def lookups(self, request: HttpRequest, model_admin: object) -> list[tuple[str, str]]:  # noqa: ARG002  # as Django asks
        """Return the choices."""
        return [("now", str(_("due"))), ("later", str(_("later"))), ("never", str(_("none")))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Connection]) -> QuerySet[Connection]:  # noqa: ARG002
        """Return the connections of the choice."""
        now = SystemClock().now()
        match self.value():
            case "now":
                return queryset.filter(due_at__lte=now)
            case "later":
                return queryset.filter(due_at__gt=now, due_at__lt=END_OF_TIME)
            case "never":
                return queryset.filter(due_at=END_OF_TIME)
            case _:
                return queryset


@admin.register(Connection)
class ConnectionAdmin(Looking, _Connections):
    """Connections as they stand."""

    list_display = ("name", "state", "user", "expires_at", "next_refresh", "owed", "changed")
    list_filter = (DueFilter,)
    search_fields = ("name__startswith",)
    search_help_text = _("the beginning of a name, as it is written")
    fields = (
        "name",
        "state",
        "user",
        "connected",
        "generation",
        "authorized_at",
        "expires_at",
        "next_refresh",
        "owed",
        "reason",
        "advice",
        "changed",
        "journal",
    )
    readonly_fields = fields[1:]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Connection]:
        """Return the connections of the database that they are kept in, whatever the project's routers say."""
        return super().get_queryset(request).using(alias())

    @admin.display(description=_("state"))
    def state(self, connection: Connection) -> str:
        """Return the name of the state."""
        return _status(connection).state

    @admin.display(description=_("MailUp user"), empty_value="-")
    def user(self, connection: Connection) -> str:
        """Return who authorized it."""
        return _status(connection).user

    @admin.display(description=_("connected"), boolean=True)
    def connected(self, connection: Connection) -> bool:
        """Say whether an authorization is held that is not known to be dead."""
        return _status(connection).connected

    @admin.display(description=_("refreshes"))
    def generation(self, connection: Connection) -> int:
        """Return how many refreshes the authorization has lived through."""
        return _status(connection).generation

    @admin.display(description=_("authorized"))
    def authorized_at(self, connection: Connection) -> datetime | None:
        """Return when the user authorized it."""
        return _status(connection).authorized_at

    @admin.display(description=_("access token ends"))
    def expires_at(self, connection: Connection) -> datetime | None:
        """Return until when the access token can be used."""
        return _status(connection).expires_at

    @admin.display(description=_("next refresh"), ordering="due_at")
    def next_refresh(self, connection: Connection) -> datetime | None:
        """Return when the next refresh is due; nothing if none is."""
        return None if connection.due_at == END_OF_TIME else connection.due_at

    @admin.display(description=_("last change"), ordering="written_at")
    def changed(self, connection: Connection) -> datetime:
        """Return when it was last written."""
        return connection.written_at

    @admin.display(description=_("open"))
    def owed(self, connection: Connection) -> str:
        """Return what is open."""
        return _status(connection).owed

    @admin.display(description=_("reason"))
    def reason(self, connection: Connection) -> str:
        """Return why."""
        return _status(connection).reason

    @admin.display(description=_("what to do"))
    def advice(self, connection: Connection) -> str:
        """Return what to do now."""
        return _status(connection).advice

    @admin.display(description=_("journal"))
    def journal(self, connection: Connection) -> str:
        """Return a link to the connection's journal."""
        address = reverse("admin:mailup_oauth_journalrecord_changelist")
        query = urlencode({"connection__exact": connection.name})
        return format_html('<a href="{}?{}">{}</a>', address, query, f"{connection.sequence} records")


@admin.register(JournalRecord)
class JournalRecordAdmin(Looking, _Journals):
    """The journals, newest first; or one of them, by the link on its connection's page."""

    list_display = ("connection_name", "sequence", "at", "event", "told", "actor", "correlation_id")
    list_display_links = ("sequence",)
    search_fields = ("connection_id__exact",)
    search_help_text = _("the name of a connection, in full")
    ordering = ("-id",)
    fields = ("connection_name", "sequence", "at", "event", "told", "actor", "reason", "correlation_id", "record")
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[JournalRecord]:
        """Return the records of the database that they are kept in."""
        return super().get_queryset(request).using(alias())

    @admin.display(description=_("connection"))
    def connection_name(self, row: JournalRecord) -> str:
        """Return whose journal it is."""
        return row.connection_id

    @admin.display(description=_("when"))
    def at(self, row: JournalRecord) -> datetime | None:
        """Return when it happened."""
        record = _record(row)
        return record.at if record else None

    @admin.display(description=_("event"))
    def event(self, row: JournalRecord) -> str:
        """Return the name of what happened."""
        record = _record(row)
        return type(record.event).__name__ if record else UNREADABLE

    @admin.display(description=_("in words"))
    def told(self, row: JournalRecord) -> str:
        """Return what an administrator is told of it."""
        record = _record(row)
        return next((line.sentence for line in lines((record,), 1)), "") if record else ""

    @admin.display(description=_("by"))
    def actor(self, row: JournalRecord) -> str:
        """Return who caused it."""
        record = _record(row)
        return record.actor if record else ""

    @admin.display(description=_("reason"))
    def reason(self, row: JournalRecord) -> str:
        """Return why."""
        record = _record(row)
        return record.reason if record else ""

    @admin.display(description=_("correlation id"))
    def correlation_id(self, row: JournalRecord) -> str:
        """Return what ties it to the application's logs."""
        record = _record(row)
        return record.correlation_id if record else ""

    @admin.display(description=_("record"))
    def record(self, row: JournalRecord) -> str:
        """Return the whole record, which holds no secret, as a person can read it."""
        if not _record(row):
            return UNREADABLE
        return format_html("<pre>{}</pre>", json.dumps(json.loads(bytes(row.line)), indent=2, ensure_ascii=False))


def _status(connection: Connection) -> Status:
    """Return how a connection stands, or that nobody can say, or that it is the journal of the installation itself."""
    if connection.name == INSTALLATION:
        return Status(connection=connection.name, state="-", connected=False)
    try:
        return status_of(connection.name, decode_state(bytes(connection.clear)), SystemClock().now())
    except StoreCorrupted:
        return Status(connection=connection.name, state=UNREADABLE, connected=False)


def _record(row: JournalRecord) -> Record | None:
    """Return a record; nothing if it cannot be read."""
    try:
        return read_record(bytes(row.line))
    except StoreCorrupted:
        return None
