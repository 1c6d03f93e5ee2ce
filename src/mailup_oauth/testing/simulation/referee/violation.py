"""What a referee says when a promise was not kept."""

from attrs import frozen


@frozen
class Violation(AssertionError):
    """
    A promise was broken.

    Attributes:
        invariant: Its number in docs/reliability.md.
        what: What was seen, without any secret.
    """

    invariant: str
    what: str

    def __str__(self) -> str:
        return f"{self.invariant}: {self.what}"
