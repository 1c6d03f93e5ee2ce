"""The stored format: final, strict, and unable to hold a secret."""

import json
import time
from datetime import UTC, datetime, timedelta, timezone
from enum import Enum
from pathlib import Path
from typing import get_args

import attrs
import pytest
import rfc8785
from hypothesis import given, settings
from hypothesis import strategies as st

from mailup_oauth.domain import events as e
from mailup_oauth.domain import states as s
from mailup_oauth.domain import work as w
from mailup_oauth.domain.attempts import Browser
from mailup_oauth.domain.credential import Credential, Mark
from mailup_oauth.domain.errors import StoreCorrupted
from mailup_oauth.domain.instants import Wait
from mailup_oauth.domain.redact import redact
from mailup_oauth.domain.tokens import Access, Grant
from mailup_oauth.domain.transitions import EVENTS, STATES
from mailup_oauth.journal import (
    Installation,
    KeyRingChanged,
    TokenHandedOut,
    TokensImported,
    decode_event,
    decode_installation,
    decode_state,
    encode_event,
    encode_state,
    names,
)
from mailup_oauth.journal.canonical import canonical, parsed
from mailup_oauth.journal.converter import written_moment
from mailup_oauth.testing.canary import CANARY
from mailup_oauth.testing.strategies import values

FORMAT = Path(__file__).parent / "format-1.json"
INSTALLATION_EVENTS = (KeyRingChanged, TokenHandedOut, TokensImported)
NAMELESS = (Access, Browser, Credential, Grant, Mark, Wait, w.Intent, w.Setback)
AN_EVENT = {"type": "GrantDied", "cause": "denied", "at": "2026-11-24T10:00:00.000000Z", "detail": ""}
A_STATE = {"type": "Unregistered", "epoch": 0, "attempts": [], "reason": "never-connected"}

one_event = st.one_of([values(kind) for kind in EVENTS]).map(redact)
one_state = st.one_of([values(kind) for kind in STATES]).map(redact)


def as_row(state, **others):
    """Write the clear part of a row by hand."""
    return canonical({"format": 1, "state": state, **others})


def edited(members, data):
    """Draw one place in a tree of JSON, and spoil it."""
    if isinstance(members, dict) and members and data.draw(st.booleans()):
        name = data.draw(st.sampled_from(sorted(members)))
        return {**members, name: edited(members[name], data)}
    if isinstance(members, list) and members and data.draw(st.booleans()):
        return [edited(members[0], data), *members[1:]]
    wrong = [None, True, 1.5, -(2**60), {}, [[]], {"type": "Nobody"}, {"type": None}, {"type": []}, "\u2028"]
    return data.draw(st.sampled_from([other for other in wrong if other != members]))


def written_format():
    """Return every name with its members, and every word of an enumeration, as they are written."""
    classes = [*names.NAMES.items(), *((kind.__name__, kind) for kind in NAMELESS)]
    members = {name: [part.name for part in attrs.fields(kind)] for name, kind in sorted(classes)}
    words = {kind.__name__: [word.value for word in kind] for _, name in classes for kind in enumerations(name)}
    return members | dict(sorted(words.items()))


def enumerations(kind):
    """Return the enumerations among the types of a class's members."""
    types = [part.type for part in attrs.fields(kind)]
    return {
        word for one in types for word in (one, *get_args(one)) if isinstance(word, type) and issubclass(word, Enum)
    }


def test_the_names_in_the_format_are_those_that_were_published():
    """No class and no member of the stored format can be renamed, added or lost without somebody noticing."""
    assert json.loads(FORMAT.read_text()) == written_format()


def test_every_class_of_the_core_has_exactly_one_name():
    """No event or state can exist that cannot be written, and no name means two classes."""
    assert {*EVENTS, *INSTALLATION_EVENTS} == set(names.EVENTS.values())
    assert {*STATES, Installation} == set(names.STATES.values())
    assert len(names.NAMES) == len(names.CLASSES)


@pytest.mark.parametrize("kind", STATES)
@settings(max_examples=15, deadline=None)
@given(data=st.data())
def test_every_state_comes_back_as_it_was_written(kind, data):
    """What decode reads is what encode wrote, secrets left out; and it is written again to the same bytes."""
    state = redact(data.draw(values(kind)))
    written = encode_state(state)

    assert state == decode_state(written)
    assert written == encode_state(decode_state(written))
    assert written == rfc8785.dumps(parsed(written))
    assert CANARY.encode() not in written


@pytest.mark.parametrize("kind", EVENTS + INSTALLATION_EVENTS)
@settings(max_examples=15, deadline=None)
@given(data=st.data())
def test_every_event_comes_back_as_it_was_written(kind, data):
    """What decode reads is what encode wrote, secrets left out."""
    event = redact(data.draw(values(kind)))
    written = canonical(encode_event(event))

    assert event == decode_event(parsed(written))
    assert CANARY.encode() not in written


def test_a_fraction_cannot_be_written():
    """What has more than one short form in JSON is in no state, event or record, and would be refused."""
    with pytest.raises(TypeError, match=r"^a number that is not whole$"):
        encode_event(0.5)


@given(installation=values(Installation))
def test_the_installation_comes_back_as_it_was_written(installation):
    """Its counts are what was counted."""
    assert installation == decode_installation(encode_state(installation))


@settings(max_examples=50, deadline=None)
@given(state=values(s.Authorized), event=values(e.RefreshStarted))
def test_an_unredacted_value_cannot_be_written(state, event):
    """A forgotten redact is a TypeError, not a secret on a disk."""
    with pytest.raises(TypeError, match=r"^a credential must be redacted before it is written$"):
        encode_state(state)
    with pytest.raises(TypeError, match=r"^a credential must be redacted before it is written$"):
        encode_event(event)


@settings(max_examples=150, deadline=None)
@given(event=one_event, data=st.data())
def test_an_event_that_was_tampered_with_is_refused_or_read_as_what_it_says(event, data):
    """There are no two ways to write one event: what is read at all is written again to the same bytes."""
    spoilt = edited(parsed(canonical(encode_event(event))), data)
    try:
        read = decode_event(spoilt)
    except StoreCorrupted:
        return

    assert spoilt == encode_event(read)


@settings(max_examples=150, deadline=None)
@given(state=one_state, data=st.data())
def test_a_state_that_was_tampered_with_is_refused_or_read_as_what_it_says(state, data):
    """There are no two ways to write one state."""
    spoilt = json.dumps(edited(parsed(encode_state(state)), data), sort_keys=True, separators=(",", ":")).encode()
    try:
        read = decode_state(spoilt)
    except StoreCorrupted:
        return

    assert parsed(spoilt) == parsed(encode_state(read))


@pytest.mark.parametrize(
    "clear",
    [
        b"",
        b"null",
        b"\xff",
        b'"' * 3,
        b"[" * 100_000,
        b'{"format":1}',
        b'{"format":1,"state":"Unregistered"}',
        b'{"format":1,"state":[]}',
        as_row(A_STATE, more=1),
        as_row({}),
        as_row({"type": "Nobody"}),
        as_row({"type": ["Unregistered"]}),
        as_row(A_STATE).replace(b'"format":1', b'"format":2'),
        as_row(A_STATE).replace(b'"format":1', b'"format":true'),
        as_row(A_STATE).replace(b'"format":1', b'"format":1.0'),
        as_row(A_STATE | {"epoch": "0"}),
        as_row(A_STATE | {"epoch": True}),
        as_row(A_STATE).replace(b'"epoch":0', b'"epoch":9007199254740992'),
        as_row(A_STATE | {"attempts": {}}),
        as_row(A_STATE | {"attempts": ""}),
        as_row(A_STATE | {"attempts": ["Finished"]}),
        as_row(A_STATE | {"attempts": [{"type": "Idle"}]}),
        as_row(A_STATE | {"reason": "bored"}),
        as_row(A_STATE | {"reason": None}),
        as_row({name: value for name, value in A_STATE.items() if name != "epoch"}),
        as_row(AN_EVENT),
        encode_state(Installation()),
    ],
)
def test_whatever_else_stands_in_a_row_is_corruption(clear):
    """Everything that is not a state in format 1 is refused in one way, which shows nothing of it."""
    with pytest.raises(StoreCorrupted) as refused:
        decode_state(clear)

    assert "a state is not in the form in which this release writes it" == refused.value.problem
    assert (None, None) == (refused.value.__cause__, refused.value.__context__)


@pytest.mark.parametrize(
    "moment",
    [
        "2026-11-24T10:00:00Z",
        "2026-11-24T10:00:00.000000",
        "2026-11-24T10:00:00.000000+00:00",
        "2026-11-24 10:00:00.000000Z",
        "2026-11-24T10:00:00.0000001Z",
        "20261124T100000.000000Z",
        "2026-11-24T24:00:00.000000Z",
        "2026-02-30T10:00:00.000000Z",
        "0000-01-01T00:00:00.000000Z",
        "٢٠٢٦-11-24T10:00:00.000000Z",
        "2026-11-24T10:00:00.000000Z\n",
        "now",
        "",
        1,
        None,
    ],
)
def test_a_moment_has_one_form(moment):
    """UTC, microseconds, 27 characters: whatever else may mean the same moment is refused."""
    assert isinstance(decode_event(AN_EVENT), e.GrantDied)
    with pytest.raises(StoreCorrupted, match="an event"):
        decode_event(AN_EVENT | {"at": moment})


@pytest.mark.parametrize(
    "value",
    [
        None,
        [],
        {},
        {"type": None},
        {"type": "Unregistered"},
        {"type": "UserIdentified", "user": {"type": "Idle", "uid": "1", "username": "m1"}},
        {"type": "UserIdentified", "user": {"uid": "1", "username": "m1"}},
        {"type": "UserIdentified", "user": {"type": "User", "uid": "1"}},
        {"type": "AttemptDropped", "attempt": "a", "why": 1},
        {"type": "AttemptDropped", "attempt": 1, "why": "over"},
        {"type": "IdentityUnavailable", "subject": {"type": "User"}, "why": ""},
        {"type": "AccessTokenExpired", "mark": {"key": "k", "digest": "d", "value": "v"}},
        AN_EVENT | {"extra": 1},
    ],
)
def test_whatever_else_stands_for_an_event_is_corruption(value):
    """Everything that is not an event of the format is refused in one way."""
    with pytest.raises(StoreCorrupted, match="an event is not in the form"):
        decode_event(value)


def test_a_state_is_no_installation():
    """A connection's row under the installation's name is corruption."""
    with pytest.raises(StoreCorrupted, match=r": an installation is not in the form in which"):
        decode_installation(encode_state(s.INITIAL))


def test_moments_are_written_in_utc():
    """A moment in another zone is the same moment in the journal; one without a zone is refused."""
    cet = datetime(2026, 11, 24, 11, tzinfo=timezone(timedelta(hours=1)))
    died = e.GrantDied(cause=w.DeathCause.DENIED, at=cet, detail="")

    assert AN_EVENT == encode_event(died)
    with pytest.raises(ValueError, match=r"^a moment without a zone$"):
        encode_event(attrs.evolve(died, at=cet.replace(tzinfo=None)))


@pytest.fixture
def far_east(monkeypatch):
    """Put this machine into another zone for a while."""
    monkeypatch.setenv("TZ", "JST-9")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def test_the_zone_of_the_machine_makes_no_difference(far_east):
    """The same moment has the same text, wherever the machine stands that writes it."""
    assert "2026-11-24T10:00:00.000000Z" == written_moment(datetime(2026, 11, 24, 10, tzinfo=UTC))


def test_spans_are_whole_microseconds():
    """A wait is written as two members, and its span has no unit to be guessed: it is always microseconds."""
    wait = Wait(since=datetime(2026, 11, 24, 10, tzinfo=UTC), span=timedelta(seconds=1.5))
    deferred = e.RefreshDeferred(kind=w.SetbackKind.NOT_SENT, detail="", wait=wait)

    assert {"since": "2026-11-24T10:00:00.000000Z", "span": 1_500_000} == encode_event(deferred)["wait"]


def test_a_credential_is_written_as_its_mark_alone():
    """Key id and digest are all that a journal knows of a secret."""
    rejected = e.AccessTokenRejected(mark=Mark("k1", "0" * 32))

    assert {"type": "AccessTokenRejected", "mark": {"key": "k1", "digest": "0" * 32}} == encode_event(rejected)


@pytest.mark.parametrize("number", [2**53, -(2**53), 10**400])
def test_a_number_that_readers_of_json_would_round_is_refused(number):
    """No number is written that would come back as another one."""
    with pytest.raises(ValueError, match=r"^a number beyond 2\*\*53$"):
        encode_state(s.Unregistered(epoch=number))
