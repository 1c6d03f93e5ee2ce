"""What the answer to a refresh token comes to: new tokens, a wait, a doubt, or the end; and what is fenced off."""

from datetime import timedelta
from typing import get_args

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailup_oauth.domain import commands as c
from mailup_oauth.domain import events as e
from mailup_oauth.domain import refusals as r
from mailup_oauth.domain import states as s
from mailup_oauth.domain import work as w
from mailup_oauth.domain.instants import Wait
from mailup_oauth.domain.policy import PRODUCTION
from mailup_oauth.domain.tokens import Grant, NoRefreshToken, access_from
from mailup_oauth.domain.wire import outcomes as o
from mailup_oauth.domain.work import SetbackKind as Kind
from mailup_oauth.testing import scenario as scene
from mailup_oauth.testing.scenario import NOW
from mailup_oauth.testing.shapes import SHAPES, answers, chances, connections, moments

LATER = NOW + timedelta(seconds=50)
INTENT = scene.intent()
DOUBTED = (w.Setback(Kind.UNANSWERED, NOW),)
FLYING, RETRYING = w.InFlight(intent=INTENT), w.Retrying(intent=INTENT, setbacks=DOUBTED)
NEW, NOTES = scene.credential("new-refresh"), (o.Note.LIFE_ASSUMED,)
GRANTED = o.Granted(access=scene.credential("new-access"), refresh=NEW, life=scene.HOUR, notes=NOTES)
BOTH = pytest.mark.parametrize("work", [FLYING, RETRYING], ids=["in-flight", "retrying"])
SECOND = timedelta(seconds=1)


def setbacks(kind, times, at=NOW):
    """Return the same setback several times."""
    return (w.Setback(kind, at),) * times


def reported(before, answer, *, now=LATER, chance=0.0, intent=INTENT):
    """Tell a connection what became of its refresh token."""
    return scene.given(before).when(c.ReportRefresh(now=now, chance=chance, intent=intent, answer=answer))


def deferred(kind, detail, span):
    """Return the event that the refresh token is kept, and waits."""
    return e.RefreshDeferred(kind=kind, detail=detail, wait=Wait(since=LATER, span=span))


@BOTH
@given(chance=chances)
def test_tokens_are_the_next_generation(work, chance):
    """A doubt is over, the generation is one higher, and the access token's windows count from when the request left."""
    access = access_from(GRANTED.access, life=scene.HOUR, asked_at=NOW, policy=PRODUCTION, chance=chance)
    after = reported(scene.expired(work=work), GRANTED, chance=chance)
    grant = Grant(generation=1, refresh=NEW, user=scene.ALICE, authorized_at=NOW, born_at=NOW)

    assert (e.TokensRefreshed(generation=1, access=access, refresh=NEW, notes=NOTES),) == after.decided
    assert s.Refreshed(epoch=1, attempts=(), grant=grant, work=w.Idle(), access=access) == after.state


@BOTH
def test_sec_43_an_answer_without_a_refresh_token_is_a_generation_too(work):
    """The old refresh token goes on, as the next generation, and is what is sent next."""
    after = reported(scene.authorized(work=work), attrs.evolve(GRANTED, refresh=o.KeepOld()))

    assert scene.grant(generation=1) == after.state.grant
    assert scene.credential("refresh") == after.when(c.RefreshNow(now=LATER)).decided[0].refresh


@BOTH
def test_sec_37_and_fault_N18_a_salvaged_refresh_token_is_the_newest_and_is_tried_first(work):
    """The old one is spent: whatever was wrong with the answer, the next refresh sends the new one, without a doubt."""
    salvaged = reported(scene.authorized(work=work), o.Salvaged(refresh=NEW, defect=o.Defect.MEDIA_TYPE))
    event = e.RefreshTokenSalvaged(generation=1, refresh=NEW, defect=o.Defect.MEDIA_TYPE, at=NOW)
    (following,) = salvaged.when(c.UseAccess(now=LATER)).decided

    assert ((event,), s.ExpiryCause.SALVAGED) == (salvaged.decided, salvaged.state.cause)
    assert (NEW, 1, 1) == (following.refresh, following.intent.generation, following.intent.number)


@pytest.mark.parametrize(("doubts", "seconds"), [(0, 2), (1, 10), (2, 30), (3, 75), (4, 75), (12, 75)])
def test_the_server_is_given_longer_and_longer_to_settle(doubts, seconds):
    """2, 10 and 30 seconds, then 75: longer than any published grace, and no longer than that (reliability.md 4.3)."""
    work = w.Retrying(intent=INTENT, setbacks=setbacks(Kind.UNANSWERED, doubts)) if doubts else FLYING
    after = reported(scene.expired(work=work), o.OutcomeUnknown(defect=o.Defect.TIMEOUT))
    wait = Wait(since=LATER, span=timedelta(seconds=seconds))

    assert (e.RefreshOutcomeUnknown(defect=o.Defect.TIMEOUT, at=NOW, wait=wait),) == after.decided
    assert (w.Unknown, wait) == (type(after.state.work), after.state.work.wait)


@pytest.mark.parametrize(("doubts", "seconds"), [(1, 1), (2, 7), (3, 7)])
def test_how_long_a_server_settles_is_for_the_policy_to_say(doubts, seconds):
    """Its list of waits is gone through once, and its last wait stays."""
    policy = attrs.evolve(PRODUCTION, settle=(3 * SECOND, SECOND), doubt_wait=7 * SECOND)
    work = w.Retrying(intent=INTENT, setbacks=setbacks(Kind.UNANSWERED, doubts))
    command = c.ReportRefresh(now=LATER, chance=0.0, intent=INTENT, answer=o.OutcomeUnknown(defect=o.Defect.RESET))
    (event,) = scene.given(scene.expired(work=work), policy=policy).when(command).decided

    assert timedelta(seconds=seconds) == event.wait.span


@pytest.mark.parametrize("kind", [kind for kind in Kind if kind is not Kind.UNANSWERED])
def test_other_setbacks_make_no_doubt_longer(kind):
    """What kept a refresh token at home says nothing about how long a server needs to settle."""
    work = w.InFlight(intent=INTENT, setbacks=setbacks(kind, 5))
    (event,) = reported(scene.expired(work=work), o.OutcomeUnknown(defect=o.Defect.CLOSED)).decided

    assert 2 * SECOND == event.wait.span


@pytest.mark.parametrize(("asked", "waited"), [(1, 2), (2, 2), (40, 40), (3600, 3600)])
def test_fault_N14_a_503_is_waited_for_as_told(asked, waited):
    """The server's own wait counts where it is the longer one, up to the hour that the wire lets through."""
    answer = o.OutcomeUnknown(defect=o.Defect.SERVER_ERROR, wait=timedelta(seconds=asked))
    (event,) = reported(scene.expired(work=FLYING), answer).decided

    assert timedelta(seconds=waited) == event.wait.span


OBSTACLES = [
    (o.ClientRefused(error="invalid_client"), Kind.CLIENT_REFUSED, "invalid_client", [5] * 12),
    (o.ContractUnsigned(), Kind.CONTRACT_UNSIGNED, "", [60] * 12),
    (o.NeverLeft(fault="refused"), Kind.NOT_SENT, "refused", [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900]),
    (o.TooManyRequests(wait=timedelta()), Kind.RATE_LIMITED, "", [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900]),
    (o.TooManyRequests(wait=40 * SECOND), Kind.RATE_LIMITED, "", [40, 40, 40, 40, 40, 40, 64, 128, 256, 512, 900, 900]),
]


@pytest.mark.parametrize(("answer", "kind", "detail", "spans"), OBSTACLES)
def test_sec_40_and_fault_N28_nothing_that_is_in_the_way_costs_the_token(answer, kind, detail, spans):
    """Wrong keys, terms, rate and network: the token is kept however often it happens, and waits longer where that helps."""
    after = [
        reported(scene.expired(work=w.InFlight(intent=INTENT, setbacks=setbacks(kind, times))), answer)
        for times in range(len(spans))
    ]

    assert [(deferred(kind, detail, span * SECOND),) for span in spans] == [one.decided for one in after]
    assert [(w.Deferred, scene.grant())] * len(spans) == [(type(one.state.work), one.state.grant) for one in after]


@pytest.mark.parametrize("answer", [*(answer for answer, *_ in OBSTACLES), o.NotUnderstood(status=418)])
def test_a_doubt_remains_whatever_is_in_the_way_of_the_second_try(answer):
    """The first request may still have been obeyed, so a later refusal will be understood as that one's."""
    after = reported(scene.expired(work=RETRYING), answer)

    assert [e.RefreshDeferred] == [type(event) for event in after.decided]
    assert (w.Unknown, Kind.UNANSWERED) == (type(after.state.work), after.state.work.setbacks[0].kind)


def test_the_tables_have_every_answer():
    """Nothing that can become of a token request is left out of this room; two kinds of refusal have one of their own."""
    here = {o.Granted, o.Salvaged, o.OutcomeUnknown, o.NotUnderstood, *(type(answer) for answer, *_ in OBSTACLES)}

    assert set(get_args(o.TokenAnswer)) == {*here, o.GrantRefused}


def wait_of(event):
    """Return the wait that an event begins, if it begins one."""
    return getattr(event, "wait", None)


histories = st.lists(st.builds(w.Setback, st.sampled_from(Kind), moments), min_size=1, max_size=12).map(tuple)


@settings(max_examples=200)
@given(answer=answers(c.ReportRefresh), history=histories, now=moments, chance=chances, doubted=st.booleans())
def test_no_wait_is_longer_than_the_longest(answer, history, now, chance, doubted):
    """Whatever happened before, a wait ends within a quarter hour and its spread, or what the server asked for and its."""
    work = (w.Retrying if doubted else w.InFlight)(intent=INTENT, setbacks=history)
    (event,) = reported(scene.expired(work=work), answer, now=now, chance=chance).decided
    longest = max(PRODUCTION.longest_wait, getattr(answer, "wait", timedelta()))
    wait = wait_of(event)

    assert wait is None or now == wait.since
    assert wait is None or timedelta() < wait.span <= longest * (1 + PRODUCTION.settle_spread)


@settings(max_examples=100)
@given(answer=answers(c.ReportRefresh), now=moments, chance=chances, jumped=moments)
def test_no_clock_makes_a_wait_longer_than_its_span(answer, now, chance, jumped):
    """However far the clock jumps after an answer, a refresh starts at once or within the span that was decided."""
    after = reported(scene.expired(work=FLYING), answer, now=now, chance=chance)
    decided = after.when(c.RefreshNow(now=jumped)).decided

    assert not isinstance(decided, r.MustWait) or decided.remaining <= wait_of(after.decided[0]).span


@pytest.mark.parametrize("answer", [o.OutcomeUnknown(defect=o.Defect.TIMEOUT), o.ClientRefused(error="x"), GRANTED])
@given(chance=chances)
def test_chance_only_lengthens_a_wait(answer, chance):
    """Many connections that failed together do not come back together, and none comes back too early."""
    waits = [wait_of(reported(scene.expired(work=FLYING), answer, chance=each).decided[0]) for each in (0.0, chance)]
    least, drawn = (wait.span if wait else timedelta() for wait in waits)

    assert least * (1 + chance * PRODUCTION.settle_spread) == drawn


ANOTHER = {
    "epoch": 7,
    "generation": 7,
    "number": 7,
    "mark": scene.credential("other").mark,
    "sent": Wait(since=NOW + SECOND, span=SECOND),
}
"""What tells an intent from every one that these connections have stored."""

SENDING = [shape for shape in SHAPES if shape[1] in {w.InFlight, w.Retrying}]
QUIET = [shape for shape in SHAPES if shape not in SENDING]


def any_of(shapes):
    """Draw a connection of one of these shapes."""
    return st.sampled_from(shapes).flatmap(lambda shape: connections(*shape))


def brings_tokens(answer):
    """Say whether an answer holds a refresh token."""
    return isinstance(answer, o.Granted | o.Salvaged)


late_answers = answers(c.ReportRefresh)
refusals = late_answers.filter(lambda answer: not brings_tokens(answer))


@pytest.mark.parametrize("part", ANOTHER)
@settings(max_examples=20)
@given(before=any_of(SENDING), answer=refusals, now=moments)
def test_a_late_answer_changes_nothing(part, before, answer, now):
    """Of another epoch, generation, number, token or moment of sending: it answers a question that is no longer open."""
    intent = attrs.evolve(before.work.intent, **{part: ANOTHER[part]})
    after = reported(before, answer, now=now, intent=intent)

    assert (r.StaleAnswer(), before) == (after.decided, after.state)


@pytest.mark.parametrize("part", ["epoch", "generation", "mark"])
@settings(max_examples=20)
@given(before=any_of(SENDING), answer=late_answers, now=moments)
def test_late_tokens_for_what_is_not_the_newest_token_change_nothing(part, before, answer, now):
    """Whoever holds a newer generation, or another authorization, does not go back (I2)."""
    intent = attrs.evolve(before.work.intent, **{part: ANOTHER[part]})
    after = reported(before, answer, now=now, intent=intent)

    assert (r.StaleAnswer(), before) == (after.decided, after.state)


DOUBT = w.Unknown(setbacks=DOUBTED, wait=Wait(since=NOW, span=SECOND), number=2)


@pytest.mark.parametrize("work", [DOUBT, RETRYING], ids=["unknown", "retrying"])
@pytest.mark.parametrize("answer", [GRANTED, o.Salvaged(refresh=NEW, defect=o.Defect.BODY_CUT)], ids=["whole", "cut"])
def test_fault_S02_late_tokens_for_the_newest_token_are_taken(work, answer):
    """Tokens that waited in a spill that others could not see end the doubt that these had noted meanwhile."""
    first = attrs.evolve(INTENT, sent=Wait(since=NOW - SECOND, span=SECOND))
    late = reported(scene.expired(work=work), answer, intent=first)

    assert (1, NEW, w.Idle()) == (late.decided[0].generation, late.decided[0].refresh, late.state.work)


@pytest.mark.parametrize("answer", [o.GrantRefused(error="invalid_grant"), o.OutcomeUnknown(defect=o.Defect.RESET)])
def test_a_late_answer_without_tokens_ends_no_doubt(answer):
    """What others have noted meanwhile is not changed by a refusal, or by silence, of an earlier try."""
    before = scene.expired(work=DOUBT)

    assert (r.StaleAnswer(), before) == ((late := reported(before, answer)).decided, late.state)


def test_late_tokens_for_no_token_at_all_change_nothing():
    """An authorization that never had a refresh token takes none from an answer to another's."""
    before = scene.expired(work=DOUBT, grant=scene.grant(refresh=NoRefreshToken()))

    assert (r.StaleAnswer(), before) == ((late := reported(before, GRANTED)).decided, late.state)


CERTAIN = w.Deferred(setbacks=(), wait=Wait(since=NOW, span=SECOND), number=1, detail="")


@pytest.mark.parametrize("work", [w.Idle(), CERTAIN, w.Dead(cause=e.DeathCause.ROTATION_OUTCOME_LOST, at=NOW)])
def test_late_tokens_where_there_is_no_doubt_change_nothing(work):
    """A token that was not sent, or is dead for its user already, has no successor to wait for."""
    before = scene.expired(work=work)

    assert (r.StaleAnswer(), before) == ((late := reported(before, GRANTED)).decided, late.state)


@settings(max_examples=40)
@given(before=any_of(QUIET), answer=refusals, now=moments)
def test_an_answer_that_nobody_waits_for_changes_nothing(before, answer, now):
    """Where no refresh token is out, no answer is used that brings no other one."""
    after = reported(before, answer, now=now)

    assert (r.StaleAnswer(), before) == (after.decided, after.state)


def test_fault_K08_a_disconnection_wins_over_the_answer_that_is_under_way():
    """Tokens that arrive for a connection that was ended meanwhile are not used."""
    ended = scene.given(scene.authorized(work=FLYING)).when(c.Disconnect(now=NOW))
    late = ended.when(c.ReportRefresh(now=LATER, chance=0.0, intent=INTENT, answer=GRANTED))

    assert (r.StaleAnswer(), s.Unregistered(epoch=1, reason=s.Absence.DISCONNECTED)) == (late.decided, late.state)
