"""What somebody is told who asked the application for something that it could not have from MailUp."""

from datetime import timedelta
from math import ceil
from typing import Final

from attrs import frozen

from ...client.core import Core
from ...domain import errors as er
from ...domain.errors import MailUpOAuthError
from . import words as w
from .pages import told_page
from .visit import Answer, Visit, shown

SHORTFALLS: Final[tuple[type[MailUpOAuthError], ...]] = (
    er.ReauthorizationRequired,
    er.ContractNotSigned,
    er.ClientRejected,
    er.ServerNotTrusted,
    er.StorageError,
    er.TryLater,
)
"""What a request of an authorized client raises where the program itself is not at fault."""

CONFLICT: Final = 409
"""
The status for whoever has to do something at MailUp first, and can then ask again (RFC 9110 section 15.5.10).

401 would send them to the application's own log-in, and 403 say that asking again is of no use.
"""
UNAVAILABLE: Final = 503


@frozen(kw_only=True)
class Shortfall:
    """
    Why something could not be had.

    Attributes:
        status: The HTTP status.
        code: The error's own, for programs.
        word: The one of ``words.TOLD``.
        connects: Whether connecting to MailUp would help.
        retry_after: How long to wait before asking again does any good.
    """

    status: int
    code: str
    word: str
    connects: bool = False
    retry_after: timedelta = timedelta()

    @property
    def message(self) -> str:
        """A sentence for people; it tells nothing of files and servers."""
        told = w.TOLD[self.word]
        return f"{told.title}. {told.text}"

    def headers(self) -> dict[str, str]:
        """Return the headers that go with it."""
        seconds = ceil(self.retry_after.total_seconds())
        return {"Retry-After": str(seconds)} if seconds else {}

    def detail(self, visit: Visit) -> dict[str, str]:
        """Return it for programs; where connecting would help, with the path of the page that begins it."""
        told = {"code": self.code, "message": self.message, "reference": visit.reference}
        return {**told, "connect": visit.places.status} if self.connects else told


NOT_CONNECTED: Final = Shortfall(status=CONFLICT, code="not_connected", word=w.NEEDED, connects=True)
"""Why a page that wants a connection is not shown to whoever has none."""


def shortfall(error: MailUpOAuthError) -> Shortfall:
    """Return what *error*, which is one of ``SHORTFALLS``, means for whoever asked."""
    word = w.word_for(error)
    match error:
        case er.ReauthorizationRequired():
            return Shortfall(status=CONFLICT, code=error.code, word=w.NEEDED, connects=True)
        case er.ContractNotSigned():
            return Shortfall(status=CONFLICT, code=error.code, word=word)
        case er.TemporarilyUnavailable() | er.StillRefreshing() | er.ServerNotTrusted():
            return Shortfall(status=UNAVAILABLE, code=error.code, word=word, retry_after=error.retry_after)
        case _:
            return Shortfall(status=UNAVAILABLE, code=error.code, word=word)


def page_of(short: Shortfall, core: Core, visit: Visit) -> Answer:
    """Return the page for people; where connecting would help, with the button that begins it."""
    page = told_page(w.TOLD[short.word], visit, core.setting.provider, begins=short.connects)
    return shown(short.status, page.body, page.policy, page.referrer)
