"""What ``manage.py`` does with connections: it shows, refreshes and verifies, and fails where a program should notice."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connections
from django.test import override_settings
from tests.web.django.test_making import connect, settings, staged

from mailup_oauth.adapters.web.django import oauth
from mailup_oauth.adapters.web.django.models import Connection, JournalRecord
from mailup_oauth.sandbox.events import TokensRotated


@pytest.fixture
def stage(alias):
    """A MailUp at which ``acme`` is connected and ``ajax`` has only begun."""
    with staged(alias) as stage:
        stage.alias = alias
        connect(stage)
        oauth().begin("ajax")
        yield stage


def said(*words, **options):
    """Return what a command prints; what it complains of comes behind."""
    out, err = StringIO(), StringIO()
    try:
        call_command(*words, stdout=out, stderr=err, **options)
    except CommandError as error:
        return out.getvalue().splitlines(), [*err.getvalue().splitlines(), str(error)]
    return out.getvalue().splitlines(), err.getvalue().splitlines()


def test_status_is_a_line_each(stage):
    """State, MailUp user, until when, and what to do; in the project's time zone; nothing is sent."""
    lines, complaints = said("mailup_status")

    assert [] == complaints
    assert [True, True] == [
        lines[0].startswith("acme: Authorized, MailUp user m1, access until 2026-"),
        lines[0].endswith("Nothing to do."),
    ]
    assert "ajax: AwaitingCode. Wait for the user to come back from MailUp, or begin() again." == lines[1]
    assert lines[1:] == said("mailup_status", "ajax")[0]


@pytest.mark.parametrize("command", ["mailup_status", "mailup_refresh", "mailup_audit"])
def test_a_name_that_nobody_has_is_a_failure(stage, command):
    """It is told, escaped, and nothing is done."""
    assert ([], ["There is no connection 'no\\none', 'x'."]) == said(command, "x", "no\none")


def test_refresh_by_name(stage):
    """A named connection is refreshed whatever the clock says; the journal tells that a command did it."""
    assert (["acme: refreshed"], []) == said("mailup_refresh", "acme")
    assert 1 == stage.happened(TokensRotated)
    assert "manage.py mailup_refresh" in {record.actor for record in oauth().journal("acme")}


def test_refresh_what_is_due(stage):
    """With ``--due``, for a timer, those are refreshed whose time has come, and nobody else."""
    connections = Connection.objects.using(stage.alias)
    connections.update(due_at="2999-01-01T00:00:00+00:00")
    early = said("mailup_refresh", "--due")
    connections.filter(name="acme").update(due_at="2026-01-01T00:00:00+00:00")

    assert ([], []) == early
    assert (["acme: refreshed"], []) == said("mailup_refresh", "--due")


def test_refresh_wants_to_be_told_what(stage):
    """Neither names nor ``--due``, or both, is a mistake."""
    mistake = ([], ["Name connections, or say --due."])

    assert [mistake, mistake] == [said("mailup_refresh"), said("mailup_refresh", "acme", due=True)]


def test_a_refresh_that_fails_keeps_no_other_from_it(stage):
    """The one that cannot be refreshed is told with its remedy, the other is refreshed, and the command fails."""
    lines, complaints = said("mailup_refresh", "ajax", "acme")

    assert ["acme: refreshed"] == lines
    assert complaints[0].startswith("ajax: No MailUp user is connected under this name")
    assert "Not refreshed: ajax." == complaints[-1]


def test_an_audit_tells_what_was_changed(stage):
    """A journal as it was written is verified; one of which somebody changed an octet is not, and the command fails."""
    good = said("mailup_audit")
    records = JournalRecord.objects.using(stage.alias).filter(connection_id="acme", sequence=2)
    line = bytes(records.get().line)
    records.update(line=line.replace(b'"actor":""', b'"actor":"x"'))
    lines, complaints = said("mailup_audit")

    assert [True, True] == ["replayed, they give the stored state byte for byte" in line for line in good[0]]
    assert [] == good[1]
    assert lines[0].startswith("acme: BROKEN at record")
    assert good[0][1:] == lines[1:]
    assert ["Broken: acme."] == complaints


@pytest.mark.parametrize("command", ["mailup_status", "mailup_refresh", "mailup_audit"])
def test_a_store_that_is_away_is_a_failure(monkeypatch, tmp_path, command):
    """A database without the tables is told as a sentence with its remedy, and not as a traceback."""
    monkeypatch.setitem(connections.settings["default"], "NAME", tmp_path / "empty.sqlite3")
    with override_settings(MAILUP_OAUTH=settings()):
        lines, (complaint,) = said(command, "acme")

    assert ([], True) == (lines, "run: python manage.py migrate mailup_oauth" in complaint)


def test_what_is_due_is_known_of_the_database_only(sqlite):
    """With a STORE of the project's own ``--due`` says so."""
    with override_settings(MAILUP_OAUTH=settings(STORE="mailup_oauth.adapters.storage.memory.MemoryStore")):
        assert "--due looks into the database" in said("mailup_refresh", "--due")[1][0]
