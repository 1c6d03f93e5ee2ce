"""The law and the deed in balance: for every pair, ``evolve`` leads where the tables say, or complains where they do."""

from itertools import product
from typing import get_args

import attrs
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from mailup_oauth.domain import attempts as a
from mailup_oauth.domain import events as e
from mailup_oauth.domain import states as s
from mailup_oauth.domain import work as w
from mailup_oauth.domain.evolve import ImpossibleEvent, evolve
from mailup_oauth.domain.evolve.attempt import moved
from mailup_oauth.domain.transitions import (
    ATTEMPT_TABLE,
    ATTEMPTS,
    EVENTS,
    STATE_TABLE,
    STATES,
    WORK_TABLE,
    WORKS,
    Gone,
    Impossible,
)
from mailup_oauth.testing import scenario as scene
from mailup_oauth.testing.strategies import meetings, values

HOLDING = get_args(s.Holding)
PARTS = {kind: attrs.fields_dict(kind) for kind in EVENTS}
NAMED = {
    kind: part
    for kind, part in product(EVENTS, ("attempt", "subject"))
    if part in PARTS[kind] and PARTS[kind][part].type != a.AwaitingCallback
}
"""The events that name an attempt, and the member that does; ``AuthorizationBegun`` brings a new one instead."""

NAMELESS = [kind for kind in EVENTS if kind not in {*NAMED, e.Disconnected}]
TABLES = pytest.mark.parametrize(
    ("table", "kinds", "others"),
    [(STATE_TABLE, STATES, ()), (ATTEMPT_TABLE, ATTEMPTS, (Gone,)), (WORK_TABLE, WORKS, (Gone,))],
    ids=["states", "attempts", "works"],
)
CAN_BE_MET = {"tuple", *(kind.__name__ for kind in (*STATES, *ATTEMPTS, *WORKS))}
"""What an impossible event can have met: a state, an attempt, refresh work, or attempts among which its own is not."""

few = settings(max_examples=4)


def nowhere(complaint, event):
    """Return that an event cannot have happened, if the complaint says which, and what it met."""
    assert type(event).__name__ == complaint.event
    assert complaint.met in CAN_BE_MET
    return Impossible()


def lead(deed, *met):
    """Return the state after an event, or that it cannot have happened."""
    try:
        return deed(*met)
    except ImpossibleEvent as complaint:
        return nowhere(complaint, met[-1])


def state_lead(deed, before, met, data):
    """Return what an event makes of a connection of one kind."""
    return lead(deed, *data.draw(meetings(before, met)))


def attempt_lead(deed, before, met, data):
    """Return what an event makes of an attempt of a connection, whether it names that attempt or all of them."""
    attempt, event = data.draw(values(before)), data.draw(values(met))
    name = attempt.browser.id
    event = attrs.evolve(event, **{NAMED[met]: name}) if met in NAMED else event
    after = lead(deed, scene.authorized(scene.finished(), attempt), event)
    if isinstance(after, Impossible):
        return after
    return next((left for left in after.attempts if left.browser.id == name), Gone())


def work_lead(deed, before, met, data):
    """Return what an event makes of the refresh work of a connection that can meet it otherwise."""
    state, event = data.draw(meetings(s.Authorized, met))
    after = lead(deed, attrs.evolve(state, work=data.draw(values(before))), event)
    return after if isinstance(after, Impossible) else getattr(after, "work", Gone())


@pytest.mark.parametrize(("before", "met"), list(product(STATES, EVENTS)))
@few
@given(data=st.data())
def test_every_event_leads_every_state_where_the_table_says(before, met, data):
    """Every event, met in every state, leads where its row says or nowhere."""
    assert STATE_TABLE[before][met] is type(state_lead(evolve, before, met, data))


@pytest.mark.parametrize(("before", "met"), list(product(ATTEMPTS, [*NAMED, e.Disconnected])))
@few
@given(data=st.data())
def test_every_event_leads_the_attempt_it_names_where_the_table_says(before, met, data):
    """Every event that names an attempt, or all of them, leads each kind of attempt where its row says or nowhere."""
    assert ATTEMPT_TABLE[before][met] is type(attempt_lead(evolve, before, met, data))


@pytest.mark.parametrize(("before", "met"), list(product(ATTEMPTS, NAMELESS)))
@few
@given(data=st.data())
def test_what_names_no_attempt_can_happen_to_none(before, met, data):
    """All other events are impossible for every kind of attempt, in the table as in the deed."""
    attempt, event = data.draw(values(before)), data.draw(values(met))

    assert ATTEMPT_TABLE[before][met] is type(lead(moved, (attempt,), attempt.browser.id, event))


@pytest.mark.parametrize(("before", "met"), list(product(WORKS, EVENTS)))
@few
@given(data=st.data())
def test_every_event_leads_the_refresh_work_where_the_table_says(before, met, data):
    """Every event leads every kind of refresh work where its row says or nowhere."""
    assert WORK_TABLE[before][met] is type(work_lead(evolve, before, met, data))


@TABLES
def test_the_tables_are_total(table, kinds, others):
    """Each kind has a row, each row a cell for each event, and each cell names a kind or says that there is none."""
    cells = {cell for row in table.values() for cell in row.values()}

    assert set(kinds) == set(table)
    assert [set(EVENTS)] * len(kinds) == [set(row) for row in table.values()]
    assert cells <= {*kinds, *others, Impossible}


def possible(table, rows):
    """Return the events that can happen in some of these rows."""
    return {met for before, met in product(rows, EVENTS) if table[before][met] is not Impossible}


def test_every_event_is_possible_where_it_concerns_something():
    """Each event can happen to a state; what names attempts, to an attempt; what happens while connected, to its work."""
    assert set(EVENTS) == possible(STATE_TABLE, STATES)
    assert {*NAMED, e.Disconnected} == possible(ATTEMPT_TABLE, ATTEMPTS)
    assert possible(STATE_TABLE, HOLDING) == possible(WORK_TABLE, WORKS)


@pytest.mark.parametrize(
    ("table", "first"),
    [(STATE_TABLE, s.Unregistered), (ATTEMPT_TABLE, a.AwaitingCallback), (WORK_TABLE, w.Idle)],
    ids=["states", "attempts", "works"],
)
def test_everything_is_reached_from_the_beginning(table, first):
    """From nothing, every state is reached; from the first of their kinds, every attempt and all work."""
    reached, bound = set(), {first}
    while bound:
        reached |= bound
        bound = {cell for before in bound for cell in table[before].values()} & set(table) - reached

    assert set(table) == reached


def lazy(state, event):
    """Change nothing, ever."""
    return state


def forgiving(state, event):
    """Take what is impossible for nothing."""
    after = lead(evolve, state, event)
    return state if isinstance(after, Impossible) else after


def astray(state, event):
    """Lead where tokens of a code would lead, whatever they came from."""
    after = evolve(state, event)
    return s.Authorized(**attrs.asdict(after, recurse=False)) if isinstance(after, s.Refreshed) else after


def balance(leading, table, deed, before, met):
    """Claim once that a deed leads where a table says."""

    @settings(max_examples=1, database=None, phases=[Phase.generate])
    @given(data=st.data())
    def claim(data):
        assert table[before][met] is type(leading(deed, before, met, data))

    claim()


@pytest.mark.parametrize(
    ("leading", "table", "deed", "before", "met"),
    [
        (state_lead, STATE_TABLE, lazy, s.AwaitingCode, e.TokensIssued),
        (state_lead, STATE_TABLE, forgiving, s.Unregistered, e.TokensRefreshed),
        (state_lead, STATE_TABLE, astray, s.Expired, e.TokensRefreshed),
        (attempt_lead, ATTEMPT_TABLE, lazy, a.AwaitingCallback, e.CallbackAccepted),
        (attempt_lead, ATTEMPT_TABLE, forgiving, a.Exchanging, e.AttemptDropped),
        (work_lead, WORK_TABLE, lazy, w.Idle, e.RefreshStarted),
        (work_lead, WORK_TABLE, forgiving, w.Dead, e.RefreshStarted),
    ],
)
def test_a_deed_that_is_wrong_is_caught(leading, table, deed, before, met):
    """An evolution that does nothing, forgives everything or leads astray is out of balance with the law."""
    with pytest.raises(AssertionError):
        balance(leading, table, deed, before, met)


@pytest.mark.parametrize(
    ("leading", "table", "before", "met", "misprint"),
    [
        (state_lead, STATE_TABLE, s.Expired, e.TokensRefreshed, s.Authorized),
        (state_lead, STATE_TABLE, s.Expired, e.TokensRefreshed, Impossible),
        (state_lead, STATE_TABLE, s.Expired, e.ConnectionNotMade, s.Expired),
        (attempt_lead, ATTEMPT_TABLE, a.Exchanging, e.ExchangeNotSent, a.Exchanging),
        (attempt_lead, ATTEMPT_TABLE, a.Exchanging, e.AttemptDropped, Gone),
        (work_lead, WORK_TABLE, w.Retrying, e.RefreshDeferred, w.Deferred),
        (work_lead, WORK_TABLE, w.Dead, e.RefreshStarted, w.InFlight),
    ],
)
def test_a_law_with_a_misprint_is_caught(leading, table, before, met, misprint):
    """One wrong cell in a table, and the balance is lost; with the right one it holds."""
    balance(leading, table, evolve, before, met)
    with pytest.raises(AssertionError):
        balance(leading, {before: {**table[before], met: misprint}}, evolve, before, met)
