"""The Observer port that sends Django's signals, and leaves no connection of a receiver's behind."""

from typing import Final

from django.db import connections
from django.dispatch import Signal

from ....domain import events as e
from ....ports import Notice, Observer
from .models import Connection
from .signals import connected, disconnected, needs_login, token_refreshed

SENT: Final[dict[str, Signal]] = {
    e.TokensIssued.__name__: connected,
    e.AuthorizationSalvaged.__name__: connected,
    e.TokensRefreshed.__name__: token_refreshed,
    e.GrantDied.__name__: needs_login,
    e.Disconnected.__name__: disconnected,
}
"""Which signal tells of which event."""


class SignallingObserver:
    """
    The Observer port as signals; safe for threads.

    Args:
        further: Who is told as well, and first.
    """

    def __init__(self, further: Observer) -> None:
        self._further = further

    def notice(self, notice: Notice) -> None:
        """Tell the other observer, then whoever is connected to the signal."""
        self._further.notice(notice)
        signal = SENT.get(notice.what)
        if signal is None:
            return
        before = _open()
        signal.send_robust(sender=Connection, connection=notice.connection, at=notice.at)  # logs what a receiver raises
        for alias in _open() - before:  # the thread of a token request ends, and nobody would close it
            connections[alias].close()


def _open() -> set[str]:
    """Return the databases that this thread has open."""
    return {one.alias for one in connections.all(initialized_only=True) if one.connection is not None}
