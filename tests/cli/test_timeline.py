"""A journal for people: a sentence for everything that can have happened, and no secret in any."""

import io
from datetime import UTC, datetime

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console

from mailup_oauth.adapters.cli.timeline import sentence, timeline
from mailup_oauth.domain import events as e
from mailup_oauth.domain.credential import Mark
from mailup_oauth.domain.errors import DeathCause
from mailup_oauth.journal import Record
from mailup_oauth.journal.names import EVENTS
from mailup_oauth.testing.canary import CANARY
from mailup_oauth.testing.strategies import values

MOMENT = datetime(2026, 1, 1, 12, 34, 56, 789, tzinfo=UTC)
DIED = e.GrantDied(cause=DeathCause.REFRESH_TOKEN_REFUSED, at=MOMENT, detail="invalid_grant")


def marks_in(value):
    """Yield every mark that is anywhere in a value."""
    if isinstance(value, Mark):
        yield value.digest
    elif isinstance(value, tuple):
        for item in value:
            yield from marks_in(item)
    elif attrs.has(type(value)):
        for part in attrs.fields(type(value)):
            yield from marks_in(getattr(value, part.name))


def told(event, **members):
    """Return the record of an event."""
    given = {
        "connection": "acme",
        "sequence": 7,
        "previous": "",
        "at": MOMENT,
        "event": event,
        "actor": "",
        "reason": "",
        "correlation_id": "",
        "library_version": "",
        "policy_hash": "",
    }
    return Record(**given | members)


def printed(*records, width, **terminal):
    """Return a timeline on paper so wide; in colours for a *terminal*."""
    paper = io.StringIO()
    Console(file=paper, width=width, _environ={}, **terminal).print(timeline(records, width))
    return paper.getvalue()


@pytest.mark.parametrize("kind", EVENTS.values(), ids=EVENTS)
@given(data=st.data())
@settings(max_examples=25)
def test_everything_that_can_have_happened_has_a_sentence(kind, data):
    """Every event of the stored format is told in a sentence, without a secret and without a whole mark."""
    event = data.draw(values(kind))
    words = sentence(event)

    assert words.endswith(".")
    assert CANARY not in words
    assert not any(mark in words for mark in marks_in(event))


@given(st.lists(st.one_of([values(kind) for kind in EVENTS.values()]), max_size=5))
@settings(max_examples=25)
def test_every_record_has_its_row(events):
    """Where there is room, a record is one line, in the order of the journal, under one title."""
    records = [told(event, sequence=number) for number, event in enumerate(events, start=1)]
    title, *lines = printed(*records, width=10_000).splitlines()

    assert "what happened" in title
    assert [type(event).__name__ in line for event, line in zip(events, lines, strict=True)] == [True] * len(events)


@pytest.mark.parametrize("width", [80, 99, 100, 120])
def test_where_columns_are_few_the_time_stands_below_the_day(width):
    """A narrow timeline gives the room to the sentences; nothing is wider than the paper, and nothing is lost."""
    record = told(DIED, actor="demo", reason="a reason that is as long as reasons are, when reasons are long")
    page = printed(record, width=width)
    whole = {*page.split()} - {*printed(record, width=10_000).split()}

    assert ("2026-01-01 12:34:56" in page) is (width >= 100)
    assert width >= max(map(len, page.splitlines()))
    assert set() == whole


@pytest.mark.parametrize(
    ("actor", "reason", "shown"),
    [
        ("demo", "first connection", ".  (demo: first connection)"),
        ("demo", "", ".  (demo)"),
        ("", "by night", ".  (by night)"),
        ("", "", "invalid_grant."),
    ],
)
def test_who_asked_and_why_stand_behind_the_sentence(actor, reason, shown):
    """The timeline tells who caused a record and why, as far as the journal was told."""

    assert printed(told(DIED, actor=actor, reason=reason), width=200).rstrip().endswith(shown)


@pytest.mark.parametrize(
    ("event", "colour"),
    [
        (DIED, "\x1b[1;31m"),
        (e.AccessTokenRejected(mark=Mark("k", "0" * 32)), "\x1b[33m"),
        (e.Disconnected(), "\x1b[32m"),
    ],
)
def test_what_needs_a_person_is_red_and_what_needed_care_is_yellow(event, colour):
    """The colour of an event says at a glance whether all is well."""
    page = printed(told(event), width=120, force_terminal=True, color_system="standard")

    assert f"{colour}{type(event).__name__}\x1b[0m" in page
