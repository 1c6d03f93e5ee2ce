"""What MailUp does when asked: events and a reply; the world is read and never changed."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final, assert_never

from .coin import key_of
from .commands import (
    AnswerConsent,
    AskElsewhere,
    AskIncompletely,
    AskInfo,
    AskTooMuch,
    AskUnknownGrant,
    AskWrongly,
    ChangeSwitches,
    Command,
    ExchangeCode,
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
    CallCounted,
    ContractLapsed,
    ContractSigned,
    Event,
    FamilyRevoked,
    FaultMet,
    FaultPlanned,
    SwitchesChanged,
)
from .faults import Done, Target
from .granting import Decision, exchange_code, refresh_tokens
from .replies import (
    InfoTold,
    NothingThere,
    OAuthError,
    Obeyed,
    Plain,
    Reply,
    ResourceRefused,
    Struck,
    TokenRefused,
    TooLarge,
    TooManyCalls,
    Trouble,
    WrongMethod,
)
from .visiting import answer_consent, open_log_on, post_credentials
from .world import AccessToken, Contract, FamilyStanding, Window, World

INCOMPLETE: Final = TokenRefused(OAuthError.INVALID_REQUEST, "A required parameter is missing")
UNKNOWN_GRANT: Final = TokenRefused(OAuthError.UNSUPPORTED_GRANT_TYPE, "The grant type is not supported")
_LIMITED_SPAN: Final = timedelta(seconds=1)


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
        case RefreshTokens():
            return _through_faults(world, Target.TOKEN, lambda: refresh_tokens(world, command))
        case AskUnknownGrant():
            return _through_faults(world, Target.TOKEN, lambda: ((), UNKNOWN_GRANT))
        case AskIncompletely():
            return _through_faults(world, Target.TOKEN, lambda: ((), INCOMPLETE))
        case AskInfo():
            return _through_faults(world, Target.RESOURCE, lambda: _info(world, command))
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
        case _ as never:
            assert_never(never)


def _through_faults(world: World, target: Target, ordinary: Callable[[], Decision]) -> tuple[tuple[Event, ...], Reply]:
    fault = next((fault for planned, fault in world.faults if planned is target), None)
    if fault is None:
        return ordinary()
    met = FaultMet(target, fault)
    events, reply = ordinary() if fault.done is Done.COMMITTED else ((), Obeyed())
    return (met, *events), Struck(fault=fault, reply=reply)


def _info(world: World, command: AskInfo) -> Decision:
    access = world.accesses.get(key_of(command.access_token))
    if access is None:
        return (), ResourceRefused(Trouble.BAD_TOKEN)
    if _has_ended(world, access, command.now):
        return (), ResourceRefused(Trouble.ACCESS_ENDED)
    user = world.users[world.families[access.family].username]
    window = _count(world, (user.username, command.path), command.now)
    counted = CallCounted(username=user.username, path=command.path, window=window)
    reply: Plain = InfoTold(user)
    if window.calls > world.switches.calls_per_second:
        reply = TooManyCalls(most=world.switches.calls_per_second, actual=window.calls)
    elif user.contract is Contract.UNSIGNED:
        reply = ResourceRefused(Trouble.CONTRACT_UNSIGNED)
    return (counted,), reply


def _has_ended(world: World, access: AccessToken, now: datetime) -> bool:
    return now - access.issued_at >= access.life or world.families[access.family].standing is FamilyStanding.ENDED


def _count(world: World, key: tuple[str, str], now: datetime) -> Window:
    window = world.windows.get(key)
    # A clock that was set back opens a new window, so that nobody is shut out until it has caught up.
    if window is None or not timedelta(0) <= now - window.opened_at < _LIMITED_SPAN:
        return Window(opened_at=now, calls=1)
    return Window(opened_at=window.opened_at, calls=window.calls + 1)


def _revoked(world: World, command: RevokeApplication) -> tuple[Event, ...]:
    families = (
        FamilyRevoked(family=one.name, effect=command.effect, at=command.now)
        for one in world.families.values()
        if (one.username, one.client_id) == (command.username, command.client_id)
    )
    revoked = ApplicationRevoked(username=command.username, client_id=command.client_id, at=command.now)
    return (revoked, *families)
