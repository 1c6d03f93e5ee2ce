"""An observer that writes a line to the ``mailup_oauth`` logger of the standard library."""

import logging

from ...ports import Notice

LOGGER = logging.getLogger("mailup_oauth")
LOGGER.addHandler(logging.NullHandler())


class LoggingObserver:
    """The Observer port as log lines at INFO; safe for threads.  A notice holds no secret."""

    def notice(self, notice: Notice) -> None:
        """Write one line, with the connection's name escaped against injected lines."""
        LOGGER.info("%s %s", notice.what, ascii(notice.connection))
