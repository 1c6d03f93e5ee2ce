"""
What an extension tells the rest of an application, after it is stored; the sender is the application.

Every signal comes with ``connection``, the connection's name, and ``at``, when it happened.  ``disconnected`` is sent on
the thread that asked for it; the others on the thread of a token request, which is nobody's request: be quick there.  A
receiver runs inside an application context of its own, may be ``async`` where Flask's views may, and what it raises is
logged and dropped.
"""

import logging
from collections.abc import Callable
from typing import Any, Final
from weakref import WeakSet

from blinker import Namespace, Signal
from flask import Flask

from ....domain import events as e
from ....ports import Notice, Observer
from ...observe.log import LoggingObserver

_NAMESPACE: Final = Namespace()
_LOG: Final = logging.getLogger("mailup_oauth.web")

connected: Final = _NAMESPACE.signal("mailup-connected", "A user's authorization is there, for the first time or anew.")
token_refreshed: Final = _NAMESPACE.signal("mailup-token-refreshed", "There is a new access token.")
needs_login: Final = _NAMESPACE.signal(
    "mailup-needs-login", "No refresh will give tokens any more; only the user can help."
)
disconnected: Final = _NAMESPACE.signal("mailup-disconnected", "The tokens were erased here.")

SENT: Final[dict[str, Signal]] = {
    e.TokensIssued.__name__: connected,
    e.AuthorizationSalvaged.__name__: connected,
    e.TokensRefreshed.__name__: token_refreshed,
    e.GrantDied.__name__: needs_login,
    e.Disconnected.__name__: disconnected,
}
"""Which signal tells of which event."""


class Signals:
    """
    The Observer port as signals of every application that joined; safe for threads.

    Args:
        further: Who is told as well, and first; the log unless told otherwise.
    """

    def __init__(self, further: Observer | None = None) -> None:
        self._further = further or LoggingObserver()
        self._apps: WeakSet[Flask] = WeakSet()

    def join(self, app: Flask) -> None:
        """Let *app* be a sender for as long as it lives."""
        self._apps.add(app)

    def notice(self, notice: Notice) -> None:
        """Tell the other observer, then whoever is connected to the signal."""
        self._further.notice(notice)
        signal = SENT.get(notice.what)
        if signal is None or signal.is_muted:
            return
        for app in tuple(self._apps):
            for receiver in tuple(signal.receivers_for(app)):
                _tell(app, receiver, notice)


def _tell(app: Flask, receiver: Callable[..., Any], notice: Notice) -> None:
    """Tell one receiver; whatever becomes of it, the others are told too, and the flight goes on."""
    try:
        with app.app_context():
            app.ensure_sync(receiver)(app, connection=notice.connection, at=notice.at)
    except Exception as error:  # noqa: BLE001  # an application's receiver may raise anything
        name = getattr(receiver, "__qualname__", type(receiver).__qualname__)
        _LOG.error("a receiver of signals failed: %s raised %s", name, type(error).__name__, exc_info=error)
