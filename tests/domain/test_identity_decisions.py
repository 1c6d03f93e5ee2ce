"""Whose an authorization is: when it is asked, what each answer means, and that nobody is replaced unnoticed."""

from datetime import timedelta

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailup_oauth.domain import commands as c
from mailup_oauth.domain import events as e
from mailup_oauth.domain import refusals as r
from mailup_oauth.domain import states as s
from mailup_oauth.domain import work as w
from mailup_oauth.domain.attempts import AttemptEnd, Identifying, ToBeAsked
from mailup_oauth.domain.decide.callback import named
from mailup_oauth.domain.errors import DeathCause
from mailup_oauth.domain.instants import Wait
from mailup_oauth.domain.policy import PRODUCTION
from mailup_oauth.domain.tokens import Anonymous, NoRefreshToken, Unidentified
from mailup_oauth.domain.wire import outcomes as o
from mailup_oauth.testing import scenario as scene
from mailup_oauth.testing.scenario import ALICE, BOB, NOW
from mailup_oauth.testing.shapes import SHAPES, answers, connections, moments

NAME = scene.attempt_id(1)
AGAIN = Wait(since=NOW, span=PRODUCTION.identity_wait)
NOT_YET = Unidentified(again=AGAIN)
OPEN = Unidentified(again=Wait(since=NOW, span=timedelta()))
HELD = scene.authorized(scene.identifying())
NAMELESS = scene.authorized(grant=scene.grant(user=OPEN))
UNANSWERED = [(o.UserUnknown(why="status-500"), "status-500"), (o.ContractUnsigned(), "contract-unsigned")]
DAY = PRODUCTION.identity_patience
any_connection = st.sampled_from(SHAPES).flatmap(lambda shape: connections(*shape))


def asking(before, now=NOW):
    """Ask whose a connection's tokens are."""
    return scene.given(before).when(c.AskIdentity(now=now))


def reporting(before, answer, *, subject=NAME, epoch=1, now=NOW):
    """Tell a connection whose its tokens are."""
    return scene.given(before).when(c.ReportIdentity(now=now, epoch=epoch, subject=subject, answer=answer))


def asked(subject, access, again=AGAIN):
    """Return the event that MailUp is asked."""
    return e.IdentityAsked(subject=subject, epoch=1, access=access.credential, again=again)


def test_held_tokens_are_asked_about_before_those_in_use():
    """An attempt's tokens come first, with their own access token; the connection's are next, and then there is peace."""
    first = asking(attrs.evolve(NAMELESS, attempts=(scene.finished(2), scene.identifying())))
    second = first.when(c.AskIdentity(now=NOW))
    third = second.when(c.AskIdentity(now=NOW))

    assert (asked(NAME, scene.access("held-access-1")),) == first.decided
    assert (asked(e.CURRENT, scene.access()),) == second.decided
    assert () == third.decided


@pytest.mark.parametrize(("before", "subject"), [(HELD, NAME), (NAMELESS, e.CURRENT)], ids=["attempt", "connection"])
@given(waited=st.timedeltas(timedelta(), 2 * PRODUCTION.identity_wait))
def test_nobody_is_asked_again_before_five_minutes(before, subject, waited):
    """After one question in vain, the next one about the same tokens waits, and then it is asked."""
    unknown = o.UserUnknown(why="status-500")
    once = asking(before).when(c.ReportIdentity(now=NOW, epoch=1, subject=subject, answer=unknown))
    again = once.when(c.AskIdentity(now=NOW + waited)).decided

    assert (waited >= timedelta(minutes=5)) is bool(again)


def test_nobody_else_asks_meanwhile():
    """As long as nobody says that a question was in vain, it is not asked a second time."""
    assert () == asking(HELD).when(c.AskIdentity(now=NOW + scene.HOUR / 2)).decided


def test_who_was_asked_for_least_often_is_asked_for_next_and_of_those_the_latest():
    """However long MailUp is silent about one user, the others have their turn."""
    access = scene.access(life=DAY)
    held = [attrs.evolve(scene.identifying(n, inquiry=tried(n == 1)), access=access) for n in (1, 2, 3)]
    scenery, turns = scene.given(scene.authorized(*held)), []
    for now in (NOW + times * PRODUCTION.identity_wait for times in range(6)):
        (question,) = scenery.when(c.AskIdentity(now=now)).decided
        turns.append(question.subject)
        in_vain = c.ReportIdentity(now=now, epoch=1, subject=question.subject, answer=o.UserUnknown(why="timeout"))
        scenery = scenery.when(c.AskIdentity(now=now)).when(in_vain)

    assert [scene.attempt_id(number) for number in (3, 2, 3, 2, 1, 3)] == turns


def tried(times):
    """Return the inquiry of an attempt about which MailUp was asked so often in vain, and may be asked now."""
    return ToBeAsked(number=times, again=Wait(since=NOW, span=timedelta()))


@pytest.mark.parametrize(
    "before",
    [
        s.INITIAL,
        scene.awaiting_code(scene.awaiting()),
        scene.authorized(),
        scene.authorized(grant=scene.grant(user=Anonymous())),
        scene.authorized(grant=scene.grant(user=NOT_YET)),
        scene.expired(grant=scene.grant(user=OPEN)),
    ],
)
def test_there_is_nothing_to_ask_where_it_is_known_or_cannot_be(before):
    """Nothing held, a known user, no page to ask, asked just now, or no access token to ask with: nobody is asked."""
    assert () == asking(before).decided


def test_an_access_token_that_is_over_asks_nobody():
    """Past its end it is not sent, not even to ask whose it is."""
    assert () == asking(NAMELESS, now=NOW + scene.HOUR).decided


@given(waited=st.timedeltas(PRODUCTION.identity_wait, 2 * DAY))
def test_held_tokens_are_given_up_after_a_day(waited):
    """Until then they are asked about as long as their access token works; from then on the attempt is dropped."""
    now = NOW + waited
    question = asked(NAME, scene.access("held-access-1"), again=Wait(since=now, span=PRODUCTION.identity_wait))
    dropped = e.AttemptDropped(attempt=NAME, why=e.DropReason.LAPSED)
    expected = (question,) if scene.access().is_usable(now) else ()
    before = scene.authorized(scene.identifying(inquiry=tried(1)))

    assert (expected if waited < timedelta(days=1) else (dropped,)) == asking(before, now=now).decided


def test_tokens_that_are_over_are_asked_about_once():
    """The server may count their life otherwise, as where they are born at their end; one refusal is enough."""
    over, early = scene.authorized(scene.identifying()), scene.authorized(scene.identifying(inquiry=tried(1)))

    assert [e.IdentityAsked] == [type(event) for event in asking(over, now=NOW + scene.HOUR).decided]
    assert () == asking(early, now=NOW + scene.HOUR).decided


def test_what_lapses_is_not_asked_about_and_keeps_nobody_waiting():
    """Tokens that live longer than the day for which they are held end with it; others are asked about meanwhile."""
    long = scene.access(life=3 * DAY)
    lapsing, other = (attrs.evolve(scene.identifying(number), access=long) for number in (1, 2))
    other = attrs.evolve(other, browser=scene.browser(2, since=NOW + DAY), inquiry=tried(1))
    dropped, question = asking(scene.authorized(other, lapsing), now=NOW + DAY).decided

    assert e.AttemptDropped(attempt=NAME, why=e.DropReason.LAPSED) == dropped
    assert (e.IdentityAsked, scene.attempt_id(2)) == (type(question), question.subject)


def test_held_tokens_of_the_same_user_take_over():
    """The same UID, under whatever name, lets the new authorization in, and the attempt is over."""
    alice = attrs.evolve(ALICE, username="m1-renamed")
    after = reporting(HELD, alice)
    issued = e.TokensIssued(
        attempt=NAME,
        epoch=2,
        access=scene.access("held-access-1"),
        refresh=scene.credential("held-refresh-1"),
        user=alice,
        notes=(),
    )

    assert (issued,) == after.decided
    assert (2, alice, (scene.finished(),)) == (after.state.epoch, after.state.grant.user, after.state.attempts)


def test_held_tokens_of_another_user_are_dropped():
    """Both users are named in the journal, the tokens are nowhere any more, and the connected user goes on."""
    after = reporting(HELD, BOB)

    assert (e.AccountRefused(attempt=NAME, connected=ALICE, arrived=BOB),) == after.decided
    assert scene.authorized(scene.finished(end=AttemptEnd.ANOTHER_ACCOUNT)) == after.state


def test_of_two_log_ons_the_later_wins():
    """Tokens that were held before those that take over are given up, those that were held after them are not."""
    attempts = [scene.identifying(number) for number in (2, 1, 3)]
    after = reporting(scene.authorized(*attempts), ALICE)
    dropped = e.AttemptDropped(attempt=scene.attempt_id(2), why=e.DropReason.OVERTAKEN)

    assert (e.TokensIssued, dropped) == (type(after.decided[0]), *after.decided[1:])
    assert (scene.finished(1), attempts[2]) == after.state.attempts


def test_the_held_stand_in_the_order_in_which_they_came():
    """Whoever logs on first and comes back last is the later one."""
    before = scene.authorized(scene.exchanging(1), scene.identifying(2))
    granted = o.Granted(access=scene.credential("x"), refresh=scene.credential("y"), life=scene.HOUR, notes=())
    after = scene.given(before).when(c.ReportExchange(now=NOW, chance=0.0, attempt=NAME, answer=granted))

    assert [scene.attempt_id(2), NAME] == [attempt.browser.id for attempt in after.state.attempts]


@pytest.mark.parametrize("connected", [OPEN, Anonymous()])
def test_where_nobody_is_known_anybody_takes_over(connected):
    """Held tokens whose user is learned while the connection has no known user any more are let in."""
    before = scene.expired(scene.identifying(), grant=scene.grant(user=connected))

    assert BOB == reporting(before, BOB).state.grant.user


def test_held_tokens_without_a_refresh_token_take_over_with_their_end_in_sight():
    """They are the user's own, and work until their access token ends."""
    before = scene.authorized(scene.identifying(refresh=NoRefreshToken()))
    after = reporting(before, ALICE)

    assert [e.TokensIssued, e.GrantDied] == [type(event) for event in after.decided]
    assert w.Dead(cause=DeathCause.NO_REFRESH_TOKEN, at=NOW) == after.state.work


@pytest.mark.parametrize(("answer", "why"), UNANSWERED)
@pytest.mark.parametrize(("before", "subject"), [(HELD, NAME), (NAMELESS, e.CURRENT)], ids=["attempt", "connection"])
def test_what_is_not_answered_is_told_and_asked_again(before, subject, answer, why):
    """No answer decides nothing: the tokens stay where they are, and what was asked in vain is counted."""
    once = asking(before)
    after = once.when(c.ReportIdentity(now=NOW, epoch=1, subject=subject, answer=answer))
    counted = scene.identifying(inquiry=ToBeAsked(number=1, again=AGAIN))

    assert (e.IdentityUnavailable(subject=subject, why=why),) == after.decided
    assert after.state == (scene.authorized(counted) if subject == NAME else once.state)


@pytest.mark.parametrize("before", [NAMELESS, scene.expired(grant=scene.grant(user=NOT_YET))])
def test_the_connections_user_is_learned_once(before):
    """The first answer is recorded; a second one, whosever it is, comes too late."""
    first = reporting(before, ALICE, subject=e.CURRENT)
    second = first.when(c.ReportIdentity(now=NOW, epoch=1, subject=e.CURRENT, answer=BOB))

    assert (e.UserIdentified(user=ALICE),) == first.decided
    assert (r.StaleAnswer(), ALICE) == (second.decided, second.state.grant.user)


def is_open(state, subject, epoch):
    """Say whether the question about *subject* under this authorization is still open."""
    if not isinstance(state, s.Holding) or epoch != state.epoch:
        return False
    if subject == e.CURRENT:
        return isinstance(state.grant.user, Unidentified)
    return isinstance(named(state.attempts, subject), Identifying)


@settings(max_examples=100)
@given(before=any_connection, answer=answers(c.ReportIdentity), now=moments, number=st.integers(0, 6), data=st.data())
def test_a_late_answer_about_a_user_changes_nothing(before, answer, now, number, data):
    """An answer under an earlier authorization, or to a question that is settled, is not used."""
    subject = scene.attempt_id(number) if number else e.CURRENT
    epoch = data.draw(st.sampled_from([before.epoch, before.epoch, before.epoch + 1]))
    after = reporting(before, answer, subject=subject, epoch=epoch, now=now)

    assert is_open(before, subject, epoch) is (r.StaleAnswer() != after.decided)
    assert is_open(before, subject, epoch) or before == after.state
