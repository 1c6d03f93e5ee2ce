"""What MailUp does when asked: events and a reply; the world is read and never changed."""

from collections.abc import Callable
from datetime import timedelta
from typing import Final, assert_never

from .calling import ask_resource
from .commands import (
    AnswerConsent,
    AskElsewhere,
    AskIncompletely,
    AskResource,
    AskTooMuch,
    AskUnknownGrant,
    AskWrongly,
    BeginAgain,
    ChangeSwitches,
    Command,
    ExchangeCode,
    ExchangePassword,
    MoveClock,
    OpenLogOn,
    PlanFault,
    PostCredentials,
    RefreshTokens,
    RevokeApplication,
    SignContract,
    UnsignContract,
)
from .events import (
    ApplicationRevoked,
    BegunAgain,
    ClockMoved,
    ContractLapsed,
    ContractSigned,
    Event,
    FamilyRevoked,
    FaultMet,
    FaultPlanned,
    SwitchesChanged,
)
from .faults import Done, Target
from .granting import UNKNOWN_GRANT, Decision, exchange_code, exchange_password, refresh_tokens
from .replies import NothingThere, OAuthError, Obeyed, Reply, Struck, TokenRefused, TooLarge, WrongMethod
from .scenario import LATEST
from .visiting import answer_consent, open_log_on, post_credentials
from .world import World, begun

INCOMPLETE: Final = TokenRefused(OAuthError.INVALID_REQUEST, "A required parameter is missing")


def decide(world: World, command: Command) -> tuple[tuple[Event, ...], Reply]:  # noqa: C901, PLR0912  # one flat match
    """
    Return what happens and what is said when *world* meets *command*.

    Total: every command gets an answer, none raises.
    """
    match command:
        case OpenLogOn():
            return open_log_on(world, command)
        case PostCredentials():
            return post_credentials(world, command)
        case AnswerConsent():
            return answer_consent(world, command)
        case ExchangeCode():
            return _through_faults(world, Target.TOKEN, lambda: exchange_code(world, command))
        case ExchangePassword():
            return _through_faults(world, Target.TOKEN, lambda: exchange_password(world, command))
        case RefreshTokens():
            return _through_faults(world, Target.TOKEN, lambda: refresh_tokens(world, command))
        case AskUnknownGrant():
            return _through_faults(world, Target.TOKEN, lambda: ((), UNKNOWN_GRANT))
        case AskIncompletely():
            return _through_faults(world, Target.TOKEN, lambda: ((), INCOMPLETE))
        case AskResource():
            return _through_faults(world, Target.RESOURCE, lambda: ask_resource(world, command))
        case AskElsewhere():
            return (), NothingThere()
        case AskWrongly(allowed):
            return (), WrongMethod(allowed)
        case AskTooMuch():
            return (), TooLarge()
        case PlanFault(target, fault):
            return (FaultPlanned(target, fault),), Obeyed()
        case RevokeApplication():
            return _revoked(world, command), Obeyed()
        case SignContract(username):
            return (ContractSigned(username),) if username in world.users else (), Obeyed()
        case UnsignContract(username):
            return (ContractLapsed(username),) if username in world.users else (), Obeyed()
        case ChangeSwitches(switches):
            return (SwitchesChanged(switches),), Obeyed()
        case MoveClock():
            return _moved(command), Obeyed()
        case BeginAgain():
            return _begun(world, command), Obeyed()
        case _ as never:
            assert_never(never)


def _through_faults(world: World, target: Target, ordinary: Callable[[], Decision]) -> tuple[tuple[Event, ...], Reply]:
    fault = next((fault for planned, fault in world.faults if planned is target), None)
    if fault is None:
        return ordinary()
    met = FaultMet(target, fault)
    events, reply = ordinary() if fault.done is Done.COMMITTED else ((), Obeyed())
    return (met, *events), Struck(fault=fault, reply=reply)


def _moved(command: MoveClock) -> tuple[Event, ...]:
    span = min(command.span, LATEST - command.now)
    return (ClockMoved(span),) if span > timedelta(0) else ()


def _begun(world: World, command: BeginAgain) -> tuple[Event, ...]:
    return (BegunAgain(begun(command.scenario, system=command.now - world.ahead)),)


def _revoked(world: World, command: RevokeApplication) -> tuple[Event, ...]:
    families = (
        FamilyRevoked(family=one.name, effect=command.effect, at=command.now)
        for one in world.families.values()
        if (one.username, one.client_id) == (command.username, command.client_id)
    )
    revoked = ApplicationRevoked(username=command.username, client_id=command.client_id, at=command.now)
    return (revoked, *families)
