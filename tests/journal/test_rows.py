"""A connection as a row: what is sealed is sealed to its place, and nothing secret stands outside."""

import traceback
from datetime import timedelta
from itertools import product

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailup_oauth.domain import states as s
from mailup_oauth.domain import work as w
from mailup_oauth.domain.attempts import Identifying
from mailup_oauth.domain.errors import KeyUnavailable, StoreCorrupted
from mailup_oauth.domain.evolve import evolve
from mailup_oauth.domain.instants import END_OF_TIME, later
from mailup_oauth.domain.redact import credentials, redact
from mailup_oauth.domain.secret import Secret
from mailup_oauth.domain.transitions import EVENTS, STATE_TABLE, STATES, Impossible
from mailup_oauth.journal import Context, decode_state, due_at, encode_state, genesis, open_row, prepare
from mailup_oauth.journal.canonical import digest, framed
from mailup_oauth.journal.vaults import open_vault, seal_vault
from mailup_oauth.ports import Absent, Row
from mailup_oauth.testing.canary import CANARY
from mailup_oauth.testing.strategies import meetings, moments, values

POSSIBLE = [pair for pair in product(STATES, EVENTS) if STATE_TABLE[pair[0]][pair[1]] is not Impossible]
MINUTE = timedelta(minutes=1)


def prepared(state, events, cipher, now, row=None):
    """Prepare a change of the connection ``acme``."""
    return prepare("acme", row or Absent(), state, events, now=now, context=Context(), cipher=cipher, policy_hash="p")


@pytest.mark.parametrize(("before", "met"), POSSIBLE)
@settings(max_examples=6, deadline=None)
@given(data=st.data(), now=moments)
def test_what_is_prepared_is_what_is_opened(before, met, data, now, cipher):
    """Whatever happens to a connection, it comes back from its row with every credential."""
    state, event = data.draw(meetings(before, met))
    change, after = prepared(state, (event,), cipher, now)

    assert evolve(state, event) == after == open_row("acme", change.row, cipher)
    assert redact(after) == decode_state(change.row.clear)
    assert {attempt.browser.id for attempt in after.attempts} == change.nonces
    assert bool(credentials(after)) is bool(change.row.sealed)


@pytest.mark.parametrize(("before", "met"), POSSIBLE)
@settings(max_examples=3, deadline=None)
@given(data=st.data(), now=moments)
def test_nothing_secret_stands_outside_the_seal(before, met, data, now, cipher):
    """Whoever has the store and not the key finds no secret in any part of a change."""
    state, event = data.draw(meetings(before, met))
    change, _ = prepared(state, (event,), cipher, now)
    shown = (change.row.clear, change.row.sealed, *change.records, repr(change).encode())

    assert not [part for part in shown if CANARY.encode() in part]


def test_versions_count_the_commits_and_sequences_the_records(told, commits):
    """A commit of two events is one version and two records."""
    counted = [(row.version, row.sequence) for row in told.rows]
    sizes = [len(events) for _, events in commits]

    assert [(place, sum(sizes[:place])) for place in range(1, len(sizes) + 1)] == counted


def test_each_change_replaces_the_version_that_it_was_decided_on(told, commits, cipher, noon):
    """Compare-and-set is given what it compares."""
    first, after = prepared(s.INITIAL, commits[0][1], cipher, noon)
    second, _ = prepared(after, commits[1][1], cipher, noon, first.row)

    assert (0, 1, 1, 2) == (first.replaces, first.row.version, second.replaces, second.row.version)


def test_no_events_seal_the_row_anew(told, cipher, other_cipher, noon):
    """A change without events adds no record; this is how a row gets a new key."""
    change, state = prepared(told.state, (), other_cipher, noon, told.row)

    assert ((), told.row.head, told.row.clear) == (change.records, change.row.head, change.row.clear)
    assert state == open_row("acme", change.row, other_cipher)
    assert told.row.version + 1 == change.row.version


def test_a_row_without_its_key_says_so(told, other_cipher):
    """A missing key is not taken for damage."""
    with pytest.raises(KeyUnavailable):
        open_row("acme", told.row, other_cipher)


@pytest.mark.parametrize(
    "damage",
    [
        lambda told: ("acme", attrs.evolve(told.row, sealed=told.rows[0].sealed)),
        lambda told: ("acme", attrs.evolve(told.row, clear=told.rows[0].clear)),
        lambda told: ("acme", attrs.evolve(told.row, clear=b"{}")),
        lambda told: ("acme", attrs.evolve(told.row, version=told.row.version - 1)),
        lambda told: ("acme", attrs.evolve(told.row, version=0)),
        lambda told: ("acme", attrs.evolve(told.row, sealed=b"")),
        lambda told: ("acme", attrs.evolve(told.row, sequence=0)),
        lambda told: ("acme", attrs.evolve(told.row, head=told.row.head[:-1])),
        lambda told: ("acme2", told.row),
    ],
)
def test_the_parts_of_a_row_belong_together(told, damage, cipher):
    """No part of a row can be taken from another version or another connection, or be left out."""
    connection, row = damage(told)
    with pytest.raises(StoreCorrupted) as refused:
        open_row(connection, row, cipher)

    assert (None, None) == (refused.value.__cause__, refused.value.__context__)


@pytest.mark.parametrize(
    "plain", [b"", b"\xff", b"[]", b"null", b"{}", b'{"test:0":1}', b'{"test:0":"canary-1"}', b"[" * 100_000]
)
def test_what_was_sealed_must_be_a_vault_of_this_state(told, plain, cipher):
    """A blob that unseals but holds something else is corruption, and shows nothing in a traceback with its locals."""
    context_length = int.from_bytes(told.row.sealed[1:5], "big")
    context = told.row.sealed[5 : 5 + context_length]
    row = attrs.evolve(told.row, sealed=cipher.seal(plain, context=context))
    with pytest.raises(StoreCorrupted) as refused:
        open_row("acme", row, cipher)
    shown = traceback.TracebackException.from_exception(refused.value, capture_locals=True)

    assert "canary-1" not in "".join(line for line in shown.format() if "plain" not in line)


def test_more_in_the_vault_than_in_the_state_is_corruption(told, cipher, noon):
    """A row holds the credentials of its state and no other."""
    empty, _ = prepared(s.INITIAL, (), cipher, noon)
    row = attrs.evolve(empty.row, sequence=1)
    context = framed(b"mailup-oauth row 1", b"acme", b"1", digest(row.clear))
    sealed = cipher.seal(b'{"test:0":"x"}', context=context)

    assert s.INITIAL == open_row("acme", row, cipher)
    with pytest.raises(StoreCorrupted, match=r": a row's parts do not belong together\."):
        open_row("acme", attrs.evolve(row, sealed=sealed), cipher)


def test_a_row_that_holds_no_secret_has_a_version_too(cipher, noon):
    """Versions begin with 1, and no seal is needed to see that a row has none."""
    empty, _ = prepared(s.INITIAL, (), cipher, noon)
    row = attrs.evolve(empty.row, sequence=1)

    assert (1, s.INITIAL) == (row.version, open_row("acme", row, cipher))
    with pytest.raises(StoreCorrupted):
        open_row("acme", attrs.evolve(row, version=0), cipher)


def test_the_order_of_a_vault_makes_no_difference(cipher):
    """The same secrets are sealed as the same bytes, whichever was found first."""
    vault = {"k:2": Secret("canary-2"), "k:1": Secret("canary-1")}
    turned = dict(reversed(vault.items()))

    assert seal_vault(vault, cipher, context=b"") == seal_vault(turned, cipher, context=b"")
    assert vault == open_vault(seal_vault(vault, cipher, context=b""), cipher, context=b"")


@settings(max_examples=20, deadline=None)
@given(access_text=st.text().map(lambda text: CANARY + text), attempt=values(Identifying))
def test_no_text_of_a_token_keeps_it_from_being_sealed(access_text, attempt, cipher, noon):
    """A token that has been received is never lost to an encoding, not even with half a character in it."""
    secret = attrs.evolve(attempt.access.credential, value=type(attempt.access.credential.value)(access_text))
    odd = attrs.evolve(attempt, access=attrs.evolve(attempt.access, credential=secret), refresh=secret)
    state = s.AwaitingCode(epoch=0, attempts=(odd,))
    change, _ = prepared(state, (), cipher, noon)

    assert state == open_row("acme", attrs.evolve(change.row, sequence=1), cipher)


@pytest.mark.parametrize("kind", [s.Unregistered, s.AwaitingCode])
@settings(max_examples=6, deadline=None)
@given(data=st.data())
def test_nothing_is_due_where_nothing_is_held(kind, data):
    """Without an authorization there is nothing to renew."""
    assert END_OF_TIME == due_at(data.draw(values(kind)))


@pytest.mark.parametrize("kind", [s.Authorized, s.Refreshed])
@settings(max_examples=6, deadline=None)
@given(data=st.data())
def test_a_usable_token_is_due_when_its_window_opens(kind, data):
    """Unasked renewal begins where asked renewal in advance begins."""
    state = attrs.evolve(data.draw(values(kind)), work=w.Idle())

    assert state.access.refresh_at == due_at(state)


@settings(max_examples=6, deadline=None)
@given(state=values(s.Expired))
def test_a_token_that_has_ended_is_overdue(state):
    """Where nothing usable is held and nothing stands in the way, it is due at once."""
    assert state.grant.born_at == due_at(attrs.evolve(state, work=w.Idle()))


@pytest.mark.parametrize("kind", [s.Authorized, s.Expired, s.Refreshed])
@settings(max_examples=6, deadline=None)
@given(data=st.data())
def test_a_wait_or_a_request_is_let_end_first(kind, data):
    """A wait is due at its end, and what is in flight when it can be in flight no more; the dead are never due."""
    state = data.draw(values(kind))
    waiting = data.draw(values(w.Unknown) | values(w.Deferred))
    flying = data.draw(values(w.InFlight) | values(w.Retrying))
    dead = data.draw(values(w.Dead))

    assert later(waiting.wait.since, waiting.wait.span) == due_at(attrs.evolve(state, work=waiting))
    sent = flying.intent.sent
    assert later(sent.since, sent.span) == due_at(attrs.evolve(state, work=flying))
    assert END_OF_TIME == due_at(attrs.evolve(state, work=dead))


def test_a_row_carries_when_it_is_due(told):
    """Stores index what ``due_at`` says of the state."""
    assert due_at(told.state) == told.row.due_at


def test_an_empty_row_begins_its_journal(cipher, noon):
    """Before the first record, the head is that of the connection's name."""
    change, _ = prepared(s.INITIAL, (), cipher, noon)

    assert (
        Row(
            version=1,
            clear=encode_state(s.INITIAL),
            sealed=b"",
            due_at=END_OF_TIME,
            sequence=0,
            head=genesis("acme"),
            written_at=change.row.written_at,
        )
        == change.row
    )
