"""Keeps httpcore's log to the names of what happened while this library sends; it leaves everybody else's log alone."""

import logging
import threading
from collections.abc import Generator
from contextlib import contextmanager

_HERE = threading.local()


class _NamesOnly(logging.Filter):
    """
    Cuts the details off a record that belongs to a request of this library.

    At DEBUG httpcore writes the headers of the answer, which may set a session's cookie, and the words of what it could
    not read, which may be a body without its head, with tokens (security.md row 49).
    """

    def filter(self, record: logging.LogRecord) -> bool:
        """Let every record pass; of ``receive_response_headers.complete return_value=…`` let the first word."""
        if getattr(_HERE, "sending", False):
            record.msg, record.args = str(record.msg).partition(" ")[0], ()
        return True


logging.getLogger("httpcore.http11").addFilter(_NamesOnly())


@contextmanager
def hush() -> Generator[None, None, None]:
    """Keep details out of the log for what this thread does inside the ``with``; not to be nested."""
    _HERE.sending = True
    try:
        yield
    finally:
        _HERE.sending = False
