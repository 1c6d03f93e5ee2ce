"""Django's admin shows connections and journals to whoever may look, and lets nobody change them."""

import html
import json
import re
from datetime import UTC, datetime

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse
from tests.web.django.test_making import connect, staged

from mailup_oauth.adapters.web.django import admin, oauth
from mailup_oauth.adapters.web.django.models import Connection, JournalRecord
from mailup_oauth.adapters.web.django.store import DjangoStore
from mailup_oauth.testing.store_claims.changes import commit, following, with_row

CONNECTIONS, RECORDS = "mailup_oauth_connection", "mailup_oauth_journalrecord"


@pytest.fixture
def stage(sqlite):
    """A MailUp whose user m1 is connected as ``acme``, with one refresh behind them."""
    with staged("default") as stage:
        connect(stage)
        oauth().refresh("acme", actor="<b>alice</b>", correlation_id="request-7")
        yield stage


@pytest.fixture
def chief(stage):
    """The browser of a superuser."""
    client = Client()
    client.force_login(User.objects.create_superuser("chief"))
    return client


def seen(client, page, *args, **query):
    """Return the text that a page shows."""
    answer = client.get(reverse(f"admin:{page}", args=args), query)
    assert 200 == answer.status_code
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", answer.content.decode())).split())


def test_the_list_shows_how_each_connection_stands(chief):
    """Name, state, MailUp user and what is open stand in one row."""
    shown = seen(chief, f"{CONNECTIONS}_changelist")

    assert "acme Refreshed m1" in shown
    assert "1 connection" in shown


def test_a_connection_has_a_page(chief):
    """It says what to do, when it will be refreshed, and where its journal is."""
    shown = seen(chief, f"{CONNECTIONS}_change", "acme")

    assert all(words in shown for words in ("Refreshed", "m1", "Nothing to do.", f"{journal_of('acme')} records"))


def journal_of(name):
    """Return how many records a connection has."""
    return JournalRecord.objects.filter(connection_id=name).count()


def test_a_journal_is_shown_readably(chief):
    """The records of one connection are listed newest first, in words; each has a page with all that it says."""
    listed = seen(chief, f"{RECORDS}_changelist", connection__exact="acme")
    newest = JournalRecord.objects.order_by("-sequence").first()
    shown = seen(chief, f"{RECORDS}_change", newest.pk)

    assert listed.index("TokensRefreshed The access was renewed") < listed.index("TokensIssued MailUp was connected.")
    assert "request-7" in listed
    assert json.dumps(json.loads(newest.line)["event"]["type"]) in shown


def test_what_strangers_wrote_is_text(chief):
    """An actor with markup in the name is shown as it was written, and is no markup."""
    page = chief.get(reverse(f"admin:{RECORDS}_changelist")).content.decode()

    assert "&lt;b&gt;alice&lt;/b&gt;" in page
    assert "<b>alice</b>" not in page


def test_no_page_shows_a_token(chief):
    """Neither the sealed octets nor anything of the tokens is on any page, in any form."""
    sealed = bytes(Connection.objects.get().sealed)
    record = JournalRecord.objects.order_by("sequence").first().pk
    token = oauth().access_token("acme").value.reveal()
    pages = [
        reverse(f"admin:{CONNECTIONS}_changelist"),
        reverse(f"admin:{CONNECTIONS}_change", args=["acme"]),
        reverse(f"admin:{RECORDS}_changelist"),
        reverse(f"admin:{RECORDS}_change", args=[record]),
    ]
    shown = "".join(chief.get(page).content.decode() for page in pages)

    assert [] == [form for form in (token, sealed.hex(), repr(sealed)[2:-1], str(sealed)[:40]) if form in shown]


@pytest.mark.parametrize("page", [CONNECTIONS, RECORDS])
def test_nobody_adds_changes_or_deletes(chief, page):
    """Every address that would change something is forbidden, to a superuser too, and nothing is changed."""
    key = "acme" if page == CONNECTIONS else str(JournalRecord.objects.first().pk)
    before = (oauth().status("acme"), journal_of("acme"))
    addresses = [
        reverse(f"admin:{page}_add"),
        *(reverse(f"admin:{page}_{what}", args=[key]) for what in ("change", "delete")),
    ]
    answers = [chief.post(address, {"name": "x", "version": 7, "post": "yes"}).status_code for address in addresses]
    many = {"action": "delete_selected", "_selected_action": key, "post": "yes"}
    chief.post(reverse(f"admin:{page}_changelist"), many)

    assert [403, 403, 403] == answers
    assert before == (oauth().status("acme"), journal_of("acme"))


def test_who_may_not_look_does_not_see(stage):
    """It takes the permission to view, as for every model; staff without it is refused."""
    user = User.objects.create_user("clerk", is_staff=True)
    client = Client()
    client.force_login(user)
    address = reverse(f"admin:{CONNECTIONS}_changelist")
    before = client.get(address).status_code
    user.user_permissions.add(Permission.objects.get(codename="view_connection"))

    assert (403, 200) == (before, client.get(address).status_code)


def test_search_and_filters_narrow_the_list(chief):
    """A name is found by its beginning, and connections by when their refresh is due: the stage's are overdue by now."""
    connect_nobody("acme-2", "other")

    assert "2 connections" in seen(chief, f"{CONNECTIONS}_changelist", q="acme")
    assert "0 connections" in seen(chief, f"{CONNECTIONS}_changelist", q="cme")
    far = datetime(2999, 1, 1, tzinfo=UTC)
    commit(DjangoStore(), with_row(following(DjangoStore(), "far"), due_at=far))
    found = [seen(chief, f"{CONNECTIONS}_changelist", due=due) for due in ("now", "later", "never")]
    assert [True] * 3 == [f"{n} connection" in shown for n, shown in zip((1, 1, 2), found, strict=True)]
    assert "far" in found[1]
    assert "0 journal records" in seen(chief, f"{RECORDS}_changelist", q="other-2")


def connect_nobody(*names):
    """Begin to connect under some names."""
    for name in names:
        oauth().begin(name)


def test_large_tables_are_not_counted_through(chief, monkeypatch):
    """However many there are, only so many are counted as it takes to number some pages."""
    monkeypatch.setattr(admin, "COUNTED", 2)
    connect_nobody("acme-2", "acme-3", "acme-4")

    assert "2 connections" in seen(chief, f"{CONNECTIONS}_changelist")


def test_what_cannot_be_read_is_shown_as_such(chief):
    """A damaged row or record does not take the page away."""
    store = DjangoStore()
    commit(store, following(store, "damaged", records=[b"not a record"]))
    record = JournalRecord.objects.get(connection_id="damaged").pk

    assert "damaged unreadable" in seen(chief, f"{CONNECTIONS}_changelist")
    assert "unreadable" in seen(chief, f"{CONNECTIONS}_change", "damaged")
    assert "damaged 1 - unreadable" in seen(chief, f"{RECORDS}_changelist")
    assert "unreadable" in seen(chief, f"{RECORDS}_change", record)
