"""Who waits until it is known whose held tokens are: only whoever has no other hope, and only while there is one."""

from datetime import timedelta

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailup_oauth.domain import work as w
from mailup_oauth.domain.attempts import BeingAsked, ToBeAsked
from mailup_oauth.domain.errors import DeathCause
from mailup_oauth.domain.instants import NO_TIME, Wait
from mailup_oauth.domain.whose import NotAwaited, until_told, until_user_is_known
from mailup_oauth.testing import scenario as scene
from mailup_oauth.testing.scenario import NOW

DEAD = w.Dead(cause=DeathCause.REFRESH_TOKEN_REFUSED, at=NOW)
PAUSE = timedelta(minutes=5)
LONG = timedelta(days=1)


def to_be_asked(number, span=NO_TIME):
    """Return the inquiry after so many questions in vain, the next of which may follow after *span*."""
    return ToBeAsked(number=number, again=Wait(since=NOW, span=span))


def being_asked(number):
    """Return the inquiry while a question is on its way."""
    return BeingAsked(number=number, again=Wait(since=NOW, span=PAUSE))


def held(number, inquiry, life=LONG):
    """Return tokens that are held."""
    return attrs.evolve(scene.identifying(number, inquiry=inquiry), access=scene.access(life=life))


def wait(*inquiries, work=DEAD, now=NOW):
    """Return how long who wants a token waits for the users of tokens that are held."""
    attempts = [held(number, inquiry) for number, inquiry in enumerate(inquiries, start=1)]
    return until_user_is_known(scene.authorized(*attempts, work=work), now)


@pytest.mark.parametrize("inquiry", [to_be_asked(0), to_be_asked(1, PAUSE), being_asked(1), being_asked(7)])
def test_an_authorization_that_lives_waits_for_nobody(inquiry):
    """Whose the held tokens are is then no matter of whoever wants a token."""
    assert NotAwaited() == wait(inquiry, work=w.Idle())


def test_a_dead_one_without_held_tokens_has_nobody_to_wait_for():
    """Attempts of another kind hold no tokens."""
    assert NotAwaited() == until_user_is_known(scene.authorized(scene.exchanging(), work=DEAD), NOW)


@pytest.mark.parametrize(
    ("inquiry", "expected"),
    [
        (being_asked(1), NO_TIME),
        (being_asked(2), NO_TIME),
        (being_asked(7), NO_TIME),
        (to_be_asked(0), NO_TIME),
        (to_be_asked(1, PAUSE), PAUSE),
        (to_be_asked(2, PAUSE), NotAwaited()),
        (to_be_asked(7), NotAwaited()),
    ],
)
def test_a_dead_one_waits_while_mailup_is_asked_and_until_it_was_asked_twice(inquiry, expected):
    """A question that is on its way may bring the user at any moment; after two in vain nobody is kept."""
    assert expected == wait(inquiry)


@given(waited=st.timedeltas(NO_TIME, 2 * PAUSE))
def test_what_is_left_of_a_pause_is_waited_for(waited):
    """The wait is told as of now."""
    assert max(NO_TIME, PAUSE - waited) == wait(to_be_asked(1, PAUSE), now=NOW + waited)


def test_the_first_who_may_become_known_is_waited_for():
    """Of several the shortest wait counts, whatever stands before or behind it."""
    soon, later, never = to_be_asked(1, PAUSE), to_be_asked(1, 2 * PAUSE), to_be_asked(2)

    assert PAUSE == wait(later, never, soon) == wait(soon, later)
    assert NO_TIME == wait(soon, being_asked(1), later)


@pytest.mark.parametrize("state", [scene.expired, scene.refreshed])
def test_it_is_the_same_in_every_state_with_an_authorization(state):
    """An access token that is over, or came of a refresh, changes nothing of it."""
    assert PAUSE == until_user_is_known(state(held(1, to_be_asked(1, PAUSE)), work=DEAD), NOW)


@pytest.mark.parametrize(("number", "expected"), [(0, NO_TIME), (1, NotAwaited())])
def test_a_token_that_is_over_is_asked_with_once(number, expected):
    """MailUp may count its life otherwise; once it was asked in vain, nobody waits for more."""
    over = held(1, to_be_asked(number), life=PAUSE)
    now = NOW + PAUSE

    assert expected == until_told(over, now)
    assert expected == until_user_is_known(scene.authorized(over, work=DEAD), now)


def test_a_question_on_its_way_is_heard_out_though_its_token_is_over():
    """The answer is already coming."""
    assert NO_TIME == until_told(held(1, being_asked(2), life=PAUSE), NOW + PAUSE)
