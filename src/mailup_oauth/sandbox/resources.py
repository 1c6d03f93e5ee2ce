"""What of the API can be asked, and where; it knows the addresses and no user."""

import re
from collections.abc import Mapping
from typing import Final, assert_never

from attrs import field, frozen
from attrs.validators import ge

from .accounts import Subscription

REST: Final = "/API/v1.1/Rest/ConsoleService.svc/"
INFO_PATH: Final = f"{REST}Console/Authentication/Info"
DETAILS_PATH: Final = f"{REST}Console/Authentication/Details"
LISTS_PATH: Final = f"{REST}Console/User/Lists"
DEFAULT_SIZE: Final = 20
"""Items of a page if nothing is said; ours, as nothing we could read tells MailUp's."""


@frozen(kw_only=True)
class Paging:
    """Which page of how many items is asked for; pages are numbered from 0."""

    number: int = field(default=0, validator=ge(0))
    size: int = field(default=DEFAULT_SIZE, validator=ge(1))


@frozen
class Everybody:
    """No filter."""


@frozen
class EmailContains:
    """Only recipients whose address contains *text*, in any case."""

    text: str


@frozen
class EmailIs:
    """Only recipients whose address is *text*, in any case."""

    text: str


Filter = Everybody | EmailContains | EmailIs
"""What of MailUp's ``filterby`` the sandbox understands."""


@frozen
class Info:
    """Who the token acts for."""


@frozen
class Details:
    """Who the token acts for, at length."""


@frozen
class Lists:
    """The user's lists."""

    paging: Paging


@frozen(kw_only=True)
class Recipients:
    """Who is on one of the user's lists, in one kind of subscription."""

    list_id: int
    subscription: Subscription
    paging: Paging
    only: Filter


@frozen
class Unreadable:
    """Something of the API, with parameters that cannot be read."""


Resource = Info | Details | Lists | Recipients | Unreadable


@frozen
class Elsewhere:
    """The address is not one of the API."""


_NUMBER: Final = re.compile(r"[0-9]{1,9}")
_CONTAINS: Final = re.compile(r"""\s*"?Email\.Contains\(\s*'([^']*)'\s*\)"?\s*""", re.IGNORECASE)
_EQUALS: Final = re.compile(r"""\s*"?Email\s*==\s*'([^']*)'"?\s*""", re.IGNORECASE)
_SUBSCRIPTIONS: Final = {one.value.lower(): one for one in Subscription}


def called(path: str, given: Mapping[str, str]) -> Resource | Elsewhere:
    """
    Return what of the API *path* is, asked with the parameters *given*.

    Behind the service's name, and in parameters' names, case does not matter: a Drupal module calls
    ``Recipients/subscribed``, and both ``PageNumber`` and ``pageNumber`` are in use.
    """
    if not path.startswith(REST):
        return Elsewhere()
    asked = {name.lower(): value for name, value in given.items()}
    match path.removeprefix(REST).lower().split("/"):
        case ["console", "authentication", "info"]:
            return Info()
        case ["console", "authentication", "details"]:
            return Details()
        case ["console", "user", "lists"]:
            paging = _paging(asked)
            return Lists(paging) if isinstance(paging, Paging) else paging
        case ["console", "list", number, "recipients", kind] if kind in _SUBSCRIPTIONS and _NUMBER.fullmatch(number):
            return _recipients(int(number), _SUBSCRIPTIONS[kind], asked)
        case _:
            return Elsewhere()


def _recipients(list_id: int, subscription: Subscription, asked: Mapping[str, str]) -> Recipients | Unreadable:
    paging, only = _paging(asked), _filter(asked.get("filterby", ""))
    if isinstance(paging, Unreadable) or isinstance(only, Unreadable):
        return Unreadable()
    return Recipients(list_id=list_id, subscription=subscription, paging=paging, only=only)


def _paging(asked: Mapping[str, str]) -> Paging | Unreadable:
    number, size = asked.get("pagenumber", "0"), asked.get("pagesize", str(DEFAULT_SIZE))
    if not (_NUMBER.fullmatch(number) and _NUMBER.fullmatch(size) and int(size)):
        return Unreadable()
    return Paging(number=int(number), size=int(size))


def _filter(text: str) -> Filter | Unreadable:
    if not text:
        return Everybody()
    if found := _CONTAINS.fullmatch(text):
        return EmailContains(found[1])
    if found := _EQUALS.fullmatch(text):
        return EmailIs(found[1])
    return Unreadable()


def operation(resource: Resource) -> str:
    """Return the API method that *resource* is a call of: what MailUp's rate limiter counts by."""
    match resource:
        case Info():
            return "Authentication/Info"
        case Details():
            return "Authentication/Details"
        case Lists():
            return "User/Lists"
        case Recipients(subscription=subscription):
            return f"List/Recipients/{subscription.value}"
        case Unreadable():
            return "unreadable"
        case _ as never:
            assert_never(never)
