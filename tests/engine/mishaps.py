"""What can become of a flow's step in place of what it asks for; ``Hands.plan`` takes these."""

from mailup_oauth import StoreUnavailable
from mailup_oauth.domain.errors import StoreCorrupted


def away(step, ports):
    """Fail as a store, or a spill, that is not there."""
    raise StoreUnavailable("away")


def damaged(step, ports):
    """Fail as a store that was changed by somebody else."""
    raise StoreCorrupted("torn")


def made_after_all(step, ports):
    """Make the change, and then fail as if it had not been made."""
    step.take(ports)
    raise StoreUnavailable("the answer was lost")


def as_usual(step, ports):
    """Take the step."""
    return step.take(ports)
