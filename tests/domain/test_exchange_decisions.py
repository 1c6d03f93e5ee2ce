"""What the answer to a code comes to: every answer, where nobody is connected and where a known user is protected."""

from datetime import timedelta
from typing import get_args

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailup_oauth.domain import attempts as a
from mailup_oauth.domain import commands as c
from mailup_oauth.domain import events as e
from mailup_oauth.domain import refusals as r
from mailup_oauth.domain import states as s
from mailup_oauth.domain import work as w
from mailup_oauth.domain.attempts import AttemptEnd as End
from mailup_oauth.domain.decide.callback import named
from mailup_oauth.domain.errors import DeathCause
from mailup_oauth.domain.instants import Wait
from mailup_oauth.domain.provider import STANDARD
from mailup_oauth.domain.tokens import Anonymous, Grant, NoRefreshToken, Unidentified
from mailup_oauth.domain.wire import outcomes as o
from mailup_oauth.domain.wire.callback import Absent, Returned
from mailup_oauth.testing import scenario as scene
from mailup_oauth.testing.scenario import NOW
from mailup_oauth.testing.shapes import SHAPES, answers, connections, moments

NAME = scene.attempt_id(1)
LATER = NOW + timedelta(seconds=50)
AT_ONCE = Wait(since=NOW, span=timedelta())
NOBODY_YET = Unidentified(again=AT_ONCE)
ACCESS, REFRESH = scene.access("new-access"), scene.credential("new-refresh")
NOTES = (o.Note.TOKEN_TYPE_ASSUMED,)
GRANTED = o.Granted(access=ACCESS.credential, refresh=REFRESH, life=scene.HOUR, notes=NOTES)
NEW_GRANT = Grant(generation=0, refresh=REFRESH, user=NOBODY_YET, authorized_at=NOW, born_at=NOW)
SALVAGED = o.Salvaged(refresh=REFRESH, defect=o.Defect.TOKEN_TYPE)

FIRST = scene.awaiting_code(scene.exchanging())
UNKNOWN_USER = scene.authorized(scene.exchanging(), grant=scene.grant(user=NOBODY_YET))
NO_USER = scene.authorized(scene.exchanging(), grant=scene.grant(user=Anonymous()))
ANYBODY = scene.authorized(scene.exchanging(rule=a.AccountRule.ANY_USER))
PROTECTED = scene.authorized(scene.exchanging())
OPEN = pytest.mark.parametrize("before", [FIRST, UNKNOWN_USER, NO_USER, ANYBODY], ids=["first", "asked", "no", "any"])


def report(answer, attempt=NAME):
    """Tell what became of a code, long after it was sent."""
    return c.ReportExchange(now=LATER, chance=0.0, attempt=attempt, answer=answer)


def issued(before, *, refresh=REFRESH, user=NOBODY_YET):
    """Return the event of a new authorization."""
    return e.TokensIssued(attempt=NAME, epoch=before.epoch + 1, access=ACCESS, refresh=refresh, user=user, notes=NOTES)


def failed(end, detail):
    """Return the event of a code that gave no tokens."""
    return e.ExchangeFailed(attempt=NAME, end=end, detail=detail)


FAILURES = [
    (o.GrantRefused(error="invalid_grant"), End.EXCHANGE_REFUSED, "invalid_grant"),
    (o.ClientRefused(error="invalid_client"), End.CLIENT_REFUSED, "invalid_client"),
    (o.ContractUnsigned(), End.CONTRACT_UNSIGNED, ""),
    (o.TooManyRequests(wait=timedelta(seconds=9)), End.EXCHANGE_OUTCOME_LOST, "rate-limited"),
    (o.NotUnderstood(status=418), End.EXCHANGE_OUTCOME_LOST, "status-418"),
    *((o.OutcomeUnknown(defect=defect), End.EXCHANGE_OUTCOME_LOST, defect.value) for defect in o.Defect),
]
EVERY_ANSWER = [GRANTED, SALVAGED, o.NeverLeft(fault="refused"), *(answer for answer, _, _ in FAILURES)]
FINAL = [answer for answer in EVERY_ANSWER if not isinstance(answer, o.NeverLeft)]


def test_the_tables_below_have_every_answer():
    """Nothing that can become of a token request is left out of these claims."""
    assert set(get_args(o.TokenAnswer)) == {type(answer) for answer in EVERY_ANSWER}


@OPEN
def test_tokens_connect_whoever_may_take_the_place(before):
    """Where nobody is connected, or nobody known, or anybody is welcome, the new authorization begins at once."""
    connected = scene.given(before).when(report(GRANTED))

    assert (issued(before),) == connected.decided
    assert attrs.evolve(scene.authorized(scene.finished(), grant=NEW_GRANT), access=ACCESS, epoch=before.epoch + 1) == (
        attrs.evolve(connected.state, attempts=(scene.finished(),))
    )


def test_tokens_are_held_while_a_known_user_is_protected():
    """The present authorization goes on unchanged until it is known whose the new tokens are."""
    held = scene.given(PROTECTED).when(report(GRANTED))
    event = e.TokensHeld(attempt=NAME, access=ACCESS, refresh=REFRESH, notes=NOTES, again=AT_ONCE)
    inquiry = a.ToBeAsked(number=0, again=AT_ONCE)
    waiting = a.Identifying(browser=scene.browser(), access=ACCESS, refresh=REFRESH, notes=NOTES, inquiry=inquiry)

    assert ((event,), scene.authorized(waiting)) == (held.decided, held.state)


def test_where_nobody_can_be_asked_nobody_is_protected():
    """A provider without an identity page has anonymous users, and a new authorization takes the place at once."""
    connected = scene.given(PROTECTED, provider=STANDARD).when(report(GRANTED))

    assert (issued(PROTECTED, user=Anonymous()),) == connected.decided


@OPEN
def test_an_authorization_without_a_refresh_token_has_its_end_in_sight(before):
    """The access token is used, and it is known from the start that only the user can help afterwards."""
    connected = scene.given(before).when(report(attrs.evolve(GRANTED, refresh=o.KeepOld())))
    end = e.GrantDied(cause=DeathCause.NO_REFRESH_TOKEN, at=NOW, detail="")

    assert (issued(before, refresh=NoRefreshToken()), end) == connected.decided
    assert w.Dead(cause=DeathCause.NO_REFRESH_TOKEN, at=NOW) == connected.state.work


def test_held_tokens_may_lack_a_refresh_token_too():
    """While it is unknown whose they are, their end is nobody's."""
    held = scene.given(PROTECTED).when(report(attrs.evolve(GRANTED, refresh=o.KeepOld())))

    assert [NoRefreshToken()] == [event.refresh for event in held.decided]


@OPEN
def test_a_salvaged_refresh_token_is_an_authorization(before):
    """A whole refresh token in a bad answer is kept (security.md row 37), and nothing is there to call the API with."""
    salvaged = scene.given(before).when(report(SALVAGED))
    event = e.AuthorizationSalvaged(
        attempt=NAME, epoch=before.epoch + 1, refresh=REFRESH, defect=SALVAGED.defect, user=NOBODY_YET, at=NOW
    )

    assert (event,) == salvaged.decided
    assert (s.ExpiryCause.SALVAGED, NEW_GRANT) == (salvaged.state.cause, salvaged.state.grant)


def test_a_salvaged_refresh_token_takes_no_known_users_place():
    """Without an access token it cannot be learned whose it is, so the attempt ends and the present user stays."""
    lost = scene.given(PROTECTED).when(report(SALVAGED))

    assert (failed(End.EXCHANGE_OUTCOME_LOST, "token-type"),) == lost.decided
    assert scene.authorized() == attrs.evolve(lost.state, attempts=())


@pytest.mark.parametrize(("answer", "end", "detail"), FAILURES)
def test_a_code_without_tokens_ends_its_attempt(answer, end, detail):
    """Each answer has its own end and a word for why; where nothing is held, the waiting is over."""
    over = scene.given(FIRST).when(report(answer))

    assert (failed(end, detail), e.ConnectionNotMade(reason=s.Absence.EXCHANGE_FAILED)) == over.decided
    assert (a.Finished(browser=scene.browser(), end=end, detail=detail),) == over.state.attempts


@pytest.mark.parametrize(("answer", "end", "detail"), FAILURES)
def test_a_code_without_tokens_costs_nothing_that_is_held(answer, end, detail):
    """A failed re-authorization leaves the authorization that works as it was."""
    over = scene.given(PROTECTED).when(report(answer))

    assert (failed(end, detail),) == over.decided
    assert scene.authorized() == attrs.evolve(over.state, attempts=())


@pytest.mark.parametrize("before", [FIRST, PROTECTED], ids=["first", "protected"])
@pytest.mark.parametrize("answer", FINAL)
def test_sec_21_a_code_is_sent_once_whatever_became_of_it(before, answer):
    """After any answer but one, its attempt accepts no callback and takes no second answer."""
    over = scene.given(before).when(report(answer))
    again = Returned(nonces=(scene.nonce(1),), issuer=Absent(), code=scene.credential("code-1"))
    command = c.AcceptCallback(now=NOW, attempt=NAME, binding=scene.binding(1), callback=again)

    assert () == over.when(command).decided
    assert r.StaleAnswer() == over.when(report(GRANTED)).decided


@pytest.mark.parametrize("before", [FIRST, PROTECTED], ids=["first", "protected"])
def test_a_code_that_never_left_can_be_sent(before):
    """Provably unsent, it returns its attempt to where it was, and nothing else changes."""
    unsent = scene.given(before).when(report(o.NeverLeft(fault="refused")))

    assert (e.ExchangeNotSent(attempt=NAME, fault="refused"),) == unsent.decided
    assert attrs.evolve(before, attempts=(scene.awaiting(),)) == unsent.state


@settings(max_examples=60)
@given(data=st.data(), answer=answers(c.ReportExchange), now=moments, number=st.integers(1, 6))
def test_a_late_answer_to_a_code_changes_nothing(data, answer, now, number):
    """Whatever it brings, an answer for an attempt whose code is not out is not used."""
    before = data.draw(st.sampled_from(SHAPES).flatmap(lambda shape: connections(*shape)))
    command = c.ReportExchange(now=now, chance=1.0, attempt=scene.attempt_id(number), answer=answer)
    is_out = isinstance(named(before.attempts, scene.attempt_id(number)), a.Exchanging)

    assert is_out is (r.StaleAnswer() != scene.given(before).when(command).decided)


def test_fault_K07_a_new_authorization_fences_off_the_answers_to_the_old_one():
    """While a refresh of the old authorization is out, new tokens win, and the answer that comes late is not used."""
    intent = scene.intent()
    busy = attrs.evolve(ANYBODY, work=w.InFlight(intent=intent))
    renewed = scene.given(busy).when(report(GRANTED))
    late = renewed.when(c.ReportRefresh(now=LATER, chance=0.0, intent=intent, answer=GRANTED))

    assert (issued(busy),) == renewed.decided
    assert (r.StaleAnswer(), renewed.state) == (late.decided, late.state)
