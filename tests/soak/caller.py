"""One connection as one process uses it, by a thread or by a task: whatever the caller is told, the soak is told."""

from contextlib import contextmanager
from random import Random
from time import monotonic

from user import visited

from mailup_oauth import CallbackRefused, ReauthorizationRequired, TryLater
from mailup_oauth.domain.errors import CallbackFault
from mailup_oauth.ports import Absent

TOLD_EVERY = 10
"""Tokens after which the soak is told of them."""
ANEW = 2.0
"""Seconds, on average, after which a caller of a connection that may be authorized anew does that, in place of using it."""


class Caller:
    """
    Uses one connection.

    Args:
        name: The connection.
        store: Where it is; only the length of its journal is looked at.
        say: Tells the soak.
        may_begin: Whether its user authorizes it anew now and then, though nothing is wrong.
    """

    def __init__(self, name, store, say, *, may_begin=False):
        self.name, self.store, self.say, self.may_begin = name, store, say, may_begin
        self.chance = Random()  # noqa: S311  # when to begin anew
        self.due = monotonic() + self.chance.uniform(0, 2 * ANEW)
        self.served, self.attempt, self.is_first = 0, "", True

    @contextmanager
    def hearing(self):
        """Hear how the one call inside the ``with`` ends; losing the authorization, and having to wait, are part of it."""
        self.attempt, since = "", self._recorded()
        try:
            yield
        except TimeoutError:  # the caller's own, who may not even have begun to ask
            return
        except TryLater:
            pass
        except ReauthorizationRequired as error:
            self._tell(error.reason.value, since)
        except CallbackRefused as error:
            if error.reason is not CallbackFault.NONCE_UNKNOWN:  # other attempts may have taken the place of this one
                self.say(complaint=f"{self.name}: {error!r}")
        except Exception as error:  # noqa: BLE001  # whatever it is, the soak must hear of it
            self.say(complaint=f"{self.name}: {error!r}")
        else:
            self._count()
        if self.is_first:
            self.is_first = False
            self.say(asked=self.name)

    def begins_anew(self):
        """Say whether the user authorizes the connection now, in place of its use."""
        if not self.may_begin or monotonic() < self.due:
            return False
        self.due += self.chance.uniform(0, 2 * ANEW)
        return True

    def visited(self, start):
        """Let the user go where *start* says, and return the address that the browser comes back to."""
        self.attempt = start.attempt
        return visited(start.url.reveal(), self.name)

    def close(self):
        """Tell the soak what it has not been told of yet."""
        self.say(served=self.served)

    def _recorded(self):
        """Return how many records the journal has."""
        row = self.store.load(self.name)
        return 0 if isinstance(row, Absent) else row.sequence

    def _tell(self, reason, since):
        """Tell the soak that only the user can help, and how long the journal was before and after the call."""
        told = {"connection": self.name, "reason": reason, "since": since, "until": self._recorded()}
        self.say(told={**told, "attempt": self.attempt})

    def _count(self):
        """Count a token."""
        self.served += not self.attempt
        if self.served == TOLD_EVERY:
            self.close()
            self.served = 0
