"""What a judge is: it hears every fact after the chronicle has, and complains of what must not be."""

from typing import Protocol

from ..facts import Fact
from .chronicle import Chronicle


class Judge(Protocol):
    """Watches over one promise, or a few that belong together."""

    def hear(self, fact: Fact, known: Chronicle) -> None:
        """
        Judge a fact by all that is known.

        Raises:
            Violation: a promise was broken.
        """
        ...
