"""What a state found on disk owes, once it is known that nobody is at it: the recovery table of reliability.md 4.5."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailup_oauth.domain import attempts as a
from mailup_oauth.domain import commands as c
from mailup_oauth.domain import events as e
from mailup_oauth.domain import refusals as r
from mailup_oauth.domain import states as s
from mailup_oauth.domain import work as w
from mailup_oauth.domain.instants import Wait
from mailup_oauth.domain.resume import NothingOwed, resume
from mailup_oauth.domain.wire.callback import Absent, Returned
from mailup_oauth.domain.wire.outcomes import Defect, OutcomeUnknown, UserUnknown
from mailup_oauth.testing import scenario as scene
from mailup_oauth.testing.scenario import NOW
from mailup_oauth.testing.shapes import SHAPES, connections, moments

CRASHED = OutcomeUnknown(defect=Defect.CRASHED)
INTENT = scene.intent()
SENDING = [w.InFlight(intent=INTENT), w.Retrying(intent=INTENT, setbacks=(w.Setback(w.SetbackKind.UNANSWERED, NOW),))]
BUILDS = [scene.authorized, scene.refreshed, scene.expired]
LATER = NOW + timedelta(days=3)


def recovered(state, now=NOW):
    """Do what a state owes, until it owes nothing."""
    scenery = scene.given(state)
    while not isinstance(owed := resume(scenery.state, now), NothingOwed):
        scenery = scenery.when(owed)
    return scenery


def questions(state):
    """Return the attempts about which MailUp is asked."""
    held = (attempt for attempt in state.attempts if isinstance(attempt, a.Identifying))
    return [attempt for attempt in held if isinstance(attempt.inquiry, a.BeingAsked)]


def lost_question(number, now):
    """Return the report that MailUp's answer to whose tokens are was heard by nobody."""
    unknown = UserUnknown(why="process-ended")
    return c.ReportIdentity(now=now, epoch=1, subject=scene.attempt_id(number), answer=unknown)


def lost_exchange(number, now):
    """Return the report that a code's answer was heard by nobody."""
    return c.ReportExchange(now=now, chance=0.0, attempt=scene.attempt_id(number), answer=CRASHED)


@settings(max_examples=80)
@given(before=st.sampled_from(SHAPES).flatmap(lambda shape: connections(*shape)), now=moments)
def test_only_an_intent_owes_anything(before, now):
    """Waits, doubts and ends are remembered, not owed: without something on its way, nobody died here."""
    is_sending = isinstance(getattr(before, "work", None), w.InFlight | w.Retrying)
    is_exchanging = any(isinstance(attempt, a.Exchanging) for attempt in before.attempts)

    assert (is_sending or is_exchanging or bool(questions(before))) is (NothingOwed() != resume(before, now))


@pytest.mark.parametrize("build", [scene.awaiting_code, *BUILDS])
@pytest.mark.parametrize("now", [NOW, LATER])
def test_a_code_on_its_way_is_given_up(build, now):
    """At any age, an exchange that a dead process left is reported as one whose answer nobody heard."""
    assert lost_exchange(1, now) == resume(build(scene.exchanging()), now)


@pytest.mark.parametrize("build", BUILDS)
@pytest.mark.parametrize("work", SENDING)
@pytest.mark.parametrize("now", [NOW, LATER])
def test_a_refresh_token_on_its_way_is_in_doubt(build, work, now):
    """At any age, a refresh that a dead process left is reported as one whose answer nobody heard."""
    report = c.ReportRefresh(now=now, chance=0.0, intent=INTENT, answer=CRASHED)

    assert report == resume(build(work=work), now)


def test_what_is_owed_is_paid_one_after_the_other():
    """Codes first, in the order of their attempts, then the refresh token, and a question for a name last."""
    asked = scene.identifying(3, inquiry=a.BeingAsked(number=1, again=Wait(since=NOW, span=scene.HOUR)))
    attempts = (scene.exchanging(1), asked, scene.exchanging(2))
    scenery, owed = scene.given(scene.authorized(*attempts, work=SENDING[0])), []
    while not isinstance(one := resume(scenery.state, LATER), NothingOwed):
        scenery, owed = scenery.when(one), [*owed, one]
    refresh = c.ReportRefresh(now=LATER, chance=0.0, intent=INTENT, answer=CRASHED)

    assert [lost_exchange(1, LATER), lost_exchange(2, LATER), refresh, lost_question(3, LATER)] == owed


def test_after_recovery_a_question_can_be_asked_again():
    """It counts as one that MailUp did not answer, and the next one waits as after any other."""
    again = Wait(since=NOW, span=timedelta(minutes=5))
    after = recovered(scene.authorized(scene.identifying(inquiry=a.BeingAsked(number=1, again=again))))

    assert (e.IdentityUnavailable(subject=scene.attempt_id(1), why="process-ended"),) == after.decided
    assert (scene.identifying(inquiry=a.ToBeAsked(number=1, again=again)),) == after.state.attempts


def test_after_recovery_a_code_is_never_sent_again():
    """I11: its attempt is over, and the browser that comes back with it once more changes nothing."""
    after = recovered(scene.awaiting_code(scene.exchanging()))
    callback = Returned(nonces=(scene.nonce(1),), issuer=Absent(), code=scene.credential("code-1"))
    again = after.when(
        c.AcceptCallback(now=NOW, attempt=scene.attempt_id(1), binding=scene.binding(1), callback=callback)
    )

    assert s.Absence.EXCHANGE_FAILED is after.state.reason
    assert [(a.AttemptEnd.EXCHANGE_OUTCOME_LOST, "process-ended")] == [
        (attempt.end, attempt.detail) for attempt in after.state.attempts
    ]
    assert () == again.decided


@pytest.mark.parametrize("build", BUILDS)
@pytest.mark.parametrize(("work", "settles"), list(zip(SENDING, [2, 10], strict=True)))
def test_after_recovery_a_refresh_token_settles_and_is_tried_again(build, work, settles):
    """The same token, after the wait that a lost answer calls for: it may still work, and nothing newer is known."""
    after = recovered(build(work=work))
    span = timedelta(seconds=settles)
    early = after.when(c.RefreshNow(now=NOW))
    (again,) = after.when(c.RefreshNow(now=NOW + span)).decided

    assert e.RefreshOutcomeUnknown(defect=Defect.CRASHED, at=NOW, wait=Wait(since=NOW, span=span)) == after.decided[0]
    assert r.MustWait(remaining=span) == early.decided
    assert (scene.credential("refresh"), 2) == (again.refresh, again.intent.number)


def test_an_old_intent_waits_for_the_end_of_the_access_token():
    """Found when every grace is over, it costs nobody the access token that still works (reliability.md 4.5)."""
    due, over = NOW + timedelta(minutes=50), NOW + scene.HOUR
    after = recovered(scene.authorized(work=SENDING[0]), now=due - timedelta(seconds=2))

    assert () == after.when(c.UseAccess(now=due)).decided
    assert [e.AccessTokenExpired, e.RefreshStarted] == [type(one) for one in after.when(c.UseAccess(now=over)).decided]


def doubts(state):
    """Return how many lost answers a connection's refresh work remembers."""
    remembered = getattr(getattr(state, "work", None), "setbacks", ())
    return sum(setback.kind is w.SetbackKind.UNANSWERED for setback in remembered)


@settings(max_examples=60)
@given(before=st.sampled_from(SHAPES).flatmap(lambda shape: connections(*shape)), now=moments, later=moments)
def test_fault_P24_recovery_may_die_and_begin_again(before, now, later):
    """However far it came at first, in the end no code is out, and one lost answer is counted as one."""
    owed = resume(before, now)
    half = before if isinstance(owed, NothingOwed) else scene.given(before).when(owed).state
    whole = recovered(half, later).state
    was_sending = isinstance(getattr(before, "work", None), w.InFlight | w.Retrying)

    assert doubts(before) + was_sending == doubts(whole)
    assert [] == [attempt for attempt in whole.attempts if isinstance(attempt, a.Exchanging)] + questions(whole)
