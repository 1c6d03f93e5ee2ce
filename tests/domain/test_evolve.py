"""What the deed does beside leading somewhere: it touches what an event is about, and nothing else."""

from datetime import timedelta

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailup_oauth.domain import attempts as a
from mailup_oauth.domain import events as e
from mailup_oauth.domain import states as s
from mailup_oauth.domain import work as w
from mailup_oauth.domain.credential import Credential
from mailup_oauth.domain.errors import CallbackFault
from mailup_oauth.domain.evolve import ImpossibleEvent, evolve, fold
from mailup_oauth.domain.evolve.work import remembered
from mailup_oauth.domain.redact import credentials
from mailup_oauth.domain.transitions import EVENTS, STATE_TABLE, Impossible
from mailup_oauth.domain.wire.outcomes import KeepOld
from mailup_oauth.testing import scenario as scene
from mailup_oauth.testing.strategies import meetings, values

SETBACKS_KEPT = 12
refused = e.CallbackRefused(attempt=scene.attempt_id(1), fault=CallbackFault.ISSUER_MISMATCH)


def concerned(event):
    """Return the name of the attempt that an event is about, if it is about one."""
    if isinstance(event, e.AuthorizationBegun):
        return event.attempt.browser.id
    return getattr(event, "attempt", None) or getattr(event, "subject", None)


@pytest.mark.parametrize("met", [met for met in EVENTS if STATE_TABLE[s.Authorized][met] is not Impossible])
@settings(max_examples=4)
@given(data=st.data())
def test_an_event_touches_only_the_attempt_that_it_names(met, data):
    """All other attempts stay what they were, in their order; only a disconnection ends all."""
    state, event = data.draw(meetings(s.Authorized, met))
    after = evolve(state, event)
    others, left = (
        [attempt for attempt in each.attempts if attempt.browser.id != concerned(event)] for each in (state, after)
    )

    assert ([] if met is e.Disconnected else others) == left


@given(event=values(e.CallbackRefused))
def test_an_attempt_that_is_not_there_can_meet_nothing(event):
    """An event about an attempt that nobody remembers is impossible, and the complaint names kinds only."""
    with pytest.raises(ImpossibleEvent) as complaint:
        evolve(scene.awaiting_code(scene.awaiting(9)), event)

    assert "CallbackRefused cannot happen to tuple" == str(complaint.value)


def test_a_refused_callback_is_counted_and_harms_nothing():
    """The attempt remembers how many callbacks were refused for it, and is otherwise as before."""
    state = fold(scene.awaiting_code(scene.awaiting()), [refused, refused])

    assert scene.awaiting_code(scene.awaiting(refusals=2)) == state


@given(pair=meetings(s.AwaitingCode, e.CallbackAccepted))
def test_sec_23_of_a_code_that_is_sent_only_the_mark_is_kept(pair):
    """Once a callback is accepted, its attempt holds the code's mark and everything else but the code."""
    state, event = pair
    before, after = (
        next(one for one in each.attempts if one.browser.id == event.attempt) for each in (state, evolve(state, event))
    )
    kept = {name: getattr(before, name) for name in ("browser", "verifier", "redirect_uri")}

    assert a.Exchanging(**kept, code=event.code.mark, sent=event.sent) == after


@settings(max_examples=30)
@given(pair=meetings(s.Expired, e.TokensRefreshed))
def test_sec_42_a_new_refresh_token_replaces_the_old_one(pair):
    """After a refresh the new token is held and the old one nowhere; whose it is, and since when, stays."""
    state, event = pair
    after = evolve(state, event)
    replaced = isinstance(event.refresh, Credential)

    assert (event.refresh if replaced else state.grant.refresh) == after.grant.refresh
    assert (event.access, event.access.asked_at) == (after.access, after.grant.born_at)
    assert (state.grant.user, state.grant.authorized_at) == (after.grant.user, after.grant.authorized_at)


def test_sec_43_an_answer_without_a_refresh_token_keeps_the_old_one():
    """RFC 6749 section 6: where none is sent, the one that was used goes on, in its next generation."""
    work = w.InFlight(intent=scene.intent())
    event = e.TokensRefreshed(generation=1, access=scene.access("new"), refresh=KeepOld(), notes=())

    assert attrs.evolve(scene.grant(), generation=1) == evolve(scene.expired(work=work), event).grant


@settings(max_examples=20)
@given(pair=meetings(s.Refreshed, e.TokensIssued))
def test_a_new_authorization_takes_nothing_over(pair):
    """Tokens of another code begin anew: generation, refresh token, user and refresh work are theirs alone."""
    state, event = pair
    after = evolve(state, event)

    assert (event.epoch, event.access, w.Idle()) == (after.epoch, after.access, after.work)
    assert (0, event.refresh, event.user) == (after.grant.generation, after.grant.refresh, after.grant.user)


@settings(max_examples=20)
@given(pair=meetings(s.Authorized, e.Disconnected))
def test_a_disconnection_leaves_no_secret(pair):
    """What is left is the number of the authorization that was, so that late answers to it are known as such."""
    state, event = pair
    after = evolve(state, event)

    assert s.Unregistered(epoch=state.epoch, reason=s.Absence.DISCONNECTED) == after
    assert {} == credentials(after)


@given(kinds=st.lists(st.sampled_from(w.SetbackKind), min_size=1, max_size=40))
def test_of_many_setbacks_the_first_and_the_latest_are_remembered(kinds):
    """Setbacks are kept in order and bounded; "since when" is never forgotten."""
    all_of_them = tuple(w.Setback(kind, scene.NOW + timedelta(hours=hour)) for hour, kind in enumerate(kinds))
    kept = ()
    for setback in all_of_them:
        kept = remembered(kept, setback.kind, setback.at)

    assert all_of_them[:1] + all_of_them[1:][-(SETBACKS_KEPT - 1) :] == kept
