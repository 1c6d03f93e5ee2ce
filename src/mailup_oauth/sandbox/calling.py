"""Decides what the API answers: who may call, how often, and what is told; it knows nothing of JSON or XML."""

from datetime import datetime, timedelta
from typing import Final, TypeVar, assert_never

from .accounts import Contract, MailUpUser, Recipient
from .coin import key_of
from .commands import AskResource
from .events import CallCounted, Event
from .lives import access_has_ended
from .replies import (
    Content,
    DetailsTold,
    InfoTold,
    ListsTold,
    Page,
    Plain,
    RecipientsTold,
    ResourceRefused,
    ResourceTold,
    TooManyCalls,
    Trouble,
)
from .resources import (
    Details,
    EmailContains,
    EmailIs,
    Everybody,
    Filter,
    Info,
    Lists,
    Paging,
    Recipients,
    Resource,
    Unreadable,
    operation,
)
from .world import Window, World

Decision = tuple[tuple[Event, ...], Plain]
Item = TypeVar("Item")

_LIMITED_SPAN: Final = timedelta(seconds=1)


def ask_resource(world: World, command: AskResource) -> Decision:
    """Tell the token's user what is asked, unless the token, the limiter, the contract or the rights forbid it."""
    access = world.accesses.get(key_of(command.access_token))
    if access is None:
        return (), ResourceRefused(Trouble.BAD_TOKEN)
    if access_has_ended(world, access, command.now):
        return (), ResourceRefused(Trouble.ACCESS_ENDED)
    user = world.users[world.families[access.family].username]
    method = operation(command.resource)
    window = _count(world, (user.username, method), command.now)
    counted = CallCounted(username=user.username, method=method, window=window)
    return (counted,), _answer(world, command, user, window)


def _answer(world: World, command: AskResource, user: MailUpUser, window: Window) -> Plain:
    if window.calls > world.switches.calls_per_second:
        return TooManyCalls(most=world.switches.calls_per_second, actual=window.calls)
    if user.contract is Contract.UNSIGNED:
        return ResourceRefused(Trouble.CONTRACT_UNSIGNED)
    content = _content(user, command.resource)
    return ResourceRefused(content) if isinstance(content, Trouble) else ResourceTold(content, command.form)


def _content(user: MailUpUser, resource: Resource) -> Content | Trouble:
    match resource:
        case Info():
            return InfoTold(user)
        case Details():
            return DetailsTold(user)
        case Lists(paging):
            return ListsTold(_page(user.lists, paging))
        case Recipients():
            return _recipients(user, resource)
        case Unreadable():
            return Trouble.BAD_PARAMETERS
        case _ as never:
            assert_never(never)


def _recipients(user: MailUpUser, asked: Recipients) -> Content | Trouble:
    found = next((one for one in user.lists if one.id == asked.list_id), None)
    if found is None:
        return Trouble.FORBIDDEN
    wanted = (one for one in found.recipients if one.subscription is asked.subscription)
    return RecipientsTold(_page(tuple(one for one in wanted if _passes(one, asked.only)), asked.paging))


def _passes(recipient: Recipient, only: Filter) -> bool:
    match only:
        case Everybody():
            return True
        case EmailContains(text):
            return text.lower() in recipient.email.lower()
        case EmailIs(text):
            return text.lower() == recipient.email.lower()
        case _ as never:
            assert_never(never)


def _page(items: tuple[Item, ...], paging: Paging) -> Page[Item]:
    skipped = paging.number * paging.size
    return Page(items=items[skipped : skipped + paging.size], paging=paging, skipped=skipped, total=len(items))


def _count(world: World, key: tuple[str, str], now: datetime) -> Window:
    window = world.windows.get(key)
    # A clock that was set back opens a new window, so that nobody is shut out until it has caught up.
    if window is None or not timedelta(0) <= now - window.opened_at < _LIMITED_SPAN:
        return Window(opened_at=now, calls=1)
    return Window(opened_at=window.opened_at, calls=window.calls + 1)
