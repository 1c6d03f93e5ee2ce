"""The one complaint of ``evolve``: this event cannot have happened there."""

from attrs import frozen

from ..errors import MailUpOAuthError


@frozen
class ImpossibleEvent(MailUpOAuthError):
    """
    An event that the tables do not allow; a journal that holds one is not a journal of this machine.

    Attributes:
        event: The event's kind.
        met: What it met.
    """

    event: str
    met: str

    def __str__(self) -> str:
        return f"{self.event} cannot happen to {self.met}"


def impossible(event: object, met: object) -> ImpossibleEvent:
    """Return the complaint about two values, by their kinds only."""
    return ImpossibleEvent(type(event).__name__, type(met).__name__)
