"""Why a command was not obeyed: faults of the one who asks, or of the moment; never facts of the protocol."""

from datetime import timedelta

from attrs import frozen

from .errors import CallbackFault, DeathCause
from .states import Absence


@frozen(kw_only=True)
class NothingConnected:
    """No authorization is held."""

    reason: Absence


@frozen(kw_only=True)
class GrantIsDead:
    """Only the user can help."""

    cause: DeathCause


@frozen(kw_only=True)
class MustWait:
    """There is a reason not to ask MailUp before *remaining* has passed; the state's work says which."""

    remaining: timedelta


@frozen
class InProgress:
    """Somebody is at it; whoever holds the guard and still finds this, finds what a dead process left."""


@frozen
class StaleAnswer:
    """An answer to a question that is no longer open; whatever it brought is not used."""


@frozen
class TooManyAttempts:
    """Every attempt that is remembered is being exchanged right now."""


@frozen(kw_only=True)
class CallbackUnacceptable:
    """A callback that is not worth a line in this connection's journal: its attempt is unknown or flooded."""

    fault: CallbackFault


Refusal = NothingConnected | GrantIsDead | MustWait | InProgress | StaleAnswer | TooManyAttempts | CallbackUnacceptable
