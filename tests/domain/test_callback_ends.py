"""What a callback ends: an attempt whose time is over, one that was denied, and a flood's place in the journal."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailup_oauth.domain import commands as c
from mailup_oauth.domain import events as e
from mailup_oauth.domain import refusals as r
from mailup_oauth.domain import states as s
from mailup_oauth.domain.attempts import AttemptEnd, Finished
from mailup_oauth.domain.errors import CallbackFault
from mailup_oauth.domain.policy import PRODUCTION
from mailup_oauth.domain.wire.callback import Absent, Denied, Faulty, Returned
from mailup_oauth.testing import scenario as scene
from mailup_oauth.testing.scenario import NOW

NAME = scene.attempt_id(1)
LISTED = PRODUCTION.refusals_listed
CODE = Returned(nonces=(scene.nonce(1),), issuer=Absent(), code=scene.credential("code-1"))
MALFORMED = Faulty(nonces=(scene.nonce(1),), issuer=Absent(), fault=CallbackFault.CODE_MALFORMED)
LAPSED = (
    e.CallbackRefused(attempt=NAME, fault=CallbackFault.LAPSED),
    e.AttemptDropped(attempt=NAME, why=e.DropReason.LAPSED),
)


def accepting(callback=CODE, *, browser=1, now=NOW):
    """Ask for a callback of the first attempt to be accepted."""
    return c.AcceptCallback(now=now, attempt=NAME, binding=scene.binding(browser), callback=callback)


def saying_no(fault=CallbackFault.DENIED, error="access_denied"):
    """Build a callback in which the user, or the server for them, says no."""
    return Denied(nonces=(scene.nonce(1),), issuer=Absent(), error=error, description="", fault=fault)


def not_made(reason):
    """Return the end of waiting."""
    return e.ConnectionNotMade(reason=reason)


@given(waited=st.timedeltas(timedelta(), 2 * PRODUCTION.attempt_life))
def test_sec_03_an_attempt_lives_for_ten_minutes(waited):
    """Until then a callback is accepted; from then on it is too late, and the attempt is forgotten."""
    decided = scene.given(scene.awaiting_code(scene.awaiting())).when(accepting(now=NOW + waited)).decided

    assert (waited < timedelta(minutes=10)) is isinstance(decided[0], e.CallbackAccepted)
    assert isinstance(decided[0], e.CallbackAccepted) or (*LAPSED, not_made(s.Absence.LAPSED)) == decided


@given(ahead=st.timedeltas(timedelta.resolution, timedelta(days=9999)))
def test_a_clock_that_went_back_makes_no_attempt_live_longer(ahead):
    """An attempt that seems to begin in the future works while that is less than its life, and not at all beyond."""
    decided = scene.given(scene.awaiting_code(scene.awaiting(since=NOW + ahead))).when(accepting()).decided

    assert (ahead <= PRODUCTION.attempt_life) is isinstance(decided[0], e.CallbackAccepted)


@pytest.mark.parametrize(
    ("before", "end"),
    [
        (scene.awaiting_code(scene.awaiting()), True),
        (scene.awaiting_code(scene.awaiting(), scene.finished(2)), True),
        (scene.awaiting_code(scene.awaiting(), scene.awaiting(2)), False),
        (scene.awaiting_code(scene.exchanging(2), scene.awaiting()), False),
        (scene.authorized(scene.awaiting()), False),
        (scene.refreshed(scene.awaiting()), False),
        (scene.expired(scene.awaiting(), scene.identifying(2)), False),
    ],
)
@pytest.mark.parametrize(
    ("command", "ended", "reason"),
    [
        (accepting(now=NOW + PRODUCTION.attempt_life), LAPSED, s.Absence.LAPSED),
        (
            accepting(saying_no()),
            (e.AuthorizationDenied(attempt=NAME, error="access_denied", fault=CallbackFault.DENIED),),
            s.Absence.DENIED,
        ),
    ],
    ids=["lapsed", "denied"],
)
def test_the_last_attempt_alive_ends_the_waiting(before, end, command, ended, reason):
    """Where another is alive the connection is still awaited, and where something is held nothing is lost."""
    scenery = scene.given(before).when(command)

    assert (*ended, *([not_made(reason)] if end else [])) == scenery.decided
    assert (s.Unregistered if end else type(before)) is type(scenery.state)


@pytest.mark.parametrize("fault", [CallbackFault.DENIED, CallbackFault.SERVER_ERROR, CallbackFault.APPLICATION_REFUSED])
def test_a_denied_attempt_remembers_what_it_was_told(fault):
    """The server's own word is in the event, and what it comes to for us in the attempt."""
    scenery = scene.given(scene.authorized(scene.awaiting())).when(
        accepting(saying_no(fault, "temporarily_unavailable"))
    )

    assert "temporarily_unavailable" == scenery.decided[0].error
    assert (
        scene.authorized(Finished(browser=scene.browser(), end=AttemptEnd.DENIED, detail=fault.value)) == scenery.state
    )


@pytest.mark.parametrize(
    "command",
    [accepting(browser=7), accepting(MALFORMED), accepting(Returned(nonces=(), issuer=Absent(), code=CODE.code))],
    ids=["browser", "code", "nonce"],
)
def test_fault_M16_a_flood_is_counted_up_to_eight(command):
    """Eight refusals of an attempt are told to the journal; the ninth gets the same answer and no event."""
    scenery = scene.given(scene.awaiting_code(scene.awaiting()))
    told = []
    for _ in range(LISTED + 3):
        scenery = scenery.when(command)
        told.append(scenery.decided)
    fault = told[0][0].fault

    assert 8 == LISTED
    assert [(e.CallbackRefused(attempt=NAME, fault=fault),)] * LISTED == told[:LISTED]
    assert [r.CallbackUnacceptable(fault=fault)] * 3 == told[LISTED:]
    assert scene.awaiting_code(scene.awaiting(refusals=LISTED)) == scenery.state


def test_a_flood_keeps_nobody_out():
    """After any number of refusals the right callback is accepted."""
    flooded = scene.given(scene.awaiting_code(scene.awaiting(refusals=LISTED)))

    assert isinstance(flooded.when(accepting()).decided[0], e.CallbackAccepted)


def test_what_ends_an_attempt_is_told_even_after_a_flood():
    """That an attempt has lapsed is told once, however many refusals there were before (ADR 0017)."""
    flooded = scene.given(scene.authorized(scene.awaiting(refusals=LISTED)))

    assert LAPSED == flooded.when(accepting(now=NOW + PRODUCTION.attempt_life)).decided
