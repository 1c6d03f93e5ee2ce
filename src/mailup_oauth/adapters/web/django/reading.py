"""The one dictionary of settings, ``MAILUP_OAUTH``, as values of the library; no secret is held longer than it is needed."""

import os
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Final, TypeVar, cast

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest
from django.utils.module_loading import import_string

from ....client.defaults import KEY_VARIABLE
from ....domain.errors import BadProvider
from ....domain.policy import PRODUCTION, Policy
from ....domain.provider import MAILUP, Provider
from ....domain.registration import Registration
from ....domain.secret import Secret
from ....ports import Store
from ...cipher.keys import KeyRing, read_keys
from ..visit import Who

T = TypeVar("T")

Whom = Callable[[HttpRequest], Who | str | None]
"""What a project says of a request: who is signed in, and which connection is theirs."""

NAME: Final = "MAILUP_OAUTH"

WORDS: Final = (
    "CLIENT_ID",
    "CLIENT_SECRET",
    "REDIRECT_URI",
    "WHO",
    "KEYS",
    "DATABASE",
    "SPILL",
    "PROVIDER",
    "POLICY",
    "STORE",
    "PORTS",
)
"""Everything that may stand in it; docs/django.md says what each is for."""


def is_given(word: str) -> bool:
    """Say whether there is something under *word*."""
    return word in _all() and _all()[word] is not None


def is_callable(word: str) -> bool:
    """Say whether what stands under *word* is made only when it is needed."""
    return callable(_all().get(word))


def has_client_secret() -> bool:
    """Say whether there is a secret, or something that will return one."""
    return is_callable("CLIENT_SECRET") or (
        isinstance(_all().get("CLIENT_SECRET"), str | Secret) and _all()["CLIENT_SECRET"] != ""
    )


def alias() -> str:
    """Return which of ``DATABASES`` holds the connections."""
    return str(_all().get("DATABASE") or "default")


def registration() -> Registration:
    """
    Return the application's keys; the secret is looked up whenever it is sent.

    Raises:
        BadRegistration: they cannot work.
    """
    return Registration(client_id=_text("CLIENT_ID"), client_secret=client_secret, redirect_uri=_text("REDIRECT_URI"))


def client_secret() -> Secret:
    """
    Return the secret: the text or ``Secret`` that is there, or what a callable returns now.

    Raises:
        ImproperlyConfigured: there is none.
    """
    given = _called(_all().get("CLIENT_SECRET"))
    if isinstance(given, Secret):
        return given
    if isinstance(given, str) and given:
        return Secret(given)
    del given  # what is nearly a secret must not stand in a traceback
    problem = f"{NAME}['CLIENT_SECRET'] is neither text nor a Secret nor a callable that returns one"
    raise ImproperlyConfigured(problem)


def keys() -> KeyRing | None:
    """
    Return the keys that the settings or the environment hold, newest first; ``None`` if neither holds any.

    Raises:
        KeyUnavailable: one is no key.
        ImproperlyConfigured: they are no list.
    """
    if not is_given("KEYS"):
        return read_keys(os.environ[KEY_VARIABLE]) if os.environ.get(KEY_VARIABLE) else None
    if not is_list_of_text(_called(_all()["KEYS"])):
        problem = f"{NAME}['KEYS'] is not a list of text"
        raise ImproperlyConfigured(problem)
    return read_keys("\n".join(cast("Iterable[str]", _called(_all()["KEYS"]))))


def is_list_of_text(value: object) -> bool:
    """Say whether *value* is a list or tuple of nothing but text."""
    return isinstance(value, list | tuple) and all(isinstance(part, str) for part in cast("Iterable[object]", value))


def provider() -> Provider:
    """Return the authorization server, or the sandbox at a base URL; raises as ``_of_kind``."""
    server = _text("PROVIDER")
    if not server.startswith(("http://", "https://")):
        return _of_kind("PROVIDER", Provider, MAILUP)
    from ...serving.sandbox import provider_at  # noqa: PLC0415  # with it comes a whole web server

    try:
        return provider_at(server.rstrip("/"))
    except (BadProvider, ValueError):
        problem = f"{NAME}['PROVIDER'] is not the address of a sandbox, such as http://127.0.0.1:8400"
    raise ImproperlyConfigured(problem)


def policy() -> Policy:
    """Return the numbers; raises as ``_of_kind``."""
    return _of_kind("POLICY", Policy, PRODUCTION)


def spill() -> Path | None:
    """
    Return the folder for what the database does not take; ``None`` if the settings leave it to us.

    Raises:
        ImproperlyConfigured: it is no path.
    """
    if not is_given("SPILL"):
        return None
    place = _all()["SPILL"]
    if isinstance(place, str | os.PathLike):
        return Path(cast("str | os.PathLike[str]", place))
    problem = f"{NAME}['SPILL'] is neither a path nor text"
    raise ImproperlyConfigured(problem)


def store() -> Store | None:
    """
    Return the store that takes the place of the database; ``None`` if none does.

    Raises:
        ImproperlyConfigured: it cannot be imported.
    """
    if not is_given("STORE"):
        return None
    found = _named("STORE")
    return cast("Store", found() if isinstance(found, type) else found)


def ports() -> Mapping[str, object]:
    """
    Return the ports that the project brings itself, by their names.

    Raises:
        ImproperlyConfigured: they are no dictionary.
    """
    brought = _all().get("PORTS")
    if brought is None:
        return {}
    if isinstance(brought, Mapping):
        return cast("Mapping[str, object]", brought)
    problem = f"{NAME}['PORTS'] is not a dictionary"
    raise ImproperlyConfigured(problem)


def who() -> Whom | None:
    """
    Return what says who is signed in; ``None`` if Django's own users do.

    Raises:
        ImproperlyConfigured: it cannot be imported or called.
    """
    found = _named("WHO") if is_given("WHO") else None
    if found is None or callable(found):
        return cast("Whom | None", found)
    problem = f"{NAME}['WHO'] is not a callable that takes a request, nor a dotted path to one"
    raise ImproperlyConfigured(problem)


def given() -> object:
    """Return whatever stands under the one name; ``None`` if nothing does."""
    return cast("object", getattr(settings, NAME, None))


def _all() -> Mapping[str, object]:
    """Return the dictionary; an empty one where there is none."""
    found = given()
    return cast("Mapping[str, object]", found) if isinstance(found, Mapping) else {}


def _text(word: str) -> str:
    """Return what must be text; nothing where it is not, which no server accepts."""
    value = _all().get(word)
    return value if isinstance(value, str) else ""


def _called(value: object) -> object:
    """Return what *value* returns, if it can be called."""
    return cast("Callable[[], object]", value)() if callable(value) else value


def _named(word: str) -> object:
    """
    Return what stands under *word*, or what the dotted path there leads to.

    Raises:
        ImproperlyConfigured: it leads nowhere.
    """
    value = _all()[word]
    if not isinstance(value, str):
        return value
    try:
        return cast("object", import_string(value))
    except ImportError:
        problem = f"{NAME}[{word!r}] names {value!r}, which cannot be imported"
    raise ImproperlyConfigured(problem)


def _of_kind(word: str, kind: type[T], otherwise: T) -> T:
    """
    Return a value of the library.

    Raises:
        ImproperlyConfigured: it is another kind of thing.
    """
    value = _named(word) if is_given(word) else otherwise
    if isinstance(value, kind):
        return value
    problem = f"{NAME}[{word!r}] is not a {kind.__name__}, nor a dotted path to one"
    raise ImproperlyConfigured(problem)
