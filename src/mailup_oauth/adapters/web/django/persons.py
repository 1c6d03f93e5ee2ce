"""Who is signed in to the project, as ``MAILUP_OAUTH["WHO"]`` says it, or else Django's own users."""

from collections.abc import Awaitable, Callable
from typing import Any, TypeGuard, cast

from asgiref.sync import async_to_sync, iscoroutinefunction, sync_to_async
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest

from .. import visit as v
from . import reading

_Asked = Callable[[HttpRequest], object]


def person(request: HttpRequest) -> v.Who | None:
    """
    Return who is signed in, and which connection is theirs.

    Without a setting of its own, each user of ``django.contrib.auth`` has a connection, called by their primary key.

    Raises:
        ImproperlyConfigured: what the project says is nobody's name.
    """
    whom: _Asked = reading.who() or signed_in_user
    return _checked(async_to_sync(whom)(request) if is_awaited(whom) else whom(request))


async def aperson(request: HttpRequest) -> v.Who | None:
    """Return who is signed in, for views that await: whatever loads the user is let wait on a thread; raises as ``person``."""
    whom: _Asked = reading.who() or signed_in_user
    return _checked(await (whom(request) if is_awaited(whom) else sync_to_async(whom)(request)))


def signed_in_user(request: HttpRequest) -> str | None:
    """
    Return the primary key of Django's signed-in user.

    Raises:
        ImproperlyConfigured: they have none, so that all like them would share a connection.
    """
    user = cast("object", getattr(request, "user", None))
    if getattr(user, "is_authenticated", False) is not True:
        return None
    key = cast("object", getattr(user, "pk", None))
    if key is None:
        problem = f"the signed-in {type(user).__name__} has no primary key; let {reading.NAME}['WHO'] say who they are"
        raise ImproperlyConfigured(problem)
    return str(key)


def is_awaited(called: Callable[..., object]) -> "TypeGuard[Callable[..., Awaitable[Any]]]":
    """Say whether what the project brings is a coroutine function, or what Django marks as one, which Python 3.11 cannot."""
    return iscoroutinefunction(called)  # pyright: ignore[reportDeprecated]  # since Python 3.14


def _checked(said: object) -> v.Who | None:
    """
    Return what a project said of a request.

    Raises:
        ImproperlyConfigured: it is another kind of thing, such as the number of a user.
    """
    if said is None or isinstance(said, v.Who | str):
        return v.person(said)
    problem = f"{reading.NAME}['WHO'] returned neither a Who nor text nor None, but a value of {type(said).__name__}"
    raise ImproperlyConfigured(problem)
