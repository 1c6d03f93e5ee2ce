"""From settings to the facade of this process: made when it is first asked for, and again when a test changes settings."""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar, cast

from django.core.exceptions import ImproperlyConfigured
from django.core.signals import setting_changed

from ....client import AsyncMailUpOAuth, MailUpOAuth
from ....client.defaults import KEY_VARIABLE, Chosen
from ....domain.errors import KeyUnavailable
from ....domain.instants import NO_TIME
from ....ports import Spill, Store
from ...cipher.cobblestone import CobblestoneCipher
from ...cipher.keyfile import open_key_file
from ...cipher.keys import KeyRing, new_key
from ...cipher.marker import HmacMarker
from ...observe.log import LoggingObserver
from ...spill.folder import FolderSpill, folder_for
from ...spill.memory import MemorySpill
from . import reading
from .loans import loans_of

if TYPE_CHECKING:
    from .store import DjangoStore

Facade = TypeVar("Facade", MailUpOAuth, AsyncMailUpOAuth)

_FOLLOWED: Final = frozenset({reading.NAME, "DATABASES"})

_MADE: dict[int, MailUpOAuth] = {}
_MADE_ASYNC: dict[int, AsyncMailUpOAuth] = {}


def oauth() -> MailUpOAuth:
    """
    Return the one ``MailUpOAuth`` of this process, made of the settings.

    Raises:
        ImproperlyConfigured: ``manage.py check`` would tell of an error; so does this.
        KeyUnavailable: the key that seals the tokens is missing or must not be used.
        StoreUnavailable: the database cannot be asked whether a key may be made.
    """
    found = _MADE.get(os.getpid())
    return found or _MADE.setdefault(os.getpid(), _made(MailUpOAuth))


def aoauth() -> AsyncMailUpOAuth:
    """Return the one ``AsyncMailUpOAuth`` of this process, for views that await; same flights, raises as ``oauth``."""
    found = _MADE_ASYNC.get(os.getpid())
    return found or _MADE_ASYNC.setdefault(os.getpid(), _made(AsyncMailUpOAuth))


def follow_settings() -> None:
    """Make the facade anew after a test has changed what it is made of."""
    setting_changed.connect(_forget, dispatch_uid="mailup_oauth")


def _forget(*, setting: str, **_: object) -> None:
    """Forget what was made of other settings; a flight that is in the air lands all the same."""
    if setting in _FOLLOWED:
        made = _MADE.pop(os.getpid(), None)
        _MADE_ASYNC.pop(os.getpid(), None)
        if made is not None:
            made.close(patience=NO_TIME)


def _made(kind: "Callable[..., Facade]") -> "Facade":
    """Return a facade, if the settings have no error."""
    from .checks import first_error  # noqa: PLC0415  # this package is imported before the models are there

    problem = first_error()
    if problem:
        raise ImproperlyConfigured(problem)
    store, chosen = _store_and_ports()
    return kind(reading.registration(), store=store, provider=reading.provider(), policy=reading.policy(), **chosen)


def _store_and_ports() -> tuple[Store, Chosen]:
    """Return the project's own store or that of its database, and the ports that go with it."""
    from .observing import SignallingObserver  # noqa: PLC0415  # they want the models to be there

    brought = cast("Chosen", dict(reading.ports()))
    chosen: Chosen = {"observer": SignallingObserver(brought.get("observer") or LoggingObserver())}
    store, folder, ring = reading.store(), reading.spill(), reading.keys()
    if store is None:
        from .guard import DjangoGuard  # noqa: PLC0415
        from .store import DjangoStore  # noqa: PLC0415

        store = DjangoStore(reading.alias())
        chosen["guard"] = DjangoGuard(store.alias)
        chosen["spill"] = _spill(store)
        ring = ring or _ring(store)
    if folder is not None:
        chosen["spill"] = FolderSpill(folder)
    if ring is not None:
        chosen["cipher"], chosen["marker"] = CobblestoneCipher(ring), HmacMarker(ring)
    return store, {**chosen, **brought, "observer": chosen["observer"]}


def _spill(store: "DjangoStore") -> Spill:
    """Return where tokens wait that the database does not take: beside its file, or with this machine's user."""
    loans = loans_of(store.alias)
    if loans.is_in_memory:
        return MemorySpill()
    return FolderSpill(Path(f"{loans.file}.spill") if loans.file else folder_for(store.identity))


def _ring(store: "DjangoStore") -> KeyRing:
    """
    Return the keys beside a file of SQLite; for a test's database in memory, fresh ones.

    Raises:
        KeyUnavailable: the database is no file.
    """
    loans = loans_of(store.alias)
    if loans.is_in_memory:
        return KeyRing((new_key(),))
    if not loans.file:
        problem = (
            f"neither {reading.NAME}['KEYS'] nor {KEY_VARIABLE} is set, and no key is kept beside a server's database"
        )
        raise KeyUnavailable(problem)
    file = Path(f"{loans.file}.key")
    return open_key_file(file, may_create=not os.path.lexists(file) and _apart(store.is_empty))


def _apart(question: Callable[[], bool]) -> bool:
    """Return an answer that is found on a thread of its own, for an event loop may be running on this one."""
    with ThreadPoolExecutor(1) as other:
        return other.submit(question).result()
