"""What ``manage.py check`` says of the settings: what is wrong, and what to do about it; never a value that may be secret."""

from collections.abc import Callable, Iterator
from difflib import get_close_matches
from typing import Final, cast
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.core.checks import ERROR, CheckMessage, Error, Warning, register  # noqa: A004  # so Django calls it
from django.core.exceptions import ImproperlyConfigured
from django.urls import NoReverseMatch, reverse

from ....client.defaults import KEY_VARIABLE, Chosen
from ....domain.addresses import is_loopback
from ....domain.errors import BadRegistration, KeyUnavailable, StoreUnavailable
from ....domain.registration import Registration
from ...spill.folder import FolderSpill, folder_for
from . import reading
from .copies import VENDORS
from .loans import Loans, loans_of

TAG: Final = "mailup_oauth"
"""What ``manage.py check --tag`` calls these."""

_HERE: Final = reading.NAME
_KEY_HINT: Final = (
    "Make one with: python -c 'from mailup_oauth.adapters.cipher.keys import new_key; print(new_key().text())'"
)


def enlist() -> None:
    """Have Django ask them."""
    register(check_settings, TAG)
    register(check_deployment, TAG, deploy=True)


def first_error() -> str:
    """Return the first error as a sentence with its remedy; empty if there is none."""
    found = next((message for message in _all() if message.level >= ERROR), None)
    return f"{found.msg} {found.hint} ({found.id})" if found else ""


def check_settings(**_: object) -> list[CheckMessage]:
    """Return what is wrong with the settings; asks no database and no server."""
    return [*_all(), *(() if next(_shape(), None) else _pages())]


def check_deployment(**_: object) -> list[CheckMessage]:
    """Return what is right for developing and wrong for serving customers."""
    return [] if next(_shape(), None) else [*_redirect_uri_at_home(), *_spill_by_default()]


def _all() -> Iterator[CheckMessage]:
    """Yield every message that does not depend on where the project runs."""
    missing = next(_shape(), None)
    if missing:
        yield missing
        return
    for found in (_words, _registration, _values, _ports):
        yield from found()
    if not reading.is_given("STORE"):
        for about in (_database, _transactions, _keys):
            yield from about(loans_of(reading.alias()))
    yield from _spill()


def _shape() -> Iterator[CheckMessage]:
    """E001: there is a dictionary at all."""
    if not isinstance(reading.given(), dict):
        hint = f"Add {_HERE} = {{'CLIENT_ID': ..., 'CLIENT_SECRET': ..., 'REDIRECT_URI': ...}} to the settings."
        yield Error(f"There is no dictionary {_HERE} in the settings.", hint=hint, id="mailup_oauth.E001")


def _words() -> Iterator[CheckMessage]:
    """E002: no word is misspelt."""
    for word in map(str, cast("dict[object, object]", reading.given())):
        if word not in reading.WORDS:
            near = get_close_matches(word.upper(), reading.WORDS, n=1)
            hint = f"Did you mean {near[0]!r}?" if near else f"There are: {', '.join(reading.WORDS)}."
            yield Error(f"{_HERE} has no setting {word!r}.", hint=hint, id="mailup_oauth.E002")


def _registration() -> Iterator[CheckMessage]:
    """E003 to E005: the application's keys are there, and could work."""
    where = "MailUp shows it at Settings > Advanced settings > Developer's corner."
    if not reading.is_given("CLIENT_ID"):
        yield Error(f"{_HERE}['CLIENT_ID'] is missing.", hint=where, id="mailup_oauth.E003")
    if not reading.has_client_secret():
        hint = f"{where} Give it as text, as a Secret, or as a callable that returns one of them."
        yield Error(f"{_HERE}['CLIENT_SECRET'] is missing, or is no text.", hint=hint, id="mailup_oauth.E004")
    if not reading.is_given("REDIRECT_URI"):
        hint = "Give the whole address of the page that the browser comes back to, beginning with https://"
        yield Error(f"{_HERE}['REDIRECT_URI'] is missing.", hint=hint, id="mailup_oauth.E005")
    elif reading.is_given("CLIENT_ID") and (problem := _said(reading.registration)):
        number = "E003" if problem.startswith("client_id") else "E005"
        yield Error(f"{_HERE}: {problem}.", hint="Correct it as this sentence says.", id=f"mailup_oauth.{number}")


def _values() -> Iterator[CheckMessage]:
    """E006: what names a value of the library leads to one."""
    hint = "Give the object itself, or the dotted path of one."
    for asked in (reading.who, reading.provider, reading.policy, reading.store, reading.spill, reading.ports):
        if problem := _said(asked):
            yield Error(f"{problem}.", hint=hint, id="mailup_oauth.E006")


def _ports() -> Iterator[CheckMessage]:
    """E007: the ports have names that there are."""
    names = sorted(Chosen.__annotations__)
    for name in () if _said(reading.ports) else reading.ports():
        if name not in names:
            hint = f"There are: {', '.join(names)}."
            yield Error(f"{_HERE}['PORTS'] has no port {name!r}.", hint=hint, id="mailup_oauth.E007")


def _pages() -> Iterator[CheckMessage]:
    """E010 and W006: the browser finds the page that it is sent back to."""
    try:
        path = unquote(reverse("mailup_oauth:complete")) if getattr(settings, "ROOT_URLCONF", "") else ""
    except NoReverseMatch:
        path = ""
    if not path:
        hint = "Add path('mailup/', include('mailup_oauth.adapters.web.django.urls')) to the URLs, or make views of your own."
        yield Warning("The pages of mailup_oauth are in no URLs.", hint=hint, id="mailup_oauth.W006")
    elif not _said(reading.registration) and not _path_of(reading.registration()).endswith(path):
        hint = (
            f"Let its path be {path}, below what the server tells as SCRIPT_NAME, and register the address with MailUp."
        )
        what = f"{_HERE}['REDIRECT_URI'] does not lead to the page that completes."
        yield Error(what, hint=hint, id="mailup_oauth.E010")


def _path_of(registration: Registration) -> str:
    """Return the path of the redirect URI, decoded."""
    return unquote(urlsplit(registration.redirect_uri).path)


def _database(loans: Loans) -> Iterator[CheckMessage]:
    """E008: the connections are kept in a database that can keep them."""
    hint = f"Let {_HERE}['DATABASE'] name one of DATABASES that is PostgreSQL, or SQLite in a file."
    if problem := _said(lambda: loans.vendor):
        yield Error(f"{problem}.", hint=hint, id="mailup_oauth.E008")
    elif loans.vendor not in VENDORS:
        yield Error(f"Connections cannot be kept in {loans.vendor}.", hint=hint, id="mailup_oauth.E008")
    elif loans.is_alone:
        hint = f"{hint} In tests, {_HERE}['STORE'] may be 'mailup_oauth.adapters.storage.memory.MemoryStore'."
        yield Error(
            "Connections cannot be kept in ':memory:', which only one thread sees.", hint=hint, id="mailup_oauth.E008"
        )


def _keys(loans: Loans) -> Iterator[CheckMessage]:
    """E009: there is a key that seals the tokens, or a place for one."""
    hint = f"{_KEY_HINT} Give it in {_HERE}['KEYS'], a list with the newest first, or in the environment as {KEY_VARIABLE}."
    if reading.is_callable("KEYS"):
        return
    if problem := _said(reading.keys):
        yield Error(f"The keys cannot be used: {problem}.", hint=hint, id="mailup_oauth.E009")
    elif not _said(lambda: loans.vendor) and loans.vendor == "postgresql" and reading.keys() is None:
        yield Error("There is no key to seal the tokens with.", hint=hint, id="mailup_oauth.E009")


def _transactions(loans: Loans) -> Iterator[CheckMessage]:
    """W001 and W002: nothing that stands around the database undoes what the store and the guard rely on."""
    if _said(lambda: loans.vendor):
        return
    if loans.vendor == "sqlite" and loans.says("ATOMIC_REQUESTS"):
        hint = (
            "Put django.db.transaction.non_atomic_requests on views that use MailUp, and let SQLite use a write-ahead log:"
            " OPTIONS = {'init_command': 'PRAGMA journal_mode=WAL'}."
        )
        what = "With ATOMIC_REQUESTS, a request that has written keeps SQLite locked against the library's own commits."
        yield Warning(what, hint=hint, id="mailup_oauth.W001")
    if loans.vendor == "postgresql" and loans.says("DISABLE_SERVER_SIDE_CURSORS"):
        hint = f"Let {_HERE}['DATABASE'] name another entry of DATABASES, which leads to the server itself."
        what = "A pooler that lends one session to many transactions breaks the guard around token requests."
        yield Warning(what, hint=hint, id="mailup_oauth.W002")


def _spill() -> Iterator[CheckMessage]:
    """W003: what the database does not take has a place to wait."""
    place = None if _said(reading.spill) else reading.spill()
    if place and (obstacle := FolderSpill(place).obstacle()):
        hint = (
            f"Let {_HERE}['SPILL'] name a folder on this machine's disk that only this application may read and write."
        )
        yield Warning(
            f"Tokens that the database does not take would be lost: {obstacle}.", hint=hint, id="mailup_oauth.W003"
        )


def _redirect_uri_at_home() -> Iterator[CheckMessage]:
    """W004: browsers of customers can come back."""
    if not _said(reading.registration) and is_loopback(urlsplit(reading.registration().redirect_uri).hostname or ""):
        hint = "Give the https address that customers reach the site under."
        yield Warning(f"{_HERE}['REDIRECT_URI'] leads to this machine only.", hint=hint, id="mailup_oauth.W004")


def _spill_by_default() -> Iterator[CheckMessage]:
    """W005: the place for what a server does not take outlasts the container that the project may run in."""
    loans = loans_of(reading.alias())
    if (
        reading.is_given("STORE")
        or reading.is_given("SPILL")
        or _said(lambda: loans.vendor)
        or loans.vendor == "sqlite"
    ):
        return
    hint = f"Let {_HERE}['SPILL'] name a folder that outlasts a restart, and a new container."
    what = f"Tokens that the database does not take would wait in {folder_for(loans.identity)}."
    yield Warning(what, hint=hint, id="mailup_oauth.W005")


def _said(asked: Callable[[], object]) -> str:
    """Return what is wrong with a setting, as whoever reads it says; empty if nothing is."""
    try:
        asked()
    except (BadRegistration, KeyUnavailable, StoreUnavailable) as error:
        return error.problem
    except ImproperlyConfigured as error:
        return str(error)
    return ""
