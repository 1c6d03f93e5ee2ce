"""Actions that go wrong: requests, the store, clocks, the application's secret, and MailUp itself."""

from datetime import timedelta

import attrs
from attrs import frozen

from ....domain.wire.http import SendingFault
from ....sandbox.commands import ChangeSwitches, Effect, RevokeApplication, SignContract, UnsignContract
from ....sandbox.faults import Target
from ...stage import CLIENT_ID
from ..facts import Befell
from ..founding import Keeping
from ..mishaps import Mishap
from ..store import Failing
from ..town import Town
from .actions import Action
from .catalogue import HABITS, TROUBLES


@frozen(kw_only=True)
class MeetTrouble(Action):
    """A coming request will meet a fault."""

    target: str
    trouble: str

    def play(self, town: Town) -> None:
        """Plan it."""
        town.wire.plan(Target(self.target), TROUBLES[self.trouble])

    def told(self) -> str:
        """Return it in words."""
        return f"the next request for {'tokens' if self.target == 'token' else 'the user'} will meet: {self.trouble}"


@frozen(kw_only=True)
class CutOff(Action):
    """A coming request will not leave."""

    fault: str

    def play(self, town: Town) -> None:
        """Plan it."""
        town.wire.cut_off(SendingFault(self.fault))

    def told(self) -> str:
        """Return it in words."""
        return f"the next request will not leave: {self.fault}"


@frozen(kw_only=True)
class FailStore(Action):
    """The store will fail at one of its next calls."""

    failing: str
    after: int

    def play(self, town: Town) -> None:
        """Plan it."""
        town.store.plan(Failing(self.failing), after=self.after)

    def told(self) -> str:
        """Return it in words."""
        return f"the store will fail once ({self.failing}), {self.after} such calls from here"


@frozen(kw_only=True)
class TakeStoreAway(Action):
    """The store is away for a while."""

    seconds: int

    def play(self, town: Town) -> None:
        """Take it away."""
        town.store.go_away(timedelta(seconds=self.seconds))

    def told(self) -> str:
        """Return it in words."""
        return f"the store takes no change for {self.seconds} seconds"


@frozen(kw_only=True)
class RefuseSpills(Action):
    """A machine's spill will keep nothing for a while."""

    host: int
    times: int

    def play(self, town: Town) -> None:
        """Plan it."""
        town.spills[self.host % len(town.spills)].plan(self.times)

    def told(self) -> str:
        """Return it in words."""
        return f"the spill of machine {self.host} will fail {self.times} times"


@frozen(kw_only=True)
class KeepSecret(Action):
    """The application's secret is kept in another way."""

    keeping: str

    def play(self, town: Town) -> None:
        """Keep it so."""
        town.secret_manager.keeping = Keeping(self.keeping)

    def told(self) -> str:
        """Return it in words."""
        return f"the application's secret is kept {self.keeping}"


@frozen(kw_only=True)
class SetClock(Action):
    """A machine's clock is set."""

    host: int
    seconds: int

    def play(self, town: Town) -> None:
        """Set it."""
        town.set_clock(timedelta(seconds=self.seconds), self.host % len(town.walls))

    def told(self) -> str:
        """Return it in words."""
        return f"the clock of machine {self.host} is set by {self.seconds} seconds"


@frozen(kw_only=True)
class LetDrift(Action):
    """A machine's clock runs at another pace."""

    host: int
    pace: int

    def play(self, town: Town) -> None:
        """Let it."""
        town.let_drift(self.pace, self.host % len(town.walls))

    def told(self) -> str:
        """Return it in words."""
        return f"the clock of machine {self.host} goes on by {self.pace} seconds in 1000 from here on"


@frozen(kw_only=True)
class TakeHabit(Action):
    """MailUp takes a habit."""

    habit: str

    def play(self, town: Town) -> None:
        """Let it."""
        present = town.mailup.world.switches
        town.order(ChangeSwitches(attrs.evolve(present, **HABITS[self.habit])))  # type: ignore[arg-type]  # told by name

    def told(self) -> str:
        """Return it in words."""
        return f"MailUp takes a habit: {self.habit}"


@frozen(kw_only=True)
class Revoke(Action):
    """A user takes the application's permission back."""

    user: str
    effect: str

    def play(self, town: Town) -> None:
        """Take it back."""
        _befall(town, self.user, Mishap.REVOKED)
        now = town.truth.now()
        town.order(RevokeApplication(username=self.user, client_id=CLIENT_ID, effect=Effect(self.effect), now=now))

    def told(self) -> str:
        """Return it in words."""
        return f"user {self.user} takes the permission back ({self.effect})"


@frozen(kw_only=True)
class Unsign(Action):
    """A user's contract with MailUp lapses, or is signed again."""

    user: str
    what: str

    def play(self, town: Town) -> None:
        """Let it lapse, or sign it."""
        if self.what == "sign":
            town.order(SignContract(self.user))
        else:
            _befall(town, self.user, Mishap.UNSIGNED)
            town.order(UnsignContract(self.user))

    def told(self) -> str:
        """Return it in words."""
        return f"the contract of user {self.user}: {self.what}"


def _befall(town: Town, user: str, mishap: Mishap) -> None:
    """Tell of a mishap for every connection of a user."""
    for connection in town.store.connections():
        if f"m{town.referee.known.row(connection).user}" == user:
            town.tell(Befell(mishap, connection))
