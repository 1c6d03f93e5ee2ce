"""What a judge is: it hears every fact after the chronicle has, and complains of what must not be."""

from typing import ClassVar, Protocol

from ..facts import Fact
from .chronicle import Chronicle


class Judge(Protocol):
    """Watches over one promise, or a few that belong together."""

    hears: ClassVar[frozenset[type[Fact]]]
    """The kinds of facts by which that promise can be broken; of others it need not hear."""

    def hear(self, fact: Fact, known: Chronicle) -> None:
        """
        Judge a fact by all that is known.

        Raises:
            Violation: a promise was broken.
        """
        ...
