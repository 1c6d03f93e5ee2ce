"""I7: when faults stop, everybody who asks gets a token that works, or hears, and truly, that only the user can help."""

from datetime import timedelta
from http import HTTPStatus
from typing import Final

from ...client import Status
from ...domain.attempts import AccountRule
from ...domain.errors import ReauthorizationRequired, TemporarilyUnavailable, TryLater
from ...domain.tokens import AccessToken
from ...engine import Start
from ...sandbox.commands import ChangeSwitches, SignContract
from ...sandbox.messages import Request, Response
from ...sandbox.router import INFO_PATH
from ...sandbox.switches import Switches
from .facts import Raised
from .founding import CONNECTIONS, PROCESSES, USERS, Keeping
from .referee import Violation
from .referee.saving import can_be_saved
from .town import Journey, Town

MOST_ASKED: Final = 8
"""How often somebody asks who comes again when they are told to."""

MOST_ASKED_BY_WRONG_CLOCKS: Final = 12
"""The same where a clock is wrong: by one that runs slow each wait ends early, and is followed by what is left of it."""

MOST_JOURNEYS: Final = 4
"""How many browsers come back once more."""

_HALF_A_DAY: Final = timedelta(hours=12)

_LONGEST: Final = timedelta(minutes=20)
"""The longest that any wait of the client lasts, the share that chance adds included."""


def make_peace(town: Town) -> None:
    """
    Let faults stop and whoever is under way arrive; then let everybody ask, browsers come back, users connect anew.

    Where a promise was broken already, there is no peace to be made.

    Raises:
        Violation: somebody waits for ever, or nobody can say what is to be done, or an audit finds fault.
    """
    if town.referee.has_spoken:
        return
    _let_faults_stop(town)
    for process in PROCESSES:
        for connection in CONNECTIONS:
            _insist(town, process, connection)
    for journey in town.journeys[-MOST_JOURNEYS:]:
        _come_back(town, journey)
    for connection, username in zip(CONNECTIONS, USERS, strict=True):
        _connect(town, connection, _user_of(town, connection) or username, AccountRule.SAME_USER)
        _connect(town, connection, username, AccountRule.ANY_USER)
    town.referee.audit(town.store)


def make_brief_peace(town: Town) -> None:
    """
    Let faults stop and whoever is under way arrive; let somebody on each machine ask, and users who are known come back.

    Raises:
        Violation: as for the long one.
    """
    _let_faults_stop(town)
    for connection in town.store.connections():
        for process in town.first_processes:
            _insist(town, process, connection)
    for journey in town.journeys[-1:]:
        _come_back(town, journey)
    for connection in town.store.connections():
        if username := _user_of(town, connection):
            _connect(town, connection, username, AccountRule.SAME_USER)
    town.referee.audit(town.store)


def _let_faults_stop(town: Town) -> None:
    """Mend everything that can be mended, and let everybody come to rest."""
    town.wire.mend()
    town.store.mend()
    for spill in town.spills:
        spill.mend()
    town.secret_manager.keeping = Keeping.WELL
    town.order(ChangeSwitches(Switches(old_refresh=town.mailup.world.switches.old_refresh)))
    for username in USERS:
        town.order(SignContract(username))
    town.rest()


def _insist(town: Town, process: str, connection: str) -> None:
    """Ask until there is an end, as somebody does who waits as they are told; it must be a token if it can be."""
    is_owed = can_be_saved(connection, town.mailup.world, town.referee.known)
    caller = town.token(process, connection)
    for _ in range(_most_asked(town)):
        answer = town.ended(caller)
        if isinstance(answer, AccessToken):
            if _is_taken(town, answer):
                return
            caller = town.reject(process, connection, answer)
        elif isinstance(answer, Raised) and isinstance(answer.problem, ReauthorizationRequired):
            if is_owed:
                raise Violation("I8", "an authorization was given up that MailUp would have renewed")
            return
        else:
            town.pass_time(_told_to_wait(answer))
            caller = town.token(process, connection)
    raise Violation("I7", f"after {_most_asked(town)} times of asking there is no end")


def _come_back(town: Town, journey: Journey) -> None:
    """
    Bring back what a browser brought, perhaps not for the first time, until it is said what has become of it.

    Where a clock was wrong that may take a day or two: so long tokens are held that look as if they could be asked with.
    """
    for _ in range(_most_asked(town)):
        answer = town.ended(town.complete(PROCESSES[0], journey))
        if not isinstance(answer, Raised) or not isinstance(answer.problem, TryLater):
            return
        wait = _told_to_wait(answer)
        town.pass_time(wait if town.referee.known.is_clock_right else max(wait, _HALF_A_DAY))
    raise Violation("I7", "nobody says what has become of an attempt")


def _user_of(town: Town, connection: str) -> str:
    """Return the name of the user whose a connection is known to be; nothing if nobody is known."""
    uid = town.referee.known.row(connection).user
    return next((name for name, user in town.mailup.world.users.items() if uid and user.uid == uid), "")


def _connect(town: Town, connection: str, username: str, rule: AccountRule) -> None:
    """Connect a user, as somebody does who waits as long as they are told."""
    for _ in range(_most_asked(town)):
        answer = town.ended(town.begin(PROCESSES[0], connection, rule))
        if isinstance(answer, Start):
            answer = town.ended(town.complete(PROCESSES[0], town.visit(answer, username)))
        if isinstance(answer, Status):
            return
        town.pass_time(_told_to_wait(answer))
    raise Violation("I7", "nobody can connect any more")


def _most_asked(town: Town) -> int:
    """Return how often somebody asks at most."""
    return MOST_ASKED if town.referee.known.is_clock_right else MOST_ASKED_BY_WRONG_CLOCKS


def _told_to_wait(answer: object) -> timedelta:
    """Return for how long a caller is to wait."""
    if isinstance(answer, Raised) and isinstance(answer.problem, TemporarilyUnavailable):
        return max(answer.problem.retry_after, timedelta(seconds=1))
    return _LONGEST


def _is_taken(town: Town, token: AccessToken) -> bool:
    """Say whether MailUp's API takes a token."""
    town.pass_time(timedelta(seconds=1))
    headers = (("authorization", f"Bearer {token.value.reveal()}"),)
    answer = town.mailup.handle(Request(method="GET", path=INFO_PATH, headers=headers))
    return isinstance(answer, Response) and answer.status == HTTPStatus.OK
